"""The stream of the local table holds under conflicts, or no test of events under faults could be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.system import LocalSystem
from tests.support.local_system import running_system


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(tmp_path_factory.mktemp("run")) as system:
        yield system


def test_writes_of_a_cancelled_transaction_are_in_no_stream_whenever_its_reader_began(system: LocalSystem) -> None:
    streams, table = system.connect("dynamodbstreams"), system.table_name
    arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    place = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**place)["ShardIterator"]

    with suppress(ClientError):
        system.connect("dynamodb").transact_write_items(TransactItems=[new("first"), impossible("second")])

    assert streams.get_records(ShardIterator=iterator)["Records"] == []


def new(name: str) -> dict[str, Any]:
    row = {"pk": {"S": f"TEST#{name}"}, "sk": {"S": "TEST"}}
    return {"Put": {"TableName": "ecommpay-payments", "Item": row}}


def impossible(name: str) -> dict[str, Any]:
    put = new(name)["Put"]
    return {"Put": {**put, "ConditionExpression": "attribute_exists(pk)"}}
