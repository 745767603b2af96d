"""Payments and provider messages for the tests of `payments.gate`: the documented shapes with values of our own."""

from datetime import UTC, datetime
from typing import Any

from payments.domain.money import Money
from payments.domain.payment import Customer, Order, Payment, PaymentKey
from payments.domain.refund import Refund

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DIGEST = "d" * 64
TOKEN = "tok_3Zl9Qx"
CALLBACK = "https://pay.shop.example/callbacks/ecommpay"
BACK = f"https://pay.shop.example/checkout/{TOKEN}?returned=1"


def card_payment(**changes: Any) -> Payment:
    """A card-partner order of 10.00 KES with everything given."""
    order: dict[str, Any] = {
        "interface": "gate",
        "method": "card-partner",
        "money": Money(1000, "KES"),
        "description": "Order 184",
        "language": "sw",
        "customer": Customer("c-77", "198.51.100.7", "254700000001", "amina@example.com", "Amina", "Otieno"),
        "return_url": "https://shop.example/orders/184",
        "public_url": "https://pay.shop.example",
        "checkout_token": TOKEN,
        "fingerprint": "f" * 64,
        "created_at": AT,
        "expires_at": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
    }
    return Payment(key=PaymentKey(2924, "order-184"), updated_at=AT, order=Order(**{**order, **changes}))


def enets_payment(**changes: Any) -> Payment:
    """An enets order of 25.00 SGD."""
    enets: dict[str, Any] = {
        "method": "enets",
        "money": Money(2500, "SGD"),
        "description": "",
        "language": "",
        "customer": Customer("c-78", "203.0.113.9", "", "wei@example.com", "Wei", "Tan"),
        "expires_at": None,
    }
    return card_payment(**{**enets, **changes})


def full_refund() -> Refund:
    """All of `card_payment`, about to be sent."""
    return Refund("r-1", Money(1000, "KES"), "api", "sent", AT, AT, sent_at=AT)


def sale_callback() -> dict[str, Any]:
    """A paid card-partner sale, without its signature."""
    return {
        "project_id": 2924,
        "payment": {
            "id": "order-184",
            "type": "purchase",
            "status": "success",
            "date": "2026-11-21T10:04:20+0000",
            "method": "Card partner",
            "sum": {"amount": 1000, "currency": "KES"},
            "description": "",
        },
        "customer": {"phone": "254700000001"},
        "operation": {
            "id": 389,
            "type": "sale",
            "status": "success",
            "date": "2026-11-21T10:04:19+0000",
            "created_date": "2026-11-21T10:03:05+0000",
            "request_id": "0be9d6d5-00000001",
            "sum_initial": {"amount": 1000, "currency": "KES"},
            "sum_converted": {"amount": 1000, "currency": "KES"},
            "code": "0",
            "message": "Success",
            "provider": {"id": 2377, "payment_id": "1598A", "auth_code": ""},
        },
    }


def redirect_callback() -> dict[str, Any]:
    """A card-partner sale that sends the customer on by POST."""
    message = sale_callback()
    message["payment"]["status"] = message["operation"]["status"] = "awaiting redirect result"
    message["redirect_data"] = {
        "body": {"live": "0", "ttl": "900", "cbk": "https://partner.example/back?a=1&b=2", "crl": ""},
        "method": "POST",
        "url": "https://partner.example/v3/ke",
    }
    return message


def clarification_callback() -> dict[str, Any]:
    """A card-partner sale that lacks the customer's phone and e-mail."""
    message = sale_callback()
    message["payment"]["status"] = message["operation"]["status"] = "awaiting clarification"
    message["clarification_fields"] = {"customer": ["phone", "email"]}
    return message


def status_answer() -> dict[str, Any]:
    """A payment that was paid and given back, as a status answer tells it, without its signature."""
    sale, payment = sale_callback()["operation"], sale_callback()["payment"]
    payment.update(status="refunded", date="2026-11-21T11:32:50+0000", sum={"amount": 0, "currency": "KES"})
    refund = {
        **sale,
        "id": 391,
        "type": "refund",
        "date": "2026-11-21T11:32:50+0000",
        "created_date": "2026-11-21T11:32:47+0000",
        "request_id": "f62983a5-00000001",
    }
    return {"project_id": 2924, "payment": payment, "customer": {}, "operations": [sale, refund], "errors": []}
