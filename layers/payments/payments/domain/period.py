"""The days a report is about, as the merchant's calendar has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

#: An operation is changed here once it has happened there; so far the two clocks may disagree.
_CLOCKS_DISAGREE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of the first day to the end of the last one, both in the merchant's time zone."""

    first: date
    last: date
    zone: tzinfo

    @property
    def since(self) -> datetime:
        """Its first moment, in UTC."""
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment behind it, in UTC."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    def __contains__(self, at: datetime) -> bool:
        return self.since <= at < self.until

    def __str__(self) -> str:
        """Both days, as names of reports have them: ``2026-11-21_2026-11-21``."""
        return f"{self.first}_{self.last}"

    def change_days(self, *, now: datetime) -> Iterator[date]:
        """The days of UTC, earliest first, on which a payment changed last if anything of it lies in the period.

        What happened in the period was written down then or later, so they go on until today.
        """
        day = (self.since - _CLOCKS_DISAGREE).date()
        while day <= now.astimezone(UTC).date():
            yield day
            day += timedelta(days=1)


def day_before(now: datetime, zone: tzinfo) -> Period:
    """The last whole day."""
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    return Period(yesterday, yesterday, zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
