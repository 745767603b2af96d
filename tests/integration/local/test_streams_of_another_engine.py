"""The stream of an engine that is not ours: it is looked at by the clock, has several shards, and may be away."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import EndpointConnectionError

from local.lambdas import Outcome
from local.streams import StreamFeed
from local.template import StreamMapping
from tests.support.local_system import wait_for


def record(number: int) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "NewImage": {"n": {"N": str(number)}}}}


class Engine:
    """Two pages of shards, told youngest first; the older shard is closed. ``failures`` are raised, one a call."""

    meta = SimpleNamespace(region_name="eu-west-1")

    def __init__(self) -> None:
        self.records = {"old": [record(1), record(2)], "new": [record(10)]}
        self.failures: deque[Exception] = deque()

    def describe_table(self, **_: Any) -> Any:
        return {"Table": {"LatestStreamArn": "arn"}}

    def describe_stream(self, **asked: Any) -> Any:
        if "ExclusiveStartShardId" not in asked:
            young = {"ShardId": "new", "ParentShardId": "old", "SequenceNumberRange": {"StartingSequenceNumber": "10"}}
            return {"StreamDescription": {"Shards": [young], "LastEvaluatedShardId": "new"}}
        assert asked["ExclusiveStartShardId"] == "new"
        aged = {"ShardId": "old", "SequenceNumberRange": {"StartingSequenceNumber": "1", "EndingSequenceNumber": "2"}}
        return {"StreamDescription": {"Shards": [aged]}}

    def get_shard_iterator(self, **asked: Any) -> Any:
        if self.failures:
            raise self.failures.popleft()
        return {"ShardIterator": f"{asked['ShardId']} {asked.get('SequenceNumber', 0)}"}

    def get_records(self, **asked: Any) -> Any:
        shard, after = asked["ShardIterator"].split()
        rest = [each for each in self.records[shard] if int(each["dynamodb"]["SequenceNumber"]) > int(after)]
        return {"Records": rest, **({"NextShardIterator": "next"} if shard == "new" else {})}


class Functions:
    """Takes every batch; ``seen`` are the sequence numbers."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def invoke(self, _: str, event: Any) -> Outcome:
        self.seen += [each["dynamodb"]["SequenceNumber"] for each in event["Records"]]
        return Outcome("request-1", "null", failed=False)


@contextmanager
def feeding(engine: Engine, functions: Functions) -> Iterator[StreamFeed]:
    mapping = StreamMapping(
        function="f",
        table="t",
        batch_size=10,
        filters=(),
        bisects=False,
        reports_item_failures=False,
        maximum_retries=None,
        on_failure_bucket=None,
    )
    feed = StreamFeed(mapping, functions, lambda _: engine, poll_every_s=0.01)  # type: ignore[arg-type]  # it invokes
    feed.start()
    try:
        yield feed
    finally:
        feed.stop()


def test_a_closed_shard_is_read_to_its_end_and_then_the_one_that_follows_it() -> None:
    functions = Functions()

    with feeding(Engine(), functions) as feed:
        assert feed.wait_until_delivered(10)

    assert functions.seen == ["1", "2", "10"]


def test_changes_nobody_told_of_are_found_by_the_clock() -> None:
    engine, functions = Engine(), Functions()

    with feeding(engine, functions):
        wait_for(lambda: functions.seen == ["1", "2", "10"])
        engine.records["new"].append(record(11))
        wait_for(lambda: functions.seen == ["1", "2", "10", "11"])


def test_an_engine_that_is_away_for_a_while_is_read_on_from_where_it_was_left() -> None:
    engine, functions = Engine(), Functions()
    engine.failures.append(EndpointConnectionError(endpoint_url="http://127.0.0.1:8000"))

    with feeding(engine, functions) as feed:
        assert feed.wait_until_delivered(10)

    assert functions.seen == ["1", "2", "10"]
