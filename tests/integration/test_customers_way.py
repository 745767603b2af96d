"""The customer's way where it is not straight: back before the callback, two redirects, two presses, two tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.support.faults import ahead
from tests.support.local_system import running_system, wait_for
from tests.support.merchant import TIMEOUT_S, Merchant, forms_of

FINAL_NEVER_TOLD, ASKS_FIRST, CASCADE = 10025, 10010, 10011
ANSWERS = {"customer.email": "amina@example.com", "customer.phone": "254700000007"}
STATUS, CLARIFICATION = "/v2/payment/status", "/v2/payment/clarification"


@pytest.fixture(scope="module")
def merchant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    with running_system(tmp_path_factory.mktemp("run")) as system:
        yield Merchant(system)


def look(payment: dict[str, Any], *, returned: bool = True, state: bool = False) -> requests.Response:
    """The page, or what its script asks for, without being sent on."""
    address = payment["checkout_url"] + ("/state" if state else "") + ("?returned=1" if returned else "")
    return requests.get(address, allow_redirects=False, timeout=TIMEOUT_S)


def told(payment: dict[str, Any], *, returned: bool = True) -> tuple[str, bool]:
    answer = look(payment, returned=returned, state=True).json()
    return answer["action"], answer["reload"]


def heading(page: requests.Response) -> str:
    assert page.status_code == 200, page.text
    return page.text.partition("<h1>")[2].partition("</h1>")[0]


def decide(payment: dict[str, Any], outcome: str = "success") -> requests.Response:
    """Go to the bank, press a button there, and come back as far as its redirect says."""
    page = requests.get(payment["checkout_url"], timeout=TIMEOUT_S)
    for _ in range(3):
        form = forms_of(page)[0]
        if "outcome" in form.fields:
            break
        page = requests.request(form.method, form.action, data=form.fields, timeout=TIMEOUT_S)
    data = {**form.fields, "outcome": outcome}
    return requests.post(form.action, data=data, timeout=TIMEOUT_S, allow_redirects=False)


def ordered_at_the_bank(merchant: Merchant, **more: Any) -> dict[str, Any]:
    payment: dict[str, Any] = merchant.order(**more).json()
    merchant.wait_for(payment["payment_id"], "awaiting_redirect")
    return payment


@pytest.mark.parametrize("method", ["card-partner", "enets"])
def test_a_result_that_no_callback_tells_is_asked_for_once_for_a_customer_who_came_back(
    merchant: Merchant, method: str
) -> None:
    payment = ordered_at_the_bank(merchant, method=method, amount=FINAL_NEVER_TOLD)
    back = decide(payment)
    assert back.headers["location"] == f"{payment['checkout_url']}?returned=1"
    assert heading(look(payment)) == "Confirming your payment"

    with ahead(timedelta(seconds=19)):
        assert told(payment) == ("wait", False)
    assert merchant.gate_requests(STATUS, payment["payment_id"]) == []

    with ahead(timedelta(seconds=30)), ThreadPoolExecutor(8) as tabs:
        list(tabs.map(lambda _: told(payment), range(8)))
        assert heading(look(payment)) == "Payment received"
        assert told(payment) == ("done", True)
    assert len(merchant.gate_requests(STATUS, payment["payment_id"])) == 1
    assert merchant.payment(payment["payment_id"])["timeline"][-1]["source"] == "poll"


def test_eight_tabs_over_minutes_ask_once_in_thirty_seconds(merchant: Merchant) -> None:
    payment = ordered_at_the_bank(merchant)
    look(payment)

    counts = []
    for seconds in (25, 40, 56, 87):
        with ahead(timedelta(seconds=seconds)), ThreadPoolExecutor(8) as tabs:
            list(tabs.map(lambda _: told(payment), range(8)))
        counts.append(len(merchant.gate_requests(STATUS, payment["payment_id"])))
    assert counts == [1, 1, 2, 3]


def test_a_cascade_takes_the_returned_customer_to_the_next_provider_and_not_in_circles(merchant: Merchant) -> None:
    payment = ordered_at_the_bank(merchant, amount=CASCADE)
    first = look(payment, returned=False)
    assert forms_of(first)[0].action.endswith("/partner/pay")
    assert decide(payment).headers["location"].endswith("?returned=1")
    assert heading(look(payment)) == "Confirming your payment"

    wait_for(lambda: told(payment) == ("redirect", True))
    second = look(payment)
    assert forms_of(second)[0].fields["oid"] != forms_of(first)[0].fields["oid"]

    assert [heading(look(payment)) for _ in range(2)] == ["Confirming your payment"] * 2
    assert told(payment) == ("wait", False)
    decide(payment)
    assert merchant.wait_for(payment["payment_id"], "succeeded")["operations"][-1]["status"] == "success"
    assert heading(look(payment)) == "Payment received"


def test_a_decline_on_the_payment_page_settles_the_page_of_the_customer_who_came_back(merchant: Merchant) -> None:
    payment = merchant.order(interface="payment_page").json()
    assert heading(look(payment)) == "Confirming your payment"
    merchant.pay(payment, outcome="decline")

    assert told(payment) == ("done", True)
    assert heading(look(payment)) == "Payment declined"


def test_eight_presses_at_once_send_one_answer_to_gate(merchant: Merchant) -> None:
    payment = merchant.order(amount=ASKS_FIRST).json()
    merchant.wait_for(payment["payment_id"], "awaiting_clarification")

    def press(_: int) -> int:
        address = f"{payment['checkout_url']}/clarification"
        return requests.post(address, data={**ANSWERS, "payment.amount": "1"}, timeout=TIMEOUT_S).status_code

    with ThreadPoolExecutor(8) as tabs:
        assert list(tabs.map(press, range(8))) == [200] * 8
    (sent,) = merchant.gate_requests(CLARIFICATION, payment["payment_id"])
    assert sent["body"]["additional_data"] == {"customer": {"email": "amina@example.com", "phone": "254700000007"}}
    assert merchant.pay(payment)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("customer.email", "amina", "Please enter an e-mail address such as name@example.com."),
        ("customer.phone", "12 34", "Please enter the phone number in digits, with the country code."),
        (
            "customer.phone",
            "254700000007;payment:amount:1",
            "A field cannot take a semicolon, an invisible character or more than 255 characters.",
        ),
        (
            "customer.email",
            "ami\0na@example.com",
            "A field cannot take a semicolon, an invisible character or more than 255 characters.",
        ),
    ],
)
def test_an_answer_that_cannot_be_right_is_asked_again_with_the_reason_and_nothing_leaves(
    merchant: Merchant, field: str, text: str, sentence: str
) -> None:
    payment = merchant.order(amount=ASKS_FIRST).json()
    merchant.wait_for(payment["payment_id"], "awaiting_clarification")

    address = f"{payment['checkout_url']}/clarification"
    refused = requests.post(address, data={**ANSWERS, field: text}, timeout=TIMEOUT_S)

    assert refused.status_code == 422
    assert sentence in refused.text
    inputs = re.findall("<input ([^>]*)>", refused.text)
    assert [f'name="{field}"' in each for each in inputs if 'aria-invalid="true"' in each] == [True]
    assert text not in refused.text
    assert merchant.gate_requests(CLARIFICATION, payment["payment_id"]) == []
