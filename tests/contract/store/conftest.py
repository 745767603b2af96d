"""The stores that one suite of promises is tried on.

The fake one, DynamoDB as moto plays it in this process, AWS's DynamoDB Local where Java and Maven are, and the engine
at ``DYNAMODB_ENDPOINT`` where that is set.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import Session
from moto import mock_aws

from local.moto_speed import quick_moto
from payments.aws.dynamodb import DynamoStore
from payments.ports import Store
from tests.contract.store.table import make_table
from tests.support import dynamodb_local
from tests.support.fakes import FakeStore
from tests.support.measures import ENGINE

ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT", "")

ENGINES = [
    "fake",
    "moto",
    *([] if dynamodb_local.why_left_out() else ["dynamodb_local"]),
    *(["endpoint"] if ENDPOINT else []),
]
NAMES = {"dynamodb_local": dynamodb_local.NAME, "endpoint": ENDPOINT}
#: As many connections as the races have writers.
CONFIG = Config(max_pool_connections=32)


class Serialised:
    """A client that lets one call through at a time: moto's own tables are not safe among threads."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._client, name)

        def call(**arguments: Any) -> Any:
            with self._lock:
                return method(**arguments)

        return call


def make_client(endpoint: str | None = None) -> Any:
    return _session().create_client("dynamodb", region_name="eu-west-1", endpoint_url=endpoint, config=CONFIG)


@cache
def _session() -> Session:
    session = Session()
    session.set_credentials("testing", "testing")
    return session


@pytest.fixture
def moto_client() -> Iterator[Any]:
    with mock_aws(), quick_moto():
        yield make_client()


@pytest.fixture
def moto_store(moto_client: Any) -> DynamoStore:
    table = make_table(moto_client)
    return DynamoStore(Serialised(moto_client), table)  # type: ignore[arg-type]  # the client, one call at a time


@pytest.fixture(scope="session")
def dynamodb_local_endpoint() -> Iterator[str]:
    """The address of an engine that the tests of one process share; each has a table of its own."""
    with contextlib.ExitStack() as stack:
        try:
            endpoint = stack.enter_context(dynamodb_local.running_dynamodb_local())
        except dynamodb_local.EngineUnavailable as unavailable:
            # Java and Maven are there: a machine that checks for everybody must not pass without the engine.
            if os.environ.get("CI"):
                raise
            pytest.skip(f"{dynamodb_local.NAME}: {unavailable}")
        yield endpoint


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the store's engine."""
    name: str = request.node.callspec.params["store"]
    return NAMES.get(name, name)


@pytest.fixture(params=ENGINES)
def store(
    request: pytest.FixtureRequest, engine: str, record_property: Callable[[str, object], None]
) -> Iterator[Store]:
    record_property(ENGINE, engine)
    if request.param == "fake":
        yield FakeStore()
    elif request.param == "moto":
        yield request.getfixturevalue("moto_store")
    else:
        is_ours = request.param == "dynamodb_local"
        client = make_client(request.getfixturevalue("dynamodb_local_endpoint") if is_ours else ENDPOINT)
        table = make_table(client)
        yield DynamoStore(client, table)
        client.delete_table(TableName=table)
        client.close()
