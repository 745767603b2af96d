"""The retry calendar's arithmetic."""

import pytest

from local.ecommpay.retry_calendar import PAUSES, WITHIN_S, moments, pause_after


@pytest.mark.parametrize(
    ("tries", "pause_s"),
    [
        (1, 10),
        (6, 10),
        (7, 84.049),
        (8, 85.735),
        (20, 131.304),
        (50, 1906.661),
        (67, 12680.591),
        (68, 14193.862),
        (69, 14400),
        (119, 14400),
    ],
)
def test_pauses_grow_from_ten_seconds_to_four_hours(tries: int, pause_s: float) -> None:
    assert pause_after(tries) == pytest.approx(pause_s, abs=0.001)


def test_there_are_at_most_120_tries_within_eleven_days() -> None:
    assert len(moments()) == 120
    assert len(PAUSES) == 119
    assert moments()[:8] == pytest.approx([0, 10, 20, 30, 40, 50, 60, 144.049], abs=0.001)
    assert 9.5 * 86400 < moments()[-1] <= WITHIN_S
