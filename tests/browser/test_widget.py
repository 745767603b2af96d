"""Paying in the provider's widget on our own page: the local system as it is, its platform's stand-in script included."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, expect
from playwright.sync_api import Page as Tab

from local.settings import PROJECT_FOLDER
from local.system import LocalSystem
from tests.browser.served_pages import open_tab
from tests.support.local_system import running_system
from tests.support.merchant import Merchant

SCREENSHOTS = PROJECT_FOLDER / ".run" / "screenshots" / "pages"
FULL_PAGE = "Open the full payment page"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(tmp_path_factory.mktemp("run"), merchant_name="Highland Coffee") as system:
        yield system


def ordered(system: LocalSystem, amount: int = 10000) -> str:
    """The address of the embedded page of a new payment by Payment Page."""
    payment = Merchant(system).order(interface="payment_page", amount=amount, return_url=f"{system.url}/").json()
    return f"{payment['checkout_url']}?embed=1"


def inside(tab: Tab) -> FrameLocator:
    return tab.frame_locator("dialog iframe")


def confirm(tab: Tab, amount: str = "100.00") -> None:
    inside(tab).get_by_role("button", name=f"Pay {amount} KES").click()


def decide(tab: Tab, choice: str) -> None:
    inside(tab).get_by_role("button", name=choice, exact=True).click()


def test_a_customer_pays_in_the_widget_and_sees_the_result_in_the_whole_window(
    system: LocalSystem, browser_window: BrowserContext
) -> None:
    mistakes: list[str] = []
    tab = open_tab(browser_window, mistakes=mistakes)
    tab.goto(ordered(system), wait_until="domcontentloaded")
    expect(tab.get_by_role("dialog", name="Payment Page")).to_be_visible()
    expect(inside(tab).get_by_role("button", name="Pay 100.00 KES")).to_be_visible()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / "widget-open.png")
    confirm(tab)
    decide(tab, "Pay")
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible()
    assert tab.url.endswith("?returned=1")
    assert len(tab.frames) == 1
    assert mistakes == []


def test_a_decline_for_good_leads_to_the_result(system: LocalSystem, browser_window: BrowserContext) -> None:
    tab = open_tab(browser_window)
    tab.goto(ordered(system), wait_until="domcontentloaded")
    confirm(tab)
    decide(tab, "Decline")
    expect(tab.get_by_role("heading", name="Payment declined")).to_be_visible()
    assert len(tab.frames) == 1


def test_after_a_decline_that_is_not_the_end_the_widget_stays_and_another_try_pays(
    system: LocalSystem, browser_window: BrowserContext
) -> None:
    tab = open_tab(browser_window)
    tab.goto(ordered(system, amount=10012), wait_until="domcontentloaded")
    confirm(tab, "100.12")
    decide(tab, "Decline")
    expect(inside(tab).get_by_role("status")).to_contain_text("declined")
    inside(tab).get_by_role("button", name="Try again").click()
    decide(tab, "Pay")
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible()


def test_a_closed_widget_can_be_opened_again_by_keyboard(system: LocalSystem, browser_window: BrowserContext) -> None:
    tab = open_tab(browser_window)
    tab.goto(ordered(system), wait_until="domcontentloaded")
    expect(inside(tab).get_by_role("button", name="Pay 100.00 KES")).to_be_visible()
    tab.get_by_role("button", name="Close").press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    tab.get_by_role("button", name="Open the payment window").press("Enter")
    expect(inside(tab).get_by_role("button", name="Pay 100.00 KES")).to_be_visible()
    expect(tab.locator("iframe")).to_have_count(1)


def test_where_the_script_does_not_come_the_customer_is_told_and_goes_to_the_full_page(
    system: LocalSystem, browser_window: BrowserContext
) -> None:
    tab = open_tab(browser_window)
    tab.route("**/shared/merchant.js", lambda route: route.abort())
    tab.goto(ordered(system), wait_until="domcontentloaded")
    expect(tab.get_by_role("alert")).to_have_text(
        "The payment window cannot be shown here. Please use the full payment page."
    )
    expect(tab.get_by_role("button")).to_have_count(0)
    tab.get_by_role("link", name=FULL_PAGE).click()
    expect(tab.get_by_role("button", name="Pay 100.00 KES")).to_be_visible()
    assert tab.url.startswith(f"{system.platform_url}/payment?")


def test_without_javascript_the_link_leads_to_the_full_page(
    system: LocalSystem, window_without_javascript: BrowserContext
) -> None:
    tab = open_tab(window_without_javascript)
    tab.goto(ordered(system), wait_until="domcontentloaded")
    tab.get_by_role("link", name=FULL_PAGE).click()
    expect(tab.get_by_role("button", name="Pay 100.00 KES")).to_be_visible()


def test_the_script_can_also_post_the_parameters(system: LocalSystem, browser_window: BrowserContext) -> None:
    tab = open_tab(browser_window)
    tab.goto(ordered(system), wait_until="domcontentloaded")
    expect(inside(tab).get_by_role("button", name="Pay 100.00 KES")).to_be_visible()
    with tab.expect_request(lambda request: request.method == "POST") as posted:
        tab.evaluate("EPayWidget.run(JSON.parse(document.getElementById('widget').dataset.params), 'post')")
    assert posted.value.url == f"{system.platform_url}/payment"
    expect(inside(tab).get_by_role("button", name="Pay 100.00 KES")).to_be_visible()


def test_a_page_left_open_hears_of_a_payment_made_elsewhere(
    system: LocalSystem, browser_window: BrowserContext
) -> None:
    merchant = Merchant(system)
    payment = merchant.order(interface="payment_page").json()
    tab = open_tab(browser_window)
    tab.goto(f"{payment['checkout_url']}?embed=1", wait_until="domcontentloaded")
    expect(tab.get_by_role("dialog")).to_be_visible()
    merchant.pay(payment)
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible()


def test_a_paid_payment_shows_its_result_and_no_widget(system: LocalSystem, browser_window: BrowserContext) -> None:
    merchant = Merchant(system)
    payment = merchant.order(interface="payment_page").json()
    merchant.pay(payment)
    tab = open_tab(browser_window)
    tab.goto(f"{payment['checkout_url']}?embed=1", wait_until="domcontentloaded")
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible()
    expect(tab.locator("script")).to_have_count(0)
