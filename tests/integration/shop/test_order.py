"""One order in the shop: its state in plain words, refunds, and its story."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from tests.integration.shop.reading import text_of
from tests.integration.shop.stand_in_api import StandIn, payment, refund

ORDER = "/shop/orders/shop-1"
CHECKOUT = "http://127.0.0.1:3000/checkout/t0ken"
ENETS: dict[str, Any] = {
    "project_id": 198,
    "method": "enets",
    "amount": 2600,
    "currency": "SGD",
    "refund_policy": "support",
}


def test_a_paid_order_tells_its_story_and_can_be_refunded(shop: Client) -> None:
    page = shop.get(ORDER).text
    assert 'http-equiv="refresh"' not in page
    assert '<form method="post" action="/shop/orders/shop-1/refund"' in page
    shown = text_of(page)
    for piece in (
        "Order shop-1 Paid succeeded Exactly what was ordered has been paid. Highland coffee 2,450.00 KES",
        "ECommPay says success Method card-partner, by Payment Page, project 2924 Created 21 Nov 2026, 17:52:00 UTC",
        "Refund This method gives back the whole amount or nothing. Refund 2,450.00 KES",
        "Timeline 17:52:00 Our API Payment created",
        "77 sale success , 2,450.00 KES 0 Success",
    ):
        assert piece in shown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("created", "Not paid yet created The customer has not begun to pay."),
        ("processing", "On its way processing ECommPay has it and has not decided yet."),
        ("awaiting_redirect", "With the customer awaiting_redirect It is to be confirmed at the bank or the partner."),
        (
            "awaiting_clarification",
            "Details are missing awaiting_clarification ECommPay asks the customer for a few more details.",
        ),
    ],
)
def test_an_open_order_leads_back_to_paying_and_looks_again_by_itself(
    shop: Client, api: StandIn, status: str, words: str
) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(status=status, operations=[], provider_status=None))
    page = shop.get(ORDER).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert f'<a class="button" href="{CHECKOUT}">Go on paying</a>' in page
    assert "/refund" not in page
    shown = text_of(page)
    assert words in shown
    assert "ECommPay says nothing yet" in shown
    assert "There is nothing to give back before it is paid." in shown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("declined", "Declined declined Nothing was paid. The customer may order again."),
        ("expired", "Expired expired The customer did not pay in time."),
        ("canceled", "Canceled canceled It was called off; nothing was paid."),
        ("failed", "Failed failed ECommPay could not take it; nothing was paid."),
        ("refunded", "Refunded refunded Everything went back to the customer."),
        ("needs_review", "Needs a person needs_review What ECommPay says does not fit the order."),
        ("a_new_word", "A new word a_new_word"),
    ],
)
def test_an_order_that_is_over_offers_nothing_more(shop: Client, api: StandIn, status: str, words: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(status=status))
    page = shop.get(ORDER).text
    assert "/refund" not in page
    assert "/give-back" not in page
    assert "Go on paying" not in page
    assert words in text_of(page)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("requested", "Asked for requested 12.50 SGD The refund workflow has begun."),
        ("sent", "On its way sent 12.50 SGD ECommPay has the request, or may have it; its word is awaited."),
        ("awaiting_support", "Waits for support awaiting_support 12.50 SGD ECommPay's support does it by hand;"),
        ("succeeded", "Given back succeeded 12.50 SGD The money is on its way to the customer."),
        ("declined", "Declined declined 12.50 SGD ECommPay declined it. It may be tried again."),
        ("failed", "Not done failed 12.50 SGD Nothing was given back by it."),
        ("unknown", "Nobody knows unknown 12.50 SGD No callback and no status told its end."),
    ],
)
def test_a_refund_is_told_in_plain_words(shop: Client, api: StandIn, status: str, words: str) -> None:
    api.answers["GET", "/payments/shop-1"] = (200, payment(refunds=[refund(status=status)]))
    page = shop.get(ORDER).text
    assert words in text_of(page)
    in_flight = status in {"requested", "sent", "awaiting_support"}
    assert ("One refund at a time" in page) == in_flight
    assert ('action="/shop/orders/shop-1/refund"' in page) != in_flight
    assert ('http-equiv="refresh"' in page) == in_flight


def test_how_a_refund_was_carried_out_and_what_was_said_is_told(shop: Client, api: StandIn) -> None:
    ended = refund(status="declined", operation_type="reversal", code="20000", message="General decline")
    api.answers["GET", "/payments/shop-1"] = (200, payment(refunds=[ended], refunded_amount=1250))
    shown = text_of(shop.get(ORDER).text)
    assert "rf-1 , carried out as reversal , ECommPay said: 20000 General decline" in shown
    assert "Given back 12.50 KES" in shown


@pytest.mark.parametrize(
    ("typed", "sent"), [("", None), (" 12.50 ", 1250), ("12", 1200), ("-1", -100), ("0.01", 1), ("1e2", 10000)]
)
def test_a_refund_is_started_with_what_was_typed(
    shop: Client, api: StandIn, platform: StandIn, typed: str, sent: int | None
) -> None:
    api.answers["POST", "/payments/shop-1/refunds"] = (202, refund())
    answer = shop.post(f"{ORDER}/refund", data={"amount": typed, "fate": "success", "callbacks": ""})
    assert (answer.status_code, answer.location) == (303, ORDER)
    body: dict[str, Any] = {"reason": "Asked for in the demo shop"}
    if sent is not None:
        body["amount"] = sent
    assert api.asked == [("POST", "/payments/shop-1/refunds", {}, body)]
    assert platform.asked == []


@pytest.mark.parametrize("typed", ["abc", "1.005", "NaN", "Infinity", "1e999", "sNaN", "1,50"])
def test_what_is_no_amount_is_not_sent(shop: Client, api: StandIn, platform: StandIn, typed: str) -> None:
    for path, field in (("refund", "amount"), ("give-back", "part")):
        page = shop.post(f"{ORDER}/{path}", data={field: typed})
        assert page.status_code == 400
        assert "This is no amount" in page.text
    assert (api.asked, platform.asked) == ([], [])


def test_a_part_can_be_asked_back_only_where_the_method_knows_parts(shop: Client, api: StandIn) -> None:
    assert "How much to refund" not in shop.get(ORDER).text
    api.answers["GET", "/payments/shop-1"] = (200, payment(**ENETS))
    assert "How much to refund, in SGD" in shop.get(ORDER).text


def test_an_order_id_may_look_like_anything(shop: Client, api: StandIn) -> None:
    strange = "a~b:c.d_e"
    api.answers["GET", f"/payments/{strange}"] = (200, payment(payment_id=strange))
    page = shop.get(f"/shop/orders/{strange}").text
    assert 'action="/shop/orders/a~b%3Ac.d_e/refund"' in page
