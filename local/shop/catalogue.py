"""What the demo shop sells, and the ways to pay for it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy; prices in minor units by currency, each ending in 00 so that a scenario can be added."""

    code: str
    title: str
    about: str
    prices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WayToPay:
    """A payment method in one of its currencies, and the demo project that has it."""

    code: str
    title: str
    method: str
    currency: str
    project_id: int


PRODUCTS = {
    product.code: product
    for product in (
        Product(
            "coffee", "Highland coffee", "One kilogram, roasted on Tuesday", {"KES": 245000, "USD": 1900, "SGD": 2600}
        ),
        Product("basket", "Sisal basket", "Woven by hand, 30 cm", {"KES": 480000, "USD": 3700, "SGD": 5000}),
    )
}

WAYS_TO_PAY = {
    way.code: way
    for way in (
        WayToPay("card-kes", "Card, Kenyan shilling", "card-partner", "KES", 2924),
        WayToPay("card-usd", "Card, US dollar", "card-partner", "USD", 2924),
        WayToPay("enets-sgd", "eNETS bank transfer, Singapore dollar", "enets", "SGD", 198),
    )
}

INTERFACES = {
    "payment_page": "Payment Page: the customer chooses and types at ECommPay",
    "gate": "Gate: we ask ECommPay, the customer sees our pages",
}


def price_text(amount: int, currency: str) -> str:
    """Minor units for people: every currency sold here has two decimals."""
    whole, cents = divmod(amount, 100)
    return f"{whole:,}.{cents:02d} {currency}"
