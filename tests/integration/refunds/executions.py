"""Executions of the refund workflow: started as the console starts them, stopped, redriven, and read as a person reads.

moto knows no redrive, so one is made of what AWS documents: the same definition goes on from the state that did not end
well, with that state's input, and ``$$.Execution.Id`` is still the first execution's. Only the ARN under which it is
looked at is another one here.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.cloudformation import ACCOUNT_ID
from local.system import LocalSystem
from tests.support.local_system import ended_execution, start_execution

Event = Mapping[str, Any]
ITS_OWN_ID = '"execution.$": "$$.Execution.Id"'


@dataclass
class Executions:
    """All executions of one system."""

    system: LocalSystem
    _machines: dict[str, str] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def start(self, payment_id: str, **more: Any) -> str:
        """The ARN of an execution with an invented name."""
        return start_execution(self.system, {"payment_id": payment_id, **more})

    def start_brief(self, payment_id: str) -> str:
        """The same by a machine that tries once more only, where ours does so for half a minute."""
        definition = json.loads(self.system.template.state_machines[0].definition)
        for state in definition["States"].values():
            for retry in state.get("Retry", ()):
                retry["MaxAttempts"] = 1
        answer = self.system.connect("stepfunctions").start_execution(
            stateMachineArn=self.make("brief", definition), input=json.dumps({"payment_id": payment_id})
        )
        return str(answer["executionArn"])

    def stop(self, execution: str) -> None:
        """As an operator stops it by hand."""
        self.system.connect("stepfunctions").stop_execution(executionArn=execution, error="Stopped", cause="By hand.")

    def end(self, execution: str) -> dict[str, Any]:
        """Status, and output or error and cause, once it has ended."""
        return ended_execution(self.system, execution)

    def history(self, execution: str) -> list[Event]:
        """What the console shows of it, oldest first."""
        pages = self.system.connect("stepfunctions").get_paginator("get_execution_history")
        return [event for page in pages.paginate(executionArn=execution) for event in page["events"]]

    def running(self) -> list[str]:
        """The ARNs of all executions that have not ended."""
        client = self.system.connect("stepfunctions")
        answers = (
            client.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=1000)
            for machine in (self.system.state_machine_arn, *self._machines.values())
        )
        return [each["executionArn"] for answer in answers for each in answer["executions"]]

    def redrive(self, execution: str) -> str:
        """Go on with an execution that did not end well, by our own machine; the ARN under which it goes on."""
        state, state_input = unfinished(self.history(execution))
        answer = self.system.connect("stepfunctions").start_execution(
            stateMachineArn=self._starting_at(state, execution), input=state_input
        )
        return str(answer["executionArn"])

    def _starting_at(self, state: str, execution: str) -> str:
        text = self.system.template.state_machines[0].definition
        definition = json.loads(text.replace(ITS_OWN_ID, f'"execution": "{execution}"'))
        # Only the state that asks for the execution's id needs a machine for this one execution.
        needs_id = execution in json.dumps(definition["States"][state])
        name = f"{state}-{execution.rpartition(':')[2]}"[:80] if needs_id else state
        return self.make(name, {**definition, "StartAt": state})

    def make(self, name: str, definition: Mapping[str, Any]) -> str:
        """The ARN of a machine of this name, made when it is first asked for."""
        with self._making:
            if name not in self._machines:
                made = self.system.connect("stepfunctions").create_state_machine(
                    name=name, definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/local"
                )
                self._machines[name] = made["stateMachineArn"]
            return self._machines[name]


def entered(history: Iterable[Event]) -> list[str]:
    """The states an execution went through, in order."""
    return [each["stateEnteredEventDetails"]["name"] for each in history if "stateEnteredEventDetails" in each]


def inputs_of(state: str, history: Iterable[Event]) -> list[Any]:
    """What a state was given, each time it was entered."""
    details = (each["stateEnteredEventDetails"] for each in history if "stateEnteredEventDetails" in each)
    return [json.loads(each["input"]) for each in details if each["name"] == state]


def unfinished(history: Iterable[Event]) -> tuple[str, str]:
    """The state in which an execution ended, and its input; a Fail state counts, AWS enters it again."""
    last: tuple[str, str] = ("", "")
    for event in history:
        if "stateEnteredEventDetails" in event:
            details = event["stateEnteredEventDetails"]
            last = (details["name"], details["input"])
    return last
