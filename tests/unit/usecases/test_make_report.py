"""What a report holds: every payment created in its days, every operation that happened in them, and what is open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from payments.domain.errors import StoreUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.domain.period import Period
from payments.domain.reconciliation import Reason
from payments.ports import ReportDraft
from payments.usecases import make_report as make_report_module
from payments.usecases.make_report import MadeReport, make_report
from payments.usecases.reconciliation_lines import lines_of, plain_difference
from payments.usecases.reconciliation_result import differences_name
from tests.support.fake_ledgers import FOLDERS, FakeReports
from tests.support.fakes import FakeStore
from tests.support.report_samples import difference, draft
from tests.unit.domain.told import NOON, callback, order, ordered, refund, refund_callback, told

DAY = date(2026, 11, 21)
TODAY = Period(DAY, DAY, UTC)
NAMES = tuple(
    f"reports/2026-11-21_2026-11-21/{name}" for name in ("operations.csv", "payments.csv", "report.xlsx", "index.html")
)
DAY_LATER, WEEK_LATER = NOON + timedelta(days=1), NOON + timedelta(days=7)


@dataclass
class World:
    """A ledger, and the bucket that a report is put into."""

    store: FakeStore = field(default_factory=FakeStore)
    reports: FakeReports = field(default_factory=FakeReports)
    now: datetime = DAY_LATER
    drafts: int = 0

    def report(self, period: Period = TODAY) -> MadeReport:
        """Make the report of these days."""
        return make_report(
            store=self.store, reports=self.reports, drafting=self._drafting, period=period, clock=lambda: self.now
        )

    def _drafting(self, period: Period, made_at: datetime) -> AbstractContextManager[ReportDraft]:
        assert made_at == self.now
        self.drafts += 1
        return draft(period=period)

    def keep(self, payment: Payment, payment_id: str, **changes: Any) -> Payment:
        """A payment under an id of its own."""
        return self.store.save(replace(payment, key=PaymentKey(2924, payment_id), **changes))

    def column(self, file: str, place: int, period: Period = TODAY) -> list[str]:
        """One column of a CSV file."""
        text = self.reports.kept[f"reports/{period}/{file}.csv"].decode("utf-8-sig")
        return [row[place] for row in csv.reader(io.StringIO(text, newline=""))][1:]

    @property
    def page(self) -> str:
        """The operators' page."""
        return self.reports.kept[NAMES[-1]].decode()


@pytest.fixture
def world() -> World:
    return World()


def paid_payment(at: datetime = NOON) -> Payment:
    """Ordered and paid at this moment."""
    message = callback("success", seconds=(at - NOON).total_seconds())
    return told(ordered(order=order(created_at=at), updated_at=at), message, seconds=(at - NOON).total_seconds())


def test_a_report_of_nothing_has_all_its_files(world: World) -> None:
    assert world.report() == MadeReport(payments=0, operations=0, differences=None, files=NAMES)
    assert tuple(world.reports.kept) == NAMES


def test_a_day_has_the_payments_that_began_and_the_operations_that_happened_in_it(world: World) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    for name, at in (
        ("before", midnight - timedelta(seconds=1)),
        ("first", midnight),
        ("last", midnight + timedelta(hours=23, minutes=59, seconds=59)),
        ("behind", midnight + timedelta(days=1)),
    ):
        world.keep(paid_payment(at), name)

    made = world.report()

    assert (made.payments, made.operations) == (2, 2)
    assert world.column("payments", 1) == world.column("operations", 1) == ["first", "last"]


def test_money_that_goes_back_later_is_in_the_report_of_that_later_day(world: World) -> None:
    back = told(paid_payment(), refund_callback(seconds=7 * 86400), seconds=7 * 86400)
    world.keep(back, "order-7")
    world.now = NOON + timedelta(days=8)
    later = Period(WEEK_LATER.date(), WEEK_LATER.date(), UTC)

    assert (world.report().operations, world.column("operations", 5)) == (1, ["sale"])
    made = world.report(later)
    assert (made.payments, made.operations) == (0, 1)
    assert (world.column("operations", 5, later), world.column("operations", 10, later)) == (["refund"], ["100.00"])


def test_a_payment_that_changed_long_after_is_still_found_where_it_began(world: World) -> None:
    world.keep(paid_payment(), "order-7", updated_at=NOON + timedelta(days=200))
    world.now = NOON + timedelta(days=201)

    assert world.report().payments == 1


def test_lines_stand_in_the_order_of_time(world: World) -> None:
    for name, seconds in (("c", 30), ("a", 10), ("b", 20)):
        world.keep(paid_payment(NOON + timedelta(seconds=seconds)), name)

    world.report()

    assert world.column("payments", 1) == world.column("operations", 1) == ["a", "b", "c"]


def test_a_report_made_again_takes_the_place_of_the_first(world: World) -> None:
    world.report()
    world.keep(paid_payment(), "order-7")
    made = world.report()

    assert (made.payments, len(world.reports.kept), world.drafts) == (1, 4, 2)
    assert world.column("payments", 1) == ["order-7"]


def test_what_is_open_is_on_the_page_whenever_it_began(world: World) -> None:
    open_refund = replace(
        paid_payment(NOON - timedelta(days=40)), refunds=(refund("awaiting_support", refund_id="rf-40"),)
    )
    world.keep(open_refund, "old-refund", check_at=WEEK_LATER)
    world.keep(ordered(), "late-callback", check_at=WEEK_LATER)
    world.keep(paid_payment(), "settled")

    world.report()

    assert [each in world.page for each in ("old-refund", "rf-40", "late-callback", "settled")] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("most", "said"), [(1, True), (2, False)])
def test_a_page_that_looked_at_as_many_as_it_ever_does_and_not_at_all_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int, *, said: bool
) -> None:
    monkeypatch.setattr(make_report_module, "MOST_AWAITED", most)
    for name in ("late-1", "late-2"):
        world.keep(ordered(), name, check_at=WEEK_LATER)

    world.report()

    assert (f"Only the first {most} payments that await something" in world.page) is said


def test_a_page_that_did_not_look_at_all_says_so_also_where_a_payment_ended_while_they_were_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_report_module, "MOST_AWAITED", 2)
    for name in ("late-1", "late-2", "late-3", "late-4"):
        world.keep(ordered(), name, check_at=WEEK_LATER)
    due = world.store.due
    monkeypatch.setattr(world.store, "due", lambda **asked: due(**asked)[1:])

    world.report()

    assert "Only the first 2 payments that await something" in world.page


def test_a_period_that_nobody_compared_says_so(world: World) -> None:
    assert world.report().differences is None
    assert "has not been compared" in world.page


def compared(world: World, first: date, last: date, *found: Any, project_id: int = 2924) -> None:
    world.reports.kept[differences_name(project_id, first, last)] = lines_of(found, plain_difference)


def test_differences_of_every_project_that_was_compared_are_in_the_report(world: World) -> None:
    compared(world, DAY, DAY, difference(Reason.AMOUNT), difference(Reason.LATE))
    compared(world, DAY, DAY, difference(Reason.STATUS, key=PaymentKey(198, "order-198")), project_id=198)
    compared(world, DAY - timedelta(days=1), DAY, difference(Reason.DUPLICATE))

    assert world.report().differences == 3
    assert [each in world.page for each in ("order-198", "other amount", "counted twice")] == [True, True, False]
    assert "Projects compared: 198, 2924." in world.page
    assert world.reports.asked == FOLDERS["ReportFunction"]


def test_a_project_that_was_not_compared_is_named_beside_one_that_was(world: World) -> None:
    world.keep(paid_payment(), "order-7")
    compared(world, DAY, DAY, project_id=198)

    assert world.report().differences == 0
    assert "Projects compared: 198." in world.page
    assert "Projects not compared: 2924." in world.page


def test_days_compared_one_by_one_are_taken_together_only_when_none_is_missing(world: World) -> None:
    period = Period(DAY - timedelta(days=2), DAY, UTC)
    compared(world, DAY, DAY, difference())
    compared(world, DAY - timedelta(days=1), DAY - timedelta(days=1))
    assert world.report(period).differences is None

    compared(world, DAY - timedelta(days=2), DAY - timedelta(days=2), difference())
    assert world.report(period).differences == 2

    compared(world, period.first, period.last)
    assert world.report(period).differences == 0


def test_a_bucket_that_fails_is_told_and_the_page_never_leads_to_files_that_are_not_there(world: World) -> None:
    world.reports.failures.append(StoreUnavailable("PutObject"))

    with pytest.raises(StoreUnavailable):
        world.report()

    assert world.reports.kept == {}
    assert tuple(world.report().files) == NAMES


def test_a_payment_that_changes_while_the_ledger_is_read_counts_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = world.keep(paid_payment(), "order-1")
    changed_on = world.store.changed_on

    def changing(day: date) -> Iterator[Payment]:
        for each in changed_on(day):
            yield each
            if each == paid:
                world.store.save(replace(paid, version=each.version, updated_at=DAY_LATER))

    monkeypatch.setattr(world.store, "changed_on", changing)

    made = world.report()

    assert (made.payments, made.operations) == (1, 1)
    assert world.column("payments", 1) == world.column("operations", 1) == ["order-1"]
