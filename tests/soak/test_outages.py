"""Every outage of up to twenty days, hour by hour, at every moment of a payment's life: none loses a payment."""

from __future__ import annotations

from typing import Any

import pytest

from local.ecommpay.retry_calendar import TRIES, moments
from tests.integration.hostile.outage import DAY, Life, Span
from tests.support.measures import FIGURE

HOUR = 3600
DECIDED = [0.5, 61, 3 * HOUR, DAY + 7, 6 * DAY]


@pytest.mark.parametrize("decided_at", DECIDED)
def test_callbacks_alone_survive_every_outage_of_up_to_ten_days(decided_at: float, record_property: Any) -> None:
    never = Span(0, 1000 * DAY)
    tries = []
    for hours in range(241):
        life = Life(decided_at=decided_at, endpoint_down=Span(0, decided_at + hours * HOUR), schedule_down=never)
        life.live(days=30)
        assert life.status == "succeeded", hours
        tries.append(life.tries)

    assert tries == sorted(tries)
    assert tries[-1] <= TRIES
    told = f"decided after {decided_at:g} s, callbacks alone, down 0-10 days: 241 outages"
    record_property(FIGURE, f"{told}, 0 lost, at most {tries[-1]} tries of {TRIES}")


@pytest.mark.parametrize("page_open_for", [0, DAY])
@pytest.mark.parametrize("decided_at", DECIDED)
def test_with_the_schedule_every_outage_of_up_to_twenty_days_is_survived(
    decided_at: float, page_open_for: float, record_property: Any
) -> None:
    """The whole installation is down, from before the decision or from the middle of the calendar on."""
    lives = polled = 0
    for since in (0, decided_at, *(decided_at + moments()[place] - 1 for place in (1, 6, 40))):
        for hours in range(0, 481, 5):
            outage = Span(since, since + hours * HOUR)
            life = Life(decided_at=decided_at, endpoint_down=outage, schedule_down=outage, page_open_for=page_open_for)
            life.live(days=60)
            assert life.status == "succeeded", (since, hours)
            lives, polled = lives + 1, polled + life.overdue

    told = f"decided after {decided_at:g} s, page open for {page_open_for} s, all down 0-20 days: {lives} outages"
    record_property(FIGURE, f"{told}, 0 lost, {polled} found by a poll")
