"""A report made by the deployed function: its files are whole, agree with the API, and can be opened at the gateway."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import requests

from local import report
from local.settings import LOOPBACK
from local.system import LocalSystem
from tests.support.local_system import ended_execution, running_system, start_execution
from tests.support.merchant import TIMEOUT_S, Merchant

ZONE = ZoneInfo("Africa/Nairobi")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    settings: dict[str, Any] = {
        "report_time_zone": str(ZONE),
        "report_language": "sw",
        "merchant_name": "Highland Coffee",
    }
    with running_system(tmp_path_factory.mktemp("run"), **settings) as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    return Merchant(system)


@pytest.fixture(scope="module")
def lived(system: LocalSystem, merchant: Merchant) -> list[dict[str, Any]]:
    """Payments of every kind, as the API tells them in the end."""
    for payment_id, amount in (("paid", 10001), ("declined", 10005), ("returned", 20001)):
        assert merchant.order("card-partner", amount=amount, payment_id=payment_id).status_code == 202
    merchant.wait_for("paid", "succeeded")
    merchant.wait_for("declined", "declined")
    merchant.wait_for("returned", "succeeded")
    ended_execution(system, start_execution(system, {"payment_id": "returned"}))
    return [merchant.payment(each) for each in ("paid", "declined", "returned")]


def made(system: LocalSystem, **event: Any) -> dict[str, Any]:
    answer: dict[str, Any] = system.functions.invoke("ReportFunction", event).value()
    return answer


def kept(system: LocalSystem, name: str) -> bytes:
    body: bytes = system.connect("s3").get_object(Bucket="ecommpay-report-bucket", Key=name)["Body"].read()
    return body


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def files(system: LocalSystem, lived: list[dict[str, Any]]) -> dict[str, bytes]:
    """The files of the report of these payments' day."""
    (day,) = {datetime.fromisoformat(each["created_at"]).astimezone(ZONE).date().isoformat() for each in lived}
    answer = made(system, **{"from": day})
    assert {name: answer[name] for name in ("payments", "operations", "differences")} == {
        "payments": 3,
        "operations": 4,
        "differences": None,
    }
    return {name.rpartition("/")[2]: kept(system, name) for name in answer["files"]}


def test_operations_are_those_that_the_api_tells(files: dict[str, bytes], lived: list[dict[str, Any]]) -> None:
    told = {
        (payment["payment_id"], each["operation_id"], each["type"], each["status"], f"{each['amount'] / 100:.2f}")
        for payment in lived
        for each in payment["operations"]
    }
    heading, *lines = rows(files["operations.csv"])

    assert heading[:3] == ["Mradi", "Malipo", "Muamala"]
    assert {(row[1], row[2], row[5], row[6], row[8]) for row in lines} == told
    refunds = {each["refund_id"] for payment in lived for each in payment["refunds"]}
    assert {row[3] for row in lines if row[3]} == refunds


def test_payments_are_those_that_the_api_tells(files: dict[str, bytes], lived: list[dict[str, Any]]) -> None:
    _, *lines = rows(files["payments.csv"])

    assert {(row[1], row[5], row[7], row[9]) for row in lines} == {
        (each["payment_id"], each["status"], f"{each['amount'] / 100:.2f}", f"{each['refunded_amount'] / 100:.2f}")
        for each in lived
    }


def test_the_workbook_adds_them_up(files: dict[str, bytes]) -> None:
    report = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"]))

    assert list(report.worksheets[0].iter_rows(min_row=2, values_only=True)) == [
        ("KES", "card-partner", 3, 2, 2, 300.02, 1, 200.01, 100.01)
    ]
    assert [sheet.max_row for sheet in report] == [2, 5, 4, 1]


def test_reports_can_be_opened_at_the_gateway(system: LocalSystem, files: dict[str, bytes]) -> None:
    listed = requests.get(f"{system.url}/reports", timeout=TIMEOUT_S)
    (page,) = re.findall(r'href="(/reports/[^"]+)"', listed.text)

    for name, kind in (("index.html", "text/html; charset=utf-8"), ("operations.csv", "text/csv; charset=utf-8")):
        answer = requests.get(system.url + page.replace("index.html", name), timeout=TIMEOUT_S)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.content == files[name]
    for elsewhere in ("/reports/2001-01-01_2001-01-01/index.html", "/reports/../reconciliations/x", "/reports/x"):
        assert requests.get(system.url + elsewhere, timeout=TIMEOUT_S).status_code == 404


def test_make_report_makes_one_and_tells_where_it_is(
    system: LocalSystem, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api, aws = (url.rpartition(":")[2] for url in (system.url, system.aws_url))
    today = datetime.now(ZONE).date()
    first, last = (today - timedelta(days=days) for days in (4, 2))
    for name, value in {"PORT": api, "AWS_PORT": aws, "FROM": str(first), "TO": str(last)}.items():
        monkeypatch.setenv(name, value)

    assert report.main() == 0
    told, *addresses = capsys.readouterr().out.splitlines()
    assert told == "payments: 0, operations: 0, differences: not compared"
    assert addresses[-1] == f"http://{LOOPBACK}:{api}/reports/{first}_{last}/index.html"
    assert [requests.get(each, timeout=TIMEOUT_S).status_code for each in addresses] == [200] * 4

    monkeypatch.setenv("TO", str(first - timedelta(days=1)))
    assert report.main() == 2
    assert "/to: has to be the first day or one of the 365 after it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "event",
    [
        {"to": "2026-11-21"},
        {"from": "2026-11-21", "to": "2026-11-20"},
        {"from": "2025-11-21", "to": "2026-11-22"},
        {"from": "2026-02-30"},
        {"from": "2026-11-21T00:00:00Z"},
        {"from": 20261121},
        {"from": "2026-11-21", "zone": "UTC"},
    ],
)
def test_days_that_are_none_are_refused(system: LocalSystem, event: dict[str, Any]) -> None:
    assert made(system, **event)["errorType"] == "InvalidRequest"
