"""What the end-to-end tests run against: an installation, told by the outputs of its stack.

    STACK_NAME=ecommpay-dev make e2e

Credentials and region are those of the shell. Where the project's secret may be read and the stage is not production,
the tests sign a callback of their own and leave a paid payment behind, which no customer paid.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

TIMEOUT_S = 35


@dataclass(frozen=True, slots=True)
class Target:
    """One installation: where it is, and who its merchant is. ``secret_key`` is None where no callback may be signed."""

    api_url: str
    callback_url: str
    workflow_arn: str
    session: boto3.session.Session
    project_id: int | None
    secret_key: str | None

    def connect(self, service: str) -> Any:
        """A client of a service of AWS, there where the installation is."""
        return self.session.client(service)  # type: ignore[call-overload]  # any service

    def merchant(self, method: str, path: str, body: Any = None) -> requests.Response:
        """A merchant's request, signed with the credentials of the session."""
        content = b"" if body is None else json.dumps(body).encode()
        request = AWSRequest(method, self.api_url + path, {"content-type": "application/json"}, content)
        credentials = self.session.get_credentials()
        assert credentials is not None, "there are no AWS credentials in this shell"
        SigV4Auth(credentials, "execute-api", self.session.region_name).add_auth(request)
        return requests.request(
            method, self.api_url + path, headers=dict(request.headers), data=content, timeout=TIMEOUT_S
        )

    def stranger(self, method: str, path: str) -> requests.Response:
        """A request of somebody without credentials."""
        return requests.request(method, self.api_url + path, timeout=TIMEOUT_S)

    def call_back(self, message: bytes) -> requests.Response:
        """What ECommPay would send."""
        headers = {"content-type": "application/json"}
        return requests.post(self.callback_url, data=message, headers=headers, timeout=TIMEOUT_S)


def deployed_target(stack_name: str) -> Target:
    """The stack of this name, in the account and region of the shell's credentials."""
    session = boto3.session.Session()
    (stack,) = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    stage = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}["Stage"]
    project_id, secret_key = (None, None) if stage == "prod" else first_project(session, outputs["SecretName"])
    return Target(
        api_url=outputs["ApiUrl"],
        callback_url=outputs["CallbackUrl"],
        workflow_arn=outputs["RefundWorkflowArn"],
        session=session,
        project_id=project_id,
        secret_key=secret_key,
    )


def first_project(session: boto3.session.Session, secret_id: str) -> tuple[int | None, str | None]:
    """The first project of the secret and the key it signs with; neither where it may not be read or is empty."""
    try:
        document = session.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return None, None
    projects: Mapping[str, Any] = json.loads(document)
    for name, project in projects.items():
        return int(name), str(project["secret_keys"][0])
    return None, None
