"""The demo shop against stand-ins for the API and the platform: what it sends, and what it makes of the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from werkzeug.test import Client

from local.ecommpay.outcomes import OUTCOMES
from local.shop import shop_app
from tests.integration.shop.stand_in_api import StandIn, payment, refund, stand_in

AWS = "http://127.0.0.1:3002"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund"
CHECKOUT = "http://127.0.0.1:3000/checkout/t0ken"


@pytest.fixture
def api() -> Iterator[StandIn]:
    with stand_in() as served:
        served.answers["GET", "/payments"] = (200, {"items": [payment()], "next_cursor": None})
        yield served


@pytest.fixture
def platform() -> Iterator[StandIn]:
    with stand_in() as served:
        yield served


@pytest.fixture
def shop(api: StandIn, platform: StandIn) -> Client:
    return Client(shop_app(api.url, platform.url, AWS, MACHINE))


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


def order(**form: str) -> dict[str, str]:
    return {"product": "coffee", "way": "card-kes", "interface": "payment_page", "scenario": "0", **form}


@pytest.mark.parametrize("path", ["/", "/shop", "/shop/"])
def test_the_front_page_offers_products_ways_scenarios_and_shows_recent_orders(
    shop: Client, api: StandIn, path: str
) -> None:
    page = shop.get(path)
    assert page.status_code == 200
    assert "Highland coffee" in page.text
    assert page.text.count("<option") == len(OUTCOMES)
    assert '<a href="/shop/orders/shop-1">shop-1</a>' in page.text
    assert "2,450.00 KES" in text_of(page.text)
    assert api.asked == [("GET", "/payments", {"limit": "10"}, None)]


def test_without_the_pretend_platform_its_parts_are_not_shown(api: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(refund_policy="support"))
    shop = Client(shop_app(api.url))
    assert "<select" not in shop.get("/").text
    page = shop.get("/shop/orders/shop-1").text
    assert "Play ECommPay support" not in page
    assert "start-execution" not in page
    assert shop.post("/shop/orders/shop-1/support").status_code == 404


def test_the_shop_stays_open_while_the_api_is_down(platform: StandIn) -> None:
    page = Client(shop_app("http://127.0.0.1:9", platform.url, AWS, MACHINE)).get("/")
    assert page.status_code == 200
    assert "Cannot be reached" in page.text


def test_buying_creates_a_payment_and_sends_the_browser_to_its_page(shop: Client, api: StandIn) -> None:
    api.answers["POST", "/payments"] = (201, payment(checkout_url=CHECKOUT))
    answer = shop.post("/shop/buy", data=order(scenario="15"), headers={"host": "127.0.0.1:3000"})
    assert (answer.status_code, answer.location) == (303, CHECKOUT)
    ((method, path, query, body),) = api.asked
    payment_id = body["payment_id"]
    assert re.fullmatch(r"shop-[0-9a-f]{10}", payment_id)
    assert (method, path, query) == ("POST", "/payments", {})
    assert body == {
        "payment_id": payment_id,
        "project_id": 2924,
        "interface": "payment_page",
        "method": "card-partner",
        "amount": 245015,
        "currency": "KES",
        "description": "Highland coffee",
        "customer": {
            "id": f"visitor-{payment_id}",
            "ip_address": "127.0.0.1",
            "phone": "254700000000",
            "email": "jane@example.com",
            "first_name": "Jane",
            "last_name": "Wanjiru",
        },
        "return_url": f"http://127.0.0.1:3000/shop/orders/{payment_id}",
    }


@pytest.mark.parametrize(
    ("way", "method", "amount", "currency", "project_id"),
    [
        ("card-kes", "card-partner", 480000, "KES", 2924),
        ("card-usd", "card-partner", 3700, "USD", 2924),
        ("enets-sgd", "enets", 5000, "SGD", 198),
    ],
)
def test_the_way_to_pay_decides_method_currency_and_project(
    shop: Client, api: StandIn, way: str, method: str, amount: int, currency: str, project_id: int
) -> None:
    api.answers["POST", "/payments"] = (202, payment())
    shop.post("/shop/buy", data=order(product="basket", way=way, interface="gate"))
    body = api.asked[0][3]
    assert [body[name] for name in ("method", "amount", "currency", "project_id", "interface")] == [
        method,
        amount,
        currency,
        project_id,
        "gate",
    ]


@pytest.mark.parametrize(
    "differs", [{"product": "car"}, {"way": ""}, {"interface": "fax"}, {"scenario": "99"}, {"scenario": "x"}]
)
def test_a_form_nobody_was_shown_buys_nothing(shop: Client, api: StandIn, differs: dict[str, str]) -> None:
    assert shop.post("/shop/buy", data=order(**differs)).status_code == 400
    assert api.asked == []


def test_what_the_api_refuses_is_told_plainly(shop: Client, api: StandIn) -> None:
    errors = [{"pointer": "/amount", "detail": "Too <small>."}]
    problem = {"title": "Not valid", "status": 422, "detail": "One field is wrong.", "errors": errors}
    api.answers["POST", "/payments"] = (422, problem)
    page = shop.post("/shop/buy", data=order())
    assert page.status_code == 422
    assert text_of(page.text).endswith("Not valid One field is wrong. /amount: Too <small>. Back to the shop")


@pytest.mark.parametrize("said", ["<h1>fault</h1>", "[]", ""])
def test_an_answer_that_is_no_object_is_an_error_page(shop: Client, api: StandIn, said: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, said)
    page = shop.get("/shop/orders/shop-1")
    assert page.status_code == 502
    assert "An answer that is no JSON object" in page.text


def test_a_paid_order_can_be_refunded_here_or_from_a_console(shop: Client, api: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment())
    page = shop.get("/shop/orders/shop-1").text
    assert 'http-equiv="refresh"' not in page
    assert '<form method="post" action="/shop/orders/shop-1/refund"' in page
    assert "Play ECommPay support" not in page
    assert (
        "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --endpoint-url http://127.0.0.1:3002 --region eu-west-1 "
        f"stepfunctions start-execution --state-machine-arn {MACHINE} "
        """--input '{"payment_id": "shop-1"}'"""
    ) in text_of(page)
    shown = text_of(page)
    for piece in ("succeeded 2,450.00 KES", "77 sale success 2,450.00 KES 0 Success", "api Payment created"):
        assert piece in shown


@pytest.mark.parametrize("status", ["created", "processing", "awaiting_redirect", "awaiting_clarification"])
def test_an_open_order_leads_back_to_paying_and_looks_again_by_itself(shop: Client, api: StandIn, status: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(status=status, operations=[], provider_status=None))
    page = shop.get("/shop/orders/shop-1").text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert f'<a class="button" href="{CHECKOUT}">Go on paying</a>' in page
    assert "/refund" not in page


@pytest.mark.parametrize("status", ["declined", "expired", "canceled", "failed", "refunded", "needs_review"])
def test_an_order_that_is_over_offers_nothing_more(shop: Client, api: StandIn, status: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(status=status))
    page = shop.get("/shop/orders/shop-1").text
    assert "<form" not in page
    assert "Go on paying" not in page


@pytest.mark.parametrize(
    ("typed", "sent"), [("", None), (" 12.50 ", 1250), ("12", 1200), ("-1", -100), ("0.01", 1), ("1e2", 10000)]
)
def test_a_refund_is_started_with_what_was_typed(shop: Client, api: StandIn, typed: str, sent: int | None) -> None:
    api.answers["POST", "/payments/shop-1/refunds"] = (202, refund())
    answer = shop.post("/shop/orders/shop-1/refund", data={"amount": typed})
    assert (answer.status_code, answer.location) == (303, "/shop/orders/shop-1")
    body: dict[str, Any] = {"reason": "Asked for in the demo shop"}
    if sent is not None:
        body["amount"] = sent
    assert api.asked == [("POST", "/payments/shop-1/refunds", {}, body)]


@pytest.mark.parametrize("typed", ["abc", "1.005", "NaN", "Infinity", "1e999", "sNaN", "1,50"])
def test_what_is_no_amount_is_not_sent(shop: Client, api: StandIn, typed: str) -> None:
    page = shop.post("/shop/orders/shop-1/refund", data={"amount": typed})
    assert page.status_code == 400
    assert "This is no amount" in page.text
    assert api.asked == []


def test_support_is_played_with_the_amount_that_waits_for_it(shop: Client, api: StandIn, platform: StandIn) -> None:
    waiting = payment(project_id=198, method="enets", currency="SGD", refund_policy="support", refunds=[refund()])
    api.answers["GET", "/payments/shop-1"] = (200, waiting)
    platform.answers["POST", "/control/payments/198/shop-1/refund"] = (200, {"id": 1})
    page = shop.get("/shop/orders/shop-1").text
    assert "Play ECommPay support" in page
    assert 'action="/shop/orders/shop-1/refund"' not in page
    assert shop.post("/shop/orders/shop-1/support").status_code == 303
    assert platform.asked == [("POST", "/control/payments/198/shop-1/refund", {}, {"amount": 1250})]


def test_support_may_refund_what_nobody_asked_for(shop: Client, api: StandIn, platform: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(project_id=198, refund_policy="support"))
    platform.answers["POST", "/control/payments/198/shop-1/refund"] = (200, {"id": 1})
    shop.post("/shop/orders/shop-1/support")
    assert platform.asked == [("POST", "/control/payments/198/shop-1/refund", {}, {})]


def test_the_script_gets_the_payment_as_the_api_tells_it(shop: Client, api: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment())
    answer = shop.get("/shop/orders/shop-1.json")
    assert answer.json == payment()
    assert answer.headers["cache-control"] == "no-store"
    missing = shop.get("/shop/orders/shop-2.json")
    assert (missing.status_code, missing.json) == (404, {"error": "Not found", "details": ["No."]})


def test_hostile_words_of_the_provider_stay_words(shop: Client, api: StandIn) -> None:
    hostile = "</script><script>alert(1)</script>\"'"
    said = payment(
        provider_status=hostile,
        timeline=[{"at": "2026-11-21T17:52:00.123Z", "source": "api", "what": hostile}],
        refunds=[refund(message=hostile, status="declined")],
    )
    api.answers["GET", "/payments/shop-1"] = (200, said)
    page = shop.get("/shop/orders/shop-1")
    assert page.text.count("<script") == 1
    assert "alert(1)<" not in page.text
    assert re.fullmatch(
        r"default-src 'none'; style-src 'nonce-([\w-]+)'; script-src 'nonce-\1'; connect-src 'self'; "
        r"base-uri 'none'; frame-ancestors 'none'",
        page.headers["content-security-policy"],
    )


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/shop/cart", 404), ("GET", "/shop/buy", 405)])
def test_what_the_shop_has_not_is_said_plainly(shop: Client, method: str, path: str, status: int) -> None:
    page = shop.open(path, method=method)
    assert page.status_code == status
    assert "Back to the shop" in page.text
