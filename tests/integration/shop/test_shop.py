"""The shop's front page and buying: what it offers, what it sends, and what it makes of the answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import Client

from local.shop import shop_app
from tests.integration.shop.conftest import AWS, MACHINE
from tests.integration.shop.reading import text_of
from tests.integration.shop.stand_in_api import StandIn, payment

CHECKOUT = "http://127.0.0.1:3000/checkout/t0ken"


def order(**form: str) -> dict[str, str]:
    return {"product": "coffee", "way": "card-kes", "interface": "payment_page", "ending": "0", **form}


def checked(html: str) -> list[str]:
    return re.findall(r'value="([^"]+)" required checked', html)


@pytest.mark.parametrize("path", ["/", "/shop", "/shop/"])
def test_the_front_page_offers_products_and_ways_and_shows_recent_orders(shop: Client, api: StandIn, path: str) -> None:
    page = shop.get(path)
    assert page.status_code == 200
    shown = text_of(page.text)
    for piece in (
        "Highland coffee One kilogram, roasted on Tuesday 2,450.00 KES 19.00 USD 26.00 SGD",
        "Sisal basket Woven by hand, 30 cm wide 4,800.00 KES 37.00 USD 50.00 SGD",
        "shop-1 2,450.00 KES Paid succeeded card-partner, 21 Nov, 17:52 UTC",
    ):
        assert piece in shown
    assert '<a id="order-1" href="/shop/orders/shop-1">shop-1</a>' in page.text
    assert checked(page.text) == ["coffee", "card-kes", "payment_page"]
    assert api.asked == [("GET", "/payments", {"limit": "10"}, None)]


def test_a_price_is_told_only_for_a_choice_that_was_made(shop: Client) -> None:
    """Without a script the button cannot follow the choice; with one, the script asks for the page of the choice."""
    assert "Buy for" not in text_of(shop.get("/").text)
    chosen = shop.get("/?product=basket&way=enets-sgd&interface=gate&ending=5&callbacks=&count=&seconds=x").text
    assert "Buy for 50.00 SGD" in text_of(chosen)
    assert checked(chosen) == ["basket", "enets-sgd", "gate"]


def test_the_shop_stays_open_while_the_api_is_down(platform: StandIn) -> None:
    page = Client(shop_app("http://127.0.0.1:9", platform.url, AWS, MACHINE)).get("/")
    assert page.status_code == 200
    assert "Cannot be reached" in page.text


def test_buying_creates_a_payment_and_sends_the_browser_to_its_page(
    shop: Client, api: StandIn, platform: StandIn
) -> None:
    api.answers["POST", "/payments"] = (201, payment(checkout_url=CHECKOUT))
    answer = shop.post("/shop/buy", data=order(), headers={"host": "127.0.0.1:3000"})
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
        "amount": 245000,
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
    # Nothing was wished for, so what somebody else set at the platform stays as it is.
    assert platform.asked == []


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
    "differs",
    [
        {"product": "car"},
        {"way": ""},
        {"interface": "fax"},
        {"ending": "99"},
        {"ending": "x"},
        {"callbacks": "sing"},
        {"callbacks": "lose", "count": "0"},
        {"callbacks": "delay", "seconds": "601"},
    ],
)
def test_a_form_nobody_was_shown_buys_nothing(
    shop: Client, api: StandIn, platform: StandIn, differs: dict[str, str]
) -> None:
    assert shop.post("/shop/buy", data=order(**differs)).status_code == 400
    assert (api.asked, platform.asked) == ([], [])


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


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/shop/cart", 404), ("GET", "/shop/buy", 405)])
def test_what_the_shop_has_not_is_said_plainly(shop: Client, method: str, path: str, status: int) -> None:
    page = shop.open(path, method=method)
    assert page.status_code == status
    assert "Back to the shop" in page.text


@pytest.mark.parametrize("path", ["/", "/shop/orders/shop-1", "/shop/cart"])
def test_every_page_has_a_strict_policy_and_is_kept_by_no_cache(shop: Client, path: str) -> None:
    headers = shop.get(path).headers
    assert re.fullmatch(
        r"default-src 'none'; style-src 'nonce-([\w-]+)'; script-src 'nonce-\1'; connect-src 'self'; "
        r"base-uri 'none'; frame-ancestors 'none'",
        headers["content-security-policy"],
    )
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_hostile_words_of_the_provider_stay_words(shop: Client, api: StandIn, platform: StandIn) -> None:
    hostile: Any = "</script><script>alert(1)</script>\"'"
    api.answers["GET", "/payments/shop-1"] = (
        200,
        payment(
            provider_status=hostile,
            status=hostile,
            description=hostile,
            timeline=[{"at": "2026-11-21T17:52:00.123Z", "source": hostile, "what": hostile}],
        ),
    )
    page = shop.get("/shop/orders/shop-1")
    assert page.text.count("<script") == 1
    assert page.text.count("alert(1)") == page.text.count("alert(1)&lt;/script&gt;") >= 6
