"""A crash at every AWS call of every handler of a refund, then what its trigger does about it: QUALITY T4."""

from __future__ import annotations

import pytest

from tests.integration.faults.crashes import calm, every_crash, play_calmly, play_with_crash
from tests.integration.faults.refund_scenarios import REFUND_SCENARIOS
from tests.integration.faults.scenarios import Scenario
from tests.integration.faults.stage import Stage
from tests.support.faults import Fault


@pytest.mark.parametrize("scenario", calm(REFUND_SCENARIOS))
def test_a_handler_asks_so_much_of_aws(stage: Stage, scenario: Scenario) -> None:
    play_calmly(stage, scenario)


@pytest.mark.parametrize(("scenario", "number", "fault"), every_crash(REFUND_SCENARIOS))
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(
    stage: Stage, scenario: Scenario, number: int, fault: Fault
) -> None:
    play_with_crash(stage, scenario, number, fault)
