"""Bring both ledgers together, page by page: the provider's list day by day, then our payments, sorted into days.

Rules of this file:

* The provider's list of a day reaches an hour over both its ends, because its clock and ours need not agree.
* Its pages overlap. Where a page has nothing in common with the end of the one before, rows have moved by more than
  that, and the day is begun anew: a list with a hole would make differences that are none (PROTOCOL §8).
* Our payments are found by the day of their last change, from the first day wanted to this one: whatever we heard of
  an operation, we did not hear it before it ended. A payment that changes meanwhile is among those of a later day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from payments.domain.errors import DataApiUnavailable
from payments.domain.reconciliation import Account, Span, account_of
from payments.ports import DataApi, Reports, Store
from payments.usecases.reconciliation_lines import lines_of, plain_account, plain_listed
from payments.usecases.reconciliation_run import Run

#: Rows of a page: the most there are (PROTOCOL §8), and how many of them the next page brings again.
PAGE, OVERLAP = 1000, 50
BESIDE = timedelta(hours=1)

#: Our payments in one object, at most.
PAYMENTS = 500
#: Days without a change that one step passes over, at most.
DAYS_AT_ONCE = 31


def take_page(*, data_api: DataApi, reports: Reports, run: Run) -> Run:
    """The run after one more page of the provider's list; raises `DataApiUnavailable`.

    Where rows moved too far its ``attempt`` is a higher one, and the day's list begins anew.
    """
    span = run.span_of(run.day)
    since, until = span.since - BESIDE, span.until + BESIDE
    rows = data_api.operations(run.project_id, since=since, until=until, offset=run.offset, limit=PAGE)
    if rows and not any(since <= each.entry.at < until for each in rows):
        # Its names are not certain (PROTOCOL §8), and a list of all times would be read to its end for every day.
        raise DataApiUnavailable("the Data API lists other times than were asked for; see DATA_API_INTERVAL_KEYS")
    if run.seam and not set(run.seam) & {each.entry.operation_id for each in rows}:
        return replace(run, offset=0, seam=(), attempt=run.attempt + 1)
    mine = [each for each in rows if each.key.project_id == run.project_id]
    name = run.page("theirs", run.day, f"{run.attempt:04}/{run.offset:08}")
    reports.put(name, lines_of(mine, plain_listed))
    if len(rows) < PAGE:
        return _next_day(run)
    seam = tuple(each.entry.operation_id for each in rows[-OVERLAP:])
    if seam == run.seam:
        raise DataApiUnavailable("the Data API's list does not go on: a page ends as the one before did")
    return replace(run, offset=run.offset + PAGE - OVERLAP, seam=seam)


def take_payments(*, store: Store, reports: Reports, run: Run, now: datetime) -> Run:
    """The run after one more day of UTC in which payments of ours changed; days without any are passed over."""
    span, today = run.span, now.astimezone(UTC).date()
    day = run.changed_on or (span.since - BESIDE).astimezone(UTC).date()
    for changed_on in (day + timedelta(days=each) for each in range(DAYS_AT_ONCE)):
        changed = (account_of(each) for each in store.changed_on(changed_on) if each.key.project_id == run.project_id)
        pages = 0
        for pages, accounts in enumerate(_in_pieces(changed), start=1):
            for of_day, theirs in _by_day(run, span, accounts).items():
                name = run.page("ours", of_day, f"{changed_on}-{pages:06}")
                reports.put(name, lines_of(theirs, plain_account))
        if changed_on >= today:
            return replace(run, stage="compare", day=run.first, changed_on=None)
        if pages:
            break
    return replace(run, changed_on=changed_on + timedelta(days=1))


def _in_pieces(accounts: Iterator[Account]) -> Iterator[tuple[Account, ...]]:
    while piece := tuple(islice(accounts, PAYMENTS)):
        yield piece


def _by_day(run: Run, span: Span, accounts: Iterable[Account]) -> dict[date, list[Account]]:
    """The payments by the days of the run on which they had operations."""
    by_day: dict[date, list[Account]] = {}
    for account in accounts:
        for day in {run.day_of(each.at) for each in account.entries if span.holds(each.at)}:
            by_day.setdefault(day, []).append(account)
    return by_day


def _next_day(run: Run) -> Run:
    rested = replace(run, offset=0, seam=())
    if run.day < run.last:
        return replace(rested, day=run.day + timedelta(days=1))
    return replace(rested, stage="ours")
