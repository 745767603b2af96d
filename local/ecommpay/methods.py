"""The payment methods as data: what PROTOCOL §2 and §3 say about card-partner and enets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """Amounts in minor units that are accepted; `declined_below` is accepted and then declined."""

    minimum: int
    maximum: int | None
    declined_below: int = 0


@dataclass(frozen=True, slots=True)
class Method:
    """One way to pay, with everything in which the two differ."""

    code: str
    title: str
    #: The word in `payment.method` of callbacks, which is not the code for card-partner.
    reported_as: str
    sale_path: str
    limits: Mapping[str, Limits]
    customer_fields: tuple[str, ...]
    redirect: Literal["GET", "POST"]
    refunds_by_gate: bool
    provider_id: int
    first_operation_id: int


CARD_PARTNER = Method(
    code="card-partner",
    title="Card through a partner",
    reported_as="Card partner",
    sale_path="card-partner/sale",
    limits={"KES": Limits(1_000, 20_000_000), "USD": Limits(100, 300_000)},
    customer_fields=("phone", "email"),
    redirect="POST",
    refunds_by_gate=True,
    provider_id=2377,
    first_operation_id=101,
)

#: The minimum is worth 1.00 USD; at the rate pretended here, 1 USD = 1.35 SGD.
ENETS = Method(
    code="enets",
    title="eNETS internet banking",
    reported_as="enets",
    sale_path="online-banking/enets/sale",
    limits={"SGD": Limits(1, None, declined_below=135)},
    customer_fields=("first_name", "last_name", "email"),
    redirect="GET",
    refunds_by_gate=False,
    provider_id=412,
    first_operation_id=13_415_000_000_101,
)

METHODS: Mapping[str, Method] = {method.code: method for method in (CARD_PARTNER, ENETS)}


def methods_for(currency: str) -> list[Method]:
    """Return the methods that take this currency."""
    return [method for method in METHODS.values() if currency in method.limits]
