"""What a payment is called, from what was ordered, what we did and what the provider said; in whatever order it was said."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from payments.domain.payment import FINAL, Payment, Submission
from tests.unit.domain.told import (
    NOON,
    at,
    callback,
    enets_order,
    operation_parts,
    order,
    ordered,
    refund_callback,
    told,
)

Told = tuple[dict[str, Any], ...]

PAID = callback("success", seconds=60)
NEW_ATTEMPTS = {"is_new_attempts_available": True}


def only_operation(*operation: str, **parts: Any) -> dict[str, Any]:
    """A message that says nothing of the payment as a whole."""
    message = callback("", (operation[0], operation[1]), **parts)
    del message["payment"]["status"]
    return message


CASES: dict[str, tuple[Told, str, int]] = {
    # The plain ways.
    "processing": ((callback("processing", ("sale", "processing")),), "processing", 0),
    "external processing": ((callback("external processing", ("sale", "external processing")),), "processing", 0),
    "sent to the partner": (
        (callback("awaiting redirect result", ("sale", "awaiting redirect result")),),
        "awaiting_redirect",
        0,
    ),
    "data are missing": (
        (callback("awaiting clarification", ("sale", "awaiting clarification")),),
        "awaiting_clarification",
        0,
    ),
    "the customer may try again": ((callback("awaiting customer", ("sale", "decline")),), "processing", 0),
    "success": ((PAID,), "succeeded", 0),
    "decline": ((callback("decline", ("sale", "decline")),), "declined", 0),
    "decline with new attempts left": (
        (callback("decline", ("sale", "decline"), payment_fields=NEW_ATTEMPTS),),
        "declined",  # by Gate a further attempt is a new payment
        0,
    ),
    "expired": ((callback("expired", ("sale", "expired")),), "expired", 0),
    "canceled": ((callback("canceled", None),), "canceled", 0),
    "cancelled": ((callback("cancelled", None),), "canceled", 0),
    "invoice cancelled": ((callback("invoice cancelled", ("invoice", "invoice cancelled")),), "canceled", 0),
    "internal error": ((callback("internal error", ("sale", "internal error")),), "failed", 0),
    "external error": ((callback("external error", ("sale", "external error")),), "failed", 0),
    "error": ((callback("error", None),), "failed", 0),
    "partially paid": ((callback("partially paid", ("sale", "processing"), held=4_000),), "needs_review", 0),
    # One operation that changes its mind.
    "success, then a late decline of the same operation with an older date": (
        (PAID, callback("decline", ("sale", "decline"), seconds=30)),
        "succeeded",
        0,
    ),
    "success and decline of the same operation within one second": (
        (PAID, callback("decline", ("sale", "decline"), seconds=60)),
        "succeeded",
        0,
    ),
    "success, then the provider declines the same operation afterwards": (
        (PAID, callback("decline", ("sale", "decline"), seconds=900)),
        "declined",
        0,
    ),
    "decline by time-out, then success of the same operation after all": (
        (callback("decline", ("sale", "decline"), seconds=30), PAID),
        "succeeded",
        0,
    ),
    "the redirect repeated with a date one second after the success": (
        (PAID, callback("awaiting redirect result", ("sale", "awaiting redirect result"), seconds=61)),
        "succeeded",
        0,
    ),
    "the success repeated with a date one second later": ((PAID, callback("success", seconds=61)), "succeeded", 0),
    # Several attempts.
    "declined, then a second attempt as a new operation": (
        (
            callback("decline", ("sale", "decline"), seconds=30, payment_fields=NEW_ATTEMPTS),
            callback("success", seconds=60, operation_id=390),
        ),
        "succeeded",
        0,
    ),
    "a second attempt that is under way": (
        (
            callback("decline", ("sale", "decline"), seconds=30, payment_fields=NEW_ATTEMPTS),
            callback("processing", ("sale", "processing"), seconds=45, operation_id=390),
        ),
        "processing",
        0,
    ),
    "two attempts, both declined": (
        (
            callback("decline", ("sale", "decline"), seconds=30, payment_fields=NEW_ATTEMPTS),
            callback("decline", ("sale", "decline"), seconds=60, operation_id=390),
        ),
        "declined",
        0,
    ),
    "paid, yet the payment is called declined afterwards because of another attempt": (
        (PAID, callback("decline", ("sale", "decline"), seconds=90, operation_id=390)),
        "needs_review",
        0,
    ),
    "paid twice": ((PAID, callback("success", seconds=90, operation_id=390)), "needs_review", 0),
    # Words that nobody here knows.
    "an unknown status": ((callback("chargeback pending", ("sale", "processing")),), "processing", 0),
    "an unknown status before the success": (
        (callback("warming up", ("sale", "warming up"), seconds=5), PAID),
        "succeeded",
        0,
    ),
    "an unknown status after the success": (
        (PAID, callback("chargeback pending", None, seconds=900)),
        "needs_review",
        0,
    ),
    "an unknown status of the operation alone": ((callback("processing", ("sale", "warming up")),), "processing", 0),
    "an unknown type of operation that succeeded": (
        (callback("processing", ("teleportation", "success")),),
        "processing",
        0,
    ),
    "an unknown status after the refund": (
        (PAID, refund_callback(seconds=3600), callback("archived", None, seconds=9000)),
        "needs_review",
        10_000,
    ),
    # Corrections by hand.
    "a manual change from success to decline": (
        (PAID, callback("decline", ("manual change", "success"), seconds=900, operation_id=400)),
        "needs_review",
        0,
    ),
    "a manual change from decline to success": (
        (
            callback("decline", ("sale", "decline"), seconds=30),
            callback("success", ("manual change", "success"), seconds=900, operation_id=400),
        ),
        "succeeded",
        0,
    ),
    # Money that is not what was ordered.
    "one minor unit too little": ((callback("success", amount=9_999),), "needs_review", 0),
    "one minor unit too much": ((callback("success", amount=10_001),), "needs_review", 0),
    "another currency": ((callback("success", currency="USD"),), "needs_review", 0),
    "the currency in small letters": ((callback("success", currency="kes"),), "needs_review", 0),
    "a success that names no sum": ((callback("success", amount=None),), "needs_review", 0),
    "a success without any operation, of the right sum": ((callback("success", None),), "succeeded", 0),
    "a success without any operation, of another sum": ((callback("success", None, amount=9_999),), "needs_review", 0),
    "a success without any operation or sum": ((callback("success", None, amount=None),), "needs_review", 0),
    "a sale that succeeded while the payment is still called processing": (
        (callback("processing", ("sale", "success")),),
        "succeeded",
        0,
    ),
    "a sale that succeeded and nothing about the payment": ((only_operation("sale", "success"),), "succeeded", 0),
    # Money that goes back.
    "refunded": ((PAID, refund_callback()), "refunded", 10_000),
    "reversed": ((PAID, refund_callback(kind="reversal", payment="reversed", held=0)), "refunded", 10_000),
    "a refund that was declined": ((PAID, refund_callback("decline")), "succeeded", 0),
    "a refund that is under way": ((PAID, refund_callback("processing")), "succeeded", 0),
    "a refund that succeeded while the payment is still called success": (
        (PAID, refund_callback(payment="success")),
        "refunded",
        10_000,
    ),
    "a refund told of before the sale, and the sale never": ((refund_callback(),), "refunded", 10_000),
    "declined once, refunded the second time": (
        (PAID, refund_callback("decline"), refund_callback(seconds=7200, operation_id=392)),
        "refunded",
        10_000,
    ),
    "a part refunded": (
        (PAID, refund_callback(payment="partially refunded", amount=4_000, held=6_000)),
        "partially_refunded",
        4_000,
    ),
    "a part refunded while the payment is still called success": (
        (PAID, refund_callback(payment="success", amount=4_000, held=6_000)),
        "partially_refunded",
        4_000,
    ),
    "two parts that are the whole": (
        (
            PAID,
            refund_callback(payment="partially refunded", amount=4_000, held=6_000),
            refund_callback(seconds=7200, operation_id=392, amount=6_000),
        ),
        "refunded",
        10_000,
    ),
    "called partially refunded, one of the parts not heard of": (
        (PAID, refund_callback(payment="partially refunded", amount=4_000, held=1_000)),
        "partially_refunded",
        9_000,
    ),
    "called refunded, and the operation says another amount": (
        (PAID, refund_callback(amount=1)),
        "needs_review",
        10_000,
    ),
    "an unknown word in the second of a passing one": (
        (
            callback("awaiting redirect result", ("sale", "awaiting redirect result")),
            callback("awaiting provider review", ("sale", "awaiting redirect result")),
        ),
        "processing",
        0,
    ),
    "called partially refunded, and nobody says by how much": (
        (PAID, callback("partially refunded", None, seconds=3600, amount=None, held=None)),
        "needs_review",
        0,
    ),
    "called partially refunded, without an operation": (
        (PAID, callback("partially refunded", None, seconds=3600, amount=None, held=6_000)),
        "partially_refunded",
        4_000,
    ),
    "called refunded, without an operation": (
        (PAID, callback("refunded", None, seconds=3600, amount=None, held=0)),
        "refunded",
        10_000,
    ),
    "more refunded than was paid": ((PAID, refund_callback(amount=10_001)), "needs_review", 10_001),
    "two parts that are more than was paid": (
        (
            PAID,
            refund_callback(payment="partially refunded", amount=6_000, held=4_000),
            refund_callback(seconds=7200, operation_id=392, amount=6_000),
        ),
        "needs_review",
        12_000,
    ),
    "refunded in another currency": ((PAID, refund_callback(currency="USD")), "needs_review", 10_000),
    "refunded after a success of another sum": (
        (callback("success", seconds=60, amount=9_999), refund_callback(amount=9_999)),
        "needs_review",
        10_000,
    ),
    "a refund that was taken back": (
        (PAID, refund_callback(), callback("success", ("refund reverse", "success"), seconds=9000, operation_id=393)),
        "needs_review",
        10_000,
    ),
}


def test_on_the_page_a_decline_is_not_the_end_until_we_give_up_on_it() -> None:
    page = ordered(order=order(interface="payment_page"), submission="none")
    declined = told(page, callback("decline", ("sale", "decline"), payment_fields=NEW_ATTEMPTS))

    assert declined.status == "processing"
    assert replace(declined, expired_at=NOON).status == "declined"


@pytest.mark.parametrize("name", CASES)
def test_the_status_is_the_same_in_every_order_of_what_was_told(name: str) -> None:
    messages, status, refunded = CASES[name]

    for ordering in permutations(messages):
        payment = told(ordered(), *ordering)
        assert (payment.status, payment.refunded_amount) == (status, refunded)


def test_a_status_answer_tells_the_same_as_the_callbacks_before_it() -> None:
    answer = callback("refunded", None, seconds=3600, amount=None, held=0)
    answer["operations"] = [operation_parts(("sale", "success"), seconds=60), refund_callback()["operation"]]
    in_parts = told(ordered(), PAID, refund_callback())

    payment = told(ordered(), answer)

    assert (
        (payment.status, payment.refunded_amount) == (in_parts.status, in_parts.refunded_amount) == ("refunded", 10_000)
    )
    assert [(each.key, each.outcome) for each in payment.provider.operations] == [
        (each.key, each.outcome) for each in in_parts.provider.operations
    ]


@pytest.mark.parametrize(
    ("submission", "expired", "status"),
    [
        ("none", False, "created"),
        ("none", True, "expired"),
        ("sending", False, "processing"),
        ("acknowledged", False, "processing"),
        ("unclear", False, "processing"),
        ("refused", False, "failed"),
        ("refused", True, "failed"),
    ],
)
def test_while_the_provider_is_silent_our_own_doing_decides(submission: Submission, expired: bool, status: str) -> None:
    payment = ordered(submission=submission, expired_at=at(86_400) if expired else None)

    assert (payment.status, payment.provider_status, payment.refunded_amount) == (status, "", 0)


@pytest.mark.parametrize("before", [{"submission": "refused"}, {"submission": "none", "expired_at": at(86_400)}])
def test_a_success_told_late_outweighs_that_we_gave_up(before: dict[str, Any]) -> None:
    assert told(ordered(**before), PAID).status == "succeeded"


def test_the_providers_own_word_is_kept_as_it_is() -> None:
    assert told(ordered(), callback("Chargeback  pending", None)).provider_status == "Chargeback  pending"


def test_what_may_still_be_given_back_is_what_was_paid_less_what_went_back() -> None:
    part = refund_callback(payment="partially refunded", amount=4_000, held=6_000)

    assert ordered().refundable == 0
    assert told(ordered(), PAID).refundable == 10_000
    assert told(ordered(), PAID, part).refundable == 6_000
    assert told(ordered(), PAID, refund_callback()).refundable == 0
    assert told(ordered(), callback("success", amount=9_999)).refundable == 0
    assert told(ordered(order=None), PAID).refundable == 0


@pytest.mark.parametrize(
    ("payment", "method", "policy"),
    [
        (ordered(), "card-partner", "full"),
        (ordered(order=enets_order()), "enets", "support"),
        (ordered(order=order(method="")), None, "support"),
        (told(ordered(order=order(method="")), PAID), "card-partner", "full"),
        (
            told(ordered(order=order(method="")), callback("success", payment_fields={"method": "enets"})),
            "enets",
            "support",
        ),
        (
            told(ordered(order=order(method="")), callback("success", payment_fields={"method": "card"})),
            None,
            "support",
        ),
        (told(ordered(order=None), PAID), "card-partner", "full"),
    ],
)
def test_the_refund_policy_is_that_of_the_method_ordered_or_else_of_the_one_chosen(
    payment: Payment, method: str | None, policy: str
) -> None:
    assert (payment.method.code if payment.method else None, payment.refund_policy) == (method, policy)


def test_a_payment_that_only_the_provider_speaks_of_agrees_with_whatever_it_says() -> None:
    unknown = ordered(order=None, submission="none")

    assert told(unknown, callback("success", amount=77, currency="EUR")).status == "succeeded"
    assert told(unknown, callback("refunded", None)).status == "refunded"


def test_final_are_the_statuses_after_which_no_customer_need_wait() -> None:
    assert {
        "succeeded",
        "declined",
        "expired",
        "canceled",
        "failed",
        "refunded",
        "partially_refunded",
        "needs_review",
    } == FINAL


def test_the_story_keeps_its_newest_200_lines() -> None:
    payment = ordered()
    for number in range(205):
        payment = payment.noted(at=at(number), source="api", what=f"line {number}")

    assert len(payment.timeline) == 200
    assert (payment.timeline[0].what, payment.timeline[-1].what) == ("line 5", "line 204")
    assert payment.updated_at == at(204)
