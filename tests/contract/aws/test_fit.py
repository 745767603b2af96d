"""The parts made of AWS and the fakes of the tests fit the ports; the type checker does the comparing."""

from __future__ import annotations

from payments.aws import clients
from payments.aws.dead_letters import DeadLetterBucket
from payments.aws.dynamodb import DynamoStore
from payments.aws.events import EventBus
from payments.aws.key_uses import KeyUseTable
from payments.aws.operators import OperatorsTopic
from payments.aws.report_store import ReportBucket
from payments.aws.secrets import SecretProjects
from payments.aws.step_functions import RefundWorkflow
from payments.ports import DataApi, DeadLetters, Events, Gate, KeyUses, Operators, Projects, Reports, Store, Workflow
from tests.support.fake_ledgers import FakeDataApi, FakeReports
from tests.support.fakes import (
    FakeDeadLetters,
    FakeEvents,
    FakeGate,
    FakeKeyUses,
    FakeOperators,
    FakeProjects,
    FakeStore,
    FakeWorkflow,
)


def aws_parts() -> tuple[Store, Projects, Workflow, Events, Operators, DeadLetters, KeyUses, Reports]:
    return (
        DynamoStore(clients.dynamodb(), "table"),
        SecretProjects(clients.secrets_manager(), "secret"),
        RefundWorkflow(clients.step_functions(), "arn"),
        EventBus(clients.event_bridge(), "default"),
        OperatorsTopic(clients.sns(), "arn"),
        DeadLetterBucket(clients.s3(), "bucket"),
        KeyUseTable(clients.dynamodb(), "table"),
        ReportBucket(clients.s3(), "bucket"),
    )


def fakes() -> tuple[Store, Gate, Projects, Workflow, Events, Operators, DeadLetters, KeyUses, Reports, DataApi]:
    return (
        FakeStore(),
        FakeGate(),
        FakeProjects(),
        FakeWorkflow(),
        FakeEvents(),
        FakeOperators(),
        FakeDeadLetters(),
        FakeKeyUses(),
        FakeReports(),
        FakeDataApi(),
    )


def test_the_fakes_can_be_made_without_anything() -> None:
    assert len(fakes()) == 10
