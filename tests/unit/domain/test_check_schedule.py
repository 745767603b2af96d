"""When the provider is asked about a payment whose callback has not come."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from payments.domain.check_schedule import scheduled
from payments.domain.payment import Payment
from tests.unit.domain.told import at, callback, order, ordered, paid, refund, refund_callback, told

DAY = 86_400
ON_PAGE = ordered(order=order(interface="payment_page", expires_at=at(DAY)), submission="none", request_id="")


def check_at(payment: Payment, *, now: float = 0) -> datetime | None:
    return scheduled(payment, now=at(now)).check_at


@pytest.mark.parametrize(
    ("checks", "pause"),
    [(0, 10), (1, 30), (2, 120), (3, 600), (4, 1800), (5, 3600), (6, 4 * 3600), (7, 4 * 3600), (500, 4 * 3600)],
)
def test_a_sale_is_asked_about_after_ten_seconds_and_then_ever_rarer(checks: int, pause: int) -> None:
    assert check_at(ordered(checks=checks), now=1000) == at(1000 + pause)


def test_only_the_time_of_the_check_is_changed() -> None:
    assert scheduled(ordered(), now=at(5)) == replace(ordered(), check_at=at(15))


@pytest.mark.parametrize(
    "payment",
    [
        paid(),
        told(ordered(), callback("decline", ("sale", "decline"))),
        told(ordered(), callback("expired", None)),
        told(ordered(), callback("canceled", None)),
        told(ordered(), callback("error", None)),
        told(ordered(), callback("success", amount=9_999)),
        told(paid(), refund_callback()),
        ordered(submission="refused"),
        ordered(order=None),
        replace(ordered(order=None), check_at=at(1)),
        replace(paid(), check_at=at(1)),
    ],
)
def test_nothing_is_asked_about_a_payment_of_which_nothing_is_awaited(payment: Payment) -> None:
    assert check_at(payment) is None


@pytest.mark.parametrize(
    "message",
    [
        callback("awaiting redirect result", ("sale", "awaiting redirect result")),
        callback("awaiting clarification", ("sale", "awaiting clarification")),
        callback("never heard of", None),
    ],
)
def test_a_payment_that_goes_on_is_asked_about(message: dict[str, Any]) -> None:
    assert check_at(told(ordered(), message), now=60) == at(70)


def test_a_decline_on_the_page_is_asked_about_while_the_customer_may_try_again() -> None:
    declined = callback("decline", ("sale", "decline"), payment_fields={"is_new_attempts_available": 1})

    assert check_at(told(ON_PAGE, declined), now=60) == at(70)
    assert check_at(told(ordered(), declined)) is None


def test_a_doubted_payment_and_a_refund_under_way_are_asked_about_whatever_the_payment_is_called() -> None:
    assert check_at(replace(paid(), doubted=True), now=60) == at(70)
    assert check_at(replace(paid(), refunds=(refund("sent"),)), now=60) == at(60) + timedelta(hours=4)
    # Beyond its term too: the check that finds it overdue is what calls it unknown.
    assert check_at(replace(paid(), refunds=(refund("sent"),)), now=12 * DAY) == at(12 * DAY) + timedelta(hours=4)
    assert check_at(replace(paid(), refunds=(refund("unknown"),)), now=12 * DAY) is None


def test_a_page_that_nobody_has_confirmed_is_left_alone_until_its_term_is_over() -> None:
    assert check_at(ON_PAGE) == at(DAY) + timedelta(minutes=2)
    assert check_at(replace(ON_PAGE, checks=1), now=DAY + 300) == at(DAY + 330)


def test_a_page_that_was_confirmed_is_asked_about_like_a_sale() -> None:
    assert check_at(told(ON_PAGE, callback("processing", ("sale", "processing"))), now=60) == at(70)


@pytest.mark.parametrize(("days", "asked"), [(11, 4 / 24), (11.01, 1), (60, 1), (60.01, None)])
def test_after_eleven_days_it_is_asked_once_a_day_and_after_sixty_not_any_more(
    days: float, asked: float | None
) -> None:
    asked_at = check_at(replace(ordered(), checks=99), now=days * DAY)

    assert asked_at == (None if asked is None else at(days * DAY) + timedelta(days=asked))


def test_a_page_open_for_longer_than_eleven_days_is_still_closed_at_the_end() -> None:
    page = replace(ON_PAGE, order=order(interface="payment_page", expires_at=at(20 * DAY)))

    assert check_at(page) == at(20 * DAY + 120)
    assert check_at(page, now=12 * DAY) == at(20 * DAY + 120)
    assert check_at(replace(page, checks=1), now=20 * DAY + 150) == at(20 * DAY + 180)
    assert check_at(told(page, callback("processing", ("sale", "processing"))), now=19 * DAY) == at(19 * DAY + 10)
    assert check_at(page, now=31 * DAY + 1) == at(32 * DAY + 1)
    assert check_at(page, now=80 * DAY + 1) is None


@pytest.mark.parametrize(
    ("origin", "status", "asked"),
    [
        ("api", "requested", 60),
        ("workflow", "requested", 60),
        ("api", "sent", 4 * 3600),
        ("api", "failed", None),
        ("provider", "sent", 4 * 3600),
    ],
)
def test_a_refund_that_is_reserved_and_not_on_its_way_is_looked_after_in_a_minute(
    origin: str, status: str, asked: int | None
) -> None:
    payment = replace(paid(), refunds=(refund(status, origin=origin),))

    assert check_at(payment, now=100 * DAY) == (None if asked is None else at(100 * DAY + asked))
