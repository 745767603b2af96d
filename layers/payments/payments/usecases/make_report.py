"""Write down what happened in a period, for the people who count the money and for those who run this installation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.domain.check_schedule import FORGET_AFTER
from payments.domain.payment import Payment, PaymentKey
from payments.domain.period import Period
from payments.domain.report_lines import open_refunds, operation_lines, overdue_callback, payment_line
from payments.ports import ReportDraft, Reports, Store
from payments.usecases.read_differences import read_differences

#: So many payments that await something are looked at for the page; where more wait, something larger is wrong.
MOST_AWAITED = 1000
#: So many more are asked for, because those that end meanwhile are left out of the answer: one callback at the wrong
#: moment would make a thousand out of many look like all there are.
_ENDING = 100


@dataclass(frozen=True, slots=True)
class MadeReport:
    """What a report holds, and the names of its files."""

    payments: int
    operations: int
    differences: int | None
    """None where no project has been compared with the provider's list."""
    files: tuple[str, ...]


def make_report(
    *,
    store: Store,
    reports: Reports,
    drafting: Callable[[Period, datetime], AbstractContextManager[ReportDraft]],
    period: Period,
    clock: Callable[[], datetime],
) -> MadeReport:
    """Make the report of a period, or make it anew: every file replaces the one of its name, whole.

    Payments are those created in the period, operations those that happened in it, whenever their payment was made.
    """
    now = clock()
    payments = operations = 0
    written: set[PaymentKey] = set()
    with drafting(period, now) as draft:
        for day in period.change_days(now=now):
            for payment in store.changed_on(day):
                # One that changes while this is read is met again where it has moved to.
                if payment.key in written:
                    continue
                made, moved = _write(draft, payment, period)
                if made or moved:
                    written.add(payment.key)
                payments, operations = payments + made, operations + moved
        _write_awaited(draft, store, now=now)
        compared = read_differences(reports=reports, period=period)
        draft.compared(compared)
        differences = [each for found in compared.values() for each in found]
        for each in differences:
            draft.add_difference(each)
        names = []
        for name, file in draft.finish():
            names.append(f"reports/{period}/{name}")
            reports.put(names[-1], file)
    return MadeReport(payments, operations, len(differences) if compared else None, tuple(names))


def _write(draft: ReportDraft, payment: Payment, period: Period) -> tuple[int, int]:
    """Write the lines that one payment has in the period; how many payments and operations that were."""
    line = payment_line(payment)
    made = line is not None and line.created_at in period
    if line is not None and made:
        draft.add_payment(line)
    moved = [each for each in operation_lines(payment) if each.at in period]
    for each in moved:
        draft.add_operation(each)
    return made, len(moved)


def _write_awaited(draft: ReportDraft, store: Store, *, now: datetime) -> None:
    """Write down what is open by now: it is in the schedule, whenever it is to be looked at next."""
    due = store.due(now=now + FORGET_AFTER + timedelta(days=1), limit=MOST_AWAITED + _ENDING)
    if len(due) > MOST_AWAITED:
        draft.not_all_awaited(MOST_AWAITED)
    for key in due[:MOST_AWAITED]:
        payment = store.read(key)
        if payment is None:
            continue
        for waiting in open_refunds(payment):
            draft.add_open_refund(waiting)
        overdue = overdue_callback(payment, now=now)
        if overdue is not None:
            draft.add_overdue(overdue)
