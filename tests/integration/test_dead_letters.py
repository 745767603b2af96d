"""What could not be published for longer than all tries: where it lies meanwhile, and how one command delivers it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local import redrive, streams
from local.system import LocalSystem
from tests.support.faults import Fault, Faults, faults_of
from tests.support.leaks import leaks
from tests.support.local_system import ended_execution, running_system, start_execution, wait_for
from tests.support.merchant import Merchant

BUCKET = "ecommpay-dead-letter-bucket"
NOTHING_LEFT = {"published": 0, "kept": [], "next_cursor": None}
#: An amount that ends in these digits is paid at once, without the customer.
PAID_AT_ONCE = 10001


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system whose refunds wait longer than any test, so that nothing but a wake-up ends them."""
    with running_system(tmp_path_factory.mktemp("run"), refund_callback_timeout_s=600) as system:
        yield system


@pytest.fixture(scope="module")
def faults(system: LocalSystem) -> Iterator[Faults]:
    with faults_of(system) as faults:
        yield faults


@pytest.fixture(autouse=True)
def clean(system: LocalSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries come without a pause, and nothing of an earlier test is left."""
    monkeypatch.setattr(streams, "LONGEST_RETRY_PAUSE_S", 0.0)
    assert system.wait_until_delivered()
    for name in dead_letters(system):
        system.connect("s3").delete_object(Bucket=BUCKET, Key=name)
    told(system)


@contextmanager
def events_refused(faults: Faults) -> Iterator[None]:
    """Inside, EventBridge takes nothing from any function."""
    with faults.planned(lambda call: Fault.THROTTLED if call.operation == "PutEvents" else None) as record:
        yield
    assert record.injected


def dead_letters(system: LocalSystem) -> dict[str, bytes]:
    """What lies in the bucket, by name."""
    s3 = system.connect("s3")
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {name: s3.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names}


def records(letter: bytes) -> list[dict[str, Any]]:
    """The stream records of a dead letter."""
    read: list[dict[str, Any]] = json.loads(json.loads(letter)["payload"])["Records"]
    return read


def put_letter(system: LocalSystem, name: str, body: bytes) -> None:
    system.connect("s3").put_object(Bucket=BUCKET, Key=name, Body=body)


def told(system: LocalSystem) -> list[tuple[str, str, str]]:
    """Takes the events that arrived since the last call: kind, payment and event id."""
    queues, events = system.connect("sqs"), []
    url = queues.get_queue_url(QueueName="ecommpay-events")["QueueUrl"]
    while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            part = next(iter(event["detail"]["data"].values()))
            events.append((event["detail-type"], part["payment_id"], event["detail"]["metadata"]["event_id"]))
    return events


def invoke(system: LocalSystem, event: Any = None) -> Any:
    """What the redrive function answers to an operator; without an event as the command line calls it."""
    outcome = system.functions.invoke("RedriveFunction", event)
    assert not outcome.failed, outcome.payload
    return outcome.value()


def event_id(*parts: object) -> str:
    """The id an event has for ever, by what it is about."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]


def pay(system: LocalSystem, payment_id: str) -> None:
    """A payment that is paid, as far as the table knows, and its stream read to the end."""
    merchant = Merchant(system)
    assert merchant.order(amount=PAID_AT_ONCE, payment_id=payment_id).status_code == 202
    merchant.wait_for(payment_id, "succeeded")
    assert system.wait_until_delivered(20)


def test_an_event_that_was_refused_to_the_end_arrives_by_one_command_under_the_id_it_would_have_had(
    system: LocalSystem, faults: Faults
) -> None:
    with events_refused(faults):
        pay(system, "refused")
    assert told(system) == []
    (letter,) = dead_letters(system).values()
    (record,) = records(letter)
    image = record["dynamodb"]["NewImage"]
    assert (image["pk"], image["status"]) == ({"S": "PAYMENT#refused"}, {"S": "succeeded"})
    assert json.loads(letter)["requestContext"]["approximateInvokeCount"] == 21

    # The stream goes on behind it.
    pay(system, "later")
    assert [each[:2] for each in told(system)] == [("PaymentSucceeded", "later")]

    assert invoke(system) == {"published": 1, "kept": [], "next_cursor": None}
    expected = event_id(2924, "refused", image["version"]["N"], "PaymentSucceeded")
    assert told(system) == [("PaymentSucceeded", "refused", expected)]
    assert dead_letters(system) == {}

    assert invoke(system) == NOTHING_LEFT
    assert told(system) == []


def test_a_refund_that_waits_is_woken_by_the_same_command(system: LocalSystem, faults: Faults) -> None:
    pay(system, "to-refund")
    told(system)
    with events_refused(faults):
        execution = start_execution(system, {"payment_id": "to-refund"})
        refunded = Merchant(system).wait_for("to-refund", "refunded")
        assert system.wait_until_delivered(20)
    (letter,) = dead_letters(system).values()
    version = records(letter)[0]["dynamodb"]["NewImage"]["version"]["N"]
    status = system.connect("stepfunctions").describe_execution(executionArn=execution)["status"]
    assert (status, told(system)) == ("RUNNING", [])

    assert invoke(system) == {"published": 1, "kept": [], "next_cursor": None}

    end = ended_execution(system, execution)
    assert (end["status"], end["output"]["status"]) == ("SUCCEEDED", "succeeded")
    refund_id = refunded["refunds"][0]["refund_id"]
    expected = event_id(2924, "to-refund", version, "RefundSucceeded", refund_id)
    assert told(system) == [("RefundSucceeded", "to-refund", expected)]
    assert dead_letters(system) == {}


def test_published_twice_it_is_one_event_by_its_id(system: LocalSystem, faults: Faults) -> None:
    with events_refused(faults):
        pay(system, "twice")
    ((name, letter),) = dead_letters(system).items()

    assert invoke(system)["published"] == 1
    put_letter(system, name, letter)
    assert invoke(system)["published"] == 1

    first, second = told(system)
    assert first == second
    assert first[:2] == ("PaymentSucceeded", "twice")


def test_while_events_are_still_refused_dead_letters_stay_and_say_why(system: LocalSystem, faults: Faults) -> None:
    with events_refused(faults):
        pay(system, "patient")
        before = dead_letters(system)
        answer = invoke(system)

    (name,) = before
    reason = "1 of 1 records: StoreUnavailable: PutEvents: ThrottlingException"
    assert answer == {"published": 0, "kept": [{"dead_letter": name, "reason": reason}], "next_cursor": None}
    assert dead_letters(system) == before
    assert invoke(system)["published"] == 1


def test_a_redrive_that_dies_before_it_has_deleted_leaves_the_dead_letter_for_the_next_one(
    system: LocalSystem, faults: Faults
) -> None:
    with events_refused(faults):
        pay(system, "cut-off")

    with faults.planned(lambda call: Fault.KILLED_BEFORE if call.operation == "DeleteObject" else None) as record:
        assert system.functions.invoke("RedriveFunction", {}).failed
    assert [each.operation for each in record.calls] == ["ListObjectsV2", "GetObject", "PutEvents", "DeleteObject"]

    assert invoke(system) == {"published": 1, "kept": [], "next_cursor": None}
    first, second = told(system)
    assert first == second


def test_a_dead_letter_that_cannot_be_read_or_published_is_named_and_holds_up_nobody(
    system: LocalSystem, faults: Faults
) -> None:
    # A row that says it is a payment and is none: no version of the publisher can take it.
    row = {"pk": {"S": "PAYMENT#odd"}, "sk": {"S": "PAYMENT#2924"}, "document": {"S": '{"email":"amina@example.com"}'}}
    system.connect("dynamodb").put_item(TableName=system.table_name, Item=row)
    assert system.wait_until_delivered(20)
    (odd,) = dead_letters(system)
    put_letter(system, "aws/lambda/0-before-all-others", b"amina@example.com")
    with events_refused(faults):
        pay(system, "behind-it")

    answers = [invoke(system, {"limit": 1})]
    while answers[-1]["next_cursor"]:
        answers.append(invoke(system, {"limit": 1, "cursor": answers[-1]["next_cursor"]}))

    unreadable = {
        "dead_letter": "aws/lambda/0-before-all-others",
        "reason": "DeadLetterUnreadable: it is not JSON",
    }
    unpublishable = {"dead_letter": odd, "reason": "1 of 1 records: TypeError"}
    assert [(each["published"], each["kept"]) for each in answers[:1]] == [(0, [unreadable])]
    assert sorted((each["published"], each["kept"] != []) for each in answers[1:]) == [(0, True), (1, False)]
    assert [each[:2] for each in told(system)] == [("PaymentSucceeded", "behind-it")]
    assert invoke(system) == {"published": 0, "kept": [unreadable, unpublishable], "next_cursor": None}
    assert "amina" not in json.dumps(answers)


def test_a_dead_letter_holds_what_no_log_may_hold(system: LocalSystem, faults: Faults) -> None:
    with events_refused(faults):
        pay(system, "private")
        kept = invoke(system)["kept"]
    (letter,) = dead_letters(system).values()
    log = (system.settings.run_folder / "functions.log").read_text("utf-8")

    assert {"the word amina@example.com", "the word Otieno"} <= set(leaks(letter.decode()))
    assert "private" in log
    assert "dead letter kept" in log
    assert kept[0]["dead_letter"] in log
    assert list(leaks(log)) == []


def test_what_is_no_request_for_a_redrive_is_refused(system: LocalSystem) -> None:
    for event in ({"limit": 0}, {"limit": 1001}, {"cursor": ""}, {"cursor": 7}, {"all": True}):
        outcome = system.functions.invoke("RedriveFunction", event)
        assert (outcome.failed, outcome.value()["errorType"]) == (True, "InvalidRequest")


def redriven(system: LocalSystem, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The exit code of `make redrive` beside this system, and the lines it prints."""
    monkeypatch.setenv("AWS_PORT", system.aws_url.rpartition(":")[2])
    capsys.readouterr()
    code = redrive.main()
    return code, capsys.readouterr().out.splitlines()


def test_make_redrive_publishes_all_of_them_and_names_those_that_stay(
    system: LocalSystem, faults: Faults, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with events_refused(faults):
        pay(system, "made-1")
        pay(system, "made-2")
    wait_for(lambda: len(dead_letters(system)) == 2)

    assert redriven(system, monkeypatch, capsys) == (0, ["kept: 0", "published: 2"])
    assert {each[:2] for each in told(system)} == {("PaymentSucceeded", "made-1"), ("PaymentSucceeded", "made-2")}

    put_letter(system, "odd", b"{}")
    reason = {"dead_letter": "odd", "reason": "DeadLetterUnreadable: it holds no stream records"}
    assert redriven(system, monkeypatch, capsys) == (1, [json.dumps(reason), "kept: 1", "published: 0"])


def test_make_redrive_says_when_nothing_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PORT", "1")

    assert redrive.main() == 2
    assert "is `make run` running?" in capsys.readouterr().err
