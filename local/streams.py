"""Feeds the table's stream to the functions that listen to it, with the rules of a Lambda event source mapping.

Moto's own mapping knows neither partial failures nor retries. A poll follows every write to the table, so nothing is
read while nothing happens; the writes to another engine are not seen, so there a timer polls too. A fresh iterator is
asked for each time: moto shows the writes of a cancelled transaction to an older one, and then nothing more.
"""

import base64
import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.events.models import EventPattern

from local.dead_letters import dead_letter, dead_letter_key
from local.lambdas import LambdaHost
from local.stream_batches import BatchDelivery, DeliveryRules, FailedBatch
from local.template import StreamMapping

READ_LIMIT = 1000
FIRST_RETRY_PAUSE_S = 0.05
LONGEST_RETRY_PAUSE_S = 1.0

logger = logging.getLogger(__name__)


class StreamFeed:
    """Reads one stream from its beginning in a thread of its own and delivers to one function, in order.

    A table that was there before the system started has its changes delivered once more: nothing is left out.
    """

    def __init__(
        self, mapping: StreamMapping, functions: LambdaHost, connect: Any, *, poll_every_s: float | None = None
    ) -> None:
        self._mapping = mapping
        self._patterns = [EventPattern.load(text) for text in mapping.filters]
        self._streams = connect("dynamodbstreams")
        self._buckets = connect("s3")
        self._functions = functions
        self._region: str = self._streams.meta.region_name
        self._poll_every_s = poll_every_s
        self._stream_arn: str = connect("dynamodb").describe_table(TableName=mapping.table)["Table"]["LatestStreamArn"]
        self._shard_id: str = self._shards()[0]["ShardId"]
        self._delivery = BatchDelivery(
            invoke=lambda event: functions.invoke(mapping.function, event),
            rules=DeliveryRules(mapping.bisects, mapping.reports_item_failures, mapping.maximum_retries),
            give_up=self._give_up,
            pause=self._pause_before_retry,
        )
        self._last_sequence_number: str | None = None
        self._writes = 0
        self._writes_delivered = 0
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"stream-{mapping.function}", daemon=True)

    def start(self) -> None:
        """Begins to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the batch that is under way, at most 5 seconds later."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def note_write(self) -> None:
        """The table may have changed."""
        with self._changed:
            self._writes += 1
            self._changed.notify_all()

    def wait_until_delivered(self, timeout_s: float) -> bool:
        """Whether everything written so far was delivered, or given up, within the time."""
        self.note_write()  # there may be writes that nobody told of
        with self._changed:
            so_far = self._writes
            return self._changed.wait_for(lambda: self._writes_delivered >= so_far, timeout_s)

    def _run(self) -> None:
        while not self._stopped.is_set():
            with self._changed:
                self._changed.wait_for(
                    lambda: self._writes > self._writes_delivered or self._stopped.is_set(), self._poll_every_s
                )
                writes = self._writes
            try:
                self._deliver_all()
            except (BotoCoreError, ClientError):
                # The engine may be gone or busy; the place in the stream is kept, and the next round goes on from it.
                logger.warning("the stream could not be read", exc_info=True)
                self._stopped.wait(LONGEST_RETRY_PAUSE_S)
                continue
            with self._changed:
                self._writes_delivered = writes
                self._changed.notify_all()

    def _deliver_all(self) -> None:
        while not self._stopped.is_set():
            records, shard_is_open = self._read()
            if records:
                self._deliver(records)
                if len(records) < READ_LIMIT and self._poll_every_s is None:
                    return  # moto gives all that it has
            elif shard_is_open or not self._enter_next_shard():
                return

    def _shards(self) -> list[dict[str, Any]]:
        """The shards, parents before their children."""
        shards: list[dict[str, Any]] = []
        place: dict[str, str] = {}
        while True:
            answer = self._streams.describe_stream(StreamArn=self._stream_arn, **place)["StreamDescription"]
            shards.extend(answer["Shards"])
            if not answer.get("LastEvaluatedShardId"):
                break
            place = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}
        return sorted(shards, key=lambda shard: int(shard["SequenceNumberRange"]["StartingSequenceNumber"]))

    def _enter_next_shard(self) -> bool:
        """Whether the shard, which is closed and read to its end, has one that follows it."""
        following = [shard for shard in self._shards() if shard.get("ParentShardId") == self._shard_id]
        if not following:
            return False
        self._shard_id, self._last_sequence_number = following[0]["ShardId"], None
        return True

    def _read(self) -> tuple[list[dict[str, Any]], bool]:
        """The next records, and whether more may come into this shard."""
        place = (
            {"ShardIteratorType": "TRIM_HORIZON"}
            if self._last_sequence_number is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last_sequence_number}
        )
        iterator = self._streams.get_shard_iterator(StreamArn=self._stream_arn, ShardId=self._shard_id, **place)
        answer = self._streams.get_records(ShardIterator=iterator["ShardIterator"], Limit=READ_LIMIT)
        return answer["Records"], bool(answer.get("NextShardIterator"))

    def _deliver(self, records: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(records), self._mapping.batch_size):
            batch = [_as_lambda_sees_it(r) for r in records[start : start + self._mapping.batch_size]]
            wanted = [self._completed(record) for record in batch if self._is_wanted(record)]
            if wanted:
                self._delivery.deliver(wanted)
            self._last_sequence_number = batch[-1]["dynamodb"]["SequenceNumber"]
            if self._stopped.is_set():
                return

    def _is_wanted(self, record: dict[str, Any]) -> bool:
        change = record["dynamodb"]
        # AWS writes no record for an update that changes nothing; moto does.
        if record["eventName"] == "MODIFY" and change.get("OldImage") == change.get("NewImage") is not None:
            return False
        return not self._patterns or any(pattern.matches_event(record) for pattern in self._patterns)

    def _completed(self, record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "awsRegion": self._region, "eventSourceARN": self._stream_arn}

    def _pause_before_retry(self, attempt: int) -> bool:
        """Waits as long as the attempt's number asks; False when the system stops meanwhile."""
        return not self._stopped.wait(min(FIRST_RETRY_PAUSE_S * 2**attempt, LONGEST_RETRY_PAUSE_S))

    def _give_up(self, failed: FailedBatch) -> None:
        if self._mapping.on_failure_bucket is None:
            return
        now, function_arn = datetime.now(UTC), self._functions.arn_of(self._mapping.function)
        self._buckets.put_object(
            Bucket=self._mapping.on_failure_bucket,
            Key=dead_letter_key(function_arn, self._shard_id, now),
            Body=dead_letter(
                failed, function_arn=function_arn, shard_id=self._shard_id, stream_arn=self._stream_arn, at=now
            ),
        )


def _as_lambda_sees_it(value: Any) -> Any:
    """boto3's values as they stand in a Lambda event: bytes in base64, times in seconds."""
    if isinstance(value, dict):
        return {key: _as_lambda_sees_it(item) for key, item in value.items()}
    if isinstance(value, list | set):
        return [_as_lambda_sees_it(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.timestamp()
    return value
