"""The shortcuts through moto: the very answers that it gives without them, for less, and nothing left behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.serialize import AttributePicker, BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.sqs.models import SQSBackend, sqs_backends
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

from local.cloudformation import ACCOUNT_ID
from local.moto_speed import quick_moto

NAME = "things"
#: Botocore would take another one from the stream's ARN, which moto does not know.
STREAMS = "https://streams.dynamodb.eu-west-1.amazonaws.com"
KINDS: dict[str, Any] = {
    "S": "text",
    "N": "7.50",
    "BOOL": False,
    "NULL": True,
    "B": b"\x00\xff",
    "SS": ["a", "b"],
    "NS": ["1", "2"],
    "BS": [b"\x01", b"\xfe"],
}
VALUES: dict[str, Any] = {f"of_{kind}": {kind: value} for kind, value in KINDS.items()}
NESTED: dict[str, Any] = {
    "map": {"M": {**VALUES, "none": {"M": {}}}},
    "list": {"L": [*VALUES.values(), {"L": []}]},
    "empty": {"S": ""},
}


@pytest.fixture
def table() -> Iterator[Any]:
    """A client of a table with an index of keys only, with forty rows of every kind of value."""
    with mock_aws():
        client: Any = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName=NAME,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "kind", "at")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_kind",
                    "KeySchema": [
                        {"AttributeName": "kind", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for number in range(40):
            keys = {"pk": f"group-{number % 4}", "sk": f"row-{number * 7 % 40:02}", "at": f"{number * 11 % 40:02}"}
            listed = {"kind": {"S": f"kind-{number % 2}"}} if number % 5 else {}
            item = {**{name: {"S": value} for name, value in keys.items()}, **listed, **VALUES, **NESTED}
            client.put_item(TableName=NAME, Item=item)
        yield client


def everything_read(client: Any) -> list[Any]:
    """What all the ways to read the table answer."""
    one = {"pk": {"S": "group-1"}, "sk": {"S": "row-07"}}
    group = {":pk": {"S": "group-1"}}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_item", {"Key": one}),
        ("get_item", {"Key": one, "ProjectionExpression": "sk, map.of_S"}),
        ("get_item", {"Key": {**one, "sk": {"S": "none"}}}),
        ("scan", {}),
    ]
    for newest_first in (False, True):
        order = {"ScanIndexForward": not newest_first}
        by_group = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": group, **order}
        calls += [
            ("query", by_group),
            ("query", {**by_group, "ExpressionAttributeValues": {":pk": {"S": "nobody"}}}),
            ("query", {**by_group, "Limit": 3}),
            ("query", {**by_group, "Limit": 3, "ExclusiveStartKey": {**one, "sk": {"S": "row-17"}}}),
            (
                "query",
                {
                    **by_group,
                    "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
                    "ExpressionAttributeValues": {**group, ":low": {"S": "row-10"}, ":high": {"S": "row-30"}},
                },
            ),
            (
                "query",
                {
                    "IndexName": "by_kind",
                    "KeyConditionExpression": "kind = :kind AND #at > :at",
                    "ExpressionAttributeNames": {"#at": "at"},
                    "ExpressionAttributeValues": {":kind": {"S": "kind-1"}, ":at": {"S": "05"}},
                    **order,
                },
            ),
        ]
    answers = [getattr(client, name)(TableName=NAME, **asked) for name, asked in calls]
    both = {"RequestItems": {NAME: {"Keys": [one, {**one, "pk": {"S": "group-2"}}]}}}
    answers += [client.batch_get_item(**both), stream_of(client)]
    return [{name: part for name, part in each.items() if name != "ResponseMetadata"} for each in answers]


def stream_of(client: Any) -> dict[str, Any]:
    """All that the table's stream tells, without the ids and times that are new every time."""
    streams: Any = boto3.client("dynamodbstreams", region_name="eu-west-1", endpoint_url=STREAMS)
    arn = client.describe_table(TableName=NAME)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    place = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=place["ShardIterator"])["Records"]
    return {"Records": [(each["eventName"], each["dynamodb"]["NewImage"]) for each in records]}


def test_every_answer_is_the_one_that_moto_gives_without_shortcuts(table: Any) -> None:
    without = everything_read(table)
    with quick_moto():
        with_them = everything_read(table)

    assert with_them == without
    assert with_them[0]["Item"] == {
        **{name: {"S": value} for name, value in {"pk": "group-1", "sk": "row-07", "at": "11"}.items()},
        "kind": {"S": "kind-1"},
        **VALUES,
        **NESTED,
    }
    assert sum(len(each.get("Items", ())) for each in with_them) > 100


def test_a_row_is_read_without_looking_for_its_values_or_at_other_rows(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def count(*given: Any) -> Any:
            made[name] += 1
            return original(*given)

        monkeypatch.setattr(owner, name, count)

    counted(AttributePicker, "__call__")
    counted(DynamoType, "__lt__")
    asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "group-1"}}}
    with quick_moto():
        assert table.query(TableName=NAME, **asked)["Count"] == 10

    # Without the shortcuts: 3,300 values looked for, and 160 comparisons.
    assert made["__call__"] < 20
    assert made["__lt__"] < 40


def test_a_row_may_be_as_large_as_without_shortcuts_and_is_weighed_once(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_kept(bytes_in_it: int) -> bool:
        halves = {name: {"S": "x" * (bytes_in_it // 2 - 6)} for name in ("half_1", "half_2")}
        try:
            table.put_item(TableName=NAME, Item={"pk": {"S": "abc"}, "sk": {"S": "abcde"}, **halves})
        except table.exceptions.ClientError as refused:
            reason = str(refused)
        else:
            return True
        assert "Item size has exceeded the maximum allowed size" in reason
        return False

    without = [is_kept(each) for each in (404_988, 404_990)]
    with quick_moto():
        with_them = [is_kept(each) for each in (404_988, 404_990)]

    assert with_them == without == [True, False]


def test_executions_share_what_was_read_of_their_definition() -> None:
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    with quick_moto():
        program, again = (AmazonStateLanguageParser.parse(definition)[0] for _ in range(2))
        path, as_well = (json_path.parse("$.check.wait_s") for _ in range(2))

    assert program is again
    assert path is as_well
    assert [each.value for each in path.find({"check": {"wait_s": 7}})] == [7]


def test_a_message_is_received_unless_it_is_too_old() -> None:
    with mock_aws():
        queues = boto3.client("sqs", region_name="eu-west-1")
        url = queues.create_queue(QueueName=NAME)["QueueUrl"]
        for body in ("young", "old"):
            queues.send_message(QueueUrl=url, MessageBody=body)
        sqs_backends[ACCOUNT_ID]["eu-west-1"].queues[NAME]._messages[1].sent_timestamp = 0

        with quick_moto():
            received = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]

    assert [each["Body"] for each in received] == ["young"]


def test_nothing_of_a_shortcut_is_left_behind() -> None:
    parts = [
        (BaseJSONSerializer, "_serialize_type_structure"),
        (Table, "query"),
        (Table, "all_items"),
        (Table, "sorted_items"),
        (Item, "project"),
        (Item, "__init__"),
        (DynamoDBBackend, "update_item"),
        (AmazonStateLanguageParser, "parse"),
        (json_path, "parse"),
        (SQSBackend, "is_message_valid_based_on_retention_period"),
    ]
    before = [getattr(owner, name) for owner, name in parts]

    with quick_moto():
        inside = [getattr(owner, name) for owner, name in parts]
    after = [getattr(owner, name) for owner, name in parts]

    assert after == before
    assert not any(new is old for new, old in zip(inside, before, strict=True))
    assert "__deepcopy__" not in vars(Table)
