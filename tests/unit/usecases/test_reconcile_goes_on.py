"""A reconciliation that ends before its time, is killed, or reads a list that moves: how it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from payments.domain.errors import DataApiUnavailable, StoreUnavailable
from payments.domain.payment import PaymentKey
from payments.usecases import collect_operations, compare_ledgers
from payments.usecases.reconcile import FRESH
from payments.usecases.reconciliation_run import load, save
from tests.support.fake_ledgers import FakeDataApi
from tests.support.fakes import failing
from tests.unit.usecases.night import DAY, NIGHT, RUN, Night, answer, listed


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 20 rows, of which the next one brings 5 again."""
    monkeypatch.setattr(collect_operations, "PAGE", 20)
    monkeypatch.setattr(collect_operations, "OVERLAP", 5)


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
    assert night.run(DAY).runs[0].trouble == "PutObject: SlowDown"
    run, _ = load(night.reports, RUN) or pytest.fail("nothing is kept")
    assert (run.stage, run.after, run.piece, run.pieces) == ("compare", "order-0001", pieces[0], ())

    assert night.run(DAY).runs[0].stage == "done"

    assert [each["payment_id"] for each in night.differences()] == [f"order-{number:04}" for number in range(5)]
    assert night.summary()["totals"][0]["count_theirs"] == 5


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
    assert night.run(DAY).runs[0].trouble == "PutObject: SlowDown"
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
    run, version = load(night.reports, RUN) or pytest.fail("nothing is kept")
    save(night.reports, replace(run, stage="tell"), version=version)
    night.world.clock.move(3600)

    night.run(DAY)

    assert night.events.published[1] == said


@pytest.mark.parametrize("write", [1, 2, 3, 4, 5])
def test_a_store_that_fails_one_run_is_told_and_lets_the_others_go_on(
    write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(data_api=FakeDataApi({2924: [], 198: []}))
    fault, writes, put = StoreUnavailable("PutObject: SlowDown"), list[str](), night.reports.put

    def failing_once(name: str, content: Any) -> None:
        if "/198/" in name:
            writes.append(name)
            if len(writes) == write:
                raise fault
        put(name, content)

    monkeypatch.setattr(night.reports, "put", failing_once)

    done = night.run(DAY)

    assert {each.project_id: (each.stage == "done", each.trouble) for each in done.runs} == {
        198: (False, "PutObject: SlowDown"),
        2924: (True, ""),
    }
    assert done.failure is fault
    assert [(each.stage, each.trouble) for each in night.run(DAY, project_id=198).runs] == [("done", "")]


def test_a_store_that_cannot_tell_what_there_is_to_do_fails_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night()
    monkeypatch.setattr(night.reports, "names", lambda _: failing(StoreUnavailable("ListObjectsV2: SlowDown"))())

    with pytest.raises(StoreUnavailable):
        night.run()


def test_a_run_of_a_project_that_is_gone_stays_as_it_is_and_rings_no_alarm_for_ever() -> None:
    night = Night()
    night.data_api.before_page.append(failing(DataApiUnavailable("not now")))
    assert night.run(DAY).plain()["done"] is False
    left = night.reports.get(RUN)

    del night.data_api.lists[2924]
    night.world.clock.move(FRESH.total_seconds() + 1)

    assert night.run().plain()["runs"] == []
    assert night.reports.get(RUN) == left


def test_a_project_of_ours_that_is_asked_for_without_a_token_is_named() -> None:
    assert Night().run(DAY, project_id=198).plain() == {"runs": [], "left_out": [198], "done": True}


def test_pages_overlap_by_less_than_they_hold() -> None:
    assert 0 < collect_operations.OVERLAP < collect_operations.PAGE == 1000


@pytest.mark.usefixtures("short_pages")
def test_a_list_that_brings_the_same_page_for_every_offset_is_not_read_for_ever() -> None:
    night = Night()
    rows = [listed(number) for number in range(20)]
    night.data_api.operations = lambda *_, **__: tuple(rows)  # type: ignore[method-assign]  # one list for every question

    (run,) = night.run(DAY).runs

    assert (run.stage, run.trouble) == (
        "theirs",
        "the Data API's list does not go on: a page ends as the one before did",
    )


def test_a_list_of_other_times_than_were_asked_for_ends_in_trouble_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1, at=NIGHT - timedelta(days=30))]
    everything = night.data_api.lists[2924]
    monkeypatch.setattr(FakeDataApi, "operations", lambda *_, **__: tuple(everything))

    (run,) = night.run(DAY).runs

    assert (run.stage, run.trouble) == (
        "theirs",
        "the Data API lists other times than were asked for; see DATA_API_INTERVAL_KEYS",
    )
