"""Our ledger and the provider's list of operations side by side, payment by payment: every difference has a reason.

Rules:

1. Operations are joined by the provider's operation id; one of ours that was told without an id, by its request.
2. The provider's date decides in which span an operation counts, on both sides; one that it does not list counts by
   our own date. So an operation at midnight counts on one day and not on two.
3. The list may reach further than the span: what lies outside is for joining only, and makes no difference.
4. One operation may differ in several ways, and each has its own reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import OperationKind, Outcome
from payments.domain.refund import Refund
from payments.domain.refund_matching import CLOCK_TOLERANCE, same_request


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

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look: not at what was repaired, nor at a refund of others that is known here."""
        return not self.repaired and not (self.reason is Reason.REFUND_NOT_OURS and self.ours)


@dataclass(frozen=True, slots=True)
class Total:
    """Operations that succeeded, summed up in minor units on both sides; money that went back counts below zero."""

    method: str
    currency: str
    ours: int
    theirs: int
    count_ours: int
    count_theirs: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as one of the two ledgers has it."""

    operation_id: str
    """Empty where the provider told us of the operation without naming it."""
    kind: OperationKind
    type: str
    status: str
    outcome: Outcome
    money: Money | None
    at: datetime
    """When it ended or was last spoken of, in UTC."""
    request_id: str = ""

    def __str__(self) -> str:
        return f"{self.type} {self.status} {self.money or ''}".strip()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A refund of ours that left and still waits for the operation that carries it out."""

    money: Money
    sent_at: datetime
    request_id: str = ""
    exact: bool = True
    """Gate gives back what it was asked for; the provider's support may give back another amount."""

    def may_be(self, entry: Entry, mine: Entry | None) -> bool:
        """Whether a return can be what it asked for, by all that is known of both."""
        # Another request is no proof of another refund (PROTOCOL §10.5), and the list may call requests otherwise (§8).
        asked_for = (same_request(self.request_id, each.request_id) for each in (entry, mine) if each is not None)
        if entry.money is None or any(asked_for):
            return True
        fits = entry.money == self.money or (not self.exact and entry.money.currency == self.money.currency)
        return fits and entry.at >= self.sent_at - CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class Account:
    """What our ledger says of one payment."""

    key: PaymentKey
    method: str = ""
    entries: tuple[Entry, ...] = ()
    started_here: frozenset[str] = frozenset()
    """Ids of the operations that gave money back because somebody here asked for it."""
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One operation as the provider's list has it."""

    key: PaymentKey
    method: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, its start included and its end not."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether this moment lies in it."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one payment."""

    differences: tuple[Difference, ...] = ()
    totals: tuple[Total, ...] = ()


def account_of(payment: Payment) -> Account:
    """What our ledger says of this payment."""
    ours = [refund for refund in payment.refunds if refund.origin != "provider"]
    word = payment.provider.method
    return Account(
        key=payment.key,
        method=payment.method.code if payment.method else word.name if word else "",
        entries=tuple(
            Entry(
                operation_id=each.operation_id,
                kind=each.kind,
                type=each.type,
                status=each.status,
                outcome=each.outcome,
                money=each.money,
                at=each.date,
                request_id=each.request_id,
            )
            for each in payment.provider.joined
        ),
        started_here=frozenset(refund.operation_key for refund in ours if refund.operation_key),
        attempts=tuple(
            Attempt(refund.money, refund.sent_at, refund.request_id, exact=not _is_by_support(refund))
            for refund in ours
            if refund.sent_at is not None and (refund.in_flight or _unconfirmed(refund))
        ),
    )


def _is_by_support(refund: Refund) -> bool:
    return refund.status == "awaiting_support" or _unconfirmed(refund)


def _unconfirmed(refund: Refund) -> bool:
    """Whether a person closed it as carried out and the provider's operation has not come yet."""
    return refund.status == "succeeded" and not refund.operation_key


def compare(span: Span, account: Account, theirs: Iterable[Listed]) -> Compared:
    """Hold one payment against everything that the provider lists of it."""
    listed = sorted(theirs, key=lambda each: (each.entry.at, each.entry.operation_id))
    side = _Sides(account, [each.entry for each in listed])
    method = account.method or next((each.method for each in listed if each.method), "")
    found: list[Difference] = []
    tally = _Tally(method)
    for entry in side.theirs:
        mine = side.ours_of(entry)
        if not span.holds(entry.at):
            continue
        tally.add(ours=mine, theirs=entry)
        reasons = _reasons(side, entry, mine)
        found.extend(_difference(reason, account.key, entry, ours=mine, theirs=entry) for reason in reasons)
    for mine in side.ours_alone():
        if span.holds(mine.at) and mine.outcome.final:
            tally.add(ours=mine, theirs=None)
            found.append(_difference(Reason.MISSING_THERE, account.key, mine, ours=mine, theirs=None))
    return Compared(tuple(found), tally.totals)


def added(totals: Iterable[Total]) -> tuple[Total, ...]:
    """The totals with those of one method and currency put together, in the order of their names."""
    sums: dict[tuple[str, str], Total] = {}
    for each in totals:
        name = (each.method, each.currency)
        known = sums.get(name, Total(*name, ours=0, theirs=0, count_ours=0, count_theirs=0))
        sums[name] = Total(
            *name,
            ours=known.ours + each.ours,
            theirs=known.theirs + each.theirs,
            count_ours=known.count_ours + each.count_ours,
            count_theirs=known.count_theirs + each.count_theirs,
        )
    return tuple(sums[name] for name in sorted(sums))


def joined_rows(rows: Iterable[Listed]) -> tuple[Mapping[str, Listed], tuple[Difference, ...]]:
    """The rows by operation id, each once, the later word in the place of the earlier one.

    Pages overlap, so that a row may come several times. An id that comes with two payments is a difference of its own,
    and the first of them keeps it.
    """
    found: dict[str, Listed] = {}
    strange: dict[tuple[str, PaymentKey], Difference] = {}
    for row in rows:
        entry, known = row.entry, found.setdefault(row.entry.operation_id, row)
        if known.key == row.key:
            found[entry.operation_id] = row
            continue
        told = _difference(Reason.DUPLICATE, row.key, entry, ours=None, theirs=entry)
        strange[entry.operation_id, row.key] = told
    return found, tuple(strange.values())


@dataclass(slots=True)
class _Sides:
    """One payment on both sides, and which of our operations is which of theirs."""

    account: Account
    theirs: Sequence[Entry]
    _named: dict[str, Entry] = field(init=False)
    _nameless: dict[tuple[str, str], Entry] = field(init=False)
    _joined: set[Entry] = field(default_factory=set)

    def __post_init__(self) -> None:
        entries = self.account.entries
        self._named = {each.operation_id: each for each in entries if each.operation_id}
        self._nameless = {(each.kind, each.request_id): each for each in entries if not each.operation_id}

    def ours_of(self, entry: Entry) -> Entry | None:
        """Our operation that is this one of theirs."""
        mine = self._named.get(entry.operation_id)
        if mine is None and entry.request_id and self._is_alone(entry):
            mine = self._nameless.get((entry.kind, entry.request_id))
        if mine is not None:
            self._joined.add(mine)
        return mine

    def _is_alone(self, entry: Entry) -> bool:
        """Whether no other operation that we do not know by its id is of the same request."""
        same = (each for each in self.theirs if (each.kind, each.request_id) == (entry.kind, entry.request_id))
        return all(each is entry or each.operation_id in self._named for each in same)

    def ours_alone(self) -> Iterator[Entry]:
        """Our operations that are none of theirs, once all of theirs were asked for."""
        return (each for each in self.account.entries if each not in self._joined)

    def was_started_here(self, entry: Entry, mine: Entry | None) -> bool:
        """Whether a return is, or may be, what a refund of ours asked for."""
        keys = {entry.operation_id, f"request:{mine.request_id}" if mine else ""}
        return bool(keys & self.account.started_here) or any(
            attempt.may_be(entry, mine) for attempt in self.account.attempts
        )

    def is_duplicate(self, entry: Entry) -> bool:
        """Whether this moved money once more: a second taking, or a return of more than was taken."""
        if entry.outcome is not Outcome.SUCCEEDED or entry.kind == "other":
            return False
        moved = self._moved(entry.kind)
        before = [each for name, each in moved.items() if self._rank(name, each) < self._rank(*_named(entry))]
        if entry.kind == "sale":
            again = [each for each in before if each.type == entry.type]
            # What was held may be taken in parts.
            held = _sum(each for each in self._moved("other").values() if each.type == "auth")
            in_part = entry.type == "capture" and _sum((*again, entry)) <= held
            return bool(again) and not in_part
        taken = _sum(self._moved("sale").values())
        return taken > 0 and _sum((*before, entry)) > taken

    def _moved(self, kind: OperationKind) -> dict[str, Entry]:
        """Every operation of this kind that succeeded on either side, by its id."""
        entries = (*self._named.values(), *self.theirs)
        return dict(_named(each) for each in entries if each.kind == kind and each.outcome is Outcome.SUCCEEDED)

    def _rank(self, name: str, entry: Entry) -> tuple[bool, datetime, str]:
        """Who was first: what is known here was, then what is older."""
        return name not in self._named, entry.at, name


def _reasons(side: _Sides, entry: Entry, mine: Entry | None) -> Iterator[Reason]:
    returned = entry.kind == "return" and entry.outcome is Outcome.SUCCEEDED
    if side.is_duplicate(entry):
        yield Reason.DUPLICATE
    elif returned and not side.was_started_here(entry, mine):
        yield Reason.REFUND_NOT_OURS
    elif mine is None and entry.outcome is not Outcome.PENDING:
        yield Reason.MISSING_HERE
    if mine is None:
        return
    if mine.outcome is not entry.outcome and (mine.outcome.final or entry.outcome.final):
        yield Reason.STATUS if mine.outcome.final else Reason.LATE
    if mine.money is not None and entry.money is not None:
        if mine.money.amount != entry.money.amount:
            yield Reason.AMOUNT
        if mine.money.currency != entry.money.currency:
            yield Reason.CURRENCY


@dataclass(slots=True)
class _Tally:
    """The money that one payment moved."""

    method: str
    totals: tuple[Total, ...] = ()

    def add(self, *, ours: Entry | None, theirs: Entry | None) -> None:
        """Count an operation on the sides that have it."""
        for entry, here in ((ours, True), (theirs, False)):
            if entry is None or entry.outcome is not Outcome.SUCCEEDED or entry.money is None or entry.kind == "other":
                continue
            amount = -entry.money.amount if entry.kind == "return" else entry.money.amount
            sides = (amount, 0, 1, 0) if here else (0, amount, 0, 1)
            self.totals = (*self.totals, Total(self.method, entry.money.currency, *sides))


def _named(entry: Entry) -> tuple[str, Entry]:
    return entry.operation_id, entry


def _sum(entries: Iterable[Entry]) -> int:
    return sum(each.money.amount for each in entries if each.money is not None)


def _difference(
    reason: Reason, key: PaymentKey, entry: Entry, *, ours: Entry | None, theirs: Entry | None
) -> Difference:
    return Difference(
        reason, key, entry.operation_id, entry.at, ours=str(ours or ""), theirs=str(theirs or ""), money=entry.money
    )
