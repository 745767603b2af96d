"""The main job from end to end: pay by either method through either interface, be refunded, read the story."""

import pytest
import requests

from tests.support.local_system import ended_execution, received_messages, start_execution, wait_for
from tests.support.merchant import TIMEOUT_S, Merchant, forms_of

EVERY_WAY = [
    ("card-partner", "gate"),
    ("card-partner", "payment_page"),
    ("enets", "gate"),
    ("enets", "payment_page"),
]


@pytest.mark.parametrize(("method", "interface"), EVERY_WAY)
def test_a_customer_pays_by_every_method_and_interface(merchant: Merchant, method: str, interface: str) -> None:
    ordered = merchant.order(method, interface)
    assert ordered.status_code == (202 if interface == "gate" else 201)

    paid = merchant.pay(ordered.json())

    assert paid["status"] == "succeeded"
    assert paid["provider_status"] == "success"
    assert [(each["type"], each["status"], each["amount"]) for each in paid["operations"]] == [
        ("sale", "success", 10000)
    ]
    page = requests.get(paid["checkout_url"], timeout=TIMEOUT_S)
    assert "<h1>Payment received</h1>" in page.text


@pytest.mark.parametrize(("method", "interface"), EVERY_WAY)
def test_a_customer_who_declines_leaves_a_declined_payment(merchant: Merchant, method: str, interface: str) -> None:
    declined = merchant.pay(merchant.order(method, interface).json(), outcome="decline")

    assert declined["status"] == "declined"
    assert [each["code"] for each in declined["operations"]] == ["20000"]


def test_a_paid_card_payment_is_refunded_in_full_by_an_execution_with_an_invented_name(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order().json())["payment_id"]

    end = merchant.refund(payment_id)

    assert end["status"] == "SUCCEEDED"
    refund_id = end["output"]["refund_id"]
    assert end["output"] == {
        "refund_id": refund_id,
        "payment_id": payment_id,
        "status": "succeeded",
        "amount": 10000,
        "currency": "KES",
    }
    refunded = merchant.payment(payment_id)
    assert (refunded["status"], refunded["refunded_amount"]) == ("refunded", 10000)
    assert len(merchant.gate_requests("/v2/payment/card-partner/refund", payment_id)) == 1
    refund = merchant.get(f"/payments/{payment_id}/refunds/{refund_id}").json()
    assert (refund["status"], refund["operation_type"], refund["code"]) == ("succeeded", "refund", "0")


def test_the_api_starts_the_same_workflow(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order().json())["payment_id"]

    answer = merchant.post(f"/payments/{payment_id}/refunds", {"reason": "Returned goods"})

    assert answer.status_code == 202
    assert answer.headers["location"] == f"/payments/{payment_id}/refunds/{answer.json()['refund_id']}"
    assert (answer.json()["status"], answer.json()["amount"]) == ("requested", 10000)
    refunded = merchant.wait_for(payment_id, "refunded")
    assert [each["execution"] for each in refunded["refunds"]] == [answer.json()["execution"]]


def test_a_declined_refund_leaves_the_payment_paid_and_allows_another(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order(amount=10015).json())["payment_id"]

    first, second = merchant.refund(payment_id), merchant.refund(payment_id)

    assert [each["output"]["status"] for each in (first, second)] == ["declined", "declined"]
    payment = merchant.payment(payment_id)
    assert (payment["status"], payment["refunded_amount"]) == ("succeeded", 0)
    assert [(each["status"], each["code"]) for each in payment["refunds"]] == [("declined", "20000")] * 2


def test_a_refund_carried_out_as_a_reversal_settles_too(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order(amount=10020).json())["payment_id"]

    end = merchant.refund(payment_id)

    assert end["output"]["status"] == "succeeded"
    payment = merchant.payment(payment_id)
    assert (payment["status"], payment["provider_status"]) == ("refunded", "reversed")
    assert payment["refunds"][0]["operation_type"] == "reversal"


def test_an_enets_refund_waits_for_support_and_closes_itself(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order("enets").json())["payment_id"]

    started = merchant.post(f"/payments/{payment_id}/refunds").json()
    wait_for(lambda: merchant.payment(payment_id)["refunds"][0]["status"] == "awaiting_support")
    letters = received_messages(merchant.system, "ecommpay-operators-inbox", 1)
    merchant.provider_refunds(payment_id, 198)

    payment = merchant.wait_for(payment_id, "refunded")
    assert payment["refunds"][0]["refund_id"] == started["refund_id"]
    assert payment["refunds"][0]["status"] == "succeeded"
    assert any(started["refund_id"] in letter for letter in letters)
    assert merchant.gate_requests("/v2/payment/refund", payment_id) == []


def test_support_gives_back_parts_until_all_is_refunded(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order("enets").json())["payment_id"]

    for amount, status in ((4000, "partially_refunded"), (6000, "refunded")):
        merchant.post(f"/payments/{payment_id}/refunds", {"amount": amount})
        wait_for(lambda: merchant.payment(payment_id)["refunds"][-1]["status"] == "awaiting_support")
        merchant.provider_refunds(payment_id, 198, amount=amount)
        merchant.wait_for(payment_id, status)

    assert [each["amount"] for each in merchant.payment(payment_id)["refunds"]] == [4000, 6000]


def test_a_refund_made_in_the_dashboard_gets_a_record_of_its_own(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order().json())["payment_id"]

    merchant.provider_refunds(payment_id, 2924)

    payment = merchant.wait_for(payment_id, "refunded")
    assert [(each["status"], each["execution"]) for each in payment["refunds"]] == [("succeeded", None)]
    refused = merchant.refund(payment_id)
    assert (refused["status"], refused["error"]) == ("FAILED", "PaymentNotRefundable")


def test_a_refund_whose_callback_never_comes_is_found_by_a_status_request(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order(amount=10070).json())["payment_id"]

    end = merchant.refund(payment_id)

    assert end["output"]["status"] == "succeeded"
    assert len(merchant.gate_requests("/v2/payment/card-partner/refund", payment_id)) == 1
    assert {each["source"] for each in merchant.payment(payment_id)["timeline"]} >= {"poll", "workflow"}


def test_a_refund_that_nobody_can_tell_about_ends_unknown_until_a_person_says_how_the_money_went_back(
    merchant: Merchant,
) -> None:
    payment_id = merchant.pay(merchant.order(amount=10075).json())["payment_id"]

    end = merchant.refund(payment_id)

    assert (end["status"], end["error"]) == ("FAILED", "RefundUnresolved")
    assert "Dashboard" in end["cause"]
    assert merchant.payment(payment_id)["refunds"][0]["status"] == "unknown"
    held = merchant.refund(payment_id)
    assert held["error"] == "RefundInProgress"
    merchant.provider_refunds(payment_id, 2924)
    payment = merchant.wait_for(payment_id, "refunded")
    # It may have been by ours under another request id: that is not for us to say.
    assert [each["status"] for each in payment["refunds"]] == ["unknown", "succeeded"]
    said = {"payment_id": payment_id, "status": "failed", "reason": "it was given back in the Dashboard"}
    merchant.system.functions.invoke("CloseRefundFunction", said).value()
    assert [each["status"] for each in merchant.payment(payment_id)["refunds"]] == ["failed", "succeeded"]


def test_a_refund_asked_for_twice_under_one_key_is_one_refund(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order().json())["payment_id"]

    def ask() -> tuple[int, str]:
        answer = merchant.post(f"/payments/{payment_id}/refunds", {}, **{"Idempotency-Key": "once"})
        return answer.status_code, answer.json()["refund_id"]

    (first, refund_id), (second, again) = ask(), ask()
    merchant.wait_for(payment_id, "refunded")

    assert (first, second, again) == (202, 200, refund_id)
    assert len(merchant.gate_requests("/v2/payment/card-partner/refund", payment_id)) == 1


def test_a_refund_that_gate_refuses_fails_by_name_and_frees_the_payment(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order(amount=10065).json())["payment_id"]

    end = merchant.refund(payment_id)

    assert (end["status"], end["error"]) == ("FAILED", "GateRejected")
    payment = merchant.payment(payment_id)
    assert (payment["status"], payment["refunds"][0]["status"]) == ("succeeded", "failed")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"payment_id": "nobody-ordered-this"}, "PaymentNotFound"),
        ({}, "InvalidRefundRequest"),
        ({"payment_id": 7}, "InvalidRefundRequest"),
        ({"payment_id": "x", "ammount": 5}, "InvalidRefundRequest"),
        ([], "InvalidRefundRequest"),
    ],
)
def test_an_execution_that_cannot_be_says_so_in_plain_english(merchant: Merchant, given: object, error: str) -> None:
    end = ended_execution(merchant.system, start_execution(merchant.system, given))

    assert (end["status"], end["error"]) == ("FAILED", error)
    assert "{" not in end["cause"].replace('{"payment_id": "order-1001"}', "")
    assert "Traceback" not in end["cause"]


def test_partial_and_excessive_refunds_of_a_card_payment_are_refused(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order().json())["payment_id"]

    assert merchant.refund(payment_id, amount=5000)["error"] == "PartialRefundNotSupported"
    assert merchant.refund(payment_id, amount=10001)["error"] == "AmountExceedsPayment"
    for amount in (5000, 10001):
        answer = merchant.post(f"/payments/{payment_id}/refunds", {"amount": amount})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/amount")


def test_a_success_with_another_amount_is_never_called_paid(merchant: Merchant) -> None:
    payment = merchant.pay(merchant.order(amount=10045).json())

    assert payment["status"] == "needs_review"


def test_missing_data_are_asked_of_the_customer_and_the_payment_goes_on(merchant: Merchant) -> None:
    ordered = merchant.order(amount=10010).json()
    merchant.wait_for(ordered["payment_id"], "awaiting_clarification")
    form = forms_of(requests.get(ordered["checkout_url"], timeout=TIMEOUT_S))[0]
    assert set(form.fields) == {"customer.email", "customer.phone"}

    incomplete = requests.post(form.action, data={"customer.email": "a@example.com"}, timeout=TIMEOUT_S)
    assert incomplete.status_code == 422
    answers = {"customer.email": "amina@example.com", "customer.phone": "254700000007"}
    sent = requests.post(form.action, data=answers, allow_redirects=False, timeout=TIMEOUT_S)

    assert (sent.status_code, forms_of(sent)) == (200, [])
    assert merchant.pay(ordered)["status"] == "succeeded"


def test_gate_that_refuses_for_certain_is_a_422_with_its_code(merchant: Merchant) -> None:
    answer = merchant.order(amount=10030, payment_id="refused-at-once")

    assert answer.status_code == 422
    assert answer.json()["code"]
    assert merchant.payment("refused-at-once")["status"] == "failed"


@pytest.mark.parametrize("amount", [10036, 10037, 10038])
def test_gate_that_gives_no_clear_answer_leaves_the_payment_to_its_callbacks(merchant: Merchant, amount: int) -> None:
    answer = merchant.order(amount=amount)

    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert merchant.pay(answer.json())["status"] == "succeeded"
    assert len(merchant.gate_requests("/v2/payment/card-partner/sale", answer.json()["payment_id"])) == 1


def test_the_events_tell_the_story_without_personal_data(merchant: Merchant) -> None:
    payment_id = merchant.pay(merchant.order(amount=10100).json())["payment_id"]
    merchant.refund(payment_id)
    assert merchant.system.wait_until_delivered()

    told: list[str] = []

    def ask() -> bool:
        told.extend(received_messages(merchant.system, "ecommpay-events", 1))
        return sum(payment_id in each for each in told) >= 2

    wait_for(ask)
    mine = [each for each in told if payment_id in each]
    assert any("PaymentSucceeded" in each for each in mine)
    assert any("RefundSucceeded" in each for each in mine)
    for word in ("amina", "254700000007", "192.0.2.7", "Otieno", "checkout/"):
        assert word not in "".join(mine)
