"""The Payment Page address: its parameters, whole, and its encoding against addresses made by the platform's own tools."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from conformance.run import read
from ecommpay_signing import sign
from payments.domain.errors import InvalidRequest
from payments.domain.payment import Customer
from payments.gate.payment_page import payment_page_params, payment_page_url
from tests.unit.gate.samples import BACK, CALLBACK, card_payment, enets_payment

KEY = "test-secret-not-real"
WAY_BACK = {
    "redirect_success_url": BACK,
    "redirect_success_enabled": 2,
    "redirect_success_mode": "parent_page",
    "redirect_fail_url": BACK,
    "redirect_fail_enabled": 2,
    "redirect_fail_mode": "parent_page",
    "merchant_return_url": BACK,
    "merchant_return_enabled": 2,
    "merchant_return_redirect_mode": "parent_page",
}


def vectors() -> list[Any]:
    """All but those with a boolean or a null, which arrive as something else than was signed; we send neither."""
    told = read("payment_page_addresses.json")
    return [pytest.param(vector, id=vector["name"]) for vector in told if vector["read_back_alike"]]


def unsigned(params: dict[str, str | int]) -> dict[str, str | int]:
    return {name: value for name, value in params.items() if name != "signature"}


def test_the_page_is_told_everything_the_merchant_gave() -> None:
    params = payment_page_params(card_payment(interface="payment_page"), KEY)
    assert unsigned(params) == {
        "project_id": 2924,
        "payment_id": "order-184",
        "payment_amount": 1000,
        "payment_currency": "KES",
        "customer_id": "c-77",
        "customer_phone": "254700000001",
        "customer_email": "amina@example.com",
        "customer_first_name": "Amina",
        "customer_last_name": "Otieno",
        "payment_description": "Order 184",
        "language_code": "sw",
        "force_payment_method": "card-partner",
        "best_before": "2026-11-22T10:00:00+00:00",
        "merchant_callback_url": CALLBACK,
        **WAY_BACK,
    }
    assert params["signature"] == sign(unsigned(params), KEY)


def test_what_was_not_given_is_left_out() -> None:
    params = payment_page_params(enets_payment(method="", customer=Customer("c-78")), KEY)
    assert unsigned(params) == {
        "project_id": 2924,
        "payment_id": "order-184",
        "payment_amount": 2500,
        "payment_currency": "SGD",
        "customer_id": "c-78",
        "merchant_callback_url": CALLBACK,
        **WAY_BACK,
    }


def test_best_before_is_written_in_utc_whatever_the_zone_of_the_order() -> None:
    nairobi = datetime(2026, 11, 22, 13, 0, 0, 999, tzinfo=timezone(timedelta(hours=3)))
    assert payment_page_params(card_payment(expires_at=nairobi), KEY)["best_before"] == "2026-11-22T10:00:00+00:00"


def test_a_semicolon_never_leaves() -> None:
    with pytest.raises(InvalidRequest, match="/payment_description: must not contain ;"):
        payment_page_params(card_payment(description="a;b"), KEY)


@pytest.mark.parametrize(
    "base",
    [
        "https://paymentpage.ecommpay.com",
        "https://paymentpage.ecommpay.com/",
        "https://paymentpage.ecommpay.com/payment",
        "https://paymentpage.ecommpay.com/payment/",
    ],
)
def test_the_base_may_name_the_path_already(base: str) -> None:
    assert payment_page_url(base, {"project_id": 1}) == "https://paymentpage.ecommpay.com/payment?project_id=1"


def test_plus_and_space_are_written_so_that_every_reader_agrees() -> None:
    url = payment_page_url(
        "https://p.example", {"a": "1 + 1/2", "b": "2026-11-22T10:00:00+00:00", "c": "K\u0142\u00f3d&="}
    )
    assert (
        url == "https://p.example/payment?a=1%20%2B%201%2F2&b=2026-11-22T10%3A00%3A00%2B00%3A00&c=K%C5%82%C3%B3d%26%3D"
    )


def test_the_signature_survives_the_address() -> None:
    payment = card_payment(customer=Customer("c-77", phone="+254 700"), description="1 + 1 = 2 % & more")
    params = payment_page_params(payment, KEY)
    query = dict(parse_qsl(urlsplit(payment_page_url("https://p.example", params)).query, strict_parsing=True))
    assert query == {name: str(value) for name, value in params.items()}
    assert sign({name: text for name, text in query.items() if name != "signature"}, KEY) == params["signature"]


@pytest.mark.parametrize("vector", vectors())
def test_addresses_decode_to_what_the_platforms_own_tools_make(vector: dict[str, Any]) -> None:
    message = json.loads(vector["given"]["message"])
    params = {**message, "signature": sign(message, vector["given"]["secret"])}
    assert params["signature"] == vector["expect"]["signature"]
    ours = urlsplit(payment_page_url("https://paymentpage.ecommpay.com", params))
    for url in vector["addresses"].values():
        theirs = urlsplit(url)
        assert (ours.scheme, ours.netloc, ours.path) == (theirs.scheme, theirs.netloc, theirs.path)
        assert sorted(parse_qsl(ours.query, keep_blank_values=True)) == sorted(
            parse_qsl(theirs.query, keep_blank_values=True)
        )
