"""The pretend platform's control panel in the shop: what it tells the platform, and what it shows of it."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from local.ecommpay.control import WISHES
from local.ecommpay.outcomes import OUTCOMES
from local.shop import shop_app
from local.shop.wishes import CALLBACKS, OTHER_ENDINGS, REFUNDS, USUAL_ENDINGS
from tests.integration.shop.reading import text_of
from tests.integration.shop.stand_in_api import StandIn, delivery, payment, refund, set_at_platform
from tests.integration.shop.test_order import ENETS, ORDER
from tests.integration.shop.test_shop import order


def test_what_the_panel_offers_is_what_the_platform_understands() -> None:
    assert {*USUAL_ENDINGS, *OTHER_ENDINGS} <= set(WISHES["ending"])
    assert set(CALLBACKS) - {""} <= set(WISHES["callbacks"])
    assert set(REFUNDS) <= set(WISHES["refund"])
    left_out = set(OUTCOMES) - {*USUAL_ENDINGS, *OTHER_ENDINGS}
    assert {OUTCOMES[ending].refund for ending in left_out} & {"success"} == set()


def test_without_the_pretend_platform_there_is_no_panel(api: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(**ENETS))
    shop = Client(shop_app(api.url))
    for path in ("/", ORDER):
        page = shop.get(path).text
        assert "Pretend ECommPay" not in page
        assert "<select" not in page
        assert "control/" not in page
        assert "aws --endpoint-url" not in page
    for path in ("/shop/next", "/shop/forget", f"{ORDER}/give-back"):
        assert shop.post(path).status_code == 404


@pytest.mark.parametrize("path", ["/", ORDER])
def test_a_platform_that_is_down_is_told_and_nothing_else_suffers(api: StandIn, path: str) -> None:
    page = Client(shop_app(api.url, "http://127.0.0.1:9")).get(path)
    assert page.status_code == 200
    assert "Cannot be reached. GET http://127.0.0.1:9/control/next" in text_of(page.text)


@pytest.mark.parametrize(
    ("form", "wish"),
    [
        ({"ending": "5"}, {"ending": 5}),
        ({"ending": "11", "callbacks": "lose", "count": "3", "seconds": "9"}, {"ending": 11, "callbacks": "lose", "count": 3}),
        ({"callbacks": "delay", "count": "2", "seconds": "30"}, {"ending": 0, "callbacks": "delay", "count": 2, "seconds": 30}),
        ({"callbacks": "duplicate", "count": "1"}, {"ending": 0, "callbacks": "duplicate", "count": 1}),
        ({"callbacks": "reorder", "count": "1"}, {"ending": 0, "callbacks": "reorder", "count": 1}),
    ],
)  # fmt: skip
def test_buying_tells_the_platform_first_what_is_wished_for(
    shop: Client, api: StandIn, platform: StandIn, form: dict[str, str], wish: dict[str, Any]
) -> None:
    api.answers["POST", "/payments"] = (202, payment())
    shop.post("/shop/buy", data=order(**form))
    assert platform.asked == [("POST", "/control/next", {}, wish)]
    assert [asked[:2] for asked in api.asked] == [("POST", "/payments")]


@pytest.mark.parametrize(
    ("form", "wish"),
    [
        ({"fate": "reversal", "callbacks": ""}, {"refund": "reversal"}),
        (
            {"fate": "success", "callbacks": "delay", "count": "1", "seconds": "5"},
            {"refund": "success", "callbacks": "delay", "count": 1, "seconds": 5},
        ),
        ({"callbacks": "lose", "count": "1"}, {"callbacks": "lose", "count": 1}),
    ],
)
def test_refunding_tells_the_platform_first_what_is_wished_for(
    shop: Client, api: StandIn, platform: StandIn, form: dict[str, str], wish: dict[str, Any]
) -> None:
    api.answers["POST", "/payments/shop-1/refunds"] = (202, refund())
    assert shop.post(f"{ORDER}/refund", data=form).status_code == 303
    assert platform.asked == [("POST", "/control/next", {}, wish)]


def test_a_platform_that_refuses_a_wish_stops_the_purchase(shop: Client, api: StandIn, platform: StandIn) -> None:
    platform.answers["POST", "/control/next"] = (422, {"error": "unknown: ending"})
    page = shop.post("/shop/buy", data=order(ending="5"))
    assert (page.status_code, "unknown: ending" in page.text) == (422, True)
    assert api.asked == []


@pytest.mark.parametrize(
    ("form", "place"), [({}, "/#platform"), ({"order": "shop-1"}, f"{ORDER}#platform"), ({"order": "//x/y"}, None)]
)
def test_wishes_can_be_set_and_forgotten_without_doing_anything_else(
    shop: Client, api: StandIn, platform: StandIn, form: dict[str, str], place: str | None
) -> None:
    answer = shop.post("/shop/next", data={"ending": "0", "callbacks": "", **form})
    assert (answer.status_code, answer.location) == (303, place or "/shop/orders/%2F%2Fx%2Fy#platform")
    answer = shop.post("/shop/forget", data=form)
    assert (answer.status_code, answer.location) == (303, place or "/shop/orders/%2F%2Fx%2Fy#platform")
    assert platform.asked == [("POST", "/control/next", {}, {"ending": 0}), ("DELETE", "/control/next", {}, None)]
    assert api.asked == []


def test_what_is_set_is_told_in_plain_words(shop: Client, platform: StandIn) -> None:
    assert "Nothing is set: everything goes its usual way." in text_of(shop.get("/").text)
    platform.answers["GET", "/control/next"] = (
        200,
        set_at_platform(
            sale={"ending": 45, "gate": "refuse"},
            refund="silent",
            callbacks={"lose": 1, "duplicate": 0, "delay": 2, "reorder": 3},
            seconds=2.5,
        ),
    )
    for path in ("/", ORDER):
        page = shop.get(path).text
        for line in (
            "The next payment: Succeeds with another amount: one minor unit more",
            "The next payment: gate refuse",
            "The next refund: Carried out, never a callback",
            "The next callback: lost",
            "The next 2 callbacks: 2.5 seconds late",
            "The next 3 callbacks: in the wrong order",
        ):
            assert f"<li>{line}</li>" in page
        assert "Forget it all" in text_of(page)


def test_the_callbacks_about_an_order_are_shown(shop: Client, platform: StandIn) -> None:
    tries = [{"at": "2026-11-21T17:53:00+00:00", "answer": answer} for answer in (500, 200)]
    platform.answers["GET", "/control/deliveries"] = (
        200,
        {"deliveries": [delivery(what="sale processing", state="lost", tries=[]), delivery(tries=tries)]},
    )
    shown = text_of(shop.get(ORDER).text)
    assert "17:53:00 lost on purpose sale processing 17:53:00 taken sale success, 2 tries" in shown
    assert platform.asked[-1] == ("GET", "/control/deliveries", {"project_id": "2924", "payment_id": "shop-1"}, None)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ({"kind": "refund"}, {"type": "refund"}),
        ({"kind": "reversal"}, {"type": "reversal"}),
        ({"part": "12.50"}, {"type": "refund", "amount": 1250}),
        ({"part": ""}, {"type": "refund"}),
    ],
)
def test_the_platforms_people_give_back_what_they_are_told(
    shop: Client, platform: StandIn, form: dict[str, str], body: dict[str, Any]
) -> None:
    platform.answers["POST", "/control/payments/2924/shop-1/refund"] = (200, {"id": 1})
    answer = shop.post(f"{ORDER}/give-back", data=form)
    assert (answer.status_code, answer.location) == (303, f"{ORDER}#platform")
    assert platform.asked == [("POST", "/control/payments/2924/shop-1/refund", {}, body)]


def test_a_kind_of_refund_nobody_was_shown_is_not_sent(shop: Client, platform: StandIn) -> None:
    assert shop.post(f"{ORDER}/give-back", data={"kind": "gift"}).status_code == 400
    assert platform.asked == []


def test_what_the_platform_refuses_to_give_back_is_told(shop: Client, platform: StandIn) -> None:
    platform.answers["POST", "/control/payments/2924/shop-1/refund"] = (409, {"error": "Too much", "code": "3283"})
    page = shop.post(f"{ORDER}/give-back", data={"kind": "refund"})
    assert (page.status_code, "Too much" in page.text) == (409, True)


def test_a_card_payment_is_given_back_in_the_dashboard_and_an_enets_payment_by_support(
    shop: Client, api: StandIn
) -> None:
    shown = text_of(shop.get(ORDER).text)
    assert "Give it back in the Dashboard" in shown
    assert "ECommPay support gives it back" not in shown
    api.answers["GET", "/payments/shop-1"] = (200, payment(**ENETS))
    page = shop.get(ORDER).text
    assert "ECommPay support gives it back" in page
    assert "Empty: everything that is left, 26.00 SGD." in page
    assert "Dashboard" not in text_of(page)
    assert 'name="fate"' not in page


def test_support_is_offered_the_amount_that_waits_for_it(shop: Client, api: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(**ENETS, refunds=[refund()]))
    page = shop.get(ORDER).text
    assert 'aria-describedby="part-hint" value="12.50"' in page
    assert 'action="/shop/orders/shop-1/refund"' not in page


def test_nobody_refunds_a_card_payment_by_hand_while_a_refund_of_ours_is_on_its_way(shop: Client, api: StandIn) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(refunds=[refund(status="sent")]))
    assert "/give-back" not in shop.get(ORDER).text
