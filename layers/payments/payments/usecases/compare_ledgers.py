"""Compare both ledgers day by day, payment by payment, and bring in what is missing here.

Rules of this file:

* Only one day is held in memory.
* What was collected of ours may be from before the last callback: before it counts as a difference, the payment is
  read anew.
* What is missing here is not taken from the list, which has another shape than a message. The provider is asked for the
  payment's status, and its answer goes the one way in that all its words go, with the source ``reconciliation``.
* Amounts and currencies that differ are reported and nothing else: that a person has to look at.
* What was found is kept before anything is brought in. A run that is killed in between still tells of it, though both
  ledgers agree by then, and asks about nothing that it has brought in already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Any, TypeVar

from payments.domain.errors import GateUnavailable, InvalidRequest, UnknownProject
from payments.domain.payment import PaymentKey
from payments.domain.reconciliation import (
    Account,
    Compared,
    Difference,
    Listed,
    Reason,
    Span,
    Total,
    account_of,
    added,
    compare,
    joined_rows,
)
from payments.ports import Gate, Reports, Store
from payments.usecases.check_payment import check_payment
from payments.usecases.reconciliation_lines import (
    lines_of,
    plain_difference,
    read_account,
    read_difference,
    read_lines,
    read_listed,
)
from payments.usecases.reconciliation_run import Run

#: Differences of one piece, and so the most that are looked at again after a run was killed.
PIECE = 50

#: After so many questions in a row without an answer, those behind them would only wait in vain.
NOBODY_ANSWERS = 3

#: So many calls stop where Gate does not answer; then what it was asked about stays as it is, for a person. By the
#: schedule these are two hours, so that a report of the morning still has the result of the night.
PUT_OFF = 6

#: Behind every payment id: nothing of the day is left to be compared.
_LAST = "\U0010ffff"

_REPAIRABLE = frozenset({Reason.MISSING_HERE, Reason.LATE, Reason.STATUS})


Value = TypeVar("Value")


@dataclass(slots=True)
class Ledger:
    """Our own ledger, and the way to ask the provider about a payment of it."""

    store: Store
    gate: Gate
    clock: Callable[[], datetime]
    _unanswered: int = field(default=0, init=False)

    def account(self, key: PaymentKey) -> Account:
        """What it says of a payment by now."""
        payment = self.store.read(key)
        return account_of(payment) if payment else Account(key)

    @property
    def nobody_answers(self) -> bool:
        """Whether nobody is asked any more."""
        return self._unanswered >= NOBODY_ANSWERS

    def ask(self, key: PaymentKey) -> bool:
        """Whether the provider told how the payment stands, or never will; what it said is recorded by then."""
        if self.nobody_answers:
            return False
        try:
            check_payment(store=self.store, gate=self.gate, key=key, clock=self.clock, source="reconciliation")
        except (GateUnavailable, UnknownProject):
            self._unanswered += 1
            return False
        except InvalidRequest:  # a payment id that Gate's own requests cannot carry
            return True
        self._unanswered = 0
        return True


def compare_days(*, ledger: Ledger, reports: Reports, run: Run, ends: datetime) -> Iterator[Run]:
    """The run after each piece of the work, to the last day or until the time is up.

    Raises `GateUnavailable` behind a run that is to go on in a later call, when Gate answers.
    """
    while run.stage == "compare":
        for further in _compare_day(ledger, reports, run, ends):
            run = further
            yield run
        if ledger.clock() >= ends:
            return


@dataclass(frozen=True, slots=True)
class _Day:
    """Both ledgers of one day, by payment id."""

    span: Span
    theirs: Mapping[str, list[Listed]]
    ours: Mapping[str, Account]
    strange: tuple[Difference, ...]
    """What the provider's list itself has twice."""

    def compared(self, account: Account) -> Compared:
        """What comes of a payment."""
        return compare(self.span, account, self.theirs.get(account.key.payment_id, ()))


def _compare_day(ledger: Ledger, reports: Reports, run: Run, ends: datetime) -> Iterator[Run]:
    day = _read(reports, run)
    for further in _brought_in(ledger, reports, run, day, ends):
        run = further
        yield run
    if run.piece:
        return
    for found, totals, after in _pieces(ledger, run, day, ends):
        run = _kept(reports, replace(run, totals=added((*run.totals, *totals)), after=after), found)
        if run.piece:
            yield run
        for further in _brought_in(ledger, reports, run, day, ends):
            run = further
            yield run
        if run.piece or (after != _LAST and ledger.clock() >= ends):
            return
    run = replace(run, after=None)
    if run.day < run.last:
        yield replace(run, day=run.day + timedelta(days=1))
    else:
        yield replace(run, stage="tell", finished_at=ledger.clock())


def _pieces(
    ledger: Ledger, run: Run, day: _Day, ends: datetime
) -> Iterator[tuple[list[Difference], tuple[Total, ...], str]]:
    """What differs, the totals of what does not, and the last payment that was looked at; until the time is up."""
    found, totals = list(day.strange) if run.after is None else [], tuple[Total, ...]()
    for payment_id in sorted({*day.theirs, *day.ours}):
        if payment_id <= (run.after or ""):
            continue
        compared = day.compared(day.ours.get(payment_id) or Account(PaymentKey(run.project_id, payment_id)))
        if compared.differences:
            compared = day.compared(ledger.account(compared.differences[0].key))
        if not compared.differences:
            totals = added((*totals, *compared.totals))
            continue
        found += compared.differences
        if len(found) >= PIECE or ledger.clock() >= ends:
            yield found, totals, payment_id
            found, totals = [], ()
    yield found, totals, _LAST


def _kept(reports: Reports, run: Run, found: list[Difference]) -> Run:
    """The run after a piece of what was found is kept."""
    return replace(run, piece=_written(reports, run, "found", found)) if found else run


def _written(reports: Reports, run: Run, what: str, differences: Iterable[Difference]) -> str:
    """The name of the piece that these are kept in."""
    name = run.page("found", run.day, f"{len(run.pieces):06}-{what}")
    reports.put(name, lines_of(differences, plain_difference))
    return name


def _brought_in(ledger: Ledger, reports: Reports, run: Run, day: _Day, ends: datetime) -> Iterator[Run]:
    """The run after what can be repaired of its piece was; what got no answer, or no time, is its next piece."""
    if not run.piece:
        return
    before = read_lines(reports.get(run.piece) or b"", read_difference)
    settled, unasked, unanswered = list[Difference](), list[Difference](), list[Difference]()
    totals, patient = run.totals, run.put_off < PUT_OFF
    for key, of_payment in groupby(before, key=lambda each: each.key):
        told = list(of_payment)
        if ledger.clock() >= ends and (settled or unanswered):
            unasked += told
            continue
        differences = [each for each in told if each not in day.strange]
        now = day.compared(ledger.account(key)) if differences else Compared()
        if any(map(_may_be_repaired, now.differences)):
            if ledger.nobody_answers and patient:
                unasked += told
                continue
            if not ledger.ask(key) and patient:
                unanswered += told
                continue
            now = day.compared(ledger.account(key))
        settled += [each for each in told if each in day.strange]
        settled += _repaired(differences, now.differences)
        totals = added((*totals, *now.totals))
    further = replace(run, totals=totals, piece="", put_off=run.put_off + bool(unanswered))
    if settled:
        further = further.with_piece(_written(reports, run, "settled", settled), settled)
    # Those that Gate did not answer go last, so that they do not keep it from being asked about the others.
    yield _kept(reports, further, unasked + unanswered)
    if unanswered:
        raise GateUnavailable("Gate does not answer; the payments it was asked about are asked about again")


def _read(reports: Reports, run: Run) -> _Day:
    """The day's pages, those of the provider's list from its last beginning on."""
    names = reports.names(run.work("theirs", run.day))
    last_beginning = max((name.rpartition("/")[0] for name in names), default="")
    rows, strange = joined_rows(
        _lines(reports, (each for each in names if each.startswith(last_beginning)), read_listed)
    )
    theirs: dict[str, list[Listed]] = {}
    for row in rows.values():
        theirs.setdefault(row.key.payment_id, []).append(row)
    accounts = _lines(reports, reports.names(run.work("ours", run.day)), read_account)
    span = run.span_of(run.day)
    return _Day(
        span=span,
        theirs=theirs,
        ours={each.key.payment_id: each for each in accounts},
        strange=tuple(each for each in strange if span.holds(each.at)),
    )


def _lines(reports: Reports, names: Iterable[str], read: Callable[[Mapping[str, Any]], Value]) -> Iterator[Value]:
    return chain.from_iterable(read_lines(reports.get(name) or b"", read) for name in names)


def _may_be_repaired(difference: Difference) -> bool:
    return difference.reason in _REPAIRABLE or (bool(difference.theirs) and not difference.ours)


def _repaired(before: Iterable[Difference], after: Iterable[Difference]) -> Iterator[Difference]:
    """What was found, and what of it is still so; then what came to light only by asking."""
    left: dict[tuple[Reason, str], deque[Difference]] = {}
    for each in after:  # several operations told of without an id share the empty one
        left.setdefault((each.reason, each.operation_id), deque()).append(each)
    for each in before:
        same = left.get((each.reason, each.operation_id))
        now = same.popleft() if same else None
        came_to_be_known = each.reason is Reason.REFUND_NOT_OURS and not each.ours and now is not None and now.ours
        yield replace(each, repaired=now is None or bool(came_to_be_known))
    yield from chain.from_iterable(left.values())
