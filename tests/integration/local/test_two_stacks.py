"""Two stacks of the project in one account: CloudFormation, as far as moto plays it, makes both and neither takes from the other.

moto makes about half of the resources and knows no alias of a function; a reference to one is read as the function's.
"""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.structure.deployed import deployed
from tests.structure.sources import ROOT

# It says so of every kind it does not make.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")

REGION, BUCKET = "eu-west-1", "artifacts"
STACKS = {"ecommpay-dev": "dev", "shop2-prod": "prod"}
#: What the two stand on; the rest of what moto makes is roles, permissions, versions and layers.
KINDS = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
}


@pytest.fixture(scope="module")
def account() -> Iterator[Any]:
    """A client of CloudFormation in an account with both stacks."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        session = boto3.session.Session("local", "local", region_name=REGION)
        upload(session.client("s3"))
        cloudformation = session.client("cloudformation")
        for stack, stage in STACKS.items():
            cloudformation.create_stack(
                StackName=stack,
                TemplateURL=f"https://{BUCKET}.s3.{REGION}.amazonaws.com/template.json",
                Capabilities=["CAPABILITY_IAM"],
                Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
                Tags=[{"Key": "stage", "Value": stage}],
            )
        yield cloudformation


def upload(s3: Any) -> None:
    """The transformed template and something in place of every artifact it names."""
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    text = re.sub(r'\{"Ref": "(\w+)Aliaslive"\}', r'{"Fn::GetAtt": ["\1", "Arn"]}', json.dumps(deployed()))
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=text)
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("app.py", "")
    for key in set(re.findall(r'"(?:S3)?Key": "((?:functions|layers)/[^"]+)"', text)):
        s3.put_object(Bucket=BUCKET, Key=key, Body=empty.getvalue())
    workflow = "statemachines/refund.asl.yaml"
    s3.put_object(Bucket=BUCKET, Key=workflow, Body=(ROOT / workflow).read_bytes())


def made(cloudformation: Any, stack: str) -> list[dict[str, Any]]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return [each for page in pages for each in page["StackResourceSummaries"]]


def wanted() -> Counter[str]:
    """How many of each kind the template asks for."""
    return Counter(each["Type"] for each in deployed()["Resources"].values() if each["Type"] in KINDS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_made_and_tells_where_everything_is(account: Any, stack: str) -> None:
    (told,) = account.describe_stacks(StackName=stack)["Stacks"]
    assert told["StackStatus"] == "CREATE_COMPLETE"
    assert {each["Key"]: each["Value"] for each in told["Tags"]} == {"stage": STACKS[stack]}
    assert Counter(each["ResourceType"] for each in made(account, stack) if each["ResourceType"] in KINDS) == wanted()
    outputs = {each["OutputKey"] for each in told["Outputs"]}
    # No domain was asked for, and moto's CloudFormation makes no secret.
    assert outputs == set(deployed()["Outputs"]) - {"DomainTarget", "SecretName"}


def test_the_stacks_have_nothing_in_common(account: Any) -> None:
    first, second = (
        {each["PhysicalResourceId"] for each in made(account, stack) if each["ResourceType"] in KINDS}
        for stack in STACKS
    )
    assert first & second == set()
    assert len(first) == len(second) == sum(wanted().values())
