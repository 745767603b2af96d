"""When two messages tell of one operation: told without an id, repeated a second later, corrected afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from payments.domain.payment import Payment
from tests.unit.domain.told import at, callback, ordered, paid, refund, refund_callback, told

KES_50 = 5_000


def in_every_order(payment: Payment, messages: Iterable[dict[str, Any]]) -> Iterator[Payment]:
    for ordering in permutations(messages):
        yield told(payment, *ordering)


def the_refund(status: str, seconds: float, operation_id: int | None, created: float) -> dict[str, Any]:
    return refund_callback(
        status, seconds=seconds, operation_id=operation_id, request_id="R-1", created=created, held=0
    )


def test_a_decline_without_an_id_is_the_declined_refund_of_its_request_and_not_the_one_that_succeeded() -> None:
    messages = (
        the_refund("decline", 100, 5, 95),
        the_refund("success", 110, 6, 105),
        the_refund("decline", 111, None, 95),
    )

    for payment in in_every_order(paid(), messages):
        assert (payment.status, payment.returned, payment.refundable) == ("refunded", 10_000, 0)


def test_a_decline_without_an_id_is_the_declined_sale_of_its_request_and_not_the_one_that_was_paid() -> None:
    parts: dict[str, Any] = {"request_id": "S-1"}
    messages = (
        callback("decline", ("sale", "decline"), seconds=100, operation_id=1, created=95, **parts),
        callback("success", seconds=110, operation_id=2, created=105, **parts),
        callback("success", ("sale", "decline"), seconds=110, operation_id=None, created=95, **parts),
    )

    for payment in in_every_order(ordered(), messages):
        assert payment.status == "succeeded"


@pytest.mark.parametrize(("seconds", "returned"), [(109, 10_000), (110, 10_000), (111, 10_000), (112, 0), (3600, 0)])
def test_a_success_is_undone_by_a_later_decline_but_not_by_one_of_the_next_second(seconds: int, returned: int) -> None:
    messages = (
        the_refund("decline", min(seconds, 110), 6, 105),
        the_refund("success", 110, 6, 105),
        the_refund("decline", seconds, 6, 105),
    )

    for payment in in_every_order(paid(), messages):
        assert payment.returned == returned


def test_half_a_refund_that_was_first_told_without_any_id_counts_once() -> None:
    nameless, named = (
        refund_callback(payment="partially refunded", seconds=200, created=190, operation_id=each, amount=KES_50)
        for each in (None, 77)
    )

    for payment in in_every_order(paid(), (nameless, named)):
        assert (payment.returned, payment.refunded_amount) == (KES_50, KES_50)


def nameless_then_named(first: str, second: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        refund_callback(first, seconds=7_220, created=7_201, operation_id=None),
        refund_callback(second, seconds=7_225, created=7_201, operation_id=501, request_id="x"),
    )


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        ("success", "success", "succeeded"),
        ("decline", "decline", "declined"),
        ("decline", "processing", "declined"),
        ("processing", "success", "succeeded"),
    ],
)
def test_a_refund_keeps_its_operation_when_the_id_of_that_is_told_at_last(first: str, second: str, end: str) -> None:
    begun = replace(paid(), refunds=(refund("sent", sent_at=at(7_200)),))

    for payment in in_every_order(begun, nameless_then_named(first, second)):
        (known,) = payment.refunds
        assert (known.refund_id, known.status, known.operation_key) == ("rf-1", end, "501")


def test_a_refund_of_the_dashboard_keeps_its_record_when_the_id_of_its_operation_is_told_at_last() -> None:
    first, second = nameless_then_named("success", "success")
    heard = told(paid(), first, seconds=7_300)

    (known,) = heard.refunds
    (later,) = told(heard, second, seconds=7_400).refunds
    assert (later.refund_id, later.status, later.operation_key) == (known.refund_id, "succeeded", "501")
    assert known.refund_id.startswith("ecommpay-told:")


def test_one_without_an_id_that_could_be_either_of_two_is_left_an_operation_of_its_own() -> None:
    messages = [
        refund_callback(payment="partially refunded", seconds=200, created=190, operation_id=each, amount=2_000)
        for each in (None, 77, 78)
    ]

    for payment in in_every_order(paid(), messages):
        assert payment.returned == 6_000
