"""A report whose function dies at any of its AWS calls: no half of a file is ever seen, and the next try is whole."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from tests.integration.faults.stage import Stage, redeliver
from tests.support.faults import CRASHES, Fault, on_call

REPORT, BUCKET = "ReportFunction", "ecommpay-report-bucket"
FILES = ("index.html", "operations.csv", "payments.csv", "report.xlsx")
CALLS = ("Query", "Query", "BatchGetItem", "Query", "ListObjectsV2", *["PutObject"] * 4)


@pytest.fixture(scope="module")
def day(stage: Stage) -> dict[str, str]:
    """The day of the one payment there is, as the function is asked for it."""
    stage.paid("order-1")
    created = datetime.fromisoformat(stage.merchant.payment("order-1")["created_at"]).astimezone(UTC)
    return {"from": created.date().isoformat()}


@pytest.fixture
def kept(stage: Stage) -> Any:
    """The files of the bucket, which is empty when a test begins."""
    s3 = stage.system.connect("s3")

    def read() -> dict[str, bytes]:
        found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return {
            each["Key"].split("/")[-1]: s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in found
        }

    for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=each["Key"])
    return read


def check_whole(files: dict[str, bytes]) -> None:
    """Every file that is there is all there."""
    if "report.xlsx" in files:
        report = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"]))
        assert [sheet.max_row for sheet in report] == [2, 2, 2, 1]
    for name in {"operations.csv", "payments.csv"} & set(files):
        rows = list(csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))
        assert [row[1] for row in rows] == ["Payment", "order-1"]
    if "index.html" in files:
        assert files["index.html"].endswith(b"</html>")
        assert set(files) == set(FILES)


def test_a_report_asks_so_much_of_aws(stage: Stage, day: dict[str, str], kept: Any) -> None:
    with stage.faults.planned(lambda _: None) as record:
        assert not stage.invoke(REPORT, day).failed

    assert tuple(record.operations(REPORT)) == CALLS
    assert tuple(kept()) == FILES


@pytest.mark.parametrize("fault", CRASHES, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("number", range(1, len(CALLS) + 1))
def test_a_crash_at_any_call_leaves_only_whole_files_and_the_next_try_makes_them_all(
    stage: Stage, day: dict[str, str], kept: Any, number: int, fault: Fault
) -> None:
    def act(attempt: int) -> bool:
        failed = stage.invoke(REPORT, day).failed
        check_whole(kept())
        return not failed

    with stage.faults.planned(on_call(REPORT, number, fault)) as record:
        assert redeliver(act, most=3) == 2

    assert [(each.number, what) for each, what in record.injected] == [(number, fault)]
    assert set(kept()) == set(FILES)
