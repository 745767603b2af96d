"""The payment methods as data: one entry a method drives validation, requests, pages, documentation and tests.

A new method is a new entry of `METHODS`. Sources: the provider's two method documents (PROTOCOL §2, §3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from payments.domain.money import Money

RefundPolicy = Literal["full", "support"]
CustomerField = Literal["phone", "email", "first_name", "last_name"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one payment may amount to, both ends included; None where the platform alone decides."""

    minimum: Money | None = None
    maximum: Money | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """All that is particular about one way to pay."""

    code: str
    """The code of the method in requests and in ``force_payment_method``."""
    title: str
    provider_names: frozenset[str]
    """How callbacks name the method in ``payment.method``."""
    limits: Mapping[str, Limits]
    """By currency; no other currency is taken. A limit in another currency than its key is the platform's to judge."""
    refund_policy: RefundPolicy
    """``full``: the whole amount, through Gate. ``support``: whole or part, by a letter to the provider's support."""
    sale_path: str
    refund_path: str = ""
    required: tuple[CustomerField, ...] = ()
    """Customer data that Gate does not go on without."""
    recommended: tuple[CustomerField, ...] = ()
    """Customer data that Gate or the Payment Page asks for when they are missing."""
    regions: str = ""


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.code: method
        for method in (
            Method(
                code="card-partner",
                title="Cards through a partner",
                provider_names=frozenset({"card-partner", "Card partner"}),
                limits={
                    "KES": Limits(Money(1_000, "KES"), Money(20_000_000, "KES")),
                    "USD": Limits(Money(100, "USD"), Money(300_000, "USD")),
                },
                refund_policy="full",
                sale_path="/v2/payment/card-partner/sale",
                refund_path="/v2/payment/card-partner/refund",
                recommended=("phone", "email"),
                regions="world-wide, subject to agreement",
            ),
            Method(
                code="enets",
                title="eNets",
                provider_names=frozenset({"enets", "eNets"}),
                limits={"SGD": Limits(minimum=Money(100, "USD"))},
                refund_policy="support",
                sale_path="/v2/payment/online-banking/enets/sale",
                required=("first_name", "last_name", "email"),
                regions="Singapore",
            ),
        )
    }
)


def method_named(name: str) -> Method | None:
    """The method that a callback means by ``payment.method``, or None when it is not one of ours."""
    return next((method for method in METHODS.values() if name in method.provider_names), None)


def amount_problem(method: Method, money: Money) -> tuple[Literal["currency", "amount"], str] | None:
    """What is wrong with paying this amount by this method, and which field is to blame; None when it may go."""
    limits = method.limits.get(money.currency)
    if limits is None:
        return "currency", f"{method.code} takes {' and '.join(method.limits)} only"
    low, high = limits.minimum, limits.maximum
    if low and low.currency == money.currency and money.amount < low.amount:
        return "amount", f"at least {low.amount} ({low})"
    if high and high.currency == money.currency and money.amount > high.amount:
        return "amount", f"at most {high.amount} ({high})"
    return None
