"""A person buys in the demo shop, pays at the pretend platform, comes back and is refunded: nothing is stood in for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from local.settings import PROJECT_FOLDER
from local.shop import shop_app
from local.system import LocalSystem
from tests.support.local_system import running_system

SCREENSHOTS = PROJECT_FOLDER / ".run" / "screenshots" / "whole-way"
PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """The system with its demo shop, as `make run` starts it."""

    def make_shop(system: LocalSystem) -> object:
        return shop_app(system.url, system.platform_url, system.aws_url, system.state_machine_arn)

    with running_system(tmp_path_factory.mktemp("run"), make_shop=make_shop) as system:
        yield system


def photograph(tab: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def buy(
    system: LocalSystem, window: BrowserContext, way: str, interface: str, payment: str = "The customer decides"
) -> Page:
    tab = window.new_page()
    tab.goto(system.url)
    tab.get_by_label(way).check()
    tab.get_by_label(interface, exact=False).check()
    tab.get_by_label("The payment", exact=True).select_option(payment)
    tab.get_by_role("button", name="Buy").click()
    return tab


def order_page(tab: Page, status: str) -> None:
    """Come back to the shop and see the order in this status."""
    tab.get_by_role("link", name="Back to the shop").click(timeout=PATIENCE_MS)
    expect(tab.get_by_role("main")).to_contain_text(status, timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("way", "interface", "name"),
    [
        ("Card, Kenyan shilling", "Gate", "card-gate"),
        ("Card, Kenyan shilling", "Payment Page", "card-page"),
        ("eNETS bank transfer", "Gate", "enets-gate"),
        ("eNETS bank transfer", "Payment Page", "enets-page"),
    ],
)
def test_a_visitor_buys_and_sees_the_payment_received(
    system: LocalSystem, browser_window: BrowserContext, way: str, interface: str, name: str
) -> None:
    tab = buy(system, browser_window, way, interface)
    if interface == "Payment Page":
        photograph(tab, f"{name}-1-form")
        tab.get_by_role("button", name=re.compile("^Pay")).click()
    choice = tab.get_by_role("button", name="Pay", exact=True)
    expect(choice).to_be_visible(timeout=PATIENCE_MS)
    photograph(tab, f"{name}-2-provider")
    choice.click()
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible(timeout=PATIENCE_MS)
    photograph(tab, f"{name}-3-result")
    order_page(tab, "succeeded")
    photograph(tab, f"{name}-4-order")


def test_a_visitor_declines_and_is_told_what_to_do(system: LocalSystem, browser_window: BrowserContext) -> None:
    tab = buy(system, browser_window, "Card, Kenyan shilling", "Gate")
    tab.get_by_role("button", name="Decline").click(timeout=PATIENCE_MS)
    expect(tab.get_by_role("heading", name="Payment declined")).to_be_visible(timeout=PATIENCE_MS)
    photograph(tab, "declined")
    order_page(tab, "declined")


def test_missing_data_are_asked_for_and_the_way_goes_on(system: LocalSystem, browser_window: BrowserContext) -> None:
    tab = buy(system, browser_window, "Card, Kenyan shilling", "Gate", "Asks for e-mail and phone first (Gate)")
    expect(tab.get_by_role("heading", name="A few details are missing")).to_be_visible(timeout=PATIENCE_MS)
    photograph(tab, "asked")
    tab.get_by_label("E-mail").fill("amina@example.com")
    tab.get_by_label("Phone").fill("254700000007")
    tab.get_by_role("button", name="Continue").click()
    tab.get_by_role("button", name="Pay", exact=True).click(timeout=PATIENCE_MS)
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible(timeout=PATIENCE_MS)


def test_the_second_redirect_of_a_cascade_is_reached_from_the_order(
    system: LocalSystem, browser_window: BrowserContext
) -> None:
    tab = buy(system, browser_window, "Card, Kenyan shilling", "Gate", "Two redirects, one after the other")
    tab.get_by_role("button", name="Pay", exact=True).click(timeout=PATIENCE_MS)
    (order,) = requests.get(f"{system.url}/payments?limit=1", timeout=30).json()["items"]
    tab.goto(f"{system.url}/shop/orders/{order['payment_id']}")
    expect(tab.get_by_role("main")).to_contain_text("sale decline, payment processing", timeout=PATIENCE_MS)
    tab.get_by_role("link", name="Go on paying").click(timeout=PATIENCE_MS)
    tab.get_by_role("button", name="Pay", exact=True).click(timeout=PATIENCE_MS)
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible(timeout=PATIENCE_MS)
    order_page(tab, "succeeded")


@pytest.mark.parametrize(("fate", "operation"), [("Carried out", "refund"), ("Carried out as a reversal", "reversal")])
def test_the_merchant_refunds_a_card_payment(
    system: LocalSystem, browser_window: BrowserContext, fate: str, operation: str
) -> None:
    tab = buy(system, browser_window, "Card, Kenyan shilling", "Gate")
    tab.get_by_role("button", name="Pay", exact=True).click(timeout=PATIENCE_MS)
    order_page(tab, "succeeded")
    tab.get_by_label("The refund", exact=True).select_option(fate)
    tab.get_by_role("button", name="Refund").first.click()
    expect(tab.get_by_role("main")).to_contain_text("refunded", timeout=PATIENCE_MS)
    expect(tab.get_by_role("main")).to_contain_text(f"carried out as {operation}", timeout=PATIENCE_MS)
    photograph(tab, f"refunded-by-{operation}")


def test_an_enets_refund_waits_for_support_and_closes_itself(
    system: LocalSystem, browser_window: BrowserContext
) -> None:
    tab = buy(system, browser_window, "eNETS bank transfer", "Gate")
    tab.get_by_role("button", name="Pay", exact=True).click(timeout=PATIENCE_MS)
    order_page(tab, "succeeded")
    tab.get_by_role("button", name="Refund").first.click()
    expect(tab.get_by_role("main")).to_contain_text(re.compile("awaiting.support"), timeout=PATIENCE_MS)
    photograph(tab, "awaiting-support")
    tab.get_by_role("button", name=re.compile("support", re.IGNORECASE)).first.click()
    expect(tab.get_by_role("main")).to_contain_text("refunded", timeout=PATIENCE_MS)
    photograph(tab, "refunded-by-support")
