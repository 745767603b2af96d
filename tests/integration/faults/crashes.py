"""A crash before and after every AWS call of a handler, as parameters of tests: QUALITY T4."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.integration.faults.scenarios import Scenario, play
from tests.integration.faults.stage import HEAVIER, Stage
from tests.support.faults import CRASHES, Fault, on_call

CALM_MOMENTS = 5
#: Of the longest scenario, seconds for each crash, the quick run takes every third call.
MANY_CALLS, EVERY = 20, 3
READS = {"GetSecretValue", "GetItem", "Query", "BatchGetItem", "ListObjectsV2", "GetObject"}


def calm(scenarios: Iterable[Scenario]) -> list[Any]:
    """Each scenario by its name."""
    return [pytest.param(scenario, id=scenario.name) for scenario in scenarios]


def every_crash(scenarios: Iterable[Scenario]) -> list[Any]:
    """Scenario, number of the call, and what kills the handler there."""
    return [
        pytest.param(scenario, number, fault, id=f"{scenario.name}-{number}-{operation}-{fault.name.lower()}")
        for scenario in scenarios
        for number, operation in enumerate(scenario.calls, start=1)
        if HEAVIER > 1 or len(scenario.calls) <= MANY_CALLS or number % EVERY == 0
        for fault in _crashes(operation)
    ]


def _crashes(operation: str) -> tuple[Fault, ...]:
    """Before and after; a crash after a read leaves what one before it leaves, so the quick run takes one of the two.

    Of the many objects that a reconciliation writes one after the other, a crash before one is a crash after the last.
    """
    if HEAVIER > 1:
        return CRASHES
    return CRASHES[:1] if operation in READS else CRASHES[1:] if operation == "PutObject" else CRASHES


def play_calmly(stage: Stage, scenario: Scenario) -> None:
    """Without any fault the handler asks of AWS what the scenario says, so that no call is left out of the crashes.

    The platform calls back meanwhile, and a write that comes second is read and tried again; not every time, though.
    """
    asked: tuple[str, ...] = ()
    for moment in range(CALM_MOMENTS):
        record = play(stage, scenario, f"calm-{moment}-{scenario.name}", lambda _: None, most=1)
        asked = tuple(record.operations(scenario.function))
        if scenario.name == "check-pending-refund":  # its execution runs beside it and may be asked for again
            asked = asked[: len(scenario.calls)]
        if asked == scenario.calls:
            return
    raise AssertionError(f"{scenario.name}: {asked}")


def play_with_crash(stage: Stage, scenario: Scenario, number: int, fault: Fault) -> None:
    """The handler dies at this call of its first invocation, and what its trigger does about it ends well."""
    payment_id = f"{scenario.name}-{number}-{fault.name.lower()}"

    record = play(stage, scenario, payment_id, on_call(scenario.function, number, fault), most=3)

    injected = [(each.number, what) for each, what in record.injected]
    assert injected == [(number, fault)], f"{scenario.name}: {injected}"
