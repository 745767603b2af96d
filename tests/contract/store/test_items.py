"""Payments and messages as items: nothing is lost on the way, whatever a merchant or the provider sent."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.aws.documents import NUMBER, TEXT, record
from payments.aws.items import (
    idempotency_item,
    idempotency_of,
    message_item,
    message_of,
    payment_from_image,
    payment_item,
    payment_of,
    payment_partition,
)
from payments.domain.key_use import KeyUse
from payments.domain.money import Money
from payments.domain.payment import Customer, Payment, PaymentKey, TimelineEntry
from payments.domain.provider_state import Operation, Outcome, Pointer, ProviderState, Standing, Word
from payments.domain.refund import Refund
from payments.ports import IdempotencyRecord, Message
from tests.contract.store import values
from tests.contract.store.values import NOON, message, order, payment

thorough = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def as_lambda_delivers(item: Any) -> Any:
    """The image of a stream record: JSON, with bytes as base64 text."""
    return json.loads(json.dumps(item, default=lambda content: base64.b64encode(content).decode()))


@thorough
@given(values.payments)
def test_any_payment_comes_back_from_its_item(any_payment: Payment) -> None:
    assert payment_of(payment_item(any_payment)) == any_payment


@thorough
@given(values.payments)
def test_any_payment_comes_back_from_the_stream(any_payment: Payment) -> None:
    assert payment_from_image(as_lambda_delivers(payment_item(any_payment))) == any_payment


@thorough
@given(values.messages)
def test_any_message_comes_back_from_its_item(any_message: Message) -> None:
    assert message_of(message_item(any_message), any_message.key) == any_message
    assert message_item(any_message)["body"] == {"B": any_message.body}


@thorough
@given(values.texts, values.keys, values.texts)
def test_any_idempotency_record_comes_back_from_its_item(name: str, key: PaymentKey, fingerprint: str) -> None:
    made = IdempotencyRecord(name, key, fingerprint)

    assert idempotency_of(idempotency_item(made), name) == made


@thorough
@given(values.keys, values.times, values.digests)
def test_every_key_can_be_stored(key: PaymentKey, created_at: datetime, digest: str) -> None:
    for item in (
        payment_item(Payment(key=key, updated_at=NOON, order=order(created_at=created_at))),
        message_item(Message(key, digest, b"", NOON, "callback")),
        idempotency_item(IdempotencyRecord(key.payment_id, key, "")),
    ):
        assert 0 < len(item["pk"]["S"].encode()) <= 2048
        assert 0 < len(item["sk"]["S"].encode()) <= 1024
        assert len(item.get("created_order", {"S": ""})["S"].encode()) <= 1024


@thorough
@given(values.texts, values.texts)
def test_two_payment_ids_never_share_a_partition(one: str, other: str) -> None:
    assert (payment_partition(one) == payment_partition(other)) == (one == other)


@pytest.mark.parametrize("length", [1, 255, 899, 900, 901, 1000, 1024, 2048])
def test_a_long_payment_id_fits_into_every_key(length: int) -> None:
    key = PaymentKey(10**18 - 1, "x" * length)
    item = payment_item(Payment(key=key, updated_at=NOON, order=order()))

    assert max(len(item[name]["S"].encode()) for name in ("pk", "created_order")) <= 1024
    assert (item["pk"]["S"] == f"PAYMENT#{key.payment_id}") is (length <= 900)


def test_a_payment_id_cannot_pass_for_the_hash_of_another() -> None:
    long = "x" * 5000
    _, _, hashed = payment_partition(long).partition("#")

    assert payment_partition(hashed) != payment_partition(long)
    assert payment_partition(f"-SHA256#{hashed}") != payment_partition(long)


@given(st.integers() | st.integers(-(10**20), 10**20))
def test_numbers_are_exact(number: int) -> None:
    read = NUMBER.read(NUMBER.write(number))

    assert read == number
    assert type(read) is int


WHOLE = Payment(
    key=PaymentKey(2924, "order-1001"),
    updated_at=datetime(2026, 11, 21, 17, 52, 0, 123456, tzinfo=UTC),
    order=replace(order(), customer=Customer("customer1", "1.2.3.4", "123456789", "c@example.com", "John", "J")),
    submission="acknowledged",
    request_id="request-1",
    provider=ProviderState(
        word=Word(Standing.PAID, "success", Money(10_000, "KES"), "card-partner", NOON, NOON, False, "d" * 64),
        operations=(
            Operation(
                key="12345678901234",
                operation_id="12345678901234",
                kind="sale",
                type="sale",
                status="success",
                outcome=Outcome.SUCCEEDED,
                money=Money(10_000, "KES"),
                code="0",
                message="Success",
                request_id="request-1",
                date=NOON,
                created=NOON,
                digest="d" * 64,
            ),
        ),
        redirect=Pointer(NOON, "e" * 64),
    ),
    refunds=(Refund("refund-1", Money(10_000, "KES"), "api", "requested", NOON, NOON),),
    timeline=(TimelineEntry(NOON, "api", "created"),),
    check_at=NOON,
    checks=2,
    version=7,
)

T = "2026-11-21T12:00:00Z"
MONEY = {"amount": 10_000, "currency": "KES"}

#: As it was written by the first version. A row like this is in the table for good, so it must stay readable.
WHOLE_ROW: dict[str, Any] = {
    "pk": {"S": "PAYMENT#order-1001"},
    "sk": {"S": "PAYMENT#2924"},
    "version": {"N": "7"},
    "changed_on": {"S": "2026-11-21"},
    "listed_in": {"S": "PAYMENTS"},
    "status": {"S": "succeeded"},
    "created_order": {"S": "2026-11-21T12:00:00.000000Z#2924#order-1001"},
    "due_queue": {"S": "DUE"},
    "check_at": {"S": "2026-11-21T12:00:00.000000Z"},
}
#: What has its default is left out.
WHOLE_DOCUMENT: dict[str, Any] = {
    "key": {"project_id": 2924, "payment_id": "order-1001"},
    "updated_at": "2026-11-21T17:52:00.123456Z",
    "order": {
        "interface": "gate",
        "method": "card-partner",
        "money": MONEY,
        "description": "Order 1001",
        "language": "en",
        "customer": {
            "id": "customer1",
            "ip_address": "1.2.3.4",
            "phone": "123456789",
            "email": "c@example.com",
            "first_name": "John",
            "last_name": "J",
        },
        "return_url": "",
        "public_url": "https://pay.example.com",
        "checkout_token": "token",
        "fingerprint": "f" * 64,
        "created_at": T,
    },
    "submission": "acknowledged",
    "request_id": "request-1",
    "provider": {
        "word": {
            "standing": "PAID",
            "status": "success",
            "money": MONEY,
            "method": "card-partner",
            "date": T,
            "operation_date": T,
            "may_try_again": False,
            "digest": "d" * 64,
        },
        "operations": [
            {
                "key": "12345678901234",
                "operation_id": "12345678901234",
                "kind": "sale",
                "type": "sale",
                "status": "success",
                "outcome": "SUCCEEDED",
                "money": MONEY,
                "code": "0",
                "message": "Success",
                "request_id": "request-1",
                "date": T,
                "created": T,
                "digest": "d" * 64,
            }
        ],
        "redirect": {"date": T, "digest": "e" * 64},
    },
    "refunds": [
        {
            "refund_id": "refund-1",
            "money": MONEY,
            "origin": "api",
            "status": "requested",
            "created_at": T,
            "updated_at": T,
        }
    ],
    "timeline": [{"at": T, "source": "api", "what": "created"}],
    "check_at": T,
    "checks": 2,
    "version": 7,
}


def row(**changes: Any) -> dict[str, Any]:
    """The row of WHOLE, with these members of its document changed."""
    return {**WHOLE_ROW, "document": {"S": json.dumps({**WHOLE_DOCUMENT, **changes})}}


def opened(item: dict[str, Any]) -> dict[str, Any]:
    """A row with its document as it is meant."""
    return {**item, "document": json.loads(item["document"]["S"])}


def test_a_payment_lies_in_the_table_like_this() -> None:
    assert opened(payment_item(WHOLE)) == {**WHOLE_ROW, "document": WHOLE_DOCUMENT}


def test_a_row_of_the_first_version_stays_readable() -> None:
    assert payment_of(row()) == WHOLE


def test_what_a_newer_version_wrote_is_passed_over() -> None:
    newer = {**row(mood="good", order={**WHOLE_DOCUMENT["order"], "gift": True}), "size": {"N": "5"}}

    assert payment_of(newer) == WHOLE


def test_what_an_older_version_did_not_write_has_its_default() -> None:
    older = {name: WHOLE_DOCUMENT[name] for name in ("key", "updated_at", "version")}

    assert payment_of({**WHOLE_ROW, "document": {"S": json.dumps(older)}}) == Payment(
        key=WHOLE.key, updated_at=WHOLE.updated_at, version=7
    )


def test_a_payment_without_an_order_and_without_a_check_is_in_no_index() -> None:
    item = payment_item(payment(order=None))

    assert item.keys().isdisjoint({"listed_in", "status", "created_order", "due_queue", "check_at"})


def test_a_payment_whose_person_was_erased_says_since_when() -> None:
    erased = replace(WHOLE, erased_at=NOON)

    assert opened(payment_item(erased)) == opened(row(erased_at=T))
    assert payment_of(row(erased_at=T)) == erased


def test_a_payment_says_which_key_verified_the_last_message_about_it() -> None:
    verified = replace(WHOLE, verified=KeyUse("0123456789ab", 1, NOON))
    written = {"key": "0123456789ab", "place": 1, "at": T}

    assert opened(payment_item(verified)) == opened(row(verified=written))
    assert payment_of(row(verified=written)) == verified


def test_a_message_lies_in_the_table_like_this() -> None:
    item = message_item(message(b"\x00{}", flags=("ambiguous",), digest="d" * 64))

    assert opened(item) == {
        "pk": {"S": "PAYMENT#order-1001"},
        "sk": {"S": f"MESSAGE#2924#{'d' * 64}"},
        "body": {"B": b"\x00{}"},
        "document": {
            "received_at": T,
            "source": "callback",
            "flags": ["ambiguous"],
        },
    }


def test_only_payments_are_read_from_the_stream() -> None:
    assert payment_from_image(as_lambda_delivers(message_item(message()))) is None
    assert payment_from_image(idempotency_item(IdempotencyRecord("key-1", WHOLE.key, ""))) is None
    assert payment_from_image(row()) == WHOLE


def test_a_field_that_is_not_told_is_noticed_before_it_is_lost() -> None:
    with pytest.raises(TypeError, match="the fields of Money are others"):
        record(Money, currency=TEXT)
