"""Where a message sends the customer, and what it asks of him."""

from typing import Any

import pytest

from payments.gate.messages import Redirect, asked_fields, redirect_target
from tests.unit.gate.samples import redirect_callback


def test_a_post_redirect_has_exactly_the_fields_given_in_their_order() -> None:
    assert redirect_target(redirect_callback()) == Redirect(
        "POST",
        "https://partner.example/v3/ke",
        (("live", "0"), ("ttl", "900"), ("cbk", "https://partner.example/back?a=1&b=2"), ("crl", "")),
    )


@pytest.mark.parametrize("body", [[], {}, None, ""])
def test_an_empty_body_means_no_fields(body: Any) -> None:
    message = {"redirect_data": {"method": "GET", "url": "https://bank.example/pay/559c", "body": body}}
    assert redirect_target(message) == Redirect("GET", "https://bank.example/pay/559c", ())


def test_a_missing_body_means_no_fields_and_a_missing_method_goes_by_the_fields() -> None:
    assert redirect_target({"redirect_data": {"url": "https://b.example/"}}) == Redirect(
        "GET", "https://b.example/", ()
    )
    with_fields = {"redirect_data": {"url": "https://b.example/", "body": {"a": "1"}}}
    assert redirect_target(with_fields) == Redirect("POST", "https://b.example/", (("a", "1"),))


def test_values_are_printed_as_the_platform_prints_them() -> None:
    body = {
        "t": True,
        "f": False,
        "n": None,
        "i": 15,
        "d": 1.0,
        "e": 0.1,
        "s": " exact ",
        "o": {"k": ["x", 2]},
        "z": {},
    }
    target = redirect_target({"redirect_data": {"url": "https://b.example/", "method": " post ", "body": body}})
    assert target == Redirect(
        "POST",
        "https://b.example/",
        (
            ("t", "1"),
            ("f", "0"),
            ("n", ""),
            ("i", "15"),
            ("d", "1"),
            ("e", "0.1"),
            ("s", " exact "),
            ("o[k][0]", "x"),
            ("o[k][1]", "2"),
        ),
    )


@pytest.mark.parametrize("change", [{"method": "PUT"}, {"method": "iframe"}, {"body": "a=1"}, {"body": 5}])
def test_a_redirect_that_cannot_be_followed_exactly_is_not_followed(change: dict[str, Any]) -> None:
    message = redirect_callback()
    message["redirect_data"].update(change)
    assert redirect_target(message) is None


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({"customer": ["phone", "email"]}, ("customer.phone", "customer.email")),
        ({"customer": {"phone": {"type": "string"}, "email": None}}, ("customer.phone", "customer.email")),
        ({"customer": {"phone": "Phone number"}}, ("customer.phone",)),
        ({"customer": {"phone": {"title": "Phone", "required": True, "pattern": "^[0-9]+$"}}}, ("customer.phone",)),
        ({"customer": {"billing": {"city": {}, "zip": {}}}}, ("customer.billing.city", "customer.billing.zip")),
        ({"customer": "email"}, ("customer.email",)),
        ({"customer": {"0": "phone", "2": "email"}}, ("customer.phone", "customer.email")),
        ({"customer": [{"name": "phone", "type": "tel"}, {"field": "email"}]}, ("customer.phone", "customer.email")),
        ({"customer.email": {}}, ("customer.email",)),
        ({"email": {"type": "email", "required": True}}, ("email",)),
        (["customer.email", "customer.phone", "customer.email"], ("customer.email", "customer.phone")),
        ([{"customer": ["email"]}, {"customer": {"phone": 1}}], ("customer.email", "customer.phone")),
        ([{"path": "customer.email", "label": "E-mail"}], ("customer.email",)),
        ([["customer.email"]], ("customer.email",)),
        ("customer.email", ("customer.email",)),
        (["customer", "customer.email"], ("customer.email",)),
        (["customer..email", "customer.<b>", "", ".", "a" * 65, 5, None, True], ()),
        ({"customer": {"a b": 1, "": 2}}, ()),
        ({"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}, ()),
        (7, ()),
        (None, ()),
        ({}, ()),
        ([], ()),
    ],
)
def test_what_is_asked_for_is_found_in_every_shape(asked: Any, paths: tuple[str, ...]) -> None:
    assert asked_fields({"clarification_fields": asked}) == paths


def test_no_question_asks_for_more_than_twenty_fields() -> None:
    asked = {"customer": [f"field_{number}" for number in range(5000)]}
    assert asked_fields({"clarification_fields": asked}) == tuple(f"customer.field_{number}" for number in range(20))
