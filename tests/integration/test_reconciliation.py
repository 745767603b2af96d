"""A whole reconciliation on the local system: ECommPay lists what it likes, callbacks are lost, and all of it is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import pytest
import requests

from local import reconcile
from local.ecommpay import DataApiSettings, GateSettings
from local.system import LocalSystem
from payments import wiring
from payments.aws.report_store import ReportBucket
from payments.domain.errors import StoreUnavailable
from tests.support.leaks import leaks
from tests.support.local_system import counted, received_messages, running_system, wait_for
from tests.support.merchant import TIMEOUT_S, Merchant

BUCKET = "ecommpay-report-bucket"
PAID_AT_ONCE = 10001
TODAY = datetime.now(UTC).date()
#: A run that passes midnight still has everything in its days.
DAYS = {"from": TODAY.isoformat(), "to": (TODAY + timedelta(days=1)).isoformat(), "project_id": 2924}
FOLDER = f"reconciliations/2924/{DAYS['from']}_{DAYS['to']}"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system whose pretend ECommPay tells every second operation wrongly: those with an even id."""
    wrong = DataApiSettings(data_api_fault_every=2)
    with running_system(tmp_path_factory.mktemp("run"), gate=GateSettings(step_s=0.01), data_api=wrong) as system:
        yield system


@pytest.fixture(scope="module")
def paid(system: LocalSystem) -> Merchant:
    """Ten payments that were paid, 101 to 110, one of which nobody told, 111, and a refund by the Dashboard, 113."""
    merchant = Merchant(system)
    for number in range(101, 111):
        _order(merchant, f"order-{number}")
        merchant.wait_for(f"order-{number}", "succeeded")
    _quietly(system)
    _order(merchant, "order-111")
    wait_for(lambda: _provider_status(system, "order-111") == "success")
    _order(merchant, "order-112")
    merchant.wait_for("order-112", "succeeded")
    merchant.provider_refunds("order-101", 2924)
    merchant.wait_for("order-101", "refunded")
    return merchant


def _order(merchant: Merchant, payment_id: str) -> None:
    assert merchant.order(amount=PAID_AT_ONCE, payment_id=payment_id).status_code == 202


def _quietly(system: LocalSystem) -> None:
    """Of the next payment no callback tells."""
    requests.post(f"{system.platform_url}/control/next", json={"callbacks": "none"}, timeout=TIMEOUT_S)


def _provider_status(system: LocalSystem, payment_id: str) -> str:
    known = requests.get(f"{system.platform_url}/control/payments/2924/{payment_id}", timeout=TIMEOUT_S)
    return str(known.json().get("status", ""))


def invoke(system: LocalSystem, event: dict[str, Any]) -> Any:
    outcome = system.functions.invoke("ReconcileFunction", event)
    assert not outcome.failed, outcome.payload
    return outcome.value()


def report(system: LocalSystem, name: str) -> str:
    return str(system.connect("s3").get_object(Bucket=BUCKET, Key=name)["Body"].read().decode())


def test_every_difference_of_a_day_is_named_and_what_is_missing_here_is_brought_in(
    system: LocalSystem, paid: Merchant
) -> None:
    assert invoke(system, DAYS) == {
        "runs": [{**DAYS, "stage": "done", "trouble": "", "summary": f"{FOLDER}/summary.json"}],
        "left_out": [],
        "done": True,
    }

    found = [json.loads(line) for line in report(system, f"{FOLDER}/differences.jsonl").splitlines()]
    assert sorted((each["payment_id"], each["reason"], each["operation_id"], each["repaired"]) for each in found) == [
        ("order-101", "refund_not_ours", "113", False),
        ("order-102", "status", "102", False),
        ("order-104", "amount", "104", False),
        ("order-106", "currency", "106", False),
        ("order-108", "duplicate", "1000000000000108", False),
        ("order-110", "missing_there", "110", False),
        ("order-111", "missing_here", "111", True),
        ("order-112", "status", "112", False),
    ]
    payment = paid.payment("order-111")
    assert (payment["status"], payment["timeline"][-1]["source"]) == ("succeeded", "reconciliation")


def test_the_summary_says_by_how_much_the_money_differs(system: LocalSystem, paid: Merchant) -> None:
    invoke(system, DAYS)

    summary = json.loads(report(system, f"{FOLDER}/summary.json"))

    def total(currency: str, ours: int, theirs: int, count_ours: int, count_theirs: int) -> dict[str, Any]:
        sums = {"ours": ours, "theirs": theirs, "difference": ours - theirs}
        counts = {"count_ours": count_ours, "count_theirs": count_theirs}
        return {"method": "card-partner", "currency": currency, **sums, **counts}

    # Twelve sales and a refund here. There two are declined, one is missing, one is in another currency, one is told
    # twice, and one is a cent more.
    one = PAID_AT_ONCE
    assert summary["totals"] == [
        total("KES", 11 * one, 8 * one + 1, 13, 10),
        total("XTS", 0, one, 0, 1),
    ]
    assert summary["differences"]["status"] == {"found": 2, "repaired": 0, "needs_a_person": 2}


def test_operators_and_the_merchants_systems_hear_of_it_and_no_word_is_about_a_person(
    system: LocalSystem, paid: Merchant
) -> None:
    received_messages(system, "ecommpay-events", 1)
    before = sum(counted(system, "ReconciliationDifference"))

    invoke(system, DAYS)

    def finished() -> dict[str, Any] | None:
        told = [json.loads(each) for each in received_messages(system, "ecommpay-events", 1)]
        return next((each["detail"] for each in told if each["detail-type"] == "ReconciliationFinished"), None)

    detail = wait_for(finished)
    assert detail is not None
    assert detail["data"]["reconciliation"]["summary"] == f"{FOLDER}/summary.json"
    assert sum(counted(system, "ReconciliationDifference")) - before == 6
    written = [report(system, f"{FOLDER}/{name}") for name in ("summary.json", "differences.jsonl")]
    assert list(leaks("".join(written) + json.dumps(detail))) == []


def test_the_schedule_reconciles_the_nights_that_were_not(
    system: LocalSystem, paid: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "clock", lambda: datetime.combine(TODAY, datetime.min.time(), UTC).replace(hour=3))

    first, second = invoke(system, {}), invoke(system, {})

    days = [(TODAY - timedelta(days=nights)).isoformat() for nights in (3, 2, 1)]
    assert sorted((each["project_id"], each["from"], each["to"], each["stage"]) for each in first["runs"]) == [
        (project_id, day, day, "done") for project_id in (198, 2924) for day in days
    ]
    assert second == {"runs": [], "left_out": [], "done": True}


def test_where_the_bucket_fails_one_project_the_other_is_done_and_the_call_fails_all_the_same(
    system: LocalSystem, paid: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = ReportBucket.put

    def fails_project_198(self: ReportBucket, name: str, content: bytes | IO[bytes]) -> None:
        if "/198/" in name:
            raise StoreUnavailable("PutObject: SlowDown")
        put(self, name, content)

    monkeypatch.setattr(ReportBucket, "put", fails_project_198)
    day, before = (TODAY - timedelta(days=40)).isoformat(), sum(counted(system, "ReconciliationStuck"))

    outcome = system.functions.invoke("ReconcileFunction", {"from": day, "to": day})

    assert (outcome.failed, outcome.value()["errorType"]) == (True, "StoreUnavailable")
    assert sum(counted(system, "ReconciliationStuck")) - before == 1
    assert json.loads(report(system, f"reconciliations/2924/{day}_{day}/summary.json"))["from"] == day


@pytest.mark.parametrize(
    "event",
    [
        {"from": "2026-11-01"},
        {"to": "2026-11-01"},
        {"project_id": 2924},
        {"from": "2026-11-02", "to": "2026-11-01"},
        {"from": "2025-11-01", "to": "2026-11-02"},
        {"from": "yesterday", "to": "2026-11-01"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"since": "2026-11-01"},
    ],
)
def test_days_that_make_no_sense_are_refused(system: LocalSystem, event: dict[str, Any]) -> None:
    outcome = system.functions.invoke("ReconcileFunction", event)
    assert (outcome.failed, outcome.value()["errorType"]) == (True, "InvalidRequest")


def reconciled(
    system: LocalSystem, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **variables: str
) -> tuple[int, list[str], str]:
    """The exit code of `make reconcile` beside this system, and what it prints."""
    for name, value in {"AWS_PORT": system.aws_url.rpartition(":")[2], **variables}.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    code = reconcile.main()
    shown = capsys.readouterr()
    return code, shown.out.splitlines(), shown.err


def test_make_reconcile_prints_what_differs(
    system: LocalSystem, paid: Merchant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    days = {"FROM": str(DAYS["from"]), "TO": str(DAYS["to"])}
    invoke(system, DAYS)  # which brings in what is missing here

    code, lines, _ = reconciled(system, monkeypatch, capsys, **days, PROJECT="2924")

    assert code == 1
    assert [json.loads(line)["operation_id"] for line in lines[:-3]] == [
        *("113", "102", "104", "106", "1000000000000108", "110", "112"),
    ]
    assert lines[-3].startswith("project 2924, card-partner KES: differs by ")
    assert lines[-2:] == [
        f"project 2924, card-partner XTS: differs by -{PAID_AT_ONCE} (0 operations here, 1 there)",
        "differences: 7",
    ]


def test_make_reconcile_of_a_day_without_differences_succeeds(
    system: LocalSystem, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = (TODAY - timedelta(days=5)).isoformat()
    assert reconciled(system, monkeypatch, capsys, FROM=quiet) == (0, ["differences: 0"], "")


def test_make_reconcile_says_when_nothing_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PORT", "1")

    assert reconcile.main() == 2
    assert "is `make run` running?" in capsys.readouterr().err
