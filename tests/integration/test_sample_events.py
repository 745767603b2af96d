"""Every sample event runs through the deployed handler it is for, in the order of a payment's life."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.settings import PROJECT_FOLDER
from local.system import LocalSystem
from tests.support.local_system import received_messages, running_system, wait_for
from tests.support.merchant import Merchant

EVENTS = PROJECT_FOLDER / "events"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system of its own, so that the samples meet only each other."""
    with running_system(tmp_path_factory.mktemp("run")) as system:
        yield system


def event(name: str) -> dict[str, Any]:
    """A sample event, by folder and name."""
    read: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return read


def invoke(system: LocalSystem, function: str, sample: dict[str, Any]) -> Any:
    """What the deployed handler answers."""
    return system.functions.invoke(function, sample).value()


CALLBACKS = [
    "card_partner_redirect_post",
    "card_partner_sale_success",
    "card_partner_sale_decline",
    "card_partner_refund_success",
    "card_partner_refund_decline",
    "enets_redirect_get",
    "enets_sale_success",
    "enets_sale_decline",
]

#: What the payments of the callback samples come to, once a merchant has ordered them.
ORDERED = [
    ("EP79a6-d2db", "card-partner", 1000, "refunded", "refunded"),
    ("EPee51-5d3f", "card-partner", 11300, "declined", "decline"),
    ("EPacf3-b6d0", "card-partner", 61900, "succeeded", "success"),
    ("TEST_1529415224.4078", "enets", 1000, "succeeded", "success"),
    ("TEST_1529415155.6671", "enets", 100, "declined", "decline"),
]


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("name", CALLBACKS)
def test_every_callback_of_the_provider_is_stored_whether_or_not_its_payment_is_known(
    system: LocalSystem, name: str, again: bool
) -> None:
    assert invoke(system, "CallbackFunction", event(f"callback/{name}")) == {
        "statusCode": 200,
        "headers": {
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "content-type": "application/json",
        },
        "body": '{"status":"stored"}',
    }


@pytest.mark.parametrize(("payment_id", "method", "amount", "status", "provider_status"), ORDERED)
def test_a_payment_ordered_after_its_callbacks_has_them_folded_in_at_once_and_is_not_sold_again(
    merchant: Merchant, payment_id: str, method: str, amount: int, status: str, provider_status: str
) -> None:
    answer = merchant.order(method, amount=amount, payment_id=payment_id)

    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["provider_status"]) == (status, provider_status)
    assert all(each["body"]["general"]["payment_id"] != payment_id for each in merchant.all_gate_requests())


def test_a_forged_callback_is_refused_without_a_word_of_the_reason(system: LocalSystem) -> None:
    answer = invoke(system, "CallbackFunction", event("callback/forged"))

    assert (answer["statusCode"], json.loads(answer["body"])["detail"]) == (403, "Signature refused")


REQUESTS = [
    ("CreatePaymentFunction", "create_payment/card_partner_page", 201),
    ("CreatePaymentFunction", "create_payment/card_partner_page", 200),
    ("CreatePaymentFunction", "create_payment/card_partner_gate", 202),
    ("CreatePaymentFunction", "create_payment/enets_page", 201),
    ("CreatePaymentFunction", "create_payment/enets_gate", 202),
    ("CreatePaymentFunction", "create_payment/amount_out_of_limits", 422),
    ("GetPaymentFunction", "get_payment/one", 200),
    ("GetPaymentFunction", "get_payment/list", 200),
    ("GetPaymentFunction", "get_payment/refund", 404),
    ("GetPaymentFunction", "get_payment/keys", 200),
    ("CheckoutFunction", "checkout/page", 302),
    ("CheckoutFunction", "checkout/widget", 200),
    ("CheckoutFunction", "checkout/state", 200),
    ("CheckoutFunction", "checkout/clarification", 200),
    ("CheckoutFunction", "checkout/forged_token", 404),
    ("StartRefundFunction", "start_refund/full", 409),
    ("DescribeApiFunction", "describe_api/openapi", 200),
]


def test_the_requests_of_merchant_and_customer_are_answered(system: LocalSystem) -> None:
    answered = [(name, sample, invoke(system, name, event(sample))["statusCode"]) for name, sample, _ in REQUESTS]

    assert answered == REQUESTS


def test_the_states_of_a_refund_through_gate_run_one_after_the_other(system: LocalSystem, merchant: Merchant) -> None:
    merchant.pay(merchant.payment("order-1002"))
    sample = event("refund_workflow/request")["refund"]

    assert invoke(system, "ReserveRefundFunction", event("refund_workflow/reserve")) == {
        **sample,
        "callback_timeout_s": system.settings.refund_callback_timeout_s,
        "check": {"attempt": 0, "wait_s": system.settings.status_poll_delay_s},
    }
    assert invoke(system, "RequestRefundFunction", event("refund_workflow/request")) is None
    merchant.wait_for("order-1002", "refunded")
    checked = invoke(system, "CheckRefundFunction", event("refund_workflow/check"))
    assert checked == {"settled": True, "overdue": False, "again": False, "attempt": 1, "wait_s": 4}
    assert invoke(system, "RecordRefundFunction", event("refund_workflow/record")) == {
        "refund_id": sample["refund_id"],
        "payment_id": "order-1002",
        "status": "succeeded",
        "amount": 10000,
        "currency": "KES",
    }
    one, listed = (invoke(system, "GetPaymentFunction", event(f"get_payment/{name}")) for name in ("refund", "refunds"))
    assert (one["statusCode"], listed["statusCode"]) == (200, 200)
    assert json.loads(listed["body"]) == {"items": [json.loads(one["body"])], "next_cursor": None}


def test_the_states_of_a_refund_by_support_run_one_after_the_other(system: LocalSystem, merchant: Merchant) -> None:
    merchant.pay(merchant.payment("order-1004"))

    reserved = invoke(system, "ReserveRefundFunction", event("refund_workflow/reserve_support"))
    assert (reserved["refund_policy"], reserved["amount"]) == ("support", 400)
    assert invoke(system, "AskSupportFunction", event("refund_workflow/ask")) is None
    assert merchant.payment("order-1004")["refunds"][0]["status"] == "awaiting_support"


def test_a_write_of_the_table_becomes_an_event(system: LocalSystem) -> None:
    sample = event("publish_changes/payment_succeeded")

    assert invoke(system, "PublishChangesFunction", sample) == {"batchItemFailures": []}
    assert any("PaymentSucceeded" in each for each in received_messages(system, "ecommpay-events", 1))


def test_what_could_not_be_published_becomes_an_event_after_all(system: LocalSystem) -> None:
    payload = json.dumps(event("publish_changes/payment_succeeded")).replace("order-1002", "order-given-up")
    letter = json.dumps({"payload": payload}).encode()
    system.connect("s3").put_object(Bucket="ecommpay-dead-letter-bucket", Key="given-up", Body=letter)

    redriven = invoke(system, "RedriveFunction", event("redrive/page"))

    assert redriven == {"published": 1, "kept": [], "next_cursor": None}
    assert wait_for(lambda: any("order-given-up" in each for each in received_messages(system, "ecommpay-events", 1)))


def test_the_schedule_looks_after_payments(system: LocalSystem) -> None:
    assert set(invoke(system, "CheckPendingFunction", event("check_pending/schedule"))) == {
        "checked",
        "unreachable",
        "overdue",
        "nearly_lost",
    }


def test_days_are_reconciled_by_the_schedule_and_by_hand(system: LocalSystem) -> None:
    due = invoke(system, "ReconcileFunction", event("reconcile/schedule"))
    asked = invoke(system, "ReconcileFunction", event("reconcile/days"))

    assert (len(due["runs"]), due["left_out"], due["done"]) == (6, [], True)
    summary = "reconciliations/2924/2026-11-01_2026-11-02/summary.json"
    assert [(each["stage"], each["summary"]) for each in asked["runs"]] == [("done", summary)]


def test_every_payment_is_what_its_messages_say(system: LocalSystem) -> None:
    replayed = invoke(system, "ReplayFunction", event("replay/page"))

    assert (replayed["differences"], replayed["next_cursor"]) == ([], None)
    assert replayed["checked"] == len(ORDERED) + 4


@pytest.mark.parametrize("sample", ["report/schedule", "report/days"])
def test_a_report_is_made_every_morning_and_of_any_days(system: LocalSystem, sample: str) -> None:
    made = invoke(system, "ReportFunction", event(sample))

    files = [name.rpartition("/")[2] for name in made["files"]]
    assert files == ["operations.csv", "payments.csv", "report.xlsx", "index.html"]


def test_a_customer_is_erased_wherever_nothing_is_awaited_any_more(system: LocalSystem) -> None:
    erased = invoke(system, "EraseCustomerFunction", event("erase_customer/customer"))

    assert [each["payment_id"] for each in erased["erased"]] == ["order-1002"]
    assert [each["payment_id"] for each in erased["skipped"]] == ["order-1004", "order-1003", "order-1001"]
    assert invoke(system, "ReplayFunction", event("replay/page"))["differences"] == []


def test_a_refund_that_support_refused_is_closed_by_hand(system: LocalSystem, merchant: Merchant) -> None:
    sample = event("close_refund/failed")

    closed = invoke(system, "CloseRefundFunction", sample)

    assert closed == merchant.payment("order-1004")["refunds"][0]
    assert (closed["status"], closed["message"]) == ("failed", sample["reason"])


def test_no_sample_is_forgotten() -> None:
    named = {sample for _, sample, _ in REQUESTS} | {f"callback/{name}" for name in (*CALLBACKS, "forged")}
    named |= {f"refund_workflow/{name}" for name in ("reserve", "reserve_support", "request", "ask", "check", "record")}
    named |= {"publish_changes/payment_succeeded", "check_pending/schedule", "replay/page", "erase_customer/customer"}
    named |= {"redrive/page", "get_payment/refunds", "close_refund/failed", "reconcile/schedule", "reconcile/days"}
    named |= {"report/schedule", "report/days"}

    assert {path.relative_to(EVENTS).with_suffix("").as_posix() for path in EVENTS.rglob("*.json")} == named
