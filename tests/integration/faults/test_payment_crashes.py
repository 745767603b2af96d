"""A crash at every AWS call of every handler of a payment, then what its trigger does about it: QUALITY T4."""

from __future__ import annotations

import pytest

from tests.integration.faults.crashes import calm, every_crash, play_calmly, play_with_crash
from tests.integration.faults.refund_scenarios import REFUND_SCENARIOS
from tests.integration.faults.scenarios import PAYMENT_SCENARIOS, Scenario
from tests.integration.faults.stage import Stage
from tests.support.faults import Fault


@pytest.mark.parametrize("scenario", calm(PAYMENT_SCENARIOS))
def test_a_handler_asks_so_much_of_aws(stage: Stage, scenario: Scenario) -> None:
    play_calmly(stage, scenario)


@pytest.mark.parametrize(("scenario", "number", "fault"), every_crash(PAYMENT_SCENARIOS))
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(
    stage: Stage, scenario: Scenario, number: int, fault: Fault
) -> None:
    play_with_crash(stage, scenario, number, fault)


def test_every_function_that_asks_anything_of_aws_is_killed_somewhere(stage: Stage) -> None:
    killed = {scenario.function for scenario in (*PAYMENT_SCENARIOS, *REFUND_SCENARIOS)}

    # The stream's function dies in test_publishing.py, the report in test_report_crashes.py; of the others, one only
    # reads and one only tells of itself.
    assert {function.logical_id for function in stage.system.template.functions} - killed == {
        "PublishChangesFunction",
        "ReportFunction",
        "GetPaymentFunction",
        "DescribeApiFunction",
    }
