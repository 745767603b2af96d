"""What Lambda leaves in a bucket for a batch of stream records that it gave up: the whole event, and how it failed."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.stream_batches import FailedBatch


def dead_letter_key(function_arn: str, shard_id: str, at: datetime) -> str:
    """Where a batch goes: by the mapping, which here has its id from its function, the shard and the time in UTC."""
    mapping_id = uuid.uuid5(uuid.NAMESPACE_URL, function_arn)
    return f"aws/lambda/{mapping_id}/{shard_id}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


def dead_letter(batch: FailedBatch, *, function_arn: str, shard_id: str, stream_arn: str, at: datetime) -> bytes:
    """What is left of the batch; the event is a text of JSON inside of it."""
    first, last = (batch.records[place]["dynamodb"] for place in (0, -1))
    letter = {
        "requestContext": {
            "requestId": batch.request_id,
            "functionArn": function_arn,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": batch.attempts,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled" if batch.raised else None,
        },
        "version": "1.0",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _time(first),
            "approximateArrivalOfLastRecord": _time(last),
            "batchSize": len(batch.records),
            "streamArn": stream_arn,
        },
        "payload": json.dumps({"Records": list(batch.records)}),
    }
    return json.dumps(letter).encode()


def _time(change: Mapping[str, Any]) -> str:
    return f"{datetime.fromtimestamp(change['ApproximateCreationDateTime'], UTC):%Y-%m-%dT%H:%M:%SZ}"
