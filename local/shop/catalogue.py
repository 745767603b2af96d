"""What the demo shop sells, and the ways to pay for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.shop.calls import CallFailed


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy, with its prices in minor units by currency; its drawing is the template `{code}.svg`."""

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


@dataclass(frozen=True, slots=True)
class Interface:
    """Who asks the customer for what a payment needs."""

    code: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visitor chose."""

    product: Product
    way: WayToPay
    interface: Interface

    @property
    def amount(self) -> int:
        """The price in minor units of the way's currency."""
        return self.product.prices[self.way.currency]


PRODUCTS = {
    product.code: product
    for product in (
        Product(
            "coffee", "Highland coffee", "One kilogram, roasted on Tuesday", {"KES": 245000, "USD": 1900, "SGD": 2600}
        ),
        Product("basket", "Sisal basket", "Woven by hand, 30 cm wide", {"KES": 480000, "USD": 3700, "SGD": 5000}),
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
    interface.code: interface
    for interface in (
        Interface("payment_page", "Payment Page", "The customer chooses and types at ECommPay."),
        Interface("gate", "Gate", "We ask ECommPay; the customer sees our pages."),
    )
}


def read_choice(given: Mapping[str, str]) -> Choice:
    """The choice a form brings; what it leaves out is the first on offer. Raises CallFailed for anything else."""
    product = PRODUCTS.get(given.get("product", next(iter(PRODUCTS))))
    way = WAYS_TO_PAY.get(given.get("way", next(iter(WAYS_TO_PAY))))
    interface = INTERFACES.get(given.get("interface", next(iter(INTERFACES))))
    if product is None or way is None or interface is None:
        raise CallFailed(400, "Please choose a product, a way to pay and an interface")
    return Choice(product, way, interface)


def price_text(amount: int, currency: str) -> str:
    """Minor units for people: every currency sold here has two decimals."""
    whole, cents = divmod(amount, 100)
    return f"{whole:,}.{cents:02d} {currency}"
