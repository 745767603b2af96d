"""The provider's whole retry calendar with our endpoint down: nothing is lost, and what the callbacks lose, polls find."""

from __future__ import annotations

import pytest

from local.ecommpay.retry_calendar import TRIES, WITHIN_S
from tests.integration.hostile.outage import DAY, MINUTE, Life, Span

FOR_EVER = Span(0, 1000 * DAY)


@pytest.mark.parametrize("days", [0, 0.001, 0.5, 1, 2, 3, 5, 7, 9, 9.9, 10])
def test_callbacks_alone_survive_an_outage_of_ten_days(days: float) -> None:
    life = Life(endpoint_down=Span(0, MINUTE + days * DAY), schedule_down=FOR_EVER).live(days=12)

    assert life.status == "succeeded"
    assert life.tries <= TRIES
    assert life.known_at is not None
    assert life.known_at - MINUTE <= WITHIN_S


def test_after_twelve_days_the_calendar_is_over_and_callbacks_alone_would_lose_the_payment() -> None:
    life = Life(endpoint_down=Span(0, 12 * DAY), schedule_down=FOR_EVER).live(days=30)

    assert (life.status, life.tries) == ("processing", TRIES)


@pytest.mark.parametrize("page_open_for", [0, DAY, 20 * DAY])
@pytest.mark.parametrize("days", [10.25, 11, 12, 20])
def test_what_was_lost_in_a_longer_outage_is_asked_for_by_the_first_run_of_the_schedule(
    days: float, page_open_for: float
) -> None:
    outage = Span(0, days * DAY)
    life = Life(endpoint_down=outage, schedule_down=outage, page_open_for=page_open_for).live(days=40)

    assert (life.status, life.overdue) == ("succeeded", 1)
    assert life.known_at == max(days * DAY, page_open_for + 2 * MINUTE)


@pytest.mark.parametrize("days", [0.5, 12])
def test_an_endpoint_that_is_down_alone_costs_seconds_because_the_schedule_asks(days: float) -> None:
    life = Life(endpoint_down=Span(0, days * DAY)).live(days=30)

    assert (life.status, life.overdue, life.polls) == ("succeeded", 1, 1)
    assert life.known_at == MINUTE


@pytest.mark.parametrize("decided", [0.1, 3, 10.9])
def test_a_late_decision_whose_callback_is_lost_is_found_as_long_as_the_schedule_asks(decided: float) -> None:
    life = Life(decided_at=decided * DAY, endpoint_down=FOR_EVER).live(days=30)

    assert (life.status, life.overdue) == ("succeeded", 1)
    assert life.known_at is not None
    assert life.known_at - decided * DAY <= 4 * 3600 + MINUTE


def test_a_provider_that_is_out_of_reach_when_we_come_back_is_asked_until_it_answers() -> None:
    outage = Span(0, 12 * DAY)
    life = Life(endpoint_down=outage, schedule_down=outage, gate_down=Span(0, 12.01 * DAY)).live(days=40)

    assert life.status == "succeeded"


@pytest.mark.parametrize("decided", [11.5, 14, 20])
def test_a_decision_after_more_than_eleven_days_whose_callback_is_lost_is_found(decided: float) -> None:
    life = Life(decided_at=decided * DAY, endpoint_down=FOR_EVER).live(days=90)

    assert life.status == "succeeded"


def test_a_payment_that_is_given_up_without_an_end_is_counted_once() -> None:
    life = Life(decided_at=1000 * DAY).live(days=100)

    assert (life.status, life.overdue) == ("processing", 1)
