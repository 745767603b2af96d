"""The refund workflow as a graph: every state reached, every wait bounded, every error name one that exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from payments.domain import errors
from tests.structure.cloud import functions, target, template
from tests.structure.sources import ROOT

State = Mapping[str, Any]
Definition = Mapping[str, Any]

DEFINITION: Definition = yaml.safe_load((ROOT / "statemachines/refund.asl.yaml").read_text(encoding="utf-8"))
MACHINE = template()["Resources"]["RefundWorkflow"]["Properties"]
OF_AWS = re.compile(r"(States|Lambda|SdkClient)\.\w+|Runtime\.ExitError|Sandbox\.Timedout")
#: How Lambda and Step Functions call a function that died, or ran out of time, without a word of its own.
WITHOUT_A_WORD = {"Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout"}


def followers(state: State) -> Iterator[str]:
    """Every state that may come next."""
    choices = [*state.get("Choices", []), *state.get("Catch", [])]
    yield from (each["Next"] for each in (state, *choices) if "Next" in each)
    if "Default" in state:
        yield state["Default"]


def faults(definition: Definition) -> Iterator[str]:
    states: Mapping[str, State] = definition["States"]
    yield from (
        f"{name} leads to {following}, which is no state"
        for name, state in states.items()
        for following in followers(state)
        if following not in states
    )
    yield from (f"{name} is never reached" for name in set(states) - reached(definition))
    yield from (f"{name} is part of a loop that nothing ends" for name in endless(states))
    for name, state in states.items():
        yield from (f"{name} {fault}" for fault in state_faults(state))


def state_faults(state: State) -> Iterator[str]:
    if state["Type"] == "Task":
        if not {"TimeoutSeconds", "TimeoutSecondsPath"} & set(state):
            yield "may take for ever"
        if state["Resource"].endswith(".waitForTaskToken"):
            if "$$.Task.Token" not in json.dumps(state.get("Parameters", {})):
                yield "waits for a token it gives to nobody"
            caught = {error for each in state.get("Catch", []) for error in each["ErrorEquals"]}
            if not caught & {"States.Timeout", "States.ALL"}:
                yield "does not say what happens when nobody calls"
            retried = {error for each in state.get("Retry", []) for error in each["ErrorEquals"]}
            if retried & {"States.Timeout", "States.ALL", "States.TaskFailed"}:
                yield "waits all over again when nobody calls"
    if state["Type"] == "Wait" and not {"Seconds", "SecondsPath"} & set(state):
        yield "waits for something other than a number of seconds"
    for handler in [*state.get("Retry", []), *state.get("Catch", [])]:
        yield from (f"knows no error {error}" for error in handler["ErrorEquals"] if not exists(error))
    if state["Type"] == "Fail" and "Error" in state and not exists(state["Error"]):
        yield f"knows no error {state['Error']}"
    yield from (
        f"repeats {each['ErrorEquals']} without a limit" for each in state.get("Retry", []) if "MaxAttempts" not in each
    )


def exists(error: str) -> bool:
    ours = getattr(errors, error, None)
    return bool(OF_AWS.fullmatch(error)) or (isinstance(ours, type) and issubclass(ours, errors.CheckoutError))


def reached(definition: Definition) -> set[str]:
    seen: set[str] = set()
    waiting = [definition["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name in definition["States"] and name not in seen:
            seen.add(name)
            waiting.extend(followers(definition["States"][name]))
    return seen


def endless(states: Mapping[str, State]) -> Iterator[str]:
    """States that can come back to themselves without a Choice on the way that could end it."""
    for start in states:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            state = states.get(waiting.pop(), {"Type": "Fail"})
            if state["Type"] != "Choice":
                new = set(followers(state)) - seen
                seen |= new
                waiting.extend(new)
        if start in seen:
            yield start


def test_the_workflow_has_no_fault_a_graph_can_show() -> None:
    assert list(faults(DEFINITION)) == []


def test_a_function_that_died_is_tried_again_wherever_that_cannot_pay_twice() -> None:
    tasks = {name: state for name, state in DEFINITION["States"].items() if state["Type"] == "Task"}
    retried = {
        name: [error for each in state["Retry"] for error in each["ErrorEquals"]]
        for name, state in tasks.items()
        if "Retry" in state
    }

    assert set(tasks) - set(retried) == {"RequestRefund"}
    assert [name for name, named in retried.items() if not set(named) >= WITHOUT_A_WORD] == []


def test_whatever_goes_wrong_with_the_request_leads_to_a_check() -> None:
    caught = {
        error: each["Next"] for each in DEFINITION["States"]["RequestRefund"]["Catch"] for error in each["ErrorEquals"]
    }
    assert caught == {"GateRejected": "RecordRefund", "RefundSettled": "RecordRefund", "States.ALL": "WaitBeforeCheck"}


def test_every_state_says_what_it_is_for() -> None:
    named = {name for name, state in DEFINITION["States"].items() if state["Type"] != "Fail"}
    assert {name for name in named if not DEFINITION["States"][name].get("Comment", "").endswith(".")} == set()


def test_the_workflow_is_what_the_states_language_allows() -> None:
    AmazonStateLanguageParser.parse(json.dumps(DEFINITION))


TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 5, "End": True}
WAITS = {**TASK, "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": {"t.$": "$$.Task.Token"}}
TIMED_OUT = {"ErrorEquals": ["States.Timeout"], "Next": "B"}
END = {"Type": "Succeed"}


@pytest.mark.parametrize(
    ("states", "fault"),
    [
        ({"A": {"Type": "Pass", "Next": "C"}}, "A leads to C, which is no state"),
        ({"A": END, "B": END}, "B is never reached"),
        ({"A": {"Type": "Wait", "Seconds": 1, "Next": "A"}}, "A is part of a loop that nothing ends"),
        ({"A": {key: value for key, value in TASK.items() if key != "TimeoutSeconds"}}, "A may take for ever"),
        (
            {"A": {"Type": "Wait", "TimestampPath": "$.at", "End": True}},
            "A waits for something other than a number of seconds",
        ),
        ({"A": {**WAITS}}, "A does not say what happens when nobody calls"),
        (
            {
                "A": {**WAITS, "Catch": [TIMED_OUT], "Retry": [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]},
                "B": END,
            },
            "A waits all over again when nobody calls",
        ),
        ({"A": {**WAITS, "Parameters": {}, "Catch": [TIMED_OUT]}, "B": END}, "A waits for a token it gives to nobody"),
        ({"A": {**TASK, "Catch": [{"ErrorEquals": ["Oops"], "Next": "B"}]}, "B": END}, "A knows no error Oops"),
        ({"A": {"Type": "Fail", "Error": "Money"}}, "A knows no error Money"),
        ({"A": {**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}]}}, "A repeats ['States.ALL'] without a limit"),
    ],
)
def test_a_fault_in_a_workflow_is_seen(states: dict[str, Any], fault: str) -> None:
    assert list(faults({"StartAt": "A", "States": states})) == [fault]


def test_every_substitution_is_made_and_used() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(DEFINITION)))
    assert used == set(MACHINE["DefinitionSubstitutions"])


def test_a_step_has_one_name_in_four_spellings() -> None:
    tasks = {name: state for name, state in DEFINITION["States"].items() if state["Type"] == "Task"}
    for name, state in tasks.items():
        file = f"{re.findall('[A-Z][a-z]*', name)[0].lower()}.py"
        assert f"${{{name}Arn}}" in json.dumps(state)
        assert target(MACHINE["DefinitionSubstitutions"][f"{name}Arn"]) == f"{name}Function"
        assert functions(template())[f"{name}Function"]["Handler"] == file.replace(".py", ".handler")
        assert (ROOT / "functions/refund_workflow" / file).is_file()
    assert {f"{name}Arn" for name in tasks} == set(MACHINE["DefinitionSubstitutions"])


def test_the_workflow_logs_no_task_token() -> None:
    assert MACHINE["Type"] == "STANDARD"
    assert MACHINE["Logging"]["Level"] == "ERROR"
    assert MACHINE["Logging"]["IncludeExecutionData"] is False
