"""The stores that one suite of promises is tried on.

The fake one, DynamoDB as moto plays it in this process, and the engine at ``DYNAMODB_ENDPOINT`` where that is set.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from payments.aws.dynamodb import DynamoStore
from payments.ports import Store
from tests.contract.store.table import make_table
from tests.support.fakes import FakeStore

ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT", "")


def pytest_report_header() -> str:
    return f"DynamoDB: moto in this process{', and the engine at ' + ENDPOINT if ENDPOINT else ''}"


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
    return _session().create_client("dynamodb", region_name="eu-west-1", endpoint_url=endpoint)


@cache
def _session() -> Session:
    session = Session()
    session.set_credentials("testing", "testing")
    return session


@pytest.fixture
def moto_client() -> Iterator[Any]:
    with mock_aws():
        yield make_client()


@pytest.fixture
def moto_store(moto_client: Any) -> DynamoStore:
    table = make_table(moto_client)
    return DynamoStore(Serialised(moto_client), table)  # type: ignore[arg-type]  # the client, one call at a time


@pytest.fixture(params=["fake", "moto", *(["engine"] if ENDPOINT else [])])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "fake":
        yield FakeStore()
    elif request.param == "moto":
        yield request.getfixturevalue("moto_store")
    else:
        client = make_client(ENDPOINT)
        table = make_table(client)
        yield DynamoStore(client, table)
        client.delete_table(TableName=table)
