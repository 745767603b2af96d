"""The description of the API and the code behind it say the same of payments: what is taken, and what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from payments.api_models import CreatePayment, StartRefund, parse
from payments.domain.errors import InvalidRequest
from payments.domain.methods import METHODS
from payments.domain.money import Money
from payments.domain.payment import Customer, Order, Payment, PaymentKey
from payments.domain.provider_state import Operation, Outcome, ProviderState
from payments.domain.refund import Refund
from payments.openapi import describe_api, examples
from payments.usecases.create_payment import create_payment
from payments.views import payment_view, refund_view
from tests.support.fakes import FakeGate, FakeProjects, FakeStore

API = describe_api()
SCHEMAS = API["components"]["schemas"]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

CUSTOMER = {
    "id": "customer-7",
    "ip_address": "192.0.2.7",
    "email": "amina@example.com",
    "first_name": "Amina",
    "last_name": "Otieno",
}
BODY = {
    "project_id": 2924,
    "interface": "gate",
    "method": "card-partner",
    "amount": 10_000,
    "currency": "KES",
    "customer": CUSTOMER,
}


def fits(instance: Any, name: str) -> bool:
    """Whether the description allows it."""
    schema = {**SCHEMAS[name], "components": API["components"]}
    return Draft202012Validator(schema, validate_formats=True).is_valid(instance)


def is_taken(body: dict[str, Any]) -> bool:
    """Whether the code takes it."""
    try:
        create_payment(
            store=FakeStore(),
            gate=FakeGate(),
            projects=FakeProjects({2924: ("local-secret-2924",)}),
            wanted=parse(CreatePayment, body).wanted(idempotency_key="", return_url_hosts=frozenset()),
            public_url="https://pay.example.com",
            page_lifetime=timedelta(days=1),
            new_id=lambda: "made-1",
            clock=lambda: NOON,
        )
    except InvalidRequest:
        return False
    return True


def amounts() -> Iterator[Any]:
    """Every method with every currency, on and beside each of its limits."""
    for method in METHODS.values():
        for currency in {each: None for other in METHODS.values() for each in other.limits} | {"EUR": None}:
            ends = [end.amount for limits in method.limits.values() for end in (limits.minimum, limits.maximum) if end]
            for amount in sorted({1, *(end + step for end in ends for step in (-1, 0, 1))}):
                body = {**BODY, "method": method.code, "currency": currency, "amount": amount}
                yield pytest.param(body, id=f"{method.code} {amount} {currency}")


def without(name: str, **changes: Any) -> dict[str, Any]:
    customer = {key: value for key, value in CUSTOMER.items() if key != name}
    return {key: value for key, value in {**BODY, **changes, "customer": customer}.items() if key != name}


VALUES: dict[str, list[Any]] = {
    "payment_id": ["a", "9:~._-", "-a", "", "a b", "a\n", "é", "a" * 255, "a" * 256],
    "project_id": [2924, None, "2924", -1, 2**31],
    "interface": ["payment_page", "page", None],
    "method": ["paypal", ""],
    "amount": ["1000", 0, -5, 10**12, True],
    "currency": ["kes", "KESS", "XXQ", ""],
    "description": ["Order 7", "a;b", "a\tb", "a\x85b", "a\u2028b", "", "a" * 255, "a" * 256, "𝔘" * 255],
    "language": ["en", "EN", "eng", "e", "en\n"],
    "return_url": [
        "https://shop.example.com/7?a=b#c",
        "http://localhost:3000/",
        "http://shop.example.com",
        "//shop.example.com",
        "https://u@shop.example.com/",
        "https://shop.example.com/;",
    ],
    "customer": [{}, None, "customer-7"],
    "colour": ["red"],
}
CUSTOMER_VALUES: dict[str, list[Any]] = {
    "id": ["", "a;b", 7],
    "ip_address": ["::1", "fe80::1%eth0", "1.2.3", "256.1.1.1", ""],
    "phone": ["+254700000007", "254700000007", "++2547000", "123", "1" * 25, "+254 700", ""],
    "email": ["a@b.co", "a@b", "a b@c.de", "a;b@c.de", "a@b.c\n", "é@ü.example", ""],
    "colour": ["red"],
}


def bodies() -> Iterator[Any]:
    for method, currency in (("card-partner", "KES"), ("enets", "SGD")):
        for interface in ("gate", "payment_page"):
            for name in (*BODY, *CUSTOMER):
                body = without(name, method=method, currency=currency, interface=interface)
                yield pytest.param(body, id=f"{method} {interface} without {name}")
    for name, values in VALUES.items():
        for value in values:
            yield pytest.param({**BODY, name: value}, id=f"{name} {value!r:.40}")
    for name, values in CUSTOMER_VALUES.items():
        for value in values:
            yield pytest.param({**BODY, "customer": {**CUSTOMER, name: value}}, id=f"customer {name} {value!r:.40}")


@pytest.mark.parametrize("body", [*amounts(), *bodies()])
def test_a_payment_is_taken_exactly_when_the_description_allows_it(body: dict[str, Any]) -> None:
    assert is_taken(body) == fits(body, "CreatePayment")


def test_the_examples_of_requests_are_taken() -> None:
    assert is_taken(examples.NEW_PAYMENT)
    assert parse(StartRefund, examples.NEW_REFUND) == StartRefund(amount=1_250_000, reason="The guest fell ill")


ORDER = Order(
    interface="gate",
    method="card-partner",
    money=Money(10_000, "KES"),
    description="",
    language="",
    customer=Customer(id="customer-7"),
    return_url="",
    public_url="https://pay.example.com",
    checkout_token="token",
    fingerprint="",
    created_at=NOON,
)
SALE = Operation(
    key="1",
    operation_id="1",
    kind="sale",
    type="sale",
    status="success",
    outcome=Outcome.SUCCEEDED,
    money=ORDER.money,
    code="0",
    message="",
    request_id="",
    date=NOON,
    created=NOON,
    digest="",
)
REFUND = Refund("rf-1", ORDER.money, "api", "sent", NOON, NOON)
PAYMENT = Payment(
    key=PaymentKey(2924, "order-1"),
    updated_at=NOON,
    order=ORDER,
    provider=ProviderState(operations=(SALE,)),
    refunds=(REFUND,),
).noted(at=NOON, source="api", what="created")
UNSPOKEN = replace(PAYMENT, provider=ProviderState(), refunds=(), order=replace(ORDER, method=""))


@pytest.mark.parametrize(
    ("view", "name"),
    [
        pytest.param(payment_view(PAYMENT), "Payment", id="a payment with everything"),
        pytest.param(payment_view(UNSPOKEN), "Payment", id="a payment nobody has spoken of"),
        pytest.param(refund_view(PAYMENT, REFUND), "Refund", id="a refund"),
    ],
)
def test_a_view_has_exactly_the_fields_of_its_schema(view: dict[str, Any], name: str) -> None:
    assert set(view) == set(SCHEMAS[name]["properties"])
    assert fits(view, name)
