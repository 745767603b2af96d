"""The bucket where Lambda leaves the batches of stream records that no try could publish.

Rules of this file:

* One object is one dead letter, its key is its name:
  ``aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random>``. S3 lists keys in their order, so of one
  shard the oldest comes first. Order among shards means nothing: an event says itself when it happened.
* ``payload`` is the whole event of the last try, as JSON or as a text of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from payments.aws.failures import error_code, unavailable_when_failing
from payments.domain.errors import DeadLetterUnreadable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2RequestTypeDef


class DeadLetterBucket:
    """`payments.ports.DeadLetters` on one S3 bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def names(self, *, after: str | None, limit: int) -> tuple[tuple[str, ...], bool]:
        """At most so many names behind this one, 1000 at most, and whether there are more."""
        place: ListObjectsV2RequestTypeDef = {"Bucket": self._bucket, "MaxKeys": limit}
        if after is not None:
            place["StartAfter"] = after
        with unavailable_when_failing("ListObjectsV2"):
            page = self._client.list_objects_v2(**place)
        return tuple(each["Key"] for each in page.get("Contents", ())), page["IsTruncated"]

    def records(self, name: str) -> tuple[Mapping[str, Any], ...] | None:
        """The stream records of a dead letter; None when it is gone: published by somebody else, or too old."""
        with unavailable_when_failing("GetObject"):
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
            except ClientError as error:
                if error_code(error) != "NoSuchKey":
                    raise
                return None
        return _records(body)

    def delete(self, name: str) -> None:
        """Forget a dead letter for good: the bucket keeps no versions."""
        with unavailable_when_failing("DeleteObject"):
            self._client.delete_object(Bucket=self._bucket, Key=name)


def _records(body: bytes) -> tuple[Mapping[str, Any], ...]:
    payload = _object(body, "it").get("payload")
    if isinstance(payload, str):
        payload = _object(payload, "its payload")
    records = payload.get("Records") if isinstance(payload, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(each, dict) for each in records):
        raise DeadLetterUnreadable("it holds no stream records")
    return tuple(records)


def _object(text: str | bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # The error would quote what it could not read, and that may be about a person.
        raise DeadLetterUnreadable(f"{what} is not JSON") from None
    if not isinstance(value, dict):
        raise DeadLetterUnreadable(f"{what} is no JSON object")
    return value
