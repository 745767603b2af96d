"""Which events and which wake-ups one write sets off, and that a repetition sets off none."""

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.changes import awakened, changes
from payments.domain.payment import Payment
from payments.domain.refund import RefundStatus
from tests.unit.domain.told import at, callback, ordered, paid, refund, refund_callback, told

DECLINED = callback("decline", ("sale", "decline"), seconds=30)
PAID = callback("success", seconds=60)
PART = refund_callback(payment="partially refunded", amount=4_000, held=6_000)
WHOLE = refund_callback()
UNKNOWN = ordered(order=None, submission="none")


def happened(before: Payment | None, after: Payment) -> list[tuple[str, str]]:
    return [(each.detail_type, each.refund.refund_id if each.refund else "") for each in changes(before, after)]


def with_refund(status: str, **parts: Any) -> Payment:
    return replace(paid(), refunds=(refund(status, **parts),))


STEPS: dict[str, tuple[Payment | None, Payment, list[tuple[str, str]]]] = {
    "created": (None, ordered(submission="none"), []),
    "sent to Gate": (ordered(submission="sending"), ordered(), []),
    "refused by Gate": (ordered(submission="sending"), ordered(submission="refused"), [("PaymentDeclined", "")]),
    "never paid on the page": (
        ordered(submission="none"),
        ordered(submission="none", expired_at=at(90_000)),
        [("PaymentExpired", "")],
    ),
    "waiting for the customer": (
        ordered(),
        told(ordered(), callback("awaiting redirect result", ("sale", "awaiting redirect result"))),
        [],
    ),
    "paid": (ordered(), told(ordered(), PAID), [("PaymentSucceeded", "")]),
    "declined": (ordered(), told(ordered(), DECLINED), [("PaymentDeclined", "")]),
    "canceled": (ordered(), told(ordered(), callback("canceled", None)), [("PaymentDeclined", "")]),
    "failed": (ordered(), told(ordered(), callback("internal error", None)), [("PaymentDeclined", "")]),
    "expired": (ordered(), told(ordered(), callback("expired", None)), [("PaymentExpired", "")]),
    "another amount": (
        ordered(),
        told(ordered(), callback("success", amount=9_999)),
        [("PaymentNeedsReview", "")],
    ),
    "paid after a decline": (
        told(ordered(), DECLINED),
        told(ordered(), DECLINED, callback("success", seconds=60, operation_id=390)),
        [("PaymentSucceeded", "")],
    ),
    "reviewed and right": (
        told(ordered(), PAID, callback("odd", None, seconds=90)),
        told(ordered(), PAID, callback("odd", None, seconds=90), callback("success", None, seconds=120)),
        [("PaymentSucceeded", "")],
    ),
    "nothing new": (told(ordered(), PAID), told(ordered(), PAID, PAID), []),
    "nothing at all": (paid(), paid(), []),
    "the first word about a payment nobody ordered": (None, told(UNKNOWN, PAID), []),
    "more about a payment nobody ordered": (told(UNKNOWN, DECLINED), told(UNKNOWN, DECLINED, PAID, WHOLE), []),
    "ordered after it was paid": (
        told(UNKNOWN, PAID),
        replace(told(UNKNOWN, PAID), order=ordered().order),
        [("PaymentSucceeded", "")],
    ),
    "ordered after it was refunded elsewhere": (
        told(UNKNOWN, PAID, WHOLE),
        replace(told(UNKNOWN, PAID, WHOLE), order=ordered().order),
        [("PaymentSucceeded", ""), ("RefundSucceeded", "ecommpay-391")],
    ),
    "a refund is reserved": (paid(), with_refund("requested"), []),
    "a refund is sent": (with_refund("requested"), with_refund("sent"), []),
    "a refund is left to support": (
        with_refund("requested"),
        with_refund("awaiting_support"),
        [("RefundSupportRequested", "rf-1")],
    ),
    "a refund is refused by Gate": (with_refund("sent"), with_refund("failed"), [("RefundDeclined", "rf-1")]),
    "nobody knows how a refund ended": (with_refund("sent"), with_refund("unknown"), [("RefundUnresolved", "rf-1")]),
    "a refund succeeds": (
        with_refund("sent"),
        told(with_refund("sent"), WHOLE),
        [("RefundSucceeded", "rf-1")],
    ),
    "a refund is declined": (
        with_refund("sent"),
        told(with_refund("sent"), refund_callback("decline", seconds=7203)),
        [("RefundDeclined", "rf-1")],
    ),
    "a refund is settled late": (
        with_refund("unknown"),
        told(with_refund("unknown"), WHOLE),
        [("RefundSucceeded", "rf-1")],
    ),
    "a refund that nobody here started": (paid(), told(paid(), WHOLE), [("RefundSucceeded", "ecommpay-391")]),
    "a foreign refund under way": (paid(), told(paid(), refund_callback("processing")), []),
    "a part that support gave back": (paid(), told(paid(), PART), [("RefundSucceeded", "ecommpay-391")]),
    "a refunded payment that is only told of once more": (told(paid(), WHOLE), told(paid(), WHOLE, PAID), []),
    "money given back and taken again": (
        told(paid(), WHOLE),
        told(paid(), WHOLE, callback("success", ("refund reverse", "success"), seconds=9000, operation_id=395)),
        [("PaymentNeedsReview", "")],
    ),
    "paid and refunded in one write": (
        ordered(),
        told(ordered(), PAID, WHOLE),
        [("PaymentSucceeded", ""), ("RefundSucceeded", "ecommpay-391")],
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_one_step_sets_off_exactly_these_events(name: str) -> None:
    before, after, expected = STEPS[name]

    assert happened(before, after) == expected


@pytest.mark.parametrize("name", STEPS)
def test_the_same_write_once_more_sets_off_nothing(name: str) -> None:
    _, after, _ = STEPS[name]

    assert happened(after, replace(after, version=after.version + 1)) == []
    assert list(awakened(after, after)) == []


def test_a_correction_that_calls_a_refunded_payment_paid_again_is_no_second_success() -> None:
    refunded = told(ordered(), callback("refunded", None, seconds=3600, amount=None))
    corrected = told(refunded, callback("success", None, seconds=7200))

    assert (refunded.status, corrected.status) == ("refunded", "succeeded")
    assert happened(refunded, corrected) == []


@pytest.mark.parametrize(
    ("before", "after", "woken"),
    [
        ("requested", "sent", False),
        ("sent", "sent", False),
        ("sent", "succeeded", True),
        ("sent", "declined", True),
        ("sent", "failed", True),
        ("sent", "unknown", False),
        ("awaiting_support", "succeeded", True),
        ("unknown", "succeeded", True),
        ("succeeded", "succeeded", False),
        ("succeeded", "declined", False),
        (None, "succeeded", True),
    ],
)
def test_an_execution_is_woken_by_the_write_that_settles_its_refund(
    before: RefundStatus | None, after: RefundStatus, woken: bool
) -> None:
    was = with_refund(before, task_token="token-1") if before else paid()
    now = with_refund(after, task_token="token-1")

    assert list(awakened(was, now)) == ([now.refunds[0]] if woken else [])


def test_nobody_is_woken_where_nobody_waits() -> None:
    assert list(awakened(with_refund("sent"), with_refund("succeeded"))) == []


def test_each_refund_is_told_of_for_itself() -> None:
    before = replace(paid(), refunds=(refund("declined"), refund("sent", refund_id="rf-2", sent_at=at(7300))))
    after = replace(before, refunds=(refund("declined"), refund("succeeded", refund_id="rf-2")))

    (change,) = changes(before, after)

    assert (change.detail_type, change.refund, change.payment) == ("RefundSucceeded", after.refunds[1], after)
