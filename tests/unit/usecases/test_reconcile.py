"""A reconciliation from the first page to the event: what it finds, repairs and leaves, and how it goes on."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from payments.domain.errors import DataApiUnavailable, GateUnavailable, StoreUnavailable
from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import Outcome
from payments.domain.reconciliation import Entry, Listed
from payments.gate.messages import report
from payments.usecases import collect_operations, compare_ledgers
from payments.usecases.reconcile import Desk, Reconciled, reconcile
from payments.usecases.reconciliation_result import Summary
from payments.usecases.reconciliation_run import load, save
from tests.support.fake_ledgers import FakeDataApi, FakeReports
from tests.support.fakes import FakeEvents, FakeProjects, failing
from tests.unit.domain.told import KEY, NOON, callback, operation_parts, order
from tests.unit.usecases.world import Clock, World, signed

DAY = NOON.date()
NIGHT = datetime(2026, 11, 22, 4, tzinfo=UTC)
FOLDER = f"reconciliations/2924/{DAY}_{DAY}"
RUN = f"work/runs/2924/{DAY}_{DAY}.json"
SALE = Listed(
    KEY, "card-partner", Entry("389", "sale", "sale", "success", Outcome.SUCCEEDED, Money(10_000, "KES"), NOON, "")
)


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 20 rows, of which the next one brings 5 again."""
    monkeypatch.setattr(collect_operations, "PAGE", 20)
    monkeypatch.setattr(collect_operations, "OVERLAP", 5)


def listed(number: int, **entry: Any) -> Listed:
    """A paid sale of another payment, as the provider lists it."""
    parts = {"operation_id": str(1000 + number), "at": NOON + timedelta(seconds=number), **entry}
    return Listed(PaymentKey(2924, f"order-{number:04}"), "card-partner", replace(SALE.entry, **parts))


def told(number: int, status: str = "success") -> dict[str, Any]:
    """The callback about it."""
    said = callback(status, ("sale", status), seconds=number, operation_id=1000 + number)
    return {**said, "payment": {**said["payment"], "id": f"order-{number:04}"}}


@dataclass
class Night:
    """Everything a reconciliation meets, at four in the morning after the day of the tests."""

    world: World = field(default_factory=lambda: World(clock=Clock(NIGHT)))
    data_api: FakeDataApi = field(default_factory=lambda: FakeDataApi({2924: []}))
    reports: FakeReports = field(default_factory=FakeReports)
    events: FakeEvents = field(default_factory=FakeEvents)
    reported: list[Summary] = field(default_factory=list)
    seconds: float = 900

    def paid(self, *numbers: int) -> None:
        """Payments that were ordered, paid and told of."""
        for number in numbers:
            key, at = PaymentKey(2924, f"order-{number:04}"), NOON + timedelta(seconds=number)
            said = report(told(number), digest=f"digest of {number}")
            ordered = Payment(key=key, order=order(), updated_at=NOON, submission="acknowledged")
            self.world.store.save(ordered.told(said, at=at, source="callback", what="paid"))

    def gate_says(self, *answers: bytes | Exception) -> None:
        """What Gate answers to questions for a status, one after the other."""
        self.world.gate.answers["status"] = deque(answers)

    def run(self, *days: date, project_id: int | None = None, zone: tzinfo = UTC) -> Reconciled:
        """One call of the function: for these days, or for whatever is due."""
        desk = Desk(
            store=self.world.store,
            gate=self.world.gate,
            data_api=self.data_api,
            reports=self.reports,
            events=self.events,
            report=self.reported.append,
            ends=self.world.clock.now + timedelta(seconds=self.seconds),
            clock=self.world.clock,
        )
        wanted = (days[0], days[-1]) if days else None
        return reconcile(desk=desk, projects=FakeProjects(), days=wanted, project_id=project_id, zone=zone)

    def differences(self, folder: str = FOLDER) -> list[dict[str, Any]]:
        """What it found."""
        return [json.loads(line) for line in self.reports.kept[f"{folder}/differences.jsonl"].splitlines()]

    def reasons(self) -> list[tuple[str, str, bool]]:
        """Reason, operation and whether it was repaired."""
        return [(each["reason"], each["operation_id"], each["repaired"]) for each in self.differences()]

    def summary(self, folder: str = FOLDER) -> dict[str, Any]:
        """What it came to."""
        read: dict[str, Any] = json.loads(self.reports.kept[f"{folder}/summary.json"])
        return read


def answer(*operations: tuple[str, str, int], status: str = "success", payment_id: str = "order-0001") -> bytes:
    """A status answer of Gate with these operations: type, status, id."""
    said = callback(status, None)
    parts = [operation_parts((kind, word), operation_id=number) for kind, word, number in operations]
    return signed({**said, "payment": {**said["payment"], "id": payment_id}, "operations": parts})


def test_a_day_on_which_both_agree_has_a_result_that_says_so() -> None:
    night = Night()
    night.paid(1, 2)
    night.data_api.lists[2924] = [listed(1), listed(2)]

    assert night.run(DAY).plain() == {
        "runs": [
            {
                "project_id": 2924,
                "from": "2026-11-21",
                "to": "2026-11-21",
                "stage": "done",
                "trouble": "",
                "summary": f"{FOLDER}/summary.json",
            }
        ],
        "left_out": [198],
        "done": True,
    }
    assert night.summary() == {
        "project_id": 2924,
        "from": "2026-11-21",
        "to": "2026-11-21",
        "timezone": "UTC",
        "begun_at": "2026-11-22T04:00:00+00:00",
        "finished_at": "2026-11-22T04:00:00+00:00",
        "totals": [
            {
                "method": "card-partner",
                "currency": "KES",
                "ours": 20000,
                "theirs": 20000,
                "difference": 0,
                "count_ours": 2,
                "count_theirs": 2,
            }
        ],
        "differences": {},
    }
    assert night.differences() == []
    assert night.data_api.asked == [
        (2924, datetime(2026, 11, 20, 23, tzinfo=UTC), datetime(2026, 11, 22, 1, tzinfo=UTC), 0)
    ]
    assert night.world.gate.calls == []


def test_the_result_is_told_once_without_a_word_about_a_person() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]

    night.run(DAY)

    ((kind, detail),) = night.events.published
    assert kind == "ReconciliationFinished"
    assert set(detail["metadata"]) == {"event_id", "version", "occurred_at"}
    assert detail["data"] == {"reconciliation": {**night.summary(), "summary": f"{FOLDER}/summary.json"}}
    assert detail["data"]["reconciliation"]["differences"] == {
        "missing_here": {"found": 1, "repaired": 0, "needs_a_person": 1}
    }
    assert [each.needs_a_person for each in night.reported] == [1]


def test_what_is_missing_here_is_brought_in_by_asking_gate_and_says_so_in_its_story() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.differences() == [
        {
            "reason": "missing_here",
            "project_id": 2924,
            "payment_id": "order-0001",
            "operation_id": "1001",
            "at": "2026-11-21T12:00:01+00:00",
            "ours": "",
            "theirs": "sale success 100.00 KES",
            "amount": 10000,
            "currency": "KES",
            "repaired": True,
        }
    ]
    payment = night.world.payment(PaymentKey(2924, "order-0001"))
    assert (payment.status, payment.timeline[-1].source) == ("succeeded", "reconciliation")
    assert night.summary()["totals"][0]["difference"] == 0


def test_an_end_that_nobody_told_is_late_and_is_brought_in() -> None:
    night = Night()
    night.world.receive(told(1, "processing"))
    night.data_api.lists[2924] = [listed(1)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.reasons() == [("late", "1001", True)]


def test_amounts_are_never_overwritten_and_nobody_is_asked_about_them() -> None:
    night = Night()
    night.paid(1)
    night.data_api.lists[2924] = [listed(1, money=Money(9_999, "KES"))]

    night.run(DAY)

    assert night.reasons() == [("amount", "1001", False)]
    assert night.world.gate.calls == []
    assert night.summary()["totals"] == [
        {
            "method": "card-partner",
            "currency": "KES",
            "ours": 10000,
            "theirs": 9999,
            "difference": 1,
            "count_ours": 1,
            "count_theirs": 1,
        }
    ]


def test_what_gate_does_not_confirm_stays_a_difference() -> None:
    night = Night()
    night.paid(1)
    night.data_api.lists[2924] = [listed(1, status="decline", outcome=Outcome.DECLINED)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.reasons() == [("status", "1001", False)]
    assert night.world.payment(PaymentKey(2924, "order-0001")).status == "succeeded"


def test_a_refund_of_others_comes_to_be_known_and_keeps_its_name() -> None:
    night = Night()
    night.paid(1)
    refund = listed(1, operation_id="2001", kind="return", type="refund", at=NOON + timedelta(hours=1))
    night.data_api.lists[2924] = [listed(1), refund]
    whole = answer(("sale", "success", 1001), ("refund", "success", 2001), status="refunded")
    night.gate_says(whole)

    night.run(DAY)

    assert night.reasons() == [("refund_not_ours", "2001", True)]
    assert night.world.payment(PaymentKey(2924, "order-0001")).status == "refunded"
    assert [each.needs_a_person for each in night.reported] == [0]


def test_what_came_to_light_only_by_asking_is_told_too() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1, money=Money(9_999, "KES"))]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.reasons() == [("missing_here", "1001", True), ("amount", "1001", False)]


def test_a_callback_that_comes_while_the_lists_are_read_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    store, read = night.world.store, night.world.store.changed_on

    def changed_on(day: date) -> Iterator[Payment]:
        yield from read(day)
        if day == NIGHT.date():
            night.paid(1)

    monkeypatch.setattr(store, "changed_on", changed_on)

    night.run(DAY)

    assert night.world.gate.calls == []
    assert night.differences() == []


def test_gate_is_left_alone_after_three_questions_without_an_answer() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(number) for number in range(6)]
    night.gate_says(*[GateUnavailable("silent")] * 6)

    night.run(DAY)

    assert len(night.world.gate.calls) == 3
    assert night.summary()["differences"]["missing_here"] == {"found": 6, "repaired": 0, "needs_a_person": 6}


def test_an_id_that_stands_for_two_payments_is_told_once() -> None:
    night = Night()
    night.paid(1)
    night.data_api.lists[2924] = [listed(1), replace(listed(1), key=PaymentKey(2924, "order-0002"))]

    night.run(DAY)

    assert night.reasons() == [("duplicate", "1001", False)]


def test_an_operation_at_midnight_counts_on_one_day_by_the_providers_clock() -> None:
    night = Night()
    night.paid(1)
    after_midnight = datetime(2026, 11, 22, 0, 0, 1, tzinfo=UTC)
    night.data_api.lists[2924] = [listed(1, at=after_midnight)]
    payment = night.world.payment(PaymentKey(2924, "order-0001"))
    (sale,) = payment.provider.operations
    before_midnight = replace(sale, date=after_midnight - timedelta(seconds=2))
    told_so = replace(payment.provider, operations=(before_midnight,))
    night.world.store.save(replace(payment, provider=told_so))

    night.run(DAY)
    night.run(DAY + timedelta(days=1))

    second = f"reconciliations/2924/{DAY + timedelta(days=1)}_{DAY + timedelta(days=1)}"
    assert (night.differences(), night.differences(second)) == ([], [])
    assert (night.summary()["totals"], night.summary(second)["totals"][0]["ours"]) == ([], 10000)


def test_days_begin_at_midnight_where_the_merchant_is() -> None:
    night = Night()

    night.run(DAY, zone=ZoneInfo("Africa/Nairobi"))

    ((_, since, until, _),) = night.data_api.asked
    assert (since, until) == (datetime(2026, 11, 20, 20, tzinfo=UTC), datetime(2026, 11, 21, 22, tzinfo=UTC))
    assert night.summary()["timezone"] == "Africa/Nairobi"


@pytest.mark.usefixtures("short_pages")
def test_pages_overlap_and_a_row_of_two_pages_counts_once() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(number) for number in range(22)]
    night.paid(*range(22))

    night.run(DAY)

    assert [offset for *_, offset in night.data_api.asked] == [0, 15]
    assert night.differences() == []
    assert night.summary()["totals"][0]["count_theirs"] == 22


@pytest.mark.usefixtures("short_pages")
def test_rows_that_move_within_the_overlap_are_not_lost() -> None:
    night = Night()
    rows = [listed(number) for number in range(22)]
    night.data_api.lists[2924] = list(rows)
    night.paid(*range(22))
    # Between the two pages the 3 latest leave the interval, as operations do that are corrected.
    night.data_api.before_page.extend([lambda: None, lambda: night.data_api.lists.update({2924: rows[:-3]})])

    night.run(DAY)

    assert night.differences() == []


@pytest.mark.usefixtures("short_pages")
def test_a_list_that_moves_by_more_than_the_overlap_is_read_anew() -> None:
    night = Night()
    rows = [listed(number) for number in range(22)]
    night.data_api.lists[2924] = list(rows)
    night.paid(*range(22))
    night.data_api.before_page.extend([lambda: None, lambda: night.data_api.lists.update({2924: rows[:-7]})])

    (first,) = night.run(DAY).runs
    night.data_api.lists[2924] = rows
    (second,) = night.run(DAY).runs

    assert (first.stage, first.trouble) == (
        "theirs",
        "rows moved while the list of 2026-11-21 was read, which begins anew",
    )
    assert (second.stage, second.trouble, night.differences()) == ("done", "", [])
    assert [offset for *_, offset in night.data_api.asked] == [0, 15, 0, 15]


def test_a_list_that_does_not_come_stops_its_own_run_alone_and_is_gone_on_with() -> None:
    night = Night(data_api=FakeDataApi({2924: [listed(1)], 198: []}))
    night.paid(1)
    night.data_api.before_page.append(failing(DataApiUnavailable("the Data API is not well (HTTP 502)")))

    runs = night.run(DAY).runs

    assert [(each.project_id, each.stage, each.trouble) for each in runs] == [
        (198, "theirs", "the Data API is not well (HTTP 502)"),
        (2924, "done", ""),
    ]
    assert [each.stage for each in night.run(DAY, project_id=198).runs] == ["done"]


@pytest.mark.usefixtures("short_pages")
def test_a_run_goes_on_where_its_time_ended() -> None:
    night = Night(seconds=400)
    night.paid(*range(22))
    night.data_api.lists[2924] = [listed(number) for number in range(22)]
    # Every page takes six minutes, so that a call has time for one and for nothing else.
    night.data_api.before_page.extend([lambda: night.world.clock.move(360)] * 2)

    stages = [night.run(DAY).runs[0].stage for _ in range(3)]

    assert stages == ["theirs", "ours", "done"]
    assert [offset for *_, offset in night.data_api.asked] == [0, 15]
    assert night.differences() == []


def test_a_day_of_many_differences_is_gone_on_with_behind_the_last_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_ledgers, "PIECE", 2)
    night = Night()
    night.data_api.lists[2924] = [listed(number) for number in range(5)]
    written = night.reports.put
    pieces: list[str] = []

    def put(name: str, content: Any) -> None:
        if "/found/" in name:
            pieces.append(name)
            if len(pieces) == 2:
                raise StoreUnavailable("PutObject: SlowDown")
        written(name, content)

    monkeypatch.setattr(night.reports, "put", put)
    with pytest.raises(StoreUnavailable):
        night.run(DAY)
    kept = load(night.reports, RUN)
    assert kept is not None
    assert (kept.stage, kept.after, kept.piece, kept.pieces) == ("compare", "order-0001", pieces[0], ())

    assert night.run(DAY).runs[0].stage == "done"

    assert [each["payment_id"] for each in night.differences()] == [f"order-{number:04}" for number in range(5)]
    assert night.summary()["totals"][0]["count_theirs"] == 5
    assert pieces[1] == pieces[2]


def test_what_a_run_brought_in_before_it_was_killed_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    night.gate_says(answer(("sale", "success", 1001)))
    written, names = night.reports.put, list[str]()

    def put(name: str, content: Any) -> None:
        names.append(name)
        if "/found/" in name and len([each for each in names if "/found/" in each]) == 2:
            raise StoreUnavailable("PutObject: SlowDown")
        written(name, content)

    monkeypatch.setattr(night.reports, "put", put)
    with pytest.raises(StoreUnavailable):
        night.run(DAY)
    assert night.world.payment(PaymentKey(2924, "order-0001")).status == "succeeded"

    night.run(DAY)

    assert night.reasons() == [("missing_here", "1001", True)]


def test_the_schedule_begins_the_last_nights_days_once_they_have_settled_and_each_once() -> None:
    night = Night()
    night.world.clock.now = datetime(2026, 11, 22, 2, 59, tzinfo=UTC)
    early = night.run().runs
    night.world.clock.now = NIGHT
    later = night.run().runs

    assert [each.first.isoformat() for each in early] == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert [each.first.isoformat() for each in later] == ["2026-11-21"]
    assert night.run().runs == ()
    assert len(night.events.published) == 4


def test_the_schedule_goes_on_with_what_a_person_began() -> None:
    night = Night()
    night.data_api.before_page.append(failing(DataApiUnavailable("not now")))
    days = (date(2026, 10, 1), date(2026, 10, 2))
    assert night.run(*days).runs[0].trouble == "not now"

    runs = night.run().runs

    assert (*days, "done") in [(each.first, each.last, each.stage) for each in runs]
    assert len(runs) == 4


def test_days_that_were_done_are_done_again_when_asked_for() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    night.run(DAY)
    night.paid(1)
    night.world.clock.now = NIGHT + timedelta(hours=1)

    night.run(DAY)

    assert night.differences() == []
    first, second = (detail["metadata"]["event_id"] for _, detail in night.events.published)
    assert first != second


def test_a_result_that_could_not_be_told_is_told_with_the_same_id_once_more() -> None:
    night = Night()
    night.run(DAY)
    (said,) = night.events.published
    run = load(night.reports, RUN)
    assert run is not None
    save(night.reports, replace(run, stage="tell"))

    night.run(DAY)

    assert night.events.published[1][1]["metadata"]["event_id"] == said[1]["metadata"]["event_id"]


def test_a_store_that_fails_fails_the_call() -> None:
    night = Night()
    night.reports.failures.append(StoreUnavailable("PutObject: SlowDown"))

    with pytest.raises(StoreUnavailable):
        night.run(DAY)


def test_a_project_of_ours_that_is_asked_for_without_a_token_is_named() -> None:
    assert Night().run(DAY, project_id=198).plain() == {"runs": [], "left_out": [198], "done": True}


def test_pages_overlap_by_less_than_they_hold() -> None:
    assert 0 < collect_operations.OVERLAP < collect_operations.PAGE == 1000
