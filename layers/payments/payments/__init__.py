"""The merchant's side of ECommPay: our rules, the provider, Amazon, and what the system does with them."""
