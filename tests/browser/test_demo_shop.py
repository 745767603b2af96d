"""The demo shop as a visitor meets it, with stand-ins for the API and the platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect
from werkzeug.wrappers import Response

from local.shop import shop_app
from tests.browser.small_server import SmallServer, serve
from tests.integration.shop.stand_in_api import StandIn, payment, refund, stand_in

SCREENSHOTS = Path(__file__).parents[2] / ".run" / "screenshots"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund"
PATH = "/shop/orders/shop-1"
ENETS = {"project_id": 198, "method": "enets", "amount": 2600, "currency": "SGD", "refund_policy": "support"}


@pytest.fixture
def api() -> Iterator[StandIn]:
    with stand_in() as served:
        statuses = "succeeded declined awaiting_redirect refunded needs_review".split()
        orders = [payment(payment_id=f"shop-{number}", status=status) for number, status in enumerate(statuses)]
        served.answers["GET", "/payments"] = (200, {"items": orders, "next_cursor": None})
        served.answers["GET", "/payments/shop-1"] = (200, payment())
        yield served


@pytest.fixture
def shop_url(api: StandIn) -> Iterator[str]:
    with serve(shop_app(api.url, "http://127.0.0.1:3001", "http://127.0.0.1:3002", MACHINE)) as url:
        yield url


@pytest.mark.parametrize("with_script", [True, False])
def test_buying_leads_through_the_checkout_to_another_host(
    chromium: Browser, api: StandIn, shop_url: str, shop_side: SmallServer, partner_side: SmallServer, with_script: bool
) -> None:
    """Three redirects after a form: the shop's policy must not hold them up."""
    partner_side.answers["/payment"] = lambda _: Response("<h1>ECommPay</h1>", mimetype="text/html")
    shop_side.answers["/checkout/t0ken"] = lambda _: Response(
        status=302, headers={"location": f"{partner_side.url}/payment"}
    )
    api.answers["POST", "/payments"] = (201, payment(checkout_url=f"{shop_side.url}/checkout/t0ken"))
    window = chromium.new_context(java_script_enabled=with_script)
    tab = window.new_page()
    tab.goto(shop_url)
    tab.get_by_label("Sisal basket").check()
    tab.get_by_label("Card, US dollar").check()
    tab.get_by_label("Gate").check()
    tab.get_by_label("What the pretend platform does").select_option("15")
    tab.get_by_role("button", name="Buy").click()
    expect(tab.get_by_role("heading", name="ECommPay")).to_be_visible()
    assert [body["amount"] for method, _, _, body in api.asked if method == "POST"] == [3715]
    window.close()


def test_the_order_page_follows_the_payment(browser_window: BrowserContext, api: StandIn, shop_url: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(status="processing", operations=[]))
    tab = browser_window.new_page()
    mistakes: list[str] = []
    tab.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
    tab.goto(shop_url + PATH)
    expect(tab.get_by_role("status")).to_contain_text("processing")
    expect(tab.get_by_role("button", name="Refund")).to_have_count(0)
    with tab.expect_response(lambda response: response.url.endswith(".json")):
        pass
    api.answers["GET", "/payments/shop-1"] = (200, payment())
    expect(tab.get_by_role("status")).to_contain_text("succeeded")
    expect(tab.get_by_role("button", name="Refund")).to_be_visible()
    api.answers["POST", "/payments/shop-1/refunds"] = (202, refund())
    api.answers["GET", "/payments/shop-1"] = (200, payment(refunds=[refund(status="sent")]))
    tab.get_by_role("button", name="Refund").click()
    expect(tab.get_by_role("cell", name="sent")).to_be_visible()
    assert mistakes == []


def test_a_change_while_the_page_is_loading_is_not_missed(
    browser_window: BrowserContext, api: StandIn, shop_url: str
) -> None:
    tab = browser_window.new_page()

    def settle_first(route: Route) -> None:
        api.answers["GET", "/payments/shop-1"] = (200, payment(status="refunded"))
        route.continue_()

    tab.route("**/shop/orders/shop-1.json", settle_first)
    tab.goto(shop_url + PATH)
    expect(tab.get_by_role("status")).to_contain_text("refunded")


def test_what_is_being_typed_is_not_taken_away(browser_window: BrowserContext, api: StandIn, shop_url: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(**ENETS))
    tab = browser_window.new_page()
    tab.goto(shop_url + PATH)
    tab.get_by_label("How much to refund").fill("12.5")
    with tab.expect_response(lambda response: response.url.endswith(".json")):
        pass
    api.answers["GET", "/payments/shop-1"] = (200, payment(**ENETS, status="refunded"))
    expect(tab.get_by_role("status")).to_contain_text("refunded")
    expect(tab.get_by_label("How much to refund")).to_have_value("12.5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width"), [("phone", 375), ("desk", 1100)])
def test_the_shop_fits_phones_and_desks(
    chromium: Browser, api: StandIn, shop_url: str, scheme: str, device: str, width: int
) -> None:
    moments = [{"at": "2026-11-21T17:52:00.123Z", "source": "api", "what": "Payment created"}]
    moments.append({"at": "2026-11-21T17:53:00.123Z", "source": "callback", "what": "Sale 77: success"})
    said = payment(**ENETS, refunds=[refund(status="succeeded", operation_type="refund")], timeline=moments)
    api.answers["GET", "/payments/shop-1"] = (200, said)
    problem = {"title": "Not valid", "detail": json.dumps(["One field is wrong."])}
    api.answers["GET", "/payments/shop-2"] = (422, problem)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    window = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    tab = window.new_page()
    for name, path in (("front", "/"), ("order", PATH), ("error", "/shop/orders/shop-2")):
        tab.goto(shop_url + path)
        tab.screenshot(path=SCREENSHOTS / f"shop-{name}-{scheme}-{device}.png", full_page=True)
        assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    window.close()
