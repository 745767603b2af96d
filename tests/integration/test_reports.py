"""A report made by the deployed function: its files are whole, agree with the API, and can be opened at the gateway."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
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
    settings = {"report_time_zone": str(ZONE), "report_language": "sw", "merchant_name": "Highland Coffee"}
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


def test_a_report(system: LocalSystem, lived: Any) -> None:
    today = datetime.now(ZONE).date().isoformat()
    answer = made(system, **{"from": today})
    print(answer)
    for name in answer["files"]:
        print(kept(system, name)[:3000] if not name.endswith("xlsx") else len(kept(system, name)))
    assert 0
