"""What lies in the bucket of dead letters, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.dead_letters import DeadLetterBucket
from payments.domain.errors import DeadLetterUnreadable, StoreUnavailable
from tests.contract.aws.conftest import make_client

BUCKET = "dead-letters"
MAPPING = "aws/lambda/9a0d5a4e-5f0e-4bb5-8f2f-0f6f3e2b7f11"
SHARDS = (f"{MAPPING}/shardId-00000001796000000000-aaaa0001", f"{MAPPING}/shardId-00000001797000000000-bbbb0002")
RECORDS = ({"eventID": "1", "dynamodb": {"Keys": {"sk": {"S": "PAYMENT#2924"}}}}, {"eventID": "2"})


def letter(payload: Any) -> dict[str, Any]:
    """A dead letter as Lambda writes it (services-dynamodb-errors in the guide of AWS Lambda)."""
    return {
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:publish:live",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 21,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "7", "functionError": None},
        "version": "1.0",
        "timestamp": "2026-11-21T12:00:00.000Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001796000000000-aaaa0001",
            "startSequenceNumber": "100000000000000000001",
            "endSequenceNumber": "100000000000000000002",
            "approximateArrivalOfFirstRecord": "2026-11-21T11:40:00Z",
            "approximateArrivalOfLastRecord": "2026-11-21T11:40:00Z",
            "batchSize": 2,
            "streamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/payments/stream/2026-11-21T00:00:00.000",
        },
        "payload": payload,
    }


@pytest.fixture
def s3(aws: Callable[[str], Any]) -> Any:
    client = aws("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def put(s3: Any, name: str, body: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=name, Body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_names_come_page_by_page_the_oldest_of_a_shard_first(s3: Any) -> None:
    times = (
        "2026/11/21/2026-11-21T09.59.59-ffff",
        "2026/11/21/2026-11-21T10.00.00-0000",
        "2026/12/01/2026-12-01T00.00.00-7",
    )
    names = [f"{shard}/{time}" for shard in SHARDS for time in times]
    for name in reversed(names):
        put(s3, name, {})
    bucket = DeadLetterBucket(s3, BUCKET)

    first, more = bucket.names(after=None, limit=4)
    rest, still_more = bucket.names(after=first[-1], limit=4)

    assert ([*first], more) == (names[:4], True)
    assert ([*rest], still_more) == (names[4:], False)
    assert bucket.names(after=names[-1], limit=4) == ((), False)
    assert bucket.names(after=None, limit=6) == (tuple(names), False)


def test_an_empty_bucket_has_no_names(s3: Any) -> None:
    assert DeadLetterBucket(s3, BUCKET).names(after=None, limit=100) == ((), False)


@pytest.mark.parametrize("payload", [{"Records": RECORDS}, json.dumps({"Records": RECORDS})], ids=["json", "text"])
def test_the_records_of_the_last_try_are_read_whichever_way_they_are_written(s3: Any, payload: Any) -> None:
    put(s3, "name", letter(payload))

    assert DeadLetterBucket(s3, BUCKET).records("name") == RECORDS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"amina@example.com", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"", "it is not JSON"),
        ([letter({"Records": RECORDS})], "it is no JSON object"),
        (letter("amina@example.com"), "its payload is not JSON"),
        (letter("[]"), "its payload is no JSON object"),
        # What a queue would have got: the place in the stream and not the records.
        ({name: part for name, part in letter(None).items() if name != "payload"}, "it holds no stream records"),
        (letter(None), "it holds no stream records"),
        (letter({"Records": []}), "it holds no stream records"),
        (letter({"Records": {"amina@example.com": 1}}), "it holds no stream records"),
        (letter({"Records": [RECORDS[0], "amina@example.com"]}), "it holds no stream records"),
        (letter({"records": RECORDS}), "it holds no stream records"),
    ],
)
def test_what_cannot_be_read_is_named_by_what_is_missing_and_never_quoted(s3: Any, body: Any, reason: str) -> None:
    put(s3, "name", body)

    with pytest.raises(DeadLetterUnreadable) as told:
        DeadLetterBucket(s3, BUCKET).records("name")

    assert str(told.value) == reason
    assert told.value.__cause__ is None


def test_a_deleted_one_is_gone_and_may_be_deleted_again(s3: Any) -> None:
    bucket = DeadLetterBucket(s3, BUCKET)
    for name in ("one", "other"):
        put(s3, name, letter({"Records": RECORDS}))

    bucket.delete("one")
    bucket.delete("one")

    assert bucket.records("one") is None
    assert bucket.names(after=None, limit=100) == (("other",), False)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("list_objects_v2", lambda bucket: bucket.names(after="name", limit=1)),
        ("get_object", lambda bucket: bucket.records("name")),
        ("delete_object", lambda bucket: bucket.delete("name")),
    ],
    ids=["ListObjectsV2", "GetObject", "DeleteObject"],
)
def test_a_bucket_that_does_not_answer_is_unavailable(
    operation: str, call: Callable[[DeadLetterBucket], Any], request: pytest.FixtureRequest
) -> None:
    client = make_client("s3")
    with Stubber(client) as stubber:
        stubber.add_client_error(operation, "AccessDenied", http_status_code=403)

        with pytest.raises(StoreUnavailable, match=f"^{request.node.callspec.id}: AccessDenied$"):
            call(DeadLetterBucket(client, BUCKET))
