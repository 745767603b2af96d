"""What may be given back, and every reason why not."""

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.errors import (
    AmountExceedsPayment,
    CheckoutError,
    InvalidRefundRequest,
    PartialRefundNotSupported,
    PaymentNotFound,
    PaymentNotRefundable,
    RefundInProgress,
)
from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.refund_rules import money_to_refund
from tests.unit.domain.told import KES_100, callback, enets_order, ordered, paid, refund, refund_callback, told

ENETS_PAID = told(ordered(order=enets_order()), callback("success", seconds=60, currency="SGD"))
ENETS_PARTLY = told(ENETS_PAID, refund_callback(payment="partially refunded", amount=4_000, held=6_000, currency="SGD"))


@pytest.mark.parametrize(
    ("payment", "amount", "money"),
    [
        (paid(), None, KES_100),
        (paid(), 10_000, KES_100),
        (ENETS_PAID, None, Money(10_000, "SGD")),
        (ENETS_PAID, 10_000, Money(10_000, "SGD")),
        (ENETS_PAID, 1, Money(1, "SGD")),
        (ENETS_PAID, 9_999, Money(9_999, "SGD")),
        (ENETS_PARTLY, None, Money(6_000, "SGD")),
        (ENETS_PARTLY, 6_000, Money(6_000, "SGD")),
        (ENETS_PARTLY, 5_999, Money(5_999, "SGD")),
        (replace(paid(), refunds=(refund("declined"), refund("failed", refund_id="rf-2"))), None, KES_100),
    ],
)
def test_a_refund_gives_back_what_is_asked_or_all_that_is_left(
    payment: Payment, amount: int | None, money: Money
) -> None:
    assert money_to_refund(payment, amount) == money


def holding(status: str) -> Payment:
    return replace(paid(), refunds=(refund(status),))


REFUSALS: dict[str, tuple[Payment, int | None, type[CheckoutError], str]] = {
    "nobody ordered it": (ordered(order=None), None, PaymentNotFound, "There is no payment order-1001; check the id."),
    "nothing at all is asked for": (
        paid(),
        0,
        InvalidRefundRequest,
        "The amount to refund has to be at least one minor unit.",
    ),
    "less than nothing": (paid(), -1, InvalidRefundRequest, "The amount to refund has to be at least one minor unit."),
    "another is reserved": (
        holding("requested"),
        None,
        RefundInProgress,
        "Refund rf-1 of this payment is requested; wait for its end.",
    ),
    "another was sent": (
        holding("sent"),
        None,
        RefundInProgress,
        "Refund rf-1 of this payment is sent; wait for its end.",
    ),
    "support has another": (
        holding("awaiting_support"),
        None,
        RefundInProgress,
        "Refund rf-1 of this payment is awaiting_support; wait for its end.",
    ),
    "nobody knows how another ended": (
        holding("unknown"),
        None,
        RefundInProgress,
        (
            "Refund rf-1 of this payment is unknown. Look the payment up in the ECommPay Dashboard, then start an "
            "execution with this refund_id to ask once more, or close the refund by hand."
        ),
    ),
    "a refund made elsewhere is under way": (
        told(paid(), refund_callback("processing")),
        None,
        RefundInProgress,
        "Refund ecommpay-391 of this payment is sent; wait for its end.",
    ),
    "everything went back": (
        told(paid(), refund_callback()),
        None,
        PaymentNotRefundable,
        "The payment is refunded; only a paid one can be refunded.",
    ),
    "more than was paid": (
        paid(),
        10_001,
        AmountExceedsPayment,
        "100.01 KES was asked for and 100.00 KES is left of the payment.",
    ),
    "more than is left": (
        ENETS_PARTLY,
        6_001,
        AmountExceedsPayment,
        "60.01 SGD was asked for and 60.00 SGD is left of the payment.",
    ),
    "a part, where the method knows no parts": (
        paid(),
        9_999,
        PartialRefundNotSupported,
        "This payment method gives back the whole amount (100.00 KES) or nothing.",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refund_is_refused_in_a_sentence_that_says_why(name: str) -> None:
    payment, amount, refusal, sentence = REFUSALS[name]

    with pytest.raises(refusal) as refused:
        money_to_refund(payment, amount)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ((), "processing"),
        ((callback("awaiting redirect result", ("sale", "awaiting redirect result")),), "awaiting_redirect"),
        ((callback("decline", ("sale", "decline")),), "declined"),
        ((callback("success", amount=9_999),), "needs_review"),
        ((callback("partially paid", ("sale", "processing")),), "needs_review"),
    ],
)
@pytest.mark.parametrize("amount", [None, 10_000, 1, 99_999_999])
def test_only_a_paid_payment_can_be_refunded(messages: tuple[Any, ...], status: str, amount: int | None) -> None:
    with pytest.raises(PaymentNotRefundable, match=f"The payment is {status};"):
        money_to_refund(told(ordered(), *messages), amount)
