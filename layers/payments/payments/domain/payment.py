"""A payment as it is stored: what the merchant ordered, what we did, what the provider said, and how it stands.

The status is never stored as a decision of its own: it follows from the parts, by `Payment.status`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from payments.domain.journey import NOT_SEEN_YET, Journey
from payments.domain.key_use import KeyUse
from payments.domain.methods import METHODS, Method, RefundPolicy, method_named
from payments.domain.money import Money
from payments.domain.provider_state import (
    NOTHING_SAID,
    Outcome,
    ProviderState,
    Report,
    Standing,
    fold,
)
from payments.domain.refund import Refund
from payments.domain.settlement import doubtful, settle

Interface = Literal["payment_page", "gate"]
Source = Literal["api", "callback", "poll", "reconciliation", "workflow"]
Submission = Literal["none", "sending", "acknowledged", "unclear", "refused"]
Status = Literal[
    "created",
    "processing",
    "awaiting_redirect",
    "awaiting_clarification",
    "succeeded",
    "declined",
    "expired",
    "canceled",
    "failed",
    "refunded",
    "partially_refunded",
    "needs_review",
]

#: The customer need not wait any more; only money going back or a correction may follow.
FINAL: frozenset[Status] = frozenset(
    {"succeeded", "declined", "expired", "canceled", "failed", "refunded", "partially_refunded", "needs_review"}
)

#: How an unpaid payment is called; `Standing.DECLINED` needs a look at further attempts first.
_UNPAID: Mapping[Standing, Status] = MappingProxyType(
    {
        Standing.UNKNOWN: "processing",
        Standing.PROCESSING: "processing",
        Standing.AWAITING_REDIRECT: "awaiting_redirect",
        Standing.AWAITING_CLARIFICATION: "awaiting_clarification",
        Standing.PARTLY_PAID: "needs_review",
        Standing.FAILED: "failed",
        Standing.CANCELED: "canceled",
        Standing.EXPIRED: "expired",
        Standing.DECLINED: "declined",
    }
)

#: Words under which money was taken; any other final word contradicts a successful sale.
_MONEY_TAKEN = frozenset({Standing.PAID, Standing.PARTLY_REFUNDED, Standing.REFUNDED})
_PASSING = frozenset({Standing.PROCESSING, Standing.AWAITING_REDIRECT, Standing.AWAITING_CLARIFICATION})

#: So many lines of a payment's story are kept, the newest; an item has to stay far from the table's 400 KB.
TIMELINE_LENGTH = 200


@dataclass(frozen=True, slots=True, order=True)
class PaymentKey:
    """The merchant's id of a payment, unique within a project."""

    project_id: int
    payment_id: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays; empty text where the merchant told nothing."""

    id: str
    ip_address: str = ""
    phone: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What the merchant asked for, as it was checked and stored before anything was sent."""

    interface: Interface
    method: str
    """Code of the method, empty when the customer chooses."""
    money: Money
    description: str
    language: str
    customer: Customer
    return_url: str
    public_url: str
    """Base of the addresses given to the provider and to the customer."""
    checkout_token: str
    fingerprint: str
    """SHA-256 of the request, to tell a repetition from another request under the same id."""
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the payment's story."""

    at: datetime
    source: Source
    what: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; ``order`` is missing while only the provider has spoken of it."""

    key: PaymentKey
    updated_at: datetime
    order: Order | None = None
    submission: Submission = "none"
    request_id: str = ""
    code: str = ""
    message: str = ""
    expired_at: datetime | None = None
    """When we gave up on it, because the customer never came."""
    erased_at: datetime | None = None
    """When the customer's personal data were taken out; what the provider says from then on is kept without them."""
    answered: str = ""
    """Digest of the question that the customer answered last."""
    journey: Journey = NOT_SEEN_YET
    provider: ProviderState = NOTHING_SAID
    refunds: tuple[Refund, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    doubted: bool = False
    """A message about it could not be believed, and the provider has not been asked since."""
    check_at: datetime | None = None
    """When its truth is to be asked next; None when nothing is awaited."""
    checks: int = 0
    verified: KeyUse | None = None
    """Which secret key verified the last message about it that came with a signature."""
    version: int = 0
    """Counts the writes; 0 was never written."""

    @property
    def status(self) -> Status:
        """How the payment stands, in our own words; the one place that decides it."""
        standing = self.provider.word.standing if self.provider.word else None
        if self.provider.sales or standing in _MONEY_TAKEN or self.returned > 0:
            return self._paid_status(standing)
        if standing is None:
            return self._own_status()
        if standing is Standing.DECLINED and self._another_attempt_may_come():
            return "processing"
        return _UNPAID.get(standing, "processing")

    def _another_attempt_may_come(self) -> bool:
        """Whether a decline is not the end: only on the provider's page, and only until we gave up on it."""
        word, on_page = self.provider.word, self.order is not None and self.order.interface == "payment_page"
        return word is not None and word.may_try_again and on_page and self.expired_at is None

    def _own_status(self) -> Status:
        if self.submission == "refused":
            return "failed"
        if self.expired_at is not None:
            return "expired"
        return "created" if self.submission == "none" else "processing"

    def _paid_status(self, standing: Standing | None) -> Status:
        contradicted = standing is not None and standing not in _MONEY_TAKEN and standing not in _PASSING
        unclear = standing is Standing.PARTLY_REFUNDED and not self.refunded_amount and self.order is not None
        if contradicted or unclear or not self._amounts_agree(standing):
            return "needs_review"
        if self.order is None or not self.refunded_amount:
            return "refunded" if standing is Standing.REFUNDED else "succeeded"
        return "refunded" if self.refunded_amount >= self.order.money.amount else "partially_refunded"

    def _amounts_agree(self, standing: Standing | None) -> bool:
        """Whether exactly what was ordered was taken, once, and no more than that given back."""
        if self.order is None:
            return True
        ordered = self.order.money
        given_back = [each.money for each in self.provider.returns if each.outcome is Outcome.SUCCEEDED]
        if any(money is None or money.currency != ordered.currency for money in given_back):
            return False
        in_one_piece = self.refund_policy == "support" or self.returned in {0, ordered.amount}
        if self.returned > ordered.amount or (standing is Standing.REFUNDED and not in_one_piece):
            return False
        taken = [sale.money for sale in self.provider.sales]
        if taken:
            return taken == [ordered]
        word = self.provider.word
        return word is None or standing is not Standing.PAID or bool(given_back) or word.money == ordered

    @property
    def returned(self) -> int:
        """Minor units given back for certain: by operations, and by the word of a person while it has none."""
        back = [each for each in self.provider.returns if each.outcome is Outcome.SUCCEEDED]
        by_hand = sum(each.money.amount for each in self.returned_by_hand)
        return by_hand + sum(each.money.amount for each in back if each.money is not None)

    @property
    def returned_by_hand(self) -> tuple[Refund, ...]:
        """The refunds that a person said succeeded and no operation of the provider tells of."""
        told = {each.key for each in self.provider.returns if each.outcome is Outcome.SUCCEEDED}
        said = (each for each in self.refunds if each.closed_by_hand and each.status == "succeeded")
        return tuple(each for each in said if each.operation_key not in told)

    @property
    def refunded_amount(self) -> int:
        """Minor units given back, also where the provider only called the whole payment refunded."""
        word = self.provider.word
        if self.order is None or word is None:
            return self.returned
        if word.standing is Standing.REFUNDED:
            return max(self.returned, self.order.money.amount)
        ordered = self.order.money
        if word.standing is Standing.PARTLY_REFUNDED and word.money and word.money.currency == ordered.currency:
            # The payment's sum is what is left of it; a callback about one of the parts may be missing here.
            return max(self.returned, ordered.amount - word.money.amount)
        return self.returned

    @property
    def provider_status(self) -> str:
        """The provider's own word, empty while it has said nothing."""
        return self.provider.word.status if self.provider.word else ""

    @property
    def method(self) -> Method | None:
        """The method ordered, or the one the customer chose as far as the provider told and we know it."""
        if self.order and self.order.method:
            return METHODS.get(self.order.method)
        return method_named(self.provider.method.name) if self.provider.method else None

    @property
    def refund_policy(self) -> RefundPolicy:
        """How it is refunded; a method we do not know is a matter for support."""
        return self.method.refund_policy if self.method else "support"

    @property
    def refundable(self) -> int:
        """Minor units that may still be given back."""
        if self.order is None or self.status not in {"succeeded", "partially_refunded"}:
            return 0
        return self.order.money.amount - self.refunded_amount

    @property
    def doubtful_refunds(self) -> frozenset[str]:
        """The refunds of ours that a return could be which nothing proves to be theirs: a person has to look."""
        return doubtful(self.refunds, self.provider, ordered=self.order.money if self.order else None)

    @property
    def return_under_way(self) -> bool:
        """Whether the provider told of a return and not yet of its end, whatever became of the refund it is for."""
        return any(not each.outcome.final for each in self.provider.returns)

    def refund(self, refund_id: str) -> Refund | None:
        """The refund with this id."""
        return next((each for each in self.refunds if each.refund_id == refund_id), None)

    def told(self, report: Report, *, at: datetime, source: Source, what: str) -> Payment:
        """The payment after one more message of the provider, its refunds settled by it."""
        known = replace(self, provider=fold(self.provider, report)).settled(at=at)
        moved = known.provider != self.provider or known.refunds != self.refunds
        noted = known.noted(at=at, source=source, what=what).with_doubts(since=self, at=at, source=source)
        return replace(noted, updated_at=at if moved else self.updated_at)

    def with_doubts(self, *, since: Payment, at: datetime, source: Source) -> Payment:
        """The payment with a line for each refund that has been in doubt only ``since`` it was like that."""
        noted = self
        for refund_id in sorted(self.doubtful_refunds - since.doubtful_refunds):
            noted = noted.noted(at=at, source=source, what=f"doubtful: which of these returns is refund {refund_id}")
        return noted

    def settled(self, *, at: datetime) -> Payment:
        """The payment whose refunds are as the provider's operations say."""
        ordered, known = self.order.money if self.order else None, self
        # What one refund comes to may free an operation for another, or leave it to nobody here.
        for _ in (*self.refunds, *self.provider.operations, None) * 2:
            before, known = known, replace(known, refunds=settle(known.refunds, known.provider, at=at, ordered=ordered))
            if known.refunds != before.refunds:
                continue  # an attempt is needless only once no operation is left that may be it
            if ordered is not None and known.returned >= ordered.amount:
                in_doubt = known.doubtful_refunds
                known = replace(known, refunds=tuple(_needless(each, in_doubt, at=at) for each in known.refunds))
            if known.refunds == before.refunds:
                break
        return self if known.refunds == self.refunds else known

    def noted(self, *, at: datetime, source: Source, what: str) -> Payment:
        """The payment with one more line in its story."""
        timeline = (*self.timeline, TimelineEntry(at, source, what))[-TIMELINE_LENGTH:]
        return replace(self, timeline=timeline, updated_at=at)

    def with_refund(self, refund: Refund, *, at: datetime, what: str, source: Source = "workflow") -> Payment:
        """The payment with this refund added, or put in the place of the one with the same id."""
        refunds = {**{each.refund_id: each for each in self.refunds}, refund.refund_id: refund}
        # Ours first, as `settle` has them: the order does not tell what was heard of first.
        ordered = sorted(refunds.values(), key=lambda each: each.origin == "provider")
        return replace(self, refunds=tuple(ordered)).noted(at=at, source=source, what=what)


def _needless(refund: Refund, in_doubt: Collection[str], *, at: datetime) -> Refund:
    """An attempt that has not ended, once everything is back with the customer: it has nothing left to give back.

    One ``in_doubt`` may be what gave it back, so it is left to a person.
    """
    if refund.status not in {"sent", "awaiting_support", "unknown"} or refund.refund_id in in_doubt:
        return refund
    return replace(refund, status="failed", message="The money went back another way.", updated_at=at)
