"""What the cost sheet says a payment takes is what it takes: counted here again, and the same to the last call."""

from __future__ import annotations

from typing import Any

import pytest

from local.cost.bill import read_lives
from local.cost.lives import count_lives

#: Bytes depend on the length of a few numbers in texts.
NEARLY = {"stored_bytes", "answered_bytes", "log_bytes"}
TOLERANCE = 0.03


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    return count_lives()


@pytest.mark.parametrize("life", ["payment", "refund"])
def test_a_life_takes_what_the_cost_sheet_says(counted: dict[str, Any], life: str) -> None:
    kept = read_lives()[life]

    assert exact(counted[life]) == exact(kept), "if this is meant: make cost COUNT=yes"
    for name in NEARLY:
        assert counted[life][name] == pytest.approx(kept[name], rel=TOLERANCE), name


def exact(life: dict[str, Any]) -> dict[str, Any]:
    return {name: taken for name, taken in life.items() if name not in NEARLY}


def test_both_lives_are_whole(counted: dict[str, Any]) -> None:
    assert counted["payment"]["requests"]["POST /callbacks/ecommpay"] == 3
    assert counted["payment"]["calls"]["PublishChangesFunction PutEvents"] == 1
    assert counted["refund"]["calls"]["PublishChangesFunction SendTaskSuccess"] == 1
    assert (counted["payment"]["gate_requests"], counted["refund"]["gate_requests"]) == (1, 1)
