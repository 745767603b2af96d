"""The crooked ways of a customer in a real browser: back too early, the back button, a reload, two tabs, no JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as Tab

from ecommpay_signing import sign
from local.settings import PROJECT_FOLDER
from local.system import LocalSystem
from tests.support.faults import ahead
from tests.support.local_system import running_system
from tests.support.merchant import TIMEOUT_S, Merchant
from tests.unit.gate.samples import sale_callback

SCREENSHOTS = PROJECT_FOLDER / ".run" / "screenshots" / "customers-way"
FINAL_NEVER_TOLD, CASCADE, ASKS_FIRST = 10025, 10011, 10010


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(tmp_path_factory.mktemp("run"), merchant_name="Highland Coffee") as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    return Merchant(system)


def ordered(merchant: Merchant, status: str = "awaiting_redirect", **more: Any) -> dict[str, Any]:
    payment: dict[str, Any] = merchant.order(**more).json()
    merchant.wait_for(payment["payment_id"], status)
    return payment


def opened(window: BrowserContext, address: str) -> Tab:
    tab = window.new_page()
    tab.goto(address, wait_until="commit")
    return tab


def press(tab: Tab, name: str = "Pay") -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def heading(tab: Tab, name: str) -> None:
    expect(tab.get_by_role("heading", level=1, name=name)).to_be_visible()


def oid(merchant: Merchant, payment: dict[str, Any]) -> Any:
    """The operation that the customer is at, by what the platform says."""
    address = f"{merchant.system.platform_url}/control/payments/2924/{payment['payment_id']}"
    return requests.get(address, timeout=TIMEOUT_S).json()["operations"][-1]["id"]


def photograph(tab: Tab, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def test_a_customer_back_before_the_callback_is_told_not_to_pay_again_until_the_page_settles_by_itself(
    merchant: Merchant, browser_window: BrowserContext
) -> None:
    payment = ordered(merchant, amount=FINAL_NEVER_TOLD)
    tab = opened(browser_window, payment["checkout_url"])
    press(tab)
    heading(tab, "Confirming your payment")
    expect(tab.get_by_role("status")).to_contain_text("Please do not pay again.")
    assert tab.url == f"{payment['checkout_url']}?returned=1"
    with ahead(timedelta(seconds=25)):
        heading(tab, "Payment received")
    assert len(merchant.gate_requests("/v2/payment/status", payment["payment_id"])) == 1


def test_without_javascript_the_same_page_settles_by_itself_too(
    merchant: Merchant, window_without_javascript: BrowserContext
) -> None:
    payment = ordered(merchant, method="enets", amount=FINAL_NEVER_TOLD)
    tab = opened(window_without_javascript, payment["checkout_url"])
    press(tab)
    heading(tab, "Confirming your payment")
    with ahead(timedelta(seconds=25)):
        heading(tab, "Payment received")


def test_in_a_cascade_the_browser_goes_on_to_the_next_provider_and_back_and_reload_do_not_circle(
    merchant: Merchant, browser_window: BrowserContext
) -> None:
    payment = ordered(merchant, amount=CASCADE)
    tab = opened(browser_window, payment["checkout_url"])
    press(tab)
    heading(tab, "Confirming your payment")
    heading(tab, "The partner's page")
    second = oid(merchant, payment)

    waiting = opened(browser_window, f"{payment['checkout_url']}?returned=1")
    heading(waiting, "Confirming your payment")
    waiting.reload(wait_until="commit")
    heading(waiting, "Confirming your payment")
    assert oid(merchant, payment) == second

    press(tab)
    heading(tab, "Payment received")
    heading(waiting, "Payment received")
    tab.goto(payment["checkout_url"], wait_until="commit")
    heading(tab, "Payment received")


def test_a_customer_who_left_the_bank_finds_the_way_back_there(
    merchant: Merchant, browser_window: BrowserContext
) -> None:
    payment = ordered(merchant)
    tab = opened(browser_window, payment["checkout_url"])
    expect(tab.get_by_role("button", name="Pay", exact=True)).to_be_visible()
    tab.goto(f"{payment['checkout_url']}?returned=1", wait_until="commit")
    heading(tab, "Confirming your payment")
    with ahead(timedelta(seconds=25)):
        tab.reload(wait_until="commit")
        photograph(tab, "not-finished")
        tab.get_by_role("link", name="Continue to pay").click()
    press(tab)
    heading(tab, "Payment received")


def test_of_two_tabs_with_the_same_question_the_second_sends_nothing_and_both_go_on(
    merchant: Merchant, chromium: Browser, browser_window: BrowserContext
) -> None:
    payment = ordered(merchant, "awaiting_clarification", amount=ASKS_FIRST)
    tabs = [opened(browser_window, payment["checkout_url"]) for _ in range(2)]
    for tab in tabs:
        tab.get_by_label("E-mail").fill("amina@example.com")
        tab.get_by_label("Phone").fill("+254 700 000-007")
    for tab in tabs:
        tab.get_by_role("button", name="Continue").click()
    for tab in tabs:
        expect(tab.get_by_role("button", name="Pay", exact=True)).to_be_visible()
    (sent,) = merchant.gate_requests("/v2/payment/clarification", payment["payment_id"])
    assert sent["body"]["additional_data"]["customer"]["phone"] == "254700000007"


def test_a_wrong_answer_is_asked_again_at_the_field_that_was_wrong(
    merchant: Merchant, window_without_javascript: BrowserContext
) -> None:
    payment = ordered(merchant, "awaiting_clarification", amount=ASKS_FIRST)
    tab = opened(window_without_javascript, payment["checkout_url"])
    tab.get_by_label("E-mail").fill("amina@example.com")
    tab.get_by_label("Phone").fill("call me")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("alert")).to_have_text("Please enter the phone number in digits, with the country code.")
    expect(tab.get_by_label("Phone")).to_be_focused()
    photograph(tab, "wrong-answer")
    tab.get_by_label("E-mail").fill("amina@example.com")
    tab.get_by_label("Phone").fill("254700000007")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("button", name="Continue to 127.0.0.1", exact=False)).to_be_visible()


def test_a_declined_attempt_can_be_tried_again_on_the_payment_page(
    merchant: Merchant, browser_window: BrowserContext
) -> None:
    payment = merchant.order(interface="payment_page").json()
    declined = json.loads(json.dumps(sale_callback()))
    declined.pop("signature", None)
    declined["payment"] |= {"id": payment["payment_id"], "status": "decline", "is_new_attempts_available": True}
    declined["operation"] |= {"status": "decline", "code": "20000"}
    body = json.dumps({**declined, "signature": sign(declined, "local-secret-2924")}).encode()
    assert requests.post(f"{merchant.system.url}/callbacks/ecommpay", data=body, timeout=TIMEOUT_S).status_code == 200

    tab = opened(browser_window, f"{payment['checkout_url']}?returned=1")
    heading(tab, "Confirming your payment")
    with ahead(timedelta(seconds=25)):
        heading(tab, "Payment declined")
    photograph(tab, "try-again")
    tab.get_by_role("link", name="Try again").click()
    tab.get_by_role("button", name="Pay 100.00 KES").click()
    press(tab)
    heading(tab, "Payment received")


def test_going_back_from_the_waiting_page_and_forward_again_pays_nothing_twice(
    merchant: Merchant, browser_window: BrowserContext
) -> None:
    payment = ordered(merchant, method="enets", amount=FINAL_NEVER_TOLD)
    tab = opened(browser_window, payment["checkout_url"])
    press(tab)
    heading(tab, "Confirming your payment")
    tab.go_back(wait_until="commit")
    expect(tab).to_have_url(re.compile("/bank/"))
    tab.go_forward(wait_until="commit")
    heading(tab, "Confirming your payment")
    with ahead(timedelta(seconds=25)):
        heading(tab, "Payment received")
    operations = merchant.payment(payment["payment_id"])["operations"]
    assert [(each["type"], each["status"]) for each in operations] == [("sale", "success")]
