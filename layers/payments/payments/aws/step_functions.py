"""The refund workflow's executions: start one, name one, wake one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from payments.aws.failures import error_code, unavailable_when_failing

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: The execution does not wait for this token, or not any more.
_NOT_WAITING = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class RefundWorkflow:
    """`payments.ports.Workflow` on one state machine."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, *, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution, or find the one of that name, and answer its ARN."""
        with unavailable_when_failing("StartExecution"):
            try:
                answer = self._client.start_execution(
                    stateMachineArn=self._state_machine_arn, name=name, input=json.dumps(payload)
                )
            except ClientError as error:
                # It has ended, or was started with another input; while it runs, the same start just succeeds.
                if error_code(error) != "ExecutionAlreadyExists":
                    raise
                return self.execution_arn(name)
        return answer["executionArn"]

    def execution_arn(self, name: str) -> str:
        """The ARN an execution of that name has."""
        # arn:aws:states:region:account:stateMachine:refund, perhaps with a version or an alias behind it
        *service, _, machine = self._state_machine_arn.split(":")[:7]
        return ":".join((*service, "execution", machine, name))

    def wake(self, task_token: str, output: Mapping[str, Any]) -> bool:
        """Let a waiting execution go on; False when it does not wait any more."""
        with unavailable_when_failing("SendTaskSuccess"):
            try:
                self._client.send_task_success(taskToken=task_token, output=json.dumps(output))
            except ClientError as error:
                if error_code(error) not in _NOT_WAITING:
                    raise
                return False
        return True
