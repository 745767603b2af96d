"""What the merchant's systems are told about a payment, derived from how it stood before and after one write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from payments.domain.payment import Payment, Status
from payments.domain.refund import SETTLED, Refund, RefundStatus

_ON_STATUS: Mapping[Status, str] = MappingProxyType(
    {
        "declined": "PaymentDeclined",
        "failed": "PaymentDeclined",
        "canceled": "PaymentDeclined",
        "expired": "PaymentExpired",
        "needs_review": "PaymentNeedsReview",
    }
)

_ON_REFUND: Mapping[RefundStatus, str] = MappingProxyType(
    {
        "succeeded": "RefundSucceeded",
        "declined": "RefundDeclined",
        "failed": "RefundDeclined",
        "unknown": "RefundUnresolved",
        "awaiting_support": "RefundSupportRequested",
    }
)

_PAID: frozenset[Status] = frozenset({"succeeded", "partially_refunded", "refunded"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened: ``detail_type`` names it, ``refund`` is set when it happened to a refund."""

    detail_type: str
    payment: Payment
    refund: Refund | None = None


def changes(before: Payment | None, after: Payment) -> Iterator[Change]:
    """What to publish for one write; nothing for a payment that no merchant ordered yet."""
    if after.order is None:
        return
    was = before.status if before and before.order else None
    if after.status in _PAID and was not in _PAID:
        yield Change("PaymentSucceeded", after)  # also where the first we hear of a payment is that it went back
    elif after.status != was and after.status in _ON_STATUS:
        yield Change(_ON_STATUS[after.status], after)
    for refund, old_status in _refund_steps(before, after):
        if refund.status != old_status and refund.status in _ON_REFUND:
            yield Change(_ON_REFUND[refund.status], after, refund)


def awakened(before: Payment | None, after: Payment) -> Iterator[Refund]:
    """The refunds that were settled by this write and whose execution still waits to be woken."""
    for refund, old_status in _refund_steps(before, after):
        if refund.task_token and refund.status in SETTLED and old_status not in SETTLED:
            yield refund


def reminded(before: Payment | None, after: Payment) -> Iterator[Refund]:
    """The refunds that the operators are to be reminded of by this write."""
    for refund, _ in _refund_steps(before, after):
        old = before.refund(refund.refund_id) if before else None
        if refund.reminded_at is not None and refund.reminded_at != (old.reminded_at if old else None):
            yield refund


def doubted(before: Payment | None, after: Payment) -> tuple[str, ...]:
    """The ids of the refunds of which this write made it doubtful which of the provider's returns they are."""
    return tuple(sorted(after.doubtful_refunds - (before.doubtful_refunds if before else frozenset())))


def _refund_steps(before: Payment | None, after: Payment) -> Iterator[tuple[Refund, RefundStatus | None]]:
    for refund in after.refunds:
        old = before.refund(refund.refund_id) if before and before.order else None
        yield refund, old.status if old else None
