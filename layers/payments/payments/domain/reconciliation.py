"""Our ledger and the provider's list of operations held side by side: every difference has a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payments.domain.money import Money
from payments.domain.payment import PaymentKey


class Reason(StrEnum):
    """Why something in the two ledgers differs."""

    MISSING_HERE = "missing_here"
    """ECommPay lists an operation that we have not heard of."""
    MISSING_THERE = "missing_there"
    """We know the end of an operation that ECommPay does not list."""
    STATUS = "status"
    """Both know how the operation ended, and say different things."""
    AMOUNT = "amount"
    CURRENCY = "currency"
    REFUND_NOT_OURS = "refund_not_ours"
    """Money went back by an operation that nobody started here: Dashboard, or ECommPay's support."""
    LATE = "late"
    """The operation ended there, and here it is still on its way: nobody told us of its end."""
    DUPLICATE = "duplicate"
    """Money was taken twice, more went back than was taken, or one operation id stands for two payments."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two ledgers do not say alike."""

    reason: Reason
    key: PaymentKey
    operation_id: str
    at: datetime
    """When the operation ended, in UTC; by the provider's list where it has the operation."""
    ours: str
    """What we have in a few words, empty where we have nothing."""
    theirs: str
    money: Money | None = None
    repaired: bool = False
    """The provider was asked about the payment, and what was missing here is here now."""


@dataclass(frozen=True, slots=True)
class Total:
    """Operations that succeeded, summed up in minor units on both sides; money that went back counts below zero."""

    method: str
    currency: str
    ours: int
    theirs: int
    count_ours: int
    count_theirs: int
