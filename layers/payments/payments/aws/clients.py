"""The connections to AWS: one session, one client per service, made when first needed and kept.

Rules of this file:

* Region, credentials and endpoint come from where botocore looks for them itself.
* A call takes at most 3 × (2 s to connect + 5 s to read) and two short pauses, so a function's own time-out decides
  rarely, and API Gateway's 30 s never.
* What we send is tried against real engines, and AWS looks at it again. botocore's own check in between would cost a
  fifth of the processor time of a callback, and the name it makes up for itself before every call a seventh.
* `botocore.session` makes the very clients that boto3 makes, and saves its import: a sixth of the time that a cold
  start spends on AWS.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    parameter_validation=False,
    user_agent="ecommpay-checkout",
)
_making = threading.Lock()


def dynamodb() -> DynamoDBClient:
    """The client of the table."""
    return cast("DynamoDBClient", _client("dynamodb"))


def secrets_manager() -> SecretsManagerClient:
    """The client of the secret with the projects."""
    return cast("SecretsManagerClient", _client("secretsmanager"))


def step_functions() -> SFNClient:
    """The client of the refund workflow."""
    return cast("SFNClient", _client("stepfunctions"))


def event_bridge() -> EventBridgeClient:
    """The client of the merchant's event bus."""
    return cast("EventBridgeClient", _client("events"))


def sns() -> SNSClient:
    """The client of the operators' topic."""
    return cast("SNSClient", _client("sns"))


def s3() -> S3Client:
    """The client of the buckets with the dead letters and the reports."""
    return cast("S3Client", _client("s3"))


def forget() -> None:
    """Make the clients anew from the environment as it is then; for a process that serves several systems in turn."""
    with _making:
        _made.cache_clear()
        _session.cache_clear()


def _client(service: str) -> Any:
    # Making clients is not safe among threads, and the cache alone would let two threads make one each.
    with _making:
        return _made(service)


@cache
def _made(service: str) -> Any:
    return _session().create_client(service, config=_CONFIG)


@cache
def _session() -> Session:
    return Session()
