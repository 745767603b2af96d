"""Compare both ledgers day by day, payment by payment, and bring in what is missing here.

Rules of this file:

* Only one day is held in memory.
* What was collected of ours may be from before the last callback: before it counts as a difference, the payment is
  read anew.
* What is missing here is not taken from the list, which has another shape than a message. The provider is asked for the
  payment's status, and its answer goes the one way in that all its words go, with the source ``reconciliation``.
* Amounts and currencies that differ are reported and nothing else: that a person has to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from payments.domain.errors import GateUnavailable, InvalidRequest, UnknownProject
from payments.domain.payment import PaymentKey
from payments.domain.reconciliation import (
    Account,
    Compared,
    Difference,
    Listed,
    Reason,
    Span,
    account_of,
    added,
    compare,
    joined_rows,
)
from payments.ports import Gate, Reports, Store
from payments.usecases.check_payment import check_payment
from payments.usecases.reconciliation_lines import lines_of, plain_difference, read_account, read_lines, read_listed
from payments.usecases.reconciliation_run import Run

#: Differences of one piece, and so the most that are looked at again after a run was killed.
PIECE = 200

#: After so many questions in a row without an answer, those behind them would only wait in vain.
NOBODY_ANSWERS = 3

_REPAIRABLE = frozenset({Reason.MISSING_HERE, Reason.LATE, Reason.STATUS})


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

    def asked(self, key: PaymentKey) -> bool:
        """Whether the provider told how the payment stands; what it said is recorded by then."""
        if self._unanswered >= NOBODY_ANSWERS:
            return False
        try:
            known = check_payment(store=self.store, gate=self.gate, key=key, clock=self.clock, source="reconciliation")
        except (GateUnavailable, UnknownProject):
            self._unanswered += 1
            return False
        except InvalidRequest:  # a payment id that Gate's own requests cannot carry
            return False
        self._unanswered = 0
        return known


def compare_days(*, ledger: Ledger, reports: Reports, run: Run, ends: datetime) -> Iterator[Run]:
    """The run after each piece of the work, to the last day or until the time is up."""
    while run.stage == "compare":
        for further in _compare_day(ledger, reports, run, ends):
            run = further
            yield run
        if ledger.clock() >= ends:
            return


def _compare_day(ledger: Ledger, reports: Reports, run: Run, ends: datetime) -> Iterator[Run]:
    span = run.span_of(run.day)
    rows, strange = joined_rows(_theirs(reports, run))
    theirs: dict[str, list[Listed]] = {}
    for row in rows.values():
        theirs.setdefault(row.key.payment_id, []).append(row)
    accounts = _ours(reports, run)
    found = [each for each in strange if span.holds(each.at)] if run.after is None else []
    totals = run.totals
    for payment_id in sorted({*theirs, *accounts}):
        if run.after is not None and payment_id <= run.after:
            continue
        account = accounts.get(payment_id) or Account(PaymentKey(run.project_id, payment_id))
        compared = _settled(ledger, span, account, theirs.get(payment_id, []))
        found += compared.differences
        totals = added((*totals, *compared.totals))
        if len(found) >= PIECE or (compared.differences and ledger.clock() >= ends):
            run = _kept(reports, replace(run, totals=totals, after=payment_id), found)
            found = []
            yield run
            if ledger.clock() >= ends:
                return
    run = _kept(reports, replace(run, totals=totals, after=None), found)
    if run.day < run.last:
        yield replace(run, day=run.day + timedelta(days=1))
    else:
        yield replace(run, stage="tell")


def _kept(reports: Reports, run: Run, found: list[Difference]) -> Run:
    if not found:
        return run
    name = f"{run.work('found', run.day)}{len(run.pieces):06}.jsonl"
    reports.put(name, lines_of(found, plain_difference))
    return run.with_piece(name, found)


def _theirs(reports: Reports, run: Run) -> Iterator[Listed]:
    """The provider's list of the day, of its last beginning, page by page."""
    names = reports.names(run.work("theirs", run.day))
    last_beginning = max((name.rpartition("/")[0] for name in names), default="")
    pages = (reports.get(name) or b"" for name in names if name.startswith(last_beginning))
    return chain.from_iterable(read_lines(page, read_listed) for page in pages)


def _ours(reports: Reports, run: Run) -> Mapping[str, Account]:
    """Our payments with operations of the day, by payment id."""
    pages = (reports.get(name) or b"" for name in reports.names(run.work("ours", run.day)))
    accounts = chain.from_iterable(read_lines(page, read_account) for page in pages)
    return {each.key.payment_id: each for each in accounts}


def _settled(ledger: Ledger, span: Span, account: Account, theirs: list[Listed]) -> Compared:
    """What came of a payment, after whatever could be repaired was."""
    collected = compare(span, account, theirs)
    if not collected.differences:
        return collected
    before = compare(span, ledger.account(account.key), theirs)
    if not any(map(_may_be_repaired, before.differences)) or not ledger.asked(account.key):
        return before
    after = compare(span, ledger.account(account.key), theirs)
    return Compared(tuple(_repaired(before.differences, after.differences)), after.totals)


def _may_be_repaired(difference: Difference) -> bool:
    return difference.reason in _REPAIRABLE or (bool(difference.theirs) and not difference.ours)


def _repaired(before: tuple[Difference, ...], after: tuple[Difference, ...]) -> Iterator[Difference]:
    """What was found, and what of it is still so; then what came to light only by asking."""
    left = {(each.reason, each.operation_id): each for each in after}
    for each in before:
        now = left.pop((each.reason, each.operation_id), None)
        came_to_be_known = each.reason is Reason.REFUND_NOT_OURS and not each.ours and now is not None and now.ours
        yield replace(each, repaired=now is None or bool(came_to_be_known))
    yield from left.values()
