"""Interleaved measuring: every contestant runs in every round, so that a slow moment meets all of them."""

import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long one contestant takes as another: median over the rounds, and the middle half of them."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of results."""

    number: str
    what: str
    ratio: Ratio
    goal: str
    met: bool


def measure_rounds(
    contestants: dict[str, Callable[[], object]], *, rounds: int = 101, calls: int = 200
) -> list[dict[str, float]]:
    """Return the processor seconds that `calls` calls of each contestant took, round by round."""
    order = list(contestants.items())
    shuffle = random.Random(1).shuffle
    measured = []
    gc.collect()
    for _ in range(rounds):
        shuffle(order)
        measured.append({name: _time_calls(contestant, calls) for name, contestant in order})
    return measured


def compare(measured: list[dict[str, float]], upper: str, lower: str) -> Ratio:
    """Return the ratio of two contestants, taken within each round."""
    ratios = [times[upper] / times[lower] for times in measured]
    first, _, third = quantiles(ratios, n=4)
    return Ratio(median(ratios), first, third)


def _time_calls(contestant: Callable[[], object], calls: int) -> float:
    started = time.process_time()
    for _ in range(calls):
        contestant()
    return time.process_time() - started
