"""Interleaved measuring: every contestant runs in every round, so that a slow moment meets all of them."""

import gc
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Round = dict[str, float]
_shuffle = random.Random(1).shuffle


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure of several rounds: the median, and between what the middle half of the rounds lies."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of results."""

    number: str
    what: str
    figure: Spread
    goal: str
    """``<= 1.8`` or ``>= 2.5``; empty where the figure is for orientation."""
    reason: str = ""
    """Why the goal is missed, where that is known."""

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the goal; None without one."""
        if not self.goal:
            return None
        sign, limit = self.goal.split()
        return self.figure.median <= float(limit) if sign == "<=" else self.figure.median >= float(limit)


def spread(values: Iterable[float]) -> Spread:
    """The figure of these rounds; a single one has no spread."""
    seen = list(values)
    if len(seen) == 1:
        return Spread(seen[0], seen[0], seen[0])
    first, _, third = quantiles(seen, n=4)
    return Spread(median(seen), first, third)


def measure_rounds(contestants: dict[str, Callable[[], object]], *, rounds: int = 101, calls: int = 200) -> list[Round]:
    """Return the processor seconds that `calls` calls of each contestant took, round by round."""
    gc.collect()
    return [
        {name: _time_calls(contestants[name], calls) for name in order} for order in orders(list(contestants), rounds)
    ]


def orders(names: Sequence[str], rounds: int) -> Iterable[list[str]]:
    """The contestants in a new order for every round, the same ones in every run."""
    for _ in range(rounds):
        order = list(names)
        _shuffle(order)
        yield order


def compare(measured: list[Round], upper: str, lower: str) -> Spread:
    """Return the ratio of two contestants, taken within each round."""
    return spread(each[upper] / each[lower] for each in measured)


def _time_calls(contestant: Callable[[], object], calls: int) -> float:
    started = time.process_time()
    for _ in range(calls):
        contestant()
    return time.process_time() - started
