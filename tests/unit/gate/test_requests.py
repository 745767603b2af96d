"""The bodies sent to Gate, whole, and their signatures."""

import dataclasses
from typing import Any

import pytest

from payments.domain.errors import FieldError, InvalidRequest
from payments.domain.payment import Customer, PaymentKey
from payments.gate import requests
from payments.gate.addresses import callback_address, checkout_address, return_address
from tests.unit.gate.samples import BACK, CALLBACK, TOKEN, card_payment, enets_payment

WORKED_KEY = "qwerty_seed_secret"


def test_a_card_partner_sale_tells_everything_the_merchant_gave() -> None:
    assert requests.sale(card_payment()) == {
        "general": {"project_id": 2924, "payment_id": "order-184", "merchant_callback_url": CALLBACK},
        "customer": {
            "id": "c-77",
            "ip_address": "198.51.100.7",
            "phone": "254700000001",
            "email": "amina@example.com",
            "first_name": "Amina",
            "last_name": "Otieno",
        },
        "payment": {"amount": 1000, "currency": "KES", "description": "Order 184"},
        "return_url": {"success": BACK, "decline": BACK, "return": BACK},
    }


def test_an_enets_sale_leaves_out_what_was_not_given() -> None:
    assert requests.sale(enets_payment()) == {
        "general": {"project_id": 2924, "payment_id": "order-184", "merchant_callback_url": CALLBACK},
        "customer": {
            "id": "c-78",
            "ip_address": "203.0.113.9",
            "email": "wei@example.com",
            "first_name": "Wei",
            "last_name": "Tan",
        },
        "payment": {"amount": 2500, "currency": "SGD"},
        "return_url": {"success": BACK, "decline": BACK, "return": BACK},
    }


def test_a_refund_names_the_payment_and_nothing_else() -> None:
    assert requests.refund(card_payment()) == {
        "general": {"project_id": 2924, "payment_id": "order-184", "merchant_callback_url": CALLBACK}
    }


def test_a_refund_that_is_to_be_known_again_carries_our_own_id() -> None:
    assert requests.refund(card_payment(), refund_id="rf-1") == {
        "general": {"project_id": 2924, "payment_id": "order-184", "merchant_callback_url": CALLBACK},
        "payment": {"merchant_refund_id": "rf-1"},
    }


def test_a_status_request_names_the_payment() -> None:
    assert requests.status(PaymentKey(198, "p-1")) == {"general": {"project_id": 198, "payment_id": "p-1"}}


def test_a_clarification_carries_the_answers_as_the_tree_they_were_asked_in() -> None:
    answers = {
        "customer.email": "amina@example.com",
        "customer.billing.city": "Mombasa",
        "note": "hi",
        "customer.phone": "",
    }
    assert requests.clarification(card_payment(), answers) == {
        "general": {"project_id": 2924, "payment_id": "order-184", "merchant_callback_url": CALLBACK},
        "additional_data": {"customer": {"email": "amina@example.com", "billing": {"city": "Mombasa"}}, "note": "hi"},
    }


@pytest.mark.parametrize(
    "answers",
    [
        {"customer": "x", "customer.email": "y"},
        {"customer.email": "y", "customer": "x"},
        {"customer..email": "y"},
        {"": "y"},
        {"customer.": "y"},
    ],
)
def test_answers_that_have_no_place_of_their_own_are_refused(answers: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match="has no place of its own"):
        requests.clarification(card_payment(), answers)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (
            {
                "general": {"project_id": 125, "payment_id": "TEST_184"},
                "customer": {
                    "ip_address": "1.2.3.4",
                    "phone": "123456789",
                    "email": "customer@example.com",
                    "id": "123",
                },
                "payment": {"amount": 1000, "currency": "KES"},
            },
            "KbK7mwjhO0O7CD+NAiznh63d2Bf2e3o8IbjSUw/Jy0SX+Pfdi/w0TkGPo266/+Qp8RsNKWioNhPkjvDfqZZC7w==",
        ),
        (
            {"general": {"project_id": 239, "payment_id": "refund_02"}},
            "Q+m+CzfpwbPyvM8Sa1ueuK/r7vHF1Hlz1FnRjMsc8Fwdo4NWyBdufaLZRl5gJ+bZKID2r2wqYMk5PraoEBtRGQ==",
        ),
        (
            {
                "general": {"project_id": 198, "payment_id": "TEST_1529415224.4078"},
                "payment": {"amount": 1000, "currency": "SGD"},
                "customer": {
                    "ip_address": "1.1.1.1",
                    "id": "123",
                    "email": "Johnson@mail.com",
                    "first_name": "John",
                    "last_name": "Johnson",
                },
            },
            "uRSnRTgM4anG/8TaMb5NGNQnOIo5EGU643M7g6zSAB+/+7IWHoA/QbKIq5LmWf8StiAyieDRPBykjJi7vz+SnA==",
        ),
    ],
)
def test_the_signature_stands_in_general_and_is_the_one_the_platforms_own_tools_make(
    body: dict[str, Any], signature: str
) -> None:
    before = repr(body)
    assert requests.signed(body, WORKED_KEY) == {**body, "general": {**body["general"], "signature": signature}}
    assert repr(body) == before, "the body given is left alone"


def test_the_documented_status_body_signs_like_the_refund_of_the_same_payment() -> None:
    signed = requests.signed(requests.status(PaymentKey(239, "refund_02")), WORKED_KEY)
    assert signed["general"]["signature"] == (
        "Q+m+CzfpwbPyvM8Sa1ueuK/r7vHF1Hlz1FnRjMsc8Fwdo4NWyBdufaLZRl5gJ+bZKID2r2wqYMk5PraoEBtRGQ=="
    )


def test_a_semicolon_never_leaves() -> None:
    payment = card_payment(description="a;b", customer=Customer("c;1", "198.51.100.7"))
    with pytest.raises(InvalidRequest) as refused:
        requests.signed(requests.sale(payment), "key")
    assert refused.value.errors == (
        FieldError("/customer/id", "must not contain ;"),
        FieldError("/payment/description", "must not contain ;"),
    )
    with pytest.raises(InvalidRequest, match="/additional_data/customer/a;b"):
        requests.signed(requests.clarification(card_payment(), {"customer.a;b": "x"}), "key")


def test_nothing_is_asked_for_a_payment_that_was_never_ordered() -> None:
    told_of = dataclasses.replace(card_payment(), order=None)
    for build in (requests.sale, requests.refund):
        with pytest.raises(InvalidRequest, match="was not ordered here"):
            build(told_of)


def test_our_own_addresses_stand_on_the_public_url_of_the_order() -> None:
    for public_url in ("https://pay.shop.example/dev", "https://pay.shop.example/dev/"):
        order = requests.order_of(card_payment(public_url=public_url))
        assert callback_address(order) == "https://pay.shop.example/dev/callbacks/ecommpay"
        assert checkout_address(order) == f"https://pay.shop.example/dev/checkout/{TOKEN}"
        assert return_address(order) == f"https://pay.shop.example/dev/checkout/{TOKEN}?returned=1"
