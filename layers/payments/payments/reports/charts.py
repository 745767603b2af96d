"""The shapes of the page's charts, in the units of their drawings; the template only sets them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payments.reports.picture import Hour

#: The drawing of the hours: its columns stand on a floor, and hours are written below it.
HEIGHT, STEP, COLUMN, LEFT = 140, 29, 19, 44


@dataclass(frozen=True, slots=True)
class HourColumn:
    """One hour: where its column stands, and how high the paid part and the whole are."""

    hour: int
    x: int
    whole: float
    paid: float


@dataclass(frozen=True, slots=True)
class HourChart:
    """The columns of a day, and the lines that tell how high they are: (height, what it stands for)."""

    columns: tuple[HourColumn, ...]
    lines: tuple[tuple[float, int], ...]
    width: int = LEFT + 24 * STEP
    height: int = HEIGHT


def hour_chart(hours: Sequence[Hour]) -> HourChart:
    """The chart of these hours; with nothing in them it has a floor and no columns."""
    top = _round_top(max(hour.created for hour in hours))
    columns = tuple(
        HourColumn(at, LEFT + at * STEP, _scaled(hour.created, top), _scaled(hour.paid, top))
        for at, hour in enumerate(hours)
    )
    marks = sorted({top, top // 2} - {0})
    return HourChart(columns, tuple((_scaled(mark, top), mark) for mark in marks))


def share(part: int, whole: int) -> int:
    """The part in whole percent; what is there at all is never 0."""
    return max(1, round(100 * part / whole)) if part and whole else 0


def _scaled(count: int, top: int) -> float:
    return round(HEIGHT * count / top, 1)


def _round_top(largest: int) -> int:
    """The next number that reads well: 2, 4, 6, 8 or 10 times a power of ten."""
    power = 1
    while power * 10 < largest:
        power *= 10
    return next((steps * power for steps in (2, 4, 6, 8, 10) if steps * power >= largest), 2)
