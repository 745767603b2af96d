"""Ten thousand payments with callbacks in random order: no difference after the replay, in time that grows with them."""

from __future__ import annotations

import gc
import statistics
import time
from typing import Any

from tests.integration.hostile.load import IndexedStore, loaded_store, replay_all
from tests.support.measures import FIGURE

FEW, MANY = 1_000, 10_000
ROUNDS = 5
#: R6: ten times as much may take eleven times as long.
GOAL = 11.0


def test_ten_thousand_payments_are_replayed_in_linear_time_without_a_difference(record_property: Any) -> None:
    few, callbacks_of_few = loaded_store(FEW, seed=1)
    many, callbacks = loaded_store(MANY, seed=2)
    gc.collect()
    gc.freeze()  # what the load left behind is not the replay's to sweep
    try:
        # Side by side, for a machine that others use is slower for minutes at a time.
        ratio = statistics.median(_seconds(many, MANY) / _seconds_of_few(few) for _ in range(ROUNDS))
    finally:
        gc.unfreeze()
    told = (
        f"replay of {MANY} payments, {callbacks} callbacks: 0 differences; "
        f"time against {FEW} payments, {callbacks_of_few} callbacks: {ratio:.2f} (goal {GOAL:g})"
    )
    record_property(FIGURE, told)
    assert ratio <= GOAL, told


def _seconds_of_few(store: IndexedStore) -> float:
    """As `_seconds`, of as many replays as make the larger one."""
    return statistics.median(_seconds(store, FEW) for _ in range(MANY // FEW))


def _seconds(store: IndexedStore, payments: int) -> float:
    """Processor time of one whole replay that has found nothing."""
    started = time.process_time()
    checked, differences = replay_all(store)
    taken = time.process_time() - started
    assert (checked, differences) == (payments, [])
    return taken
