"""The days of a report are the merchant's: where they begin, which changes may concern them, what they are called."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from payments.domain.period import Period, day_before

NAIROBI, BERLIN, HONOLULU = ZoneInfo("Africa/Nairobi"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Honolulu")
DAY = date(2026, 11, 21)


def test_a_day_is_that_of_the_merchants_clock() -> None:
    period = Period(DAY, DAY, NAIROBI)

    assert (period.since, period.until) == (
        datetime(2026, 11, 20, 21, tzinfo=UTC),
        datetime(2026, 11, 21, 21, tzinfo=UTC),
    )


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_on_which_clocks_change_is_shorter_or_longer(day: date, hours: int) -> None:
    period = Period(day, day, BERLIN)

    assert period.until - period.since == timedelta(hours=hours)


def test_days_meet_without_a_gap_and_without_sharing_a_moment() -> None:
    first, second = (Period(day, day, BERLIN) for day in (date(2026, 10, 24), date(2026, 10, 25)))

    assert first.until == second.since
    assert (first.until in first, first.until in second, first.since in first) == (False, True, True)


def test_a_period_is_named_by_both_its_days() -> None:
    assert str(Period(date(2026, 11, 1), date(2026, 11, 30), UTC)) == "2026-11-01_2026-11-30"


@pytest.mark.parametrize(
    ("zone", "day"), [(NAIROBI, date(2026, 11, 21)), (HONOLULU, date(2026, 11, 20)), (UTC, date(2026, 11, 20))]
)
def test_the_day_before_is_the_last_whole_one_there(zone: ZoneInfo, day: date) -> None:
    late_evening_of_utc = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)

    assert day_before(late_evening_of_utc, zone) == Period(day, day, zone)


def test_changes_of_a_period_are_looked_for_from_the_day_before_it_until_today() -> None:
    now = datetime(2026, 11, 23, 1, tzinfo=UTC)

    days = list(Period(DAY, DAY, NAIROBI).change_days(now=now))

    assert days == [date(2026, 11, day) for day in (19, 20, 21, 22, 23)]


def test_a_period_that_lies_ahead_has_no_changes() -> None:
    assert list(Period(DAY, DAY, UTC).change_days(now=datetime(2026, 11, 1, tzinfo=UTC))) == []
