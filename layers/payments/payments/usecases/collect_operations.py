"""Bring both ledgers together, page by page: the provider's list day by day, then our payments, sorted into days.

Rules of this file:

* The provider's list of a day reaches an hour over both its ends, because its clock and ours need not agree.
* Its pages overlap. Where a page has nothing in common with the end of the one before, rows have moved by more than
  that, and the day is begun anew: a list with a hole would make differences that are none (PROTOCOL §8).
* Our payments are found by when they were made. An operation of a payment that is older than the look back is missed
  here, which matters only for one that the provider does not list at all: one that it lists is looked up by its payment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from payments.domain.reconciliation import Account, account_of
from payments.ports import DataApi, PaymentFilter, Reports, Store
from payments.usecases.reconciliation_lines import lines_of, plain_account, plain_listed
from payments.usecases.reconciliation_run import Run

#: Rows of a page: the most there are (PROTOCOL §8), and how many of them the next page brings again.
PAGE, OVERLAP = 1000, 50
BESIDE = timedelta(hours=1)

PAYMENTS = 500
#: Payments made so long before the first day may have had an operation on it: a refund comes weeks after the sale.
LOOK_BACK = timedelta(days=45)


def take_page(*, data_api: DataApi, reports: Reports, run: Run) -> Run:
    """The run after one more page of the provider's list; raises `DataApiUnavailable`.

    Where rows moved too far its ``attempt`` is a higher one, and the day's list begins anew.
    """
    span = run.span_of(run.day)
    rows = data_api.operations(
        run.project_id, since=span.since - BESIDE, until=span.until + BESIDE, offset=run.offset, limit=PAGE
    )
    if run.seam and not set(run.seam) & {each.entry.operation_id for each in rows}:
        return replace(run, offset=0, seam=(), attempt=run.attempt + 1)
    mine = [each for each in rows if each.key.project_id == run.project_id]
    reports.put(f"{run.work('theirs', run.day)}{run.attempt:04}/{run.offset:08}.jsonl", lines_of(mine, plain_listed))
    if len(rows) < PAGE:
        return _next_day(run)
    seam = tuple(each.entry.operation_id for each in rows[-OVERLAP:])
    return replace(run, offset=run.offset + PAGE - OVERLAP, seam=seam)


def take_payments(*, store: Store, reports: Reports, run: Run) -> Run:
    """The run after one more page of our payments."""
    span = run.span
    wanted = PaymentFilter(project_id=run.project_id, since=span.since - LOOK_BACK, until=span.until + BESIDE)
    payments, cursor = store.select(wanted, limit=PAYMENTS, cursor=run.cursor)
    by_day: dict[date, list[Account]] = {}
    for payment in payments:
        account = account_of(payment)
        for day in {run.day_of(each.at) for each in account.entries if span.holds(each.at)}:
            by_day.setdefault(day, []).append(account)
    for day, accounts in by_day.items():
        reports.put(f"{run.work('ours', day)}{run.page:08}.jsonl", lines_of(accounts, plain_account))
    if cursor is not None:
        return replace(run, cursor=cursor, page=run.page + 1)
    return replace(run, stage="compare", day=run.first, cursor=None)


def _next_day(run: Run) -> Run:
    rested = replace(run, offset=0, seam=())
    if run.day < run.last:
        return replace(rested, day=run.day + timedelta(days=1))
    return replace(rested, stage="ours")
