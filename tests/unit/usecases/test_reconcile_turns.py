"""Whose turn it is when several runs have not ended: none is kept waiting for ever by others that get nowhere."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from payments.domain.errors import DataApiUnavailable
from payments.usecases.reconcile import FRESH, Reconciled
from payments.usecases.reconciliation_run import load
from tests.support.fake_ledgers import FakeDataApi
from tests.unit.usecases.night import DAY, NIGHT, RUN, Night

OCTOBER = tuple(date(2026, 10, number) for number in (1, 2, 3))
NIGHTS = ["2026-11-19", "2026-11-20", "2026-11-21"]


class Stuck(FakeDataApi):
    """A list that tries for five and a half minutes whatever is asked of October, and then this happens."""

    def __init__(self, night: Night, happening: BaseException) -> None:
        super().__init__({2924: []})
        self.night, self.happening = night, happening
        self.tried: list[int] = []

    def operations(self, project_id: int, *, since: datetime, **parts: Any) -> Any:
        """A page, or none."""
        if since.date() > OCTOBER[-1]:
            return super().operations(project_id, since=since, **parts)
        self.tried.append((since + timedelta(hours=1)).day)
        self.night.world.clock.move(330)
        raise self.happening


def begun(happening: BaseException) -> tuple[Night, Stuck]:
    """Days of October that were begun, one after the other, and got nowhere."""
    night = Night()
    night.data_api = stuck = Stuck(night, happening)
    for day in OCTOBER:
        with suppress(SystemExit):
            night.run(day)
    stuck.tried.clear()
    return night, stuck


def ended(reconciled: Reconciled) -> list[str]:
    return [each.first.isoformat() for each in reconciled.runs if each.stage == "done"]


def test_the_next_nights_are_not_kept_waiting_by_runs_that_are_always_in_trouble() -> None:
    night, stuck = begun(DataApiUnavailable("not now"))

    assert ended(night.run()) == NIGHTS
    assert stuck.tried == [1, 2]


def test_of_runs_that_take_all_the_time_each_has_its_turn() -> None:
    night, stuck = begun(DataApiUnavailable("not now"))

    for _ in range(3):
        night.run()

    assert stuck.tried == [1, 2, 3, 1, 2, 3]


def test_of_runs_that_a_call_was_killed_over_each_has_its_turn() -> None:
    night, stuck = begun(SystemExit())

    for _ in range(4):
        with pytest.raises(SystemExit):
            night.run()

    assert stuck.tried == [1, 2, 3, 1]
    assert [detail["data"]["reconciliation"]["from"] for _, detail in night.events.published] == NIGHTS


def test_a_run_that_there_was_no_time_for_has_not_had_its_turn() -> None:
    night = Night(seconds=300)

    (run,) = night.run(DAY).runs

    kept, _ = load(night.reports, RUN) or pytest.fail("nothing is kept")
    assert (run.stage, run.trouble, kept.worked_at) == ("theirs", "", None)


@pytest.mark.parametrize(("behind", "anew"), [(timedelta(0), False), (timedelta(seconds=1), True)])
def test_a_run_whose_pages_will_soon_be_forgotten_begins_anew(behind: timedelta, *, anew: bool) -> None:
    night, _ = begun(DataApiUnavailable("not now"))
    name = f"progress/runs/2924/{OCTOBER[0]}_{OCTOBER[0]}.json"
    night.world.clock.now = now = NIGHT + FRESH + behind

    night.run()

    kept, _ = load(night.reports, name) or pytest.fail("nothing is kept")
    assert kept.begun_at == (now if anew else NIGHT)
