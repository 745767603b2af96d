"""Every handler of a refund with its trigger: the API, the five states of the workflow, and the schedule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.faults.scenarios import BATCH, CHECK, GET, QUERY, SECRET, WRITE, Scenario
from tests.integration.faults.stage import PAID_AT_ONCE, Stage
from tests.support.faults import Fault, ahead, on_first
from tests.support.local_system import wait_for

#: What a workflow task may say that is an answer and no failure of the machinery.
TOLD_BY_A_STATE = {"GateRejected", "GateUnavailable", "RefundSettled", "RefundUnresolved"}


def _prepare_paid(stage: Stage, payment_id: str) -> None:
    stage.paid_already(payment_id)


def _start_refund(stage: Stage, payment_id: str, _: int) -> bool:
    return stage.merchant.post(f"/payments/{payment_id}/refunds", {}).status_code in {202, 409}


def _start_refund_by_key(stage: Stage, payment_id: str, _: int) -> bool:
    answer = stage.merchant.post(f"/payments/{payment_id}/refunds", {}, **{"Idempotency-Key": payment_id})
    assert answer.status_code in {200, 202, 500, 503}, answer.text
    return answer.status_code in {200, 202}


def refunded_once(stage: Stage, payment_id: str) -> None:
    """However the refund went: the money is back once, or it is not back and another refund brings it back once."""
    payment = stage.settle(payment_id)
    assert stage.refunds(payment_id) <= 1
    if stage.provider_says(2924, payment_id) == "refunded":
        stage.wait_for(payment_id, "refunded")
    elif all(each["status"] in {"failed", "declined"} for each in payment["refunds"]):
        assert payment["status"] == "succeeded"
        assert stage.merchant.refund(payment_id)["status"] == "SUCCEEDED"
    else:
        # It was written down as sent and died before it left: nobody can tell, so a person is called.
        assert [each["status"] for each in payment["refunds"]] == ["unknown"]
        assert stage.told_once(payment_id) == ["PaymentSucceeded", "RefundUnresolved"]
        stage.merchant.provider_refunds(payment_id, 2924)
    refunded = stage.wait_for(payment_id, "refunded")
    assert refunded["refunded_amount"] == PAID_AT_ONCE
    assert stage.refunds(payment_id) <= 1
    told = stage.told_once(payment_id)
    assert told.count("RefundSucceeded") == 1, told


def _task(stage: Stage, function: str, event: dict[str, Any]) -> bool:
    outcome = stage.invoke(function, event)
    return not outcome.failed or outcome.value()["errorType"] in TOLD_BY_A_STATE


def _execution(payment_id: str) -> dict[str, Any]:
    arn = f"arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:{payment_id}"
    return {"input": {"payment_id": payment_id}, "execution": arn}


def _reserve(stage: Stage, payment_id: str, _: int = 1) -> bool:
    return _task(stage, "ReserveRefundFunction", _execution(payment_id))


def _refund(stage: Stage, payment_id: str) -> dict[str, Any]:
    refund = stage.merchant.payment(payment_id)["refunds"][0]
    return {"refund_id": refund["refund_id"], "payment_id": payment_id, "project_id": refund["project_id"]}


def _reserved_once(stage: Stage, payment_id: str) -> None:
    assert [each["status"] for each in stage.merchant.payment(payment_id)["refunds"]] == ["requested"]
    _request(stage, payment_id, 1)
    _requested_once(stage, payment_id)


def _prepare_reserved(stage: Stage, payment_id: str) -> None:
    stage.paid_already(payment_id)
    assert _reserve(stage, payment_id)


def _request(stage: Stage, payment_id: str, attempt: int) -> bool:
    event = {"refund": _refund(stage, payment_id), "task_token": f"token-{payment_id}-{attempt}"}
    return _task(stage, "RequestRefundFunction", event)


def _requested_once(stage: Stage, payment_id: str) -> None:
    if stage.refunds(payment_id):
        stage.wait_for(payment_id, "refunded")
    assert _check(stage, payment_id, 1)
    assert _record(stage, payment_id, 1)
    refunded_once(stage, payment_id)


def _prepare_for_support(stage: Stage, payment_id: str) -> None:
    stage.paid_already(payment_id, "enets")
    assert _reserve(stage, payment_id)


def _ask(stage: Stage, payment_id: str, attempt: int) -> bool:
    event = {"refund": _refund(stage, payment_id), "task_token": f"token-{payment_id}-{attempt}"}
    return _task(stage, "AskSupportFunction", event)


def _asked_once(stage: Stage, payment_id: str) -> None:
    assert stage.told_once(payment_id) == ["PaymentSucceeded", "RefundSupportRequested"]
    stage.wait_for_letter(_refund(stage, payment_id)["refund_id"])
    stage.merchant.provider_refunds(payment_id, 198)
    stage.wait_for(payment_id, "refunded")
    assert stage.told_once(payment_id) == ["PaymentSucceeded", "RefundSucceeded", "RefundSupportRequested"]


def _prepare_silent(stage: Stage, payment_id: str) -> None:
    _prepare_reserved(stage, payment_id)
    stage.wish(refund="silent")
    assert _request(stage, payment_id, 1)
    wait_for(lambda: stage.provider_says(2924, payment_id) == "refunded")


def _check(stage: Stage, payment_id: str, _: int) -> bool:
    refund = {**_refund(stage, payment_id), "check": {"attempt": 0}}
    with ahead(timedelta(minutes=1)):  # the workflow has waited
        outcome = stage.invoke("CheckRefundFunction", {"refund": refund})
    # An unreachable provider only costs an attempt, and the workflow asks again.
    return not outcome.failed


def _found_out(stage: Stage, payment_id: str) -> None:
    assert _check(stage, payment_id, 1)
    assert stage.merchant.payment(payment_id)["status"] == "refunded"
    refunded_once(stage, payment_id)


def _prepare_refused(stage: Stage, payment_id: str) -> None:
    _prepare_reserved(stage, payment_id)
    stage.wish(refund="refuse")
    assert _request(stage, payment_id, 1)


def _refused_once(stage: Stage, payment_id: str) -> None:
    assert _check(stage, payment_id, 1)
    assert [each["status"] for each in stage.merchant.payment(payment_id)["refunds"]] == ["failed"]
    assert stage.provider_says(2924, payment_id) == "success"
    assert stage.merchant.refund(payment_id)["status"] == "SUCCEEDED"
    assert stage.told_once(payment_id) == ["PaymentSucceeded", "RefundDeclined", "RefundSucceeded"]


def _prepare_settled(stage: Stage, payment_id: str) -> None:
    _prepare_reserved(stage, payment_id)
    assert _request(stage, payment_id, 1)
    stage.wait_for(payment_id, "refunded")


def _prepare_lost(stage: Stage, payment_id: str) -> None:
    _prepare_reserved(stage, payment_id)
    stage.wish(refund="lost")
    assert _request(stage, payment_id, 1)


def _record(stage: Stage, payment_id: str, _: int) -> bool:
    return _task(stage, "RecordRefundFunction", {"refund": _refund(stage, payment_id)})


def _unresolved_once(stage: Stage, payment_id: str) -> None:
    assert stage.refunds(payment_id) == 1
    assert [each["status"] for each in stage.merchant.payment(payment_id)["refunds"]] == ["unknown"]
    stage.wait_for_letter(_refund(stage, payment_id)["refund_id"])
    refunded_once(stage, payment_id)


def _prepare_asked(stage: Stage, payment_id: str) -> None:
    _prepare_for_support(stage, payment_id)
    assert _ask(stage, payment_id, 1)


def _close(stage: Stage, payment_id: str, _: int) -> bool:
    event = {"payment_id": payment_id, "status": "failed", "reason": "ECommPay support refused"}
    return not stage.invoke("CloseRefundFunction", event).failed


def _closed_once(stage: Stage, payment_id: str) -> None:
    (refund,) = stage.merchant.payment(payment_id)["refunds"]
    assert (refund["status"], refund["message"]) == ("failed", "ECommPay support refused")
    assert stage.told_once(payment_id) == ["PaymentSucceeded", "RefundDeclined", "RefundSupportRequested"]


def _prepare_left(stage: Stage, payment_id: str) -> None:
    stage.paid_already(payment_id)
    with stage.faults.planned(on_first("StartRefundFunction", "StartExecution", Fault.KILLED_BEFORE)):
        assert stage.merchant.post(f"/payments/{payment_id}/refunds", {}).status_code == 500


def _run_schedule_for_refund(stage: Stage, payment_id: str, attempt: int) -> bool:
    outcome = stage.run_schedule(later=timedelta(minutes=2 * attempt))
    return not outcome.failed and outcome.value()["unreachable"] == 0


REFUND_SCENARIOS = (
    Scenario(
        "start-refund",
        "StartRefundFunction",
        (QUERY, GET, WRITE, "StartExecution"),
        _start_refund,
        refunded_once,
        _prepare_paid,
    ),
    Scenario(
        "start-refund-by-key",
        "StartRefundFunction",
        (QUERY, GET, WRITE, "StartExecution"),
        _start_refund_by_key,
        refunded_once,
        _prepare_paid,
    ),
    Scenario("reserve", "ReserveRefundFunction", (QUERY, GET, WRITE), _reserve, _reserved_once, _prepare_paid),
    Scenario(
        "request",
        "RequestRefundFunction",
        (SECRET, GET, WRITE, GET, WRITE),
        _request,
        _requested_once,
        _prepare_reserved,
    ),
    Scenario("ask", "AskSupportFunction", (GET, WRITE), _ask, _asked_once, _prepare_for_support),
    Scenario("check", "CheckRefundFunction", (QUERY, SECRET, BATCH, WRITE, QUERY), _check, _found_out, _prepare_silent),
    Scenario(
        "check-refused",
        "CheckRefundFunction",
        (QUERY, SECRET, BATCH, WRITE, QUERY, GET, WRITE),
        _check,
        _refused_once,
        _prepare_refused,
    ),
    Scenario("record", "RecordRefundFunction", (GET,), _record, refunded_once, _prepare_settled),
    Scenario("record-unknown", "RecordRefundFunction", (GET, WRITE), _record, _unresolved_once, _prepare_lost),
    Scenario("close", "CloseRefundFunction", (QUERY, GET, WRITE), _close, _closed_once, _prepare_asked),
    Scenario(
        "check-pending-refund",
        CHECK,
        (QUERY, BATCH, GET, "StartExecution"),
        _run_schedule_for_refund,
        refunded_once,
        _prepare_left,
    ),
)
