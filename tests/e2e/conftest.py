"""The same tests twice: against the local system, always, and against the stack that STACK_NAME names."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.credentials import Credentials

from local.system import LocalSystem
from local.wsgi_server import LoopbackServer, bind_port
from tests.e2e.iam_door import IamDoor
from tests.e2e.target import Target, deployed_target
from tests.structure.cloud import template
from tests.support.local_system import running_system


@pytest.fixture(scope="module", params=["local system", "deployed stack"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """What the tests run against."""
    if request.param == "local system":
        with local_target(tmp_path_factory.mktemp("run")) as local:
            yield local
    elif "STACK_NAME" in os.environ:
        yield deployed_target(os.environ["STACK_NAME"])
    else:
        pytest.skip("no deployed stack: STACK_NAME does not name one")


@contextlib.contextmanager
def local_target(run_folder: Path) -> Iterator[Target]:
    """The local system, found by the outputs of a stack, behind a door that asks merchants for their signature."""
    with running_system(run_folder) as system:
        door = LoopbackServer(bind_port(0, "PORT"), IamDoor(system, Credentials("local", "local")))
        door.start()
        try:
            tell_of(system, door.url, stack_name="ecommpay-local", stage="dev")
            yield deployed_target("ecommpay-local")
        finally:
            door.stop()


def tell_of(system: LocalSystem, api_url: str, *, stack_name: str, stage: str) -> None:
    """A stack in the local AWS that has nothing but the outputs the template promises."""
    outputs = {
        "ApiUrl": api_url,
        "CallbackUrl": f"{api_url}/callbacks/ecommpay",
        "RefundWorkflowArn": system.state_machine_arn,
        "SecretName": system.template.secrets[0],
    }
    stack = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Resources": {"Nothing": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    assert set(outputs) <= set(template()["Outputs"])
    boto3.client("cloudformation").create_stack(
        StackName=stack_name,
        TemplateBody=json.dumps(stack),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
    )
