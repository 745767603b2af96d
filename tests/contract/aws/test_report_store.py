"""What lies in the bucket of reports, and how it is written and read."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.report_store import ReportBucket
from payments.domain.errors import StoreUnavailable
from tests.contract.aws.conftest import make_client

BUCKET = "reports"


@pytest.fixture
def s3(aws: Callable[[str], Any]) -> Any:
    client = aws("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def test_a_report_is_read_as_it_was_written_from_bytes_and_from_a_file(s3: Any) -> None:
    reports = ReportBucket(s3, BUCKET)

    reports.put("a/summary.json", b"{}")
    reports.put("a/operations.csv", BytesIO(b"id,amount\r\n"))

    assert (reports.get("a/summary.json"), reports.get("a/operations.csv")) == (b"{}", b"id,amount\r\n")
    assert reports.get("a/other.json") is None


def test_a_report_takes_the_place_of_the_one_of_its_name(s3: Any) -> None:
    reports = ReportBucket(s3, BUCKET)

    reports.put("a/summary.json", b"first")
    reports.put("a/summary.json", b"second")

    assert reports.get("a/summary.json") == b"second"


def test_names_come_in_their_order_however_many_there_are(s3: Any) -> None:
    for number in range(1003):
        s3.put_object(Bucket=BUCKET, Key=f"a/{number:04}", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="b/0001", Body=b"")

    assert ReportBucket(s3, BUCKET).names("a/") == tuple(f"a/{number:04}" for number in range(1003))
    assert ReportBucket(s3, BUCKET).names("c/") == ()


def test_a_bucket_that_fails_is_unavailable() -> None:
    client = make_client("s3")
    reports = ReportBucket(client, BUCKET)
    for method, act in (
        ("put_object", lambda: reports.put("a", b"")),
        ("get_object", lambda: reports.get("a")),
        ("list_objects_v2", lambda: reports.names("a")),
    ):
        with Stubber(client) as stubber:
            stubber.add_client_error(method, "AccessDenied", http_status_code=403)
            with pytest.raises(StoreUnavailable):
                act()
