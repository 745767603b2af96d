"""The refund workflow where functions die, executions do not start, and a person looks after what nobody tells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jmespath  # type: ignore[import-untyped]  # it comes with the AWS client and has no types
import pytest

import local.close
from local.ecommpay.refund import end_refund
from local.settings import PROJECT_FOLDER
from payments import wiring
from tests.integration.faults.stage import signed
from tests.integration.refunds.stage import RefundStage as Stage
from tests.integration.refunds.stage import refund_stage
from tests.support.faults import Call, Fault, on_call, on_first
from tests.support.local_system import ended_execution, received_messages, start_execution, wait_for
from tests.support.merchant import CUSTOMER
from tests.unit.domain.told import refund_callback

REFUND_PATH = "/v2/payment/card-partner/refund"
ENETS = 198


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A system whose AWS can fail; a refund that is to lose patience soon asks for the status once."""
    with refund_stage(tmp_path_factory.mktemp("run"), methods=(), status_poll_attempts=1) as stage:
        yield stage


def history(stage: Stage, execution: str) -> list[dict[str, Any]]:
    """Everything that happened in an execution, as `aws stepfunctions get-execution-history` shows it."""
    pages = stage.system.connect("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution) for event in page["events"]]


def states(stage: Stage, execution: str) -> list[str]:
    """The states an execution went through."""
    entered = (event.get("stateEnteredEventDetails") for event in history(stage, execution))
    return [each["name"] for each in entered if each]


def failures(stage: Stage, execution: str) -> list[str]:
    """The errors of tasks that the workflow met."""
    failed = (event.get("taskFailedEventDetails") for event in history(stage, execution))
    return [each["error"] for each in failed if each]


def refund_of(stage: Stage, payment_id: str) -> dict[str, Any]:
    """The one refund of a payment, as the API lists it."""
    listed = stage.merchant.get(f"/payments/{payment_id}/refunds").json()
    assert (len(listed["items"]), listed["next_cursor"]) == (1, None)
    refund: dict[str, Any] = listed["items"][0]
    return refund


DEATHS = [
    ("ReserveRefundFunction", "TransactWriteItems", Fault.KILLED_AFTER, "success"),
    ("CheckRefundFunction", "Query", Fault.KILLED_BEFORE, "silent"),
    ("CheckRefundFunction", "TransactWriteItems", Fault.KILLED_AFTER, "silent"),
    ("RecordRefundFunction", "GetItem", Fault.KILLED_BEFORE, "success"),
]


@pytest.mark.parametrize(("function", "operation", "death", "refund"), DEATHS)
def test_a_function_that_dies_is_tried_again_and_the_refund_ends_as_if_it_had_not(
    stage: Stage, function: str, operation: str, death: Fault, refund: str
) -> None:
    payment_id = f"{function}-{death.name}".replace("_", "-")
    stage.paid(payment_id)
    stage.wish(refund=refund)
    if refund == "silent":
        stage.impatient.add(payment_id)
        stage.ask_once_refunded(payment_id)

    with stage.faults.planned(on_first(function, operation, death)) as record:
        execution = start_execution(stage.system, {"payment_id": payment_id})
        end = ended_execution(stage.system, execution)

    assert len(record.injected) == 1
    assert failures(stage, execution) == ["Runtime.ExitError"]
    assert (end["status"], end["output"]["status"]) == ("SUCCEEDED", "succeeded")
    assert len(stage.merchant.gate_requests(REFUND_PATH, payment_id)) == 1


def test_a_function_that_dies_while_it_asks_support_is_tried_again_and_waits_with_its_new_token(stage: Stage) -> None:
    stage.paid("support-dies", "enets")
    death = on_first("AskSupportFunction", "TransactWriteItems", Fault.KILLED_AFTER)
    left: list[str] = []

    def token() -> str:
        return stage.stored("support-dies").refunds[0].task_token

    def death_then_look(call: Call) -> Fault | Callable[[], None] | None:
        """The token that the dead invocation left is seen before the second one does anything."""
        again = call.function == "AskSupportFunction" and (call.invocation, call.number) == (2, 1)
        return (lambda: left.append(token())) if again else death(call)

    with stage.faults.planned(death_then_look):
        execution = start_execution(stage.system, {"payment_id": "support-dies"})
        wait_for(lambda: left and token() != left[0])
    stage.merchant.provider_refunds("support-dies", ENETS)

    assert ended_execution(stage.system, execution)["output"]["status"] == "succeeded"
    assert failures(stage, execution) == ["Runtime.ExitError"]


def test_a_request_that_may_have_left_is_never_tried_again(stage: Stage) -> None:
    stage.paid("request-dies")
    wiring.projects.cache_clear()  # so that the secret is read once more

    # Its fifth call is the note of Gate's answer: by then the request has arrived.
    with stage.faults.planned(on_call("RequestRefundFunction", 5, Fault.KILLED_BEFORE)) as record:
        execution = start_execution(stage.system, {"payment_id": "request-dies"})
        end = ended_execution(stage.system, execution)

    assert [each.operation for each, _ in record.injected] == ["TransactWriteItems"]
    assert (end["status"], end["output"]["status"]) == ("SUCCEEDED", "succeeded")
    assert states(stage, execution).count("RequestRefund") == 1
    assert len(stage.merchant.gate_requests(REFUND_PATH, "request-dies")) == 1


def test_a_refund_whose_execution_could_not_be_started_is_answered_202_and_runs_minutes_later(stage: Stage) -> None:
    stage.paid("not-started")
    path, key = "/payments/not-started/refunds", {"Idempotency-Key": "not-started"}

    with stage.faults.planned(on_first("StartRefundFunction", "StartExecution", Fault.THROTTLED)):
        first = stage.merchant.post(path, {}, **key)
    again = stage.merchant.post(path, {}, **key)

    assert (first.status_code, first.json()["status"], again.status_code) == (202, "requested", 200)
    assert first.json() == again.json() == refund_of(stage, "not-started")
    assert not stage.run_schedule(later=timedelta(minutes=2)).failed
    stage.wait_for("not-started", "refunded")
    assert refund_of(stage, "not-started")["refund_id"] == first.json()["refund_id"]
    assert len(stage.merchant.gate_requests(REFUND_PATH, "not-started")) == 1


def stuck(stage: Stage, payment_id: str) -> dict[str, Any]:
    """A refund that ECommPay keeps in processing, and whose execution has given up on it."""
    stage.impatient.add(payment_id)
    stage.paid(payment_id)
    stage.wish(refund="stuck")
    end = stage.merchant.refund(payment_id)
    assert (end["status"], end["error"]) == ("FAILED", "RefundUnresolved")
    refund = refund_of(stage, payment_id)
    assert refund["status"] == "unknown"
    return refund


def test_the_history_of_a_failed_execution_reads_as_the_guide_says(stage: Stage) -> None:
    guide = (PROJECT_FOLDER / "docs/operations.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"get-execution-history [^']*'([^']+)'", guide)
    execution = stuck(stage, "read-by-a-person")["execution"]

    read = jmespath.search(query, {"events": history(stage, execution)})
    described = stage.system.connect("stepfunctions").describe_execution(executionArn=execution)

    assert [name for _, name in read] == [
        *("ReserveRefund", "WasItSentBefore", "HowIsItRefunded", "RequestRefund", "States.Timeout"),
        *("WaitBeforeCheck", "CheckRefund", "IsItSettled"),
        *("RecordRefund", "RefundUnresolved", "ExplainFailure", "RefundFailed", "RefundUnresolved"),
    ]
    assert described["cause"] == (
        f"No callback came for refund {refund_of(stage, 'read-by-a-person')['refund_id']} of payment read-by-a-person "
        "and no status request told its end. Look the payment up in the ECommPay Dashboard before anything else is "
        "refunded; a late callback still settles this refund. To ask once more, start an execution that names "
        "payment_id and refund_id; or close it by hand."
    )


def end_stuck(stage: Stage, payment_id: str, word: str, *, callbacks: str) -> None:
    """ECommPay ends the refund after all."""
    with stage.platform.store.lock:
        payment = stage.platform.store.find(2924, payment_id)
        assert payment is not None
        payment.operations[-1].callbacks = callbacks
        end_refund(stage.platform, payment, payment.operations[-1], word)


@pytest.mark.parametrize(("word", "status"), [("success", "succeeded"), ("decline", "declined")])
def test_an_execution_that_names_an_unresolved_refund_asks_once_more_and_sends_nothing(
    stage: Stage, word: str, status: str
) -> None:
    payment_id = f"gone-on-{word}"
    refund = stuck(stage, payment_id)
    wanted = {"payment_id": payment_id, "refund_id": refund["refund_id"]}

    early = start_execution(stage.system, wanted)
    assert ended_execution(stage.system, early)["error"] == "RefundUnresolved"
    end_stuck(stage, payment_id, word, callbacks="none")
    execution = start_execution(stage.system, wanted)
    end = ended_execution(stage.system, execution)

    assert end == {
        "status": "SUCCEEDED",
        "output": {
            "refund_id": refund["refund_id"],
            "payment_id": payment_id,
            "status": status,
            "amount": 10001,
            "currency": "KES",
        },
    }
    assert states(stage, execution) == [
        "ReserveRefund",
        "WasItSentBefore",
        "CheckRefund",
        "IsItSettled",
        "RecordRefund",
    ]
    assert refund_of(stage, payment_id)["execution"] == execution
    assert len(stage.merchant.gate_requests(REFUND_PATH, payment_id)) == 1


def close(stage: Stage, payment_id: str, status: str) -> Any:
    """What the operators' function answers."""
    event = {"payment_id": payment_id, "status": status, "reason": "ECommPay support, ticket 4711"}
    return stage.invoke("CloseRefundFunction", event).value()


def left_to_support(stage: Stage, payment_id: str, **more: Any) -> str:
    """A refund that waits for support; the execution that waits with it."""
    stage.paid(payment_id, "enets")
    execution = start_execution(stage.system, {"payment_id": payment_id, **more})
    wait_for(lambda: stage.stored(payment_id).refunds and refund_of(stage, payment_id)["status"] == "awaiting_support")
    return execution


def test_a_refund_closed_by_hand_as_succeeded_ends_its_execution_and_is_not_counted_twice(stage: Stage) -> None:
    execution = left_to_support(stage, "by-hand-succeeded")

    closed = close(stage, "by-hand-succeeded", "succeeded")

    end = ended_execution(stage.system, execution)
    assert (end["status"], end["output"]["status"]) == ("SUCCEEDED", "succeeded")
    assert closed == refund_of(stage, "by-hand-succeeded")
    assert (closed["status"], closed["message"]) == ("succeeded", "ECommPay support, ticket 4711")
    payment = stage.wait_for("by-hand-succeeded", "refunded")
    assert (payment["refunded_amount"], payment["timeline"][-1]["what"]) == (
        10001,
        "refund closed by hand as succeeded: ECommPay support, ticket 4711",
    )
    assert stage.differences(1) == []
    stage.merchant.provider_refunds("by-hand-succeeded", ENETS)
    wait_for(lambda: refund_of(stage, "by-hand-succeeded")["operation_type"])

    assert stage.merchant.payment("by-hand-succeeded")["refunded_amount"] == 10001
    assert stage.told_once("by-hand-succeeded") == ["PaymentSucceeded", "RefundSucceeded", "RefundSupportRequested"]
    assert stage.differences(1) == []


def test_a_refund_closed_by_hand_as_failed_says_so_and_frees_the_payment(stage: Stage) -> None:
    execution = left_to_support(stage, "by-hand-failed")

    close(stage, "by-hand-failed", "failed")

    end = ended_execution(stage.system, execution)
    assert (end["status"], end["error"], end["cause"]) == (
        "FAILED",
        "GateRejected",
        "The refund was closed by hand as failed: ECommPay support, ticket 4711.",
    )
    assert close(stage, "by-hand-failed", "succeeded")["errorType"] == "InvalidRequest"
    assert stage.merchant.post("/payments/by-hand-failed/refunds", {}).status_code == 202
    assert stage.told_once("by-hand-failed")[:2] == ["PaymentSucceeded", "RefundDeclined"]
    assert stage.differences(1) == []


def test_an_unresolved_refund_that_was_closed_as_failed_and_comes_back_after_all_has_succeeded(stage: Stage) -> None:
    stuck(stage, "by-hand-wrong")

    assert close(stage, "by-hand-wrong", "failed")["status"] == "failed"
    assert stage.merchant.payment("by-hand-wrong")["status"] == "succeeded"
    end_stuck(stage, "by-hand-wrong", "success", callbacks="all")

    assert stage.wait_for("by-hand-wrong", "refunded")["refunded_amount"] == 10001
    assert (refund_of(stage, "by-hand-wrong")["status"], refund_of(stage, "by-hand-wrong")["message"]) == (
        "succeeded",
        "Success",
    )
    assert stage.told_once("by-hand-wrong") == [
        "PaymentSucceeded",
        "RefundDeclined",
        "RefundSucceeded",
        "RefundUnresolved",
    ]
    assert stage.differences(1) == []


def test_the_local_command_closes_a_refund_and_says_why_when_it_cannot(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left_to_support(stage, "by-command")
    said = {"PAYMENT": "by-command", "PROJECT": str(ENETS), "STATUS": "succeeded", "REASON": "seen in the Dashboard"}
    for name, value in {**said, "AWS_PORT": stage.system.aws_url.rpartition(":")[2]}.items():
        monkeypatch.setenv(name, value)

    assert local.close.main() == 0
    assert json.loads(capsys.readouterr().out) == refund_of(stage, "by-command")
    monkeypatch.setenv("STATUS", "lost")
    assert local.close.main() == 2
    assert capsys.readouterr().err.startswith("CloseRefundFunction stopped: InvalidRequest: /status: ")
    monkeypatch.setenv("AWS_PORT", "9")
    assert local.close.main() == 2
    assert "is `make run` running?" in capsys.readouterr().err


def test_operators_are_reminded_of_a_refund_that_waits_for_support(stage: Stage) -> None:
    left_to_support(stage, "reminded", amount=4000)
    refund_id = refund_of(stage, "reminded")["refund_id"]
    letters: list[str] = []

    def reminded() -> bool:
        letters.extend(received_messages(stage.system, "ecommpay-operators-inbox", 1))
        return any("This refund has waited for 3 days" in each and refund_id in each for each in letters)

    stage.run_schedule(later=timedelta(days=3, minutes=1))
    wait_for(reminded)

    texts = [json.loads(each)["Message"] for each in letters if refund_id in each]
    assert len(texts) == 2
    assert all(f"please refund 40.00 SGD of the payment reminded in project {ENETS}." in text for text in texts)
    assert all(f"просим вернуть 40.00 SGD по платежу reminded в проекте {ENETS}." in text for text in texts)


def test_a_doubtful_match_guesses_nothing_and_is_counted_once(stage: Stage) -> None:
    left_to_support(stage, "doubtful", amount=4000)
    for number, word in enumerate(("processing", "decline", "decline")):
        parts: dict[str, Any] = {"amount": 4000, "currency": "SGD", "payment": "success", "held": 10001}
        body = refund_callback(word, operation_id=7000 + number, **parts)
        date = stage.stored("doubtful").updated_at.strftime("%Y-%m-%dT%H:%M:%S+0000")
        body["operation"] |= {"date": date, "created_date": date}
        body["payment"] |= {"id": "doubtful", "date": date}
        assert stage.deliver(signed({**body, "project_id": ENETS})) == 200
    assert stage.system.wait_until_delivered()

    refunds = stage.merchant.get("/payments/doubtful/refunds").json()["items"]
    assert [each["status"] for each in refunds] == ["awaiting_support", "sent", "declined", "declined"]
    told = [each["what"] for each in stage.merchant.payment("doubtful")["timeline"]]
    doubt = f"doubtful: which of these returns is refund {refunds[0]['refund_id']}"
    assert told.count(doubt) == 1
    lines = (stage.system.settings.run_folder / "functions.log").read_text().splitlines()
    counted = [json.loads(line)["DoubtfulRefundMatch"] for line in lines if '"DoubtfulRefundMatch":' in line]
    assert counted == [[1.0]]


def test_no_history_holds_personal_data_or_a_secret(stage: Stage) -> None:
    listed = stage.system.connect("stepfunctions").list_executions(stateMachineArn=stage.system.state_machine_arn)
    text = json.dumps(
        [history(stage, each["executionArn"]) for each in listed["executions"]], default=str, ensure_ascii=False
    )

    assert len(listed["executions"]) >= len(DEATHS)
    secrets = [key for project in stage.system.settings.projects.values() for key in project["secret_keys"]]
    assert [word for word in (*CUSTOMER.values(), *secrets, "signature") if word in text] == []
