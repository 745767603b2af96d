"""What CloudFormation is given: several stacks side by side, every new version behind an alias and taken back by alarms."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.structure.cloud import template
from tests.structure.deployed import deployed, resources
from tests.structure.sources import ROOT

#: The property by which a resource would be known to the whole account or region, had it a value of its own.
NAMED_BY = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
#: Known only inside of another resource, or by a host name that is the merchant's.
NAMELESS = {
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SQS::QueuePolicy",
}
STAGES = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def colliding_names(document: dict[str, Any]) -> Iterator[str]:
    """Resources that a second stack of the account could not have, or would share."""
    for name, each in document["Resources"].items():
        if each["Type"] not in NAMELESS:
            given = each.get("Properties", {}).get(NAMED_BY[each["Type"]])
            if given is not None and "${AWS::StackName}" not in json.dumps(given):
                yield f"{name} is called {given}"
    yield from (f"output {name} is exported" for name, each in document["Outputs"].items() if "Export" in each)


def test_no_name_is_the_same_in_two_stacks() -> None:
    assert list(colliding_names(deployed())) == []


def test_a_name_that_two_stacks_would_share_is_seen() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead-letters"}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::StackName}-letters"}}}
    output = {"Value": "x", "Export": {"Name": "url"}}
    document = {"Resources": {"Queue": queue, "Bucket": bucket}, "Outputs": {"Url": output}}
    assert list(colliding_names(document)) == ["Queue is called dead-letters", "output Url is exported"]


def test_what_all_stacks_of_an_account_count_together_is_kept_apart_by_the_stacks_name() -> None:
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        watched = json.dumps([alarm["Properties"][part] for part in ("Namespace", "Dimensions")])
        assert "AWS::StackName" in watched or "Ref" in watched or "Fn::GetAtt" in watched


def test_every_function_is_reached_by_its_alias_and_a_new_version_is_taken_back_by_the_alarm() -> None:
    groups = resources("AWS::CodeDeploy::DeploymentGroup")
    aliases = resources("AWS::Lambda::Alias")
    for function in resources("AWS::Lambda::Function"):
        alias = aliases[f"{function}Aliaslive"]
        assert alias["Properties"]["Name"] == "live"
        group = groups[f"{function}DeploymentGroup"]["Properties"]
        assert alias["UpdatePolicy"] == {
            "CodeDeployLambdaAliasUpdate": {
                "ApplicationName": {"Ref": "ServerlessDeploymentApplication"},
                "DeploymentGroupName": {"Ref": f"{function}DeploymentGroup"},
            }
        }
        assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": {"Ref": "FaultsLoggedAlarm"}}]}
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    called = [each["Properties"]["FunctionName"] for each in resources("AWS::Lambda::Permission").values()]
    called += [each["Properties"]["FunctionName"] for each in resources("AWS::Lambda::EventSourceMapping").values()]
    assert len(called) > 10
    assert all(re.fullmatch(r"\w+FunctionAliaslive", each["Ref"]) for each in called)


def test_only_production_tries_a_new_version_on_a_tenth_of_its_traffic_first() -> None:
    rollouts = {stage: each["Rollout"] for stage, each in template()["Mappings"]["Stages"].items()}
    assert rollouts == {
        "dev": "CodeDeployDefault.LambdaAllAtOnce",
        "staging": "CodeDeployDefault.LambdaAllAtOnce",
        "prod": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    }
    chosen = template()["Globals"]["Function"]["DeploymentPreference"]["Type"]
    assert chosen == {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Rollout"]}


def test_a_function_has_of_awss_own_policies_those_for_logs_and_traces_and_no_other() -> None:
    for function in resources("AWS::Lambda::Function"):
        assert attached(f"{function}Role") == {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}
    others = set(resources("AWS::IAM::Role")) - {f"{function}Role" for function in resources("AWS::Lambda::Function")}
    assert {name: attached(name) for name in others if attached(name)} == {
        "CodeDeployServiceRole": {"AWSCodeDeployRoleForLambda"},
        "RefundWorkflowRole": {"AWSXrayWriteOnlyAccess"},
    }


def attached(role: str) -> set[str]:
    """AWS's own policies that a role has."""
    arns = resources("AWS::IAM::Role")[role]["Properties"].get("ManagedPolicyArns", [])
    return {json.dumps(arn).rpartition("/")[2].rstrip('"}]') for arn in arns}


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_stage_is_called_and_tagged_so_that_bills_and_people_can_tell_it(stage: str) -> None:
    deploy = STAGES[stage]["deploy"]["parameters"]
    tags = dict(each.split("=", 1) for each in deploy["tags"].split())
    assert (deploy["stack_name"], tags) == (f"ecommpay-{stage}", {"system": "ecommpay-checkout", "stage": stage})
    assert deploy["confirm_changeset"] is (stage == "prod")


def test_a_check_is_suppressed_where_it_fails_and_never_without_a_reason() -> None:
    suppressed = [
        (name, skipped)
        for name, each in deployed()["Resources"].items()
        for skipped in each.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert [name for name, each in suppressed if len(each["comment"].split()) < 5] == []
    assert {each["id"] for _, each in suppressed} == {
        *("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_173"),
        *("CKV_AWS_119", "CKV_AWS_149", "CKV_AWS_18", "CKV_AWS_21", "CKV_AWS_27", "CKV_AWS_158"),
    }
