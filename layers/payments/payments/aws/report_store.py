"""The bucket of reports: what was written down for the merchant's people, and what a long run keeps to go on from.

Rules of this file:

* One object is written by one call, so whoever reads it sees all of it or the one that was there before.
* A version is the object's ETag. S3 itself compares it, so that of several writers at once one is let through.
* Names have slashes: ``reconciliations/2924/2026-11-21_2026-11-21/summary.json``.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from payments.aws.failures import error_code, unavailable_when_failing
from payments.domain.errors import StoreConflict

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


#: What a browser that opens a report is told it is.
_TYPES = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".json": "application/json",
    }
)

#: What S3 answers to a write over another version: one that is there, that is being written, or that is gone.
_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})


class ReportBucket:
    """`payments.ports.Reports` on one S3 bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """Write a report, or put it in the place of the one of that name; a file is read from where it stands."""
        with unavailable_when_failing("PutObject"):
            self._client.put_object(Bucket=self._bucket, Key=name, Body=content, ContentType=_type_of(name))

    def put_over(self, name: str, content: bytes, *, version: str) -> str:
        """Write over this version alone, or where nothing is when it is empty; raises `StoreConflict`."""
        condition: dict[str, Any] = {"IfMatch": version} if version else {"IfNoneMatch": "*"}
        with unavailable_when_failing("PutObject"):
            try:
                return self._client.put_object(
                    Bucket=self._bucket, Key=name, Body=content, ContentType=_type_of(name), **condition
                )["ETag"]
            except ClientError as error:
                if error_code(error) not in _OVERTAKEN:
                    raise
        # botocore repeats a write whose answer was lost, and is refused for what it wrote itself.
        written = self.get_with_version(name)
        if written is None or written[0] != content:
            raise StoreConflict(f"{name} was written by somebody else.")
        return written[1]

    def get(self, name: str) -> bytes | None:
        """A whole report; None when there is none of that name."""
        kept = self.get_with_version(name)
        return kept[0] if kept else None

    def get_with_version(self, name: str) -> tuple[bytes, str] | None:
        """A whole report and its version; None when there is none of that name."""
        with unavailable_when_failing("GetObject"):
            try:
                kept = self._client.get_object(Bucket=self._bucket, Key=name)
                return kept["Body"].read(), kept["ETag"]
            except ClientError as error:
                if error_code(error) != "NoSuchKey":
                    raise
                return None

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names that begin so, in their order."""
        found: list[str] = []
        with unavailable_when_failing("ListObjectsV2"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                found.extend(each["Key"] for each in page.get("Contents", ()))
        return tuple(found)


def _type_of(name: str) -> str:
    return _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
