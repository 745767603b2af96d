"""What happens to a push: checked as anybody checks it, deployed by a role that can do that and little else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.cloudformation import load_template
from tests.structure.cloud import as_list
from tests.structure.deployed import deployed
from tests.structure.sources import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
TARGETS = set(re.findall(r"^\.PHONY: (\w+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
ROLE = load_template(ROOT / ".github/deployment-role.yaml")["Resources"]

#: Which of IAM's words make a resource, by the service in its type.
MAKES = {
    "ApiGatewayV2": "apigateway:POST",
    "CloudWatch": "cloudwatch:Put",
    "CodeDeploy": "codedeploy:Create",
    "DynamoDB": "dynamodb:Create",
    "Events": "events:Put",
    "IAM": "iam:Create",
    "KMS": "kms:Create",
    "Lambda": "lambda:Create",
    "Logs": "logs:Create",
    "S3": "s3:Create",
    "SNS": "sns:Create",
    "SQS": "sqs:Create",
    "Scheduler": "scheduler:Create",
    "SecretsManager": "secretsmanager:Create",
    "StepFunctions": "states:Create",
}
#: What nobody deploying needs: the ledger, its keys and the dead letters outlive every stack.
NEVER = {"dynamodb:DeleteTable", "dynamodb:Scan", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem"}
NEVER |= {"s3:DeleteBucket", "s3:DeleteObject", "secretsmanager:DeleteSecret", "secretsmanager:PutSecretValue"}


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def steps(path: Path) -> Iterator[Mapping[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job.get("steps", [])


def statements() -> Iterator[Mapping[str, Any]]:
    for each in ROLE.values():
        if each["Type"] == "AWS::IAM::RolePolicy":
            yield from each["Properties"]["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_people_run(path: Path) -> None:
    for step in steps(path):
        if "run" in step:
            command = step["run"].split()
            assert command == [".ci/run"] or (command[0] == "make" and command[1] in TARGETS), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_the_very_commit_that_was_looked_at(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert [each for each in used if not PINNED.fullmatch(each)] == []
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"@[0-9a-f]{40}(?! # v\d+\.\d+\.\d+\n)", text) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_knows_no_secret(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    assert "secrets" not in path.read_text(encoding="utf-8")


def test_production_comes_after_dev_and_dev_after_the_checks() -> None:
    jobs = read(ROOT / ".github/workflows/check.yaml")["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {"check": None, "dev": "check", "prod": "dev"}
    assert "refs/heads/main" in jobs["dev"]["if"]
    assert [jobs[stage]["with"] for stage in ("dev", "prod")] == [{"stage": "dev"}, {"stage": "prod"}]
    deploy = read(ROOT / ".github/workflows/deploy.yaml")["jobs"]["deploy"]
    assert deploy["environment"] == "${{ inputs.stage }}"
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}


def test_the_role_is_taken_by_one_environment_of_one_repository() -> None:
    (trust,) = ROLE["DeploymentRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:environment:${Environment}"},
        }
    }


def test_the_role_can_make_all_that_the_stack_is_made_of() -> None:
    granted = {action for each in statements() for action in as_list(each["Action"])}
    services = {each["Type"].split("::")[1] for each in deployed()["Resources"].values()}
    assert services == set(MAKES)
    assert [word for word in MAKES.values() if not any(action.startswith(word) for action in granted)] == []


def test_the_role_can_do_little_else() -> None:
    for each in statements():
        actions = set(as_list(each["Action"]))
        assert re.fullmatch(r"([A-Z][a-z]*){3,}", each["Sid"])
        assert each["Effect"] == "Allow"
        assert not any("*" in action for action in actions)
        assert actions & NEVER == set()
        if "*" in as_list(each["Resource"]):
            assert "Condition" in each or all(re.fullmatch(r"logs:\w+|cloudformation:Get\w+", one) for one in actions)
