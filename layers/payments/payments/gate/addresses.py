"""Our own addresses as the provider and the customer are given them, all built on the order's ``public_url``."""

from __future__ import annotations

from payments.domain.payment import Order


def callback_address(order: Order) -> str:
    """Where the provider sends its callbacks for this payment."""
    return f"{_base(order)}/callbacks/ecommpay"


def checkout_address(order: Order) -> str:
    """The customer's page."""
    return f"{_base(order)}/checkout/{order.checkout_token}"


def return_address(order: Order) -> str:
    """The customer's page for a browser that comes back from the provider; proves nothing about the payment."""
    return f"{checkout_address(order)}?returned=1"


def _base(order: Order) -> str:
    return order.public_url.rstrip("/")
