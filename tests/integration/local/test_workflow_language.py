"""The parts of the Amazon States Language that our workflow stands on, run for real."""

from typing import Any

import pytest

from local.system import LocalSystem
from tests.support.local_system import ended_execution, start_execution


@pytest.mark.parametrize(
    ("execution_input", "end"),
    [
        pytest.param(
            {"try": "nothing known"},
            {"status": "FAILED", "error": "UnknownTry", "cause": "The input names nothing to try."},
            id="Choice with Default, Fail with Error and Cause",
        ),
        pytest.param(
            {"try": "invoke", "fail_with": ""},
            {"status": "SUCCEEDED", "output": {"try": "invoke", "fail_with": ""}},
            id="ResultPath null keeps the input",
        ),
        pytest.param(
            {"try": "invoke", "fail_with": "Not today"},
            {"status": "FAILED", "error": "ThingRefused", "cause": "Not today"},
            id="Catch by name, States.StringToJson, Fail with ErrorPath and CausePath",
        ),
        pytest.param(
            {"try": "pause", "pause_s": 1},
            {"status": "SUCCEEDED", "output": {"try": "pause", "pause_s": 1}},
            id="Wait with SecondsPath",
        ),
        pytest.param(
            {"try": "wait", "fail_with": "", "timeout_s": 1},
            {
                "status": "SUCCEEDED",
                "output": {
                    "try": "wait",
                    "fail_with": "",
                    "timeout_s": 1,
                    "error": {"Error": "States.Timeout", "Cause": ""},
                    "ended": "timed out",
                },
            },
            id="TimeoutSecondsPath and Catch of States.Timeout",
        ),
    ],
)
def test_a_feature_behaves_as_in_aws(system: LocalSystem, execution_input: Any, end: dict[str, Any]) -> None:
    assert ended_execution(system, start_execution(system, execution_input)) == end


def test_an_error_raised_while_a_token_is_handed_over_is_caught_by_its_name(system: LocalSystem) -> None:
    execution = start_execution(system, {"try": "wait", "fail_with": "no", "timeout_s": 60})

    output = ended_execution(system, execution)["output"]
    assert output["ended"] == "refused"
    assert output["error"]["Error"] == "ThingRefused"
    assert '"errorMessage":"no"' in output["error"]["Cause"]


def test_the_history_tells_each_step(system: LocalSystem) -> None:
    execution = start_execution(system, {"try": "invoke", "fail_with": ""})
    ended_execution(system, execution)

    events = system.connect("stepfunctions").get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
