"""A function may do exactly what its code does: no more, so that a mistake stays small, and no less, so that it works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.structure.cloud import (
    Template,
    as_list,
    entry_point,
    functions,
    grants,
    policies,
    statements,
    target,
    template,
    variables,
)
from tests.structure.needs import needs_of, variables_of
from tests.structure.sources import Module
from tests.support.fake_ledgers import FOLDERS

Grants = set[tuple[str, str]]

TABLE, BUCKET, REPORTS = "PaymentsTable", "DeadLetterBucket", "ReportBucket"

#: What a method of a port asks of AWS.
ASKS: dict[str, Grants] = {
    "store.read": {("dynamodb:GetItem", TABLE)},
    "store.find": {("dynamodb:Query", TABLE)},
    "store.read_for_message": {("dynamodb:BatchGetItem", TABLE)},
    "store.save": {("dynamodb:PutItem", TABLE)},
    "store.keep": {("dynamodb:PutItem", TABLE)},
    "store.redact": {("dynamodb:UpdateItem", TABLE)},
    "store.message": {("dynamodb:GetItem", TABLE)},
    "store.messages": {("dynamodb:Query", TABLE)},
    "store.idempotent": {("dynamodb:GetItem", TABLE)},
    "store.select": {
        ("dynamodb:Query", f"{TABLE}/index/by_creation"),
        ("dynamodb:Query", f"{TABLE}/index/by_status"),
        ("dynamodb:BatchGetItem", TABLE),
    },
    "store.due": {("dynamodb:Query", f"{TABLE}/index/due"), ("dynamodb:BatchGetItem", TABLE)},
    "key_uses.note": {("dynamodb:UpdateItem", TABLE)},
    "key_uses.listed": {("dynamodb:Query", TABLE)},
    "store.changed_on": {("dynamodb:Query", f"{TABLE}/index/by_change"), ("dynamodb:BatchGetItem", TABLE)},
    "workflow.start": {("states:StartExecution", "RefundWorkflow")},
    "workflow.execution_arn": set(),
    "workflow.wake": {("states:SendTaskSuccess", "RefundWorkflow")},
    "events.publish": {("events:PutEvents", "event-bus/${EventBusName}")},
    "operators.notify": {
        ("sns:Publish", "OperatorsTopic"),
        ("kms:GenerateDataKey", "OperatorsKey"),
        ("kms:Decrypt", "OperatorsKey"),
    },
    "dead_letters.names": {("s3:ListBucket", BUCKET)},
    "dead_letters.records": {("s3:GetObject", f"{BUCKET}/*")},
    "dead_letters.delete": {("s3:DeleteObject", f"{BUCKET}/*")},
    "reports.put": {("s3:PutObject", f"{REPORTS}/*")},
    # S3 reads what it compares a version with, and the version that was written is read where an answer was lost.
    "reports.put_over": {("s3:PutObject", f"{REPORTS}/*"), ("s3:GetObject", f"{REPORTS}/*")},
    # Without the right to list, S3 would answer 403 for a name that is not there.
    "reports.get": {("s3:GetObject", f"{REPORTS}/*"), ("s3:ListBucket", REPORTS)},
    "reports.get_with_version": {("s3:GetObject", f"{REPORTS}/*"), ("s3:ListBucket", REPORTS)},
    "reports.names": {("s3:ListBucket", REPORTS)},
}
#: What Lambda does in the name of a function that a stream feeds. SAM would allow it for every stream of the account, so
#: such a function has a role of ours.
IS_FED: Grants = {
    ("dynamodb:DescribeStream", TABLE),
    ("dynamodb:GetRecords", TABLE),
    ("dynamodb:GetShardIterator", TABLE),
    ("dynamodb:ListStreams", TABLE),
    ("s3:PutObject", f"{BUCKET}/*"),
    ("s3:ListBucket", BUCKET),
}
READS_SECRET = ("secretsmanager:GetSecretValue", "ProjectsSecret")

#: AWS knows no resource for these; they deliver the workflow's logs and reach no data.
NO_RESOURCE_TO_NAME = re.compile(r"logs:\w*(LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies|LogGroups)")
#: All objects of one bucket of ours, whose names are Lambda's to choose, or of one folder of it.
OBJECTS = re.compile(r"\w+Bucket/([a-z]+/)?\*")
OF_OBJECTS = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
SENTENCE = re.compile(r"([A-Z][a-z]*){3,}")
NOBODY_MAY = {"dynamodb:Scan", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteTable"}
REFUND_ACTIONS = {
    "states:SendTaskSuccess",
    "states:SendTaskFailure",
    "states:SendTaskHeartbeat",
    "states:StartExecution",
}


def needed_grants(entry: Module) -> Grants:
    needs = needs_of(entry)
    elsewhere = ("projects", "gate", "data_api")  # not asked of AWS, or read from the secret
    asked = {grant for call in needs.calls if call.split(".")[0] not in elsewhere for grant in ASKS[call]}
    return asked | ({READS_SECRET} if "PROJECTS_SECRET_ID" in variables_of(needs.settings) else set())


def in_folders(function: str, needed: Grants) -> Grants:
    """The same grants, those to the reports only in the folders that the function is at home in."""
    own = {
        (action, f"{REPORTS}/{folder}/*")
        for action in FOLDERS.get(function, {})
        for folder in FOLDERS[function][action]
    }
    everywhere = {(action, resource) for action, resource in needed if resource == f"{REPORTS}/*"}
    assert {action for action, _ in everywhere} == {action for action, _ in own}
    return needed - everywhere | own


def loose_policies(document: Template) -> Iterator[str]:
    for name, policy in policies(document):
        if not (isinstance(policy, dict) and "Statement" in policy):
            yield f"{name}: {policy} hides its actions"
    for name, statement in statements(document):
        sid = statement.get("Sid", "")
        if not SENTENCE.fullmatch(sid):
            yield f"{name}: the Sid {sid!r} is no sentence"
        if "NotAction" in statement or "NotResource" in statement or statement["Effect"] != "Allow":
            yield f"{name}: {sid} is to say what is allowed"
        for action in as_list(statement["Action"]):
            for resource in map(target, as_list(statement["Resource"])):
                if is_loose(action, resource):
                    yield f"{name}: {sid} allows {action} on {resource}"


def is_loose(action: str, resource: str) -> bool:
    return (
        bool(set("*?") & set(action))
        or action in NOBODY_MAY
        or (action in REFUND_ACTIONS and resource != "RefundWorkflow")
        or ("*" in resource and not NO_RESOURCE_TO_NAME.fullmatch(action) and not is_of_objects(action, resource))
    )


def is_of_objects(action: str, resource: str) -> bool:
    return action in OF_OBJECTS and bool(OBJECTS.fullmatch(resource))


FUNCTIONS = functions(template())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_exactly_what_its_code_does(function: str) -> None:
    fed = any(event["Type"] == "DynamoDB" for event in FUNCTIONS[function].get("Events", {}).values())
    needed = needed_grants(entry_point(FUNCTIONS[function])) | (IS_FED if fed else set())
    assert grants(template(), function) == in_folders(function, needed)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_exactly_what_its_code_reads(function: str) -> None:
    own = set(variables(template()["Resources"][function]["Properties"]))
    assert own == variables_of(needs_of(entry_point(FUNCTIONS[function])).settings)


def test_needs_are_followed_through_use_cases_and_ports() -> None:
    text = """
from payments import wiring
from payments.usecases.find_payment import find_payment

def handler(event, context):
    wiring.events().publish([])
    return find_payment(store=wiring.store(), payment_id="1", project_id=None)

def unused(store):
    store.due()
"""
    entry = Module("functions.snippet.app", "functions/snippet/app.py", text)
    assert needed_grants(entry) == {
        ("dynamodb:Query", "PaymentsTable"),
        ("events:PutEvents", "event-bus/${EventBusName}"),
    }
    assert variables_of(needs_of(entry).settings) == {"TABLE_NAME", "EVENT_BUS_NAME"}


def test_the_workflow_may_invoke_exactly_its_own_functions() -> None:
    machine = template()["Resources"]["RefundWorkflow"]["Properties"]
    invoked = {
        resource for action, resource in grants(template(), "RefundWorkflow") if action == "lambda:InvokeFunction"
    }
    assert invoked == {target(arn) for arn in machine["DefinitionSubstitutions"].values()}


def test_no_policy_is_loose() -> None:
    assert list(loose_policies(template())) == []


@pytest.mark.parametrize(
    "policy",
    [
        "AmazonDynamoDBFullAccess",
        {"DynamoDBCrudPolicy": {"TableName": "payments"}},
        {"Statement": [{"Sid": "ReadsWhatItLikes", "Effect": "Allow", "Action": "dynamodb:*", "Resource": "x"}]},
        {"Statement": [{"Sid": "ReadsWhatItLikes", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]},
        {
            "Statement": [
                {"Sid": "ReadsEverythingThereIs", "Effect": "Allow", "Action": ["dynamodb:Scan"], "Resource": "x"}
            ]
        },
        {"Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "x"}]},
        {"Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "x"}]},
        {
            "Statement": [
                {"Sid": "WakesWhateverWaits", "Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": "*"}
            ]
        },
        {"Statement": [{"Sid": "ReadsWhatItLikes", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]},
        {"Statement": [{"Sid": "ListsWhatItLikes", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "B/*"}]},
        {"Statement": [{"Sid": "ReadsWhatItLikes", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "B/a*"}]},
    ],
)
def test_a_loose_policy_is_seen(policy: Any) -> None:
    assert list(
        loose_policies(
            {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [policy]}}}}
        )
    )
