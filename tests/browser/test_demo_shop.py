"""The demo shop as a visitor meets it, with stand-ins for the API and the platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from werkzeug.wrappers import Response

from tests.browser.served_shop import ENETS, ORDER, Shop, served_shop
from tests.browser.small_server import SmallServer
from tests.integration.shop.stand_in_api import delivery, payment, refund, set_at_platform


@pytest.fixture
def shop() -> Iterator[Shop]:
    with served_shop() as served:
        yield served


def open_tab(window: BrowserContext, url: str) -> tuple[Page, list[str]]:
    """The page at this address, and what the browser complains of from now on."""
    tab = window.new_page()
    mistakes: list[str] = []
    # Browsers look for an icon by themselves; the shop has none.
    tab.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    tab.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: mistakes.append(str(error)))
    tab.goto(url)
    return tab, mistakes


def next_look(tab: Page) -> None:
    """Wait until the page has been asked for again."""
    with tab.expect_response(lambda response: response.request.resource_type == "fetch"):
        pass


@pytest.mark.parametrize("with_script", [True, False])
def test_buying_tells_the_platform_and_leads_through_the_checkout_to_another_host(
    chromium: Browser, shop: Shop, shop_side: SmallServer, partner_side: SmallServer, with_script: bool
) -> None:
    """Three redirects after a form: the shop's policy must not hold them up."""
    partner_side.answers["/payment"] = lambda _: Response("<h1>ECommPay</h1>", mimetype="text/html")
    shop_side.answers["/checkout/t0ken"] = lambda _: Response(
        status=302, headers={"location": f"{partner_side.url}/payment"}
    )
    shop.api.answers["POST", "/payments"] = (201, payment(checkout_url=f"{shop_side.url}/checkout/t0ken"))
    window = chromium.new_context(java_script_enabled=with_script)
    tab, _ = open_tab(window, shop.url)
    tab.get_by_label("Sisal basket").check()
    tab.get_by_label("Card, US dollar").check()
    tab.get_by_label("Gate").check()
    tab.get_by_label("The payment", exact=True).select_option("Declined at once")
    tab.get_by_label("Its callbacks come").select_option("Late")
    tab.get_by_label("How many of them").fill("2")
    tab.get_by_role("button", name="Buy").click()
    expect(tab.get_by_role("heading", name="ECommPay")).to_be_visible()
    assert shop.posted(shop.platform) == [
        ("/control/next", {"ending": 5, "callbacks": "delay", "count": 2, "seconds": 5})
    ]
    assert [(body["amount"], body["currency"]) for _, body in shop.posted(shop.api)] == [(3700, "USD")]
    window.close()


def test_the_price_and_the_commands_follow_what_is_chosen(browser_window: BrowserContext, shop: Shop) -> None:
    tab, mistakes = open_tab(browser_window, shop.url)
    expect(tab.get_by_role("button", name="Buy for 2,450.00 KES")).to_be_visible()
    tab.get_by_label("Sisal basket").check()
    tab.get_by_label("eNETS bank transfer").check()
    expect(tab.get_by_role("button", name="Buy for 50.00 SGD")).to_be_visible()
    expect(tab.locator("#buy-terminal-1")).to_contain_text('"method": "enets"')
    tab.get_by_label("The payment", exact=True).select_option("Two redirects, one after the other")
    expect(tab.locator("#platform-terminal-1")).to_contain_text("""/control/next -d '{"ending": 11}'""")
    assert mistakes == []


def test_without_a_script_a_button_shows_the_price_and_the_commands(
    window_without_javascript: BrowserContext, shop: Shop
) -> None:
    tab, _ = open_tab(window_without_javascript, shop.url)
    expect(tab.get_by_role("button", name="Buy", exact=True)).to_be_visible()
    tab.get_by_label("Sisal basket").check()
    tab.get_by_label("The payment", exact=True).select_option("Paid at once")
    tab.get_by_role("button", name="Show the price and the commands for this choice").click()
    expect(tab.get_by_role("button", name="Buy for 4,800.00 KES")).to_be_visible()
    expect(tab.locator("#platform-terminal-1")).to_contain_text('{"ending": 1}')
    expect(tab.get_by_label("The payment", exact=True)).to_have_value("1")
    expect(tab.get_by_role("button", name="Copy")).to_have_count(0)


def test_fields_that_would_do_nothing_are_not_shown(browser_window: BrowserContext, shop: Shop) -> None:
    tab, _ = open_tab(browser_window, shop.url)
    how_many, late = tab.get_by_label("How many of them"), tab.get_by_label("Seconds late")
    shown = {}
    for word in ("As usual", "Late", "Twice", "Never (lost)", "In the wrong order"):
        tab.get_by_label("Its callbacks come").select_option(word)
        shown[word] = (how_many.is_visible(), late.is_visible())
    assert shown == {
        "As usual": (False, False),
        "Late": (True, True),
        "Twice": (True, False),
        "Never (lost)": (True, False),
        "In the wrong order": (True, False),
    }


def test_the_order_page_follows_the_payment(browser_window: BrowserContext, shop: Shop) -> None:
    shop.tells(status="processing", operations=[])
    tab, mistakes = open_tab(browser_window, shop.url + ORDER)
    status = tab.get_by_role("status").first
    expect(status).to_contain_text("On its way")
    expect(tab.get_by_role("button", name="Refund")).to_have_count(0)
    next_look(tab)
    shop.tells()
    expect(status).to_contain_text("Exactly what was ordered has been paid.")
    tab.get_by_label("The refund", exact=True).select_option("Carried out as a reversal")
    shop.api.answers["POST", "/payments/shop-1/refunds"] = (202, refund())
    moments = [{"at": "2026-11-21T17:54:00.000Z", "source": "workflow", "what": "refund request leaves for Gate"}]

    def send(route: Route) -> None:
        shop.tells(refunds=[refund(status="sent")], timeline=moments)
        route.continue_()

    tab.route("**/refund", send)
    tab.get_by_role("button", name="Refund 2,450.00 KES").click()
    expect(tab.locator("#refunds")).to_contain_text("ECommPay has the request, or may have it")
    assert shop.posted(shop.platform) == [("/control/next", {"refund": "reversal"})]
    expect(tab.locator("#timeline")).to_contain_text("17:54:00 Refund workflow refund request leaves for Gate")
    shop.tells(status="refunded", refunded_amount=245000, refunds=[refund(status="succeeded", operation_type="refund")])
    expect(status).to_contain_text("Everything went back to the customer.")
    expect(tab.locator("#refunds")).to_contain_text("carried out as refund")
    assert mistakes == []


def test_the_panel_follows_the_platform(browser_window: BrowserContext, shop: Shop) -> None:
    tab, mistakes = open_tab(browser_window, shop.url + ORDER)
    expect(tab.locator("#deliveries")).to_contain_text("taken sale success")
    lost = delivery(delivery_id=2, what="refund success", state="lost", tries=[])
    shop.platform.answers["GET", "/control/deliveries"] = (200, {"deliveries": [delivery(), lost]})
    shop.platform.answers["GET", "/control/next"] = (200, set_at_platform(refund="lost"))
    expect(tab.locator("#deliveries")).to_contain_text("lost on purpose refund success")
    expect(tab.locator("#told-platform")).to_contain_text("The next refund: The request is taken, then lost")
    shop.platform.answers["DELETE", "/control/next"] = (200, set_at_platform())
    shop.platform.answers["GET", "/control/next"] = (200, set_at_platform())
    tab.get_by_role("button", name="Forget it all").click()
    expect(tab.locator("#told-platform")).to_contain_text("Nothing is set")
    assert mistakes == []


def test_without_a_script_the_order_page_loads_itself_again(
    window_without_javascript: BrowserContext, shop: Shop
) -> None:
    shop.tells(status="processing", operations=[])
    tab, _ = open_tab(window_without_javascript, shop.url + ORDER)
    expect(tab.get_by_role("status").first).to_contain_text("On its way")
    shop.tells()
    expect(tab.get_by_role("status").first).to_contain_text("Paid")
    expect(tab.get_by_role("button", name="Refund 2,450.00 KES")).to_be_visible()


def test_a_change_while_the_page_is_loading_is_not_missed(browser_window: BrowserContext, shop: Shop) -> None:
    tab = browser_window.new_page()

    def settle_first(route: Route) -> None:
        if route.request.resource_type == "fetch":
            shop.tells(status="refunded")
        route.continue_()

    tab.route("**/shop/orders/shop-1*", settle_first)
    tab.goto(shop.url + ORDER)
    expect(tab.get_by_role("status").first).to_contain_text("refunded")


def test_what_is_typed_chosen_opened_and_focused_is_not_taken_away(browser_window: BrowserContext, shop: Shop) -> None:
    shop.tells(**ENETS)
    tab, _ = open_tab(browser_window, shop.url + ORDER)
    tab.get_by_label("Its callbacks come").select_option("Twice")
    tab.locator("#story-terminal summary").click()
    tab.get_by_label("Gives back, in SGD").fill("3")
    amount = tab.get_by_label("How much to refund")
    amount.fill("12.5")
    expect(amount).to_be_focused()
    next_look(tab)
    moments = [{"at": "2026-11-21T17:54:00.000Z", "source": "poll", "what": "looked again"}]
    shop.tells(**ENETS, refunded_amount=100, status="partially_refunded", timeline=moments)
    expect(tab.get_by_role("status").first).to_contain_text("A part went back")
    expect(tab.locator("#timeline")).to_contain_text("looked again")
    expect(tab.get_by_text("Empty: everything that is left, 25.00 SGD.")).to_be_visible()
    assert (amount.input_value(), tab.get_by_label("Gives back, in SGD").input_value()) == ("12.5", "3")
    expect(tab.get_by_label("Its callbacks come")).to_have_value("duplicate")
    expect(tab.locator("#story-terminal-1")).to_be_visible()
    tab.locator("#story-terminal summary").focus()
    shop.tells(**ENETS, timeline=[])
    expect(tab.locator("#timeline")).not_to_contain_text("looked again")
    expect(tab.locator("#story-terminal summary")).to_be_focused()
    expect(tab.locator("#refund-terminal-1")).to_contain_text('"amount": 1250')
    expect(tab.locator("#give-back-terminal-1")).to_contain_text('"amount": 300')


def test_a_command_is_copied_as_it_is_shown(chromium: Browser, shop: Shop) -> None:
    window = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab, mistakes = open_tab(window, shop.url + ORDER)
    tab.locator("#refund-terminal summary").click()
    tab.get_by_role("button", name="Copy: Or start the workflow, as its console does").click()
    expect(tab.locator("#told")).to_have_text("Copied to the clipboard.")
    assert tab.evaluate("navigator.clipboard.readText()") == tab.locator("#refund-terminal-2").inner_text()
    assert mistakes == []
    window.close()


def test_a_command_that_may_not_be_copied_is_marked_for_the_person_to_do_it(chromium: Browser, shop: Shop) -> None:
    window = chromium.new_context()
    window.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    tab, _ = open_tab(window, shop.url)
    tab.locator("#orders-terminal summary").click()
    tab.get_by_role("button", name="Copy: List the newest payments").click()
    expect(tab.locator("#orders-terminal .copy")).to_have_text("Selected")
    assert tab.evaluate("getSelection().toString()") == f"curl -s '{shop.api.url}/payments?limit=10'"
    window.close()
