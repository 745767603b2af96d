"""What lies in the bucket of reports, and how it is written and read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from payments.aws.report_store import ReportBucket
from payments.domain.errors import StoreConflict, StoreUnavailable
from tests.contract.aws.conftest import make_client
from tests.support.fake_ledgers import FakeReports
from tests.unit.usecases.night import DAY, Night, listed

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


def test_of_two_writes_over_one_version_one_is_let_through(s3: Any) -> None:
    reports = ReportBucket(s3, BUCKET)
    first = reports.put_over("a/run.json", b"1", version="")
    with pytest.raises(StoreConflict):
        reports.put_over("a/run.json", b"other", version="")

    second = reports.put_over("a/run.json", b"2", version=first)
    with pytest.raises(StoreConflict):
        reports.put_over("a/run.json", b"3", version=first)

    assert reports.get_with_version("a/run.json") == (b"2", second)
    assert second != first


def test_a_version_that_is_gone_is_not_written_over(s3: Any) -> None:
    reports = ReportBucket(s3, BUCKET)
    version = reports.put_over("a/run.json", b"1", version="")
    s3.delete_object(Bucket=BUCKET, Key="a/run.json")

    with pytest.raises(StoreConflict):
        reports.put_over("a/run.json", b"2", version=version)
    assert reports.get_with_version("a/run.json") is None


def test_a_write_whose_answer_was_lost_meets_itself_when_it_is_repeated(s3: Any) -> None:
    reports = ReportBucket(s3, BUCKET)
    first = reports.put_over("a/run.json", b"1", version="")
    written = reports.put_over("a/run.json", b"2", version=first)

    assert reports.put_over("a/run.json", b"2", version=first) == written


def test_a_write_beside_another_one_is_refused_by_s3() -> None:
    client = make_client("s3")
    with Stubber(client) as stubber:
        stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
        stubber.add_response("get_object", {"Body": StreamingBody(BytesIO(b"1"), 1), "ETag": '"e-1"'})
        with pytest.raises(StoreConflict):
            ReportBucket(client, BUCKET).put_over("a/run.json", b"2", version='"e-1"')


def test_two_threads_reconcile_one_day_in_the_bucket_and_one_of_them_tells(s3: Any) -> None:
    night = Night()
    night.reports = cast("FakeReports", ReportBucket(s3, BUCKET))
    night.data_api.lists[2924] = [listed(1)]
    asks, goes_on, troubles = threading.Event(), threading.Event(), list[str]()

    def hold() -> None:
        asks.set()
        assert goes_on.wait(timeout=30)

    night.data_api.before_page.append(hold)
    held = threading.Thread(target=lambda: troubles.extend(each.trouble for each in night.run(DAY).runs))
    held.start()
    assert asks.wait(timeout=30)
    stages = [each.stage for each in night.run(DAY).runs]
    goes_on.set()
    held.join(timeout=30)

    assert (stages, troubles) == (["done"], ["another call goes on with this run"])
    assert night.reasons() == [("missing_here", "1001", False)]
    assert len(night.events.published) == 1


def test_a_bucket_that_fails_is_unavailable() -> None:
    client = make_client("s3")
    reports = ReportBucket(client, BUCKET)
    for method, act in (
        ("put_object", lambda: reports.put("a", b"")),
        ("put_object", lambda: reports.put_over("a", b"", version="")),
        ("get_object", lambda: reports.get("a")),
        ("list_objects_v2", lambda: reports.names("a")),
    ):
        with Stubber(client) as stubber:
            stubber.add_client_error(method, "AccessDenied", http_status_code=403)
            with pytest.raises(StoreUnavailable):
                act()
