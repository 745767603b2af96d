"""The small stack read as plain values, and the tags and functions of CloudFormation."""

import json
from pathlib import Path

import pytest

from local.cloudformation import Resolver, TemplateError
from local.template import Route, Schedule, StreamMapping, Table, read_template
from tests.integration.local.conftest import STACK

DOCUMENT = {
    "Parameters": {"Name": {"Type": "String", "Default": "world"}, "Hosts": {"Type": "CommaDelimitedList"}},
    "Conditions": {
        "Greets": {"Fn::Equals": [{"Ref": "Name"}, "world"]},
        "Both": {"Fn::And": [{"Condition": "Greets"}, {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}]},
        "Neither": {"Fn::Not": [{"Fn::Or": [{"Condition": "Greets"}, {"Condition": "Both"}]}]},
    },
    "Mappings": {"Sizes": {"small": {"memory": 128}}},
    "Resources": {
        "Machine": {"Type": "AWS::Serverless::StateMachine"},
        "DeadLetters": {"Type": "AWS::SQS::Queue"},
        "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-own"}}},
        "PayFunction": {"Type": "AWS::Serverless::Function"},
        "Api": {"Type": "AWS::Serverless::HttpApi"},
    },
}
RESOLVER = Resolver(DOCUMENT, {"Hosts": "a,b"}, "eu-west-1")


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Name"}, "world"),
        ({"Ref": "Hosts"}, ["a", "b"]),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Machine"}, "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund"),
        ({"Ref": "DeadLetters"}, "ecommpay-dead-letters"),
        ({"Ref": "PayFunction"}, "ecommpay-pay"),
        ({"Ref": "PayFunction.Alias"}, "arn:aws:lambda:eu-west-1:123456789012:function:ecommpay-pay:live"),
        ({"Fn::GetAtt": ["Named", "Arn"]}, "arn:aws:sqs:eu-west-1:123456789012:ecommpay-own"),
        ({"Fn::GetAtt": ["Named", "QueueName"]}, "ecommpay-own"),
        ({"Fn::Sub": "hello ${Name}, ${Named.QueueName}, ${!kept}"}, "hello world, ecommpay-own, ${kept}"),
        ({"Fn::Sub": ["${One} ${Name}", {"One": {"Ref": "AWS::AccountId"}}]}, "123456789012 world"),
        ({"Fn::If": ["Both", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Neither", "yes", "no"]}, "no"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}, "a-world"),
        ({"Fn::Select": ["1", {"Fn::Split": [":", "a:b"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 128),
        ({"kept": 1, "dropped": {"Ref": "AWS::NoValue"}}, {"kept": 1}),
        ([1, {"Ref": "AWS::NoValue"}, {"Ref": "Name"}], [1, "world"]),
    ],
)
def test_functions_of_cloudformation_have_their_local_values(value: object, resolved: object) -> None:
    assert RESOLVER.resolve(value) == resolved


@pytest.mark.parametrize("value", [{"Fn::ImportValue": "x"}, {"Ref": "Nothing"}, {"Fn::GetAtt": ["Nothing", "Arn"]}])
def test_what_the_local_system_cannot_follow_is_named(value: object) -> None:
    with pytest.raises(TemplateError, match=r"ImportValue|Nothing"):
        RESOLVER.resolve(value)


def test_the_stack_is_read_as_plain_values() -> None:
    template = read_template(STACK, region="eu-west-1")

    echo = next(function for function in template.functions if function.logical_id == "EchoFunction")
    assert (echo.name, echo.handler, echo.timeout_s, echo.memory_mb) == ("ecommpay-echo", "app.handler", 1.0, 128)
    assert echo.code_folder == STACK.parent / "functions" / "echo"
    assert echo.variables == {
        "GREETING": "hello",
        "TABLE_NAME": "ecommpay-payments",
        "SENTENCE": "hello from ecommpay in eu-west-1",
    }
    assert template.routes == (
        Route("GET", "/things", "EchoFunction"),
        Route("GET", "/things/{thing_id}", "EchoFunction"),
        Route("GET", "/things/special", "EchoFunction"),
        Route("POST", "/things", "EchoFunction"),
    )
    assert template.schedules == (
        Schedule("TickFunction", "rate(1 minute)", 1, {}),
        Schedule("TickFunction", "cron(0 3 * * ? *)", None, {}),
    )
    assert template.stream_mappings == (
        StreamMapping(
            function="ListenFunction",
            table="ecommpay-payments",
            batch_size=3,
            reports_item_failures=True,
            bisects=False,
            maximum_retries=2,
            on_failure_bucket="ecommpay-dead-letter-bucket",
            filters=('{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "THING#"}]}}}}',),
        ),
    )
    assert template.tables == (
        Table(
            "ecommpay-payments",
            {
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "S"},
                    {"AttributeName": "colour", "AttributeType": "S"},
                ],
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "by_colour",
                        "KeySchema": [{"AttributeName": "colour", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                ],
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            },
        ),
    )
    assert (template.secrets, template.topics) == (("ecommpay-projects",), ("ecommpay-operators",))
    assert (template.queues, template.buckets) == (("ecommpay-seen-queue",), ("ecommpay-dead-letter-bucket",))
    machine = template.state_machines[0]
    assert machine.arn == "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund"
    states = json.loads(machine.definition)["States"]
    assert states["Wait"]["Parameters"]["FunctionName"] == (
        "arn:aws:lambda:eu-west-1:123456789012:function:ecommpay-task:live"
    )


def test_a_parameter_can_be_given_another_value() -> None:
    template = read_template(STACK, region="eu-west-1", parameters={"Word": "now", "Greeting": "good day"})

    assert template.functions[0].variables["SENTENCE"] == "good day from ecommpay in eu-west-1"
    assert "ecommpay-never-queue" in template.queues


def test_what_a_stream_leaves_goes_to_a_bucket_or_is_refused(tmp_path: Path) -> None:
    text = STACK.read_text()
    (tmp_path / "workflow.asl.yaml").write_text((STACK.parent / "workflow.asl.yaml").read_text())
    (tmp_path / "template.yaml").write_text(text.replace("OnFailure: {Type: S3,", "OnFailure: {Type: SQS,"))

    with pytest.raises(TemplateError, match="ListenFunction leaves what fails at a destination of type SQS, not in S3"):
        read_template(tmp_path / "template.yaml", region="eu-west-1")


def test_a_placeholder_of_the_workflow_without_substitution_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text('StartAt: A\nStates: {A: {Type: Task, Resource: "${TaskArn}"}}\n')
    (tmp_path / "template.yaml").write_text(
        "Resources:\n  Flow: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: flow.yaml}}\n"
    )

    with pytest.raises(TemplateError, match=r"flow\.yaml uses \$\{TaskArn\}, which has no substitution"):
        read_template(tmp_path / "template.yaml", region="eu-west-1")
