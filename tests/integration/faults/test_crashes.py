"""A crash before and after every AWS call of every handler, then what its trigger does about it: QUALITY T4."""

from __future__ import annotations

import pytest

from tests.integration.faults.refund_scenarios import REFUND_SCENARIOS
from tests.integration.faults.scenarios import PAYMENT_SCENARIOS, Scenario, play
from tests.integration.faults.stage import HEAVIER, Stage
from tests.support.faults import CRASHES, Fault, on_call

SCENARIOS = (*PAYMENT_SCENARIOS, *REFUND_SCENARIOS)
NAMED = [pytest.param(scenario, id=scenario.name) for scenario in SCENARIOS]
READS = {"GetSecretValue", "GetItem", "Query", "BatchGetItem"}


def crashes(operation: str) -> tuple[Fault, ...]:
    """Before and after; a crash after a read leaves what one before it leaves, so the quick run takes one of the two."""
    return CRASHES[:1] if operation in READS and HEAVIER == 1 else CRASHES


EVERY_CRASH = [
    pytest.param(scenario, number, fault, id=f"{scenario.name}-{number}-{operation}-{fault.name.lower()}")
    for scenario in SCENARIOS
    for number, operation in enumerate(scenario.calls, start=1)
    for fault in crashes(operation)
]


@pytest.mark.parametrize("scenario", NAMED)
def test_a_handler_asks_so_much_of_aws(stage: Stage, scenario: Scenario) -> None:
    record = play(stage, scenario, f"calm-{scenario.name}", lambda _: None, most=1)

    assert tuple(record.operations(scenario.function)[: len(scenario.calls)]) == scenario.calls
    if scenario.name != "check-pending-refund":  # its execution runs beside it and may be asked for again
        assert len(record.operations(scenario.function)) == len(scenario.calls)


@pytest.mark.parametrize(("scenario", "number", "fault"), EVERY_CRASH)
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(
    stage: Stage, scenario: Scenario, number: int, fault: Fault
) -> None:
    payment_id = f"{scenario.name}-{number}-{fault.name.lower()}"

    record = play(stage, scenario, payment_id, on_call(scenario.function, number, fault), most=3)

    assert [(each.number, what) for each, what in record.injected] == [(number, fault)]
