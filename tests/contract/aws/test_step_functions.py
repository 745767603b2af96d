"""The refund workflow's executions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.step_functions import RefundWorkflow
from payments.domain.errors import StoreUnavailable
from tests.contract.aws.conftest import make_client

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund"
DEFINITION = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


def test_an_execution_is_started_with_its_payload(aws: Callable[[str], Any]) -> None:
    client = aws("stepfunctions")
    machine = client.create_state_machine(
        name="ecommpay-refund", definition=json.dumps(DEFINITION), roleArn="arn:aws:iam::123456789012:role/refund"
    )
    workflow = RefundWorkflow(client, machine["stateMachineArn"])

    arn = workflow.start(name="refund-1", payload={"payment_id": "Ünïcödé", "amount": 10_000})

    assert arn == workflow.execution_arn("refund-1")
    assert arn == "arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:refund-1"
    execution = client.describe_execution(executionArn=arn)
    assert json.loads(execution["input"]) == {"payment_id": "Ünïcödé", "amount": 10_000}


def test_an_execution_of_a_name_is_started_once(aws: Callable[[str], Any]) -> None:
    client = aws("stepfunctions")
    machine = client.create_state_machine(
        name="ecommpay-refund", definition=json.dumps(DEFINITION), roleArn="arn:aws:iam::123456789012:role/refund"
    )
    workflow = RefundWorkflow(client, machine["stateMachineArn"])

    first = workflow.start(name="refund-1", payload={"amount": 1})
    again = workflow.start(name="refund-1", payload={"amount": 2})

    assert again == first
    (execution,) = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert json.loads(client.describe_execution(executionArn=execution["executionArn"])["input"]) == {"amount": 1}


@pytest.mark.parametrize("machine", [MACHINE, MACHINE + ":live", MACHINE + ":7"])
def test_an_execution_belongs_to_the_machine_not_to_its_version(machine: str) -> None:
    workflow = RefundWorkflow(make_client("stepfunctions"), machine)

    assert (
        workflow.execution_arn("refund-1") == "arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:refund-1"
    )


def test_an_execution_that_has_ended_is_found_by_its_name() -> None:
    client = make_client("stepfunctions")
    with Stubber(client) as stubber:
        stubber.add_client_error("start_execution", "ExecutionAlreadyExists")

        arn = RefundWorkflow(client, MACHINE).start(name="refund-1", payload={})

    assert arn == "arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:refund-1"


def test_a_waiting_execution_is_woken() -> None:
    client = make_client("stepfunctions")
    with Stubber(client) as stubber:
        stubber.add_response("send_task_success", {}, {"taskToken": "token", "output": '{"refund_id": "refund-1"}'})

        assert RefundWorkflow(client, MACHINE).wake("token", {"refund_id": "refund-1"}) is True


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_an_execution_that_does_not_wait_is_not_woken(code: str) -> None:
    client = make_client("stepfunctions")
    with Stubber(client) as stubber:
        stubber.add_client_error("send_task_success", code)

        assert RefundWorkflow(client, MACHINE).wake("token", {}) is False


@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceUnavailable", "StateMachineDoesNotExist"])
def test_whatever_else_is_refused_is_unavailable(code: str) -> None:
    client = make_client("stepfunctions")
    workflow = RefundWorkflow(client, MACHINE)
    with Stubber(client) as stubber:
        stubber.add_client_error("start_execution", code)
        stubber.add_client_error("send_task_success", code)

        with pytest.raises(StoreUnavailable, match=f"StartExecution: {code}"):
            workflow.start(name="refund-1", payload={})
        with pytest.raises(StoreUnavailable, match=f"SendTaskSuccess: {code}"):
            workflow.wake("token", {})
