"""A return under another request id than Gate's answer named: nobody promises that the two are the same (PROTOCOL §10.5).

So it proves neither that our refund gave the money back nor that another did: a person has to look.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.payment import Payment
from tests.unit.domain.told import at, paid, refund, refund_callback, told

OTHER: dict[str, Any] = {"request_id": "other-1", "seconds": 7_300}
OURS: dict[str, Any] = {"request_id": "refund-1-00000001", "seconds": 7_400, "operation_id": 392}


def heard(*messages: dict[str, Any], status: str = "sent", **fields: Any) -> Payment:
    """The payment whose refund Gate took as request ``refund-1``, after these messages."""
    asked = refund(status, **{"request_id": "refund-1", "sent_at": at(7_200), **fields})
    return told(replace(paid(), refunds=(asked,)), *messages)


def ends(payment: Payment) -> list[tuple[str, str]]:
    return [(each.refund_id, each.status) for each in payment.refunds]


@pytest.mark.parametrize("status", ["sent", "unknown"])
def test_all_of_the_money_back_under_another_request_leaves_our_refund_to_a_person(status: str) -> None:
    payment = heard(refund_callback(**OTHER), status=status)

    assert ends(payment) == [("rf-1", status), ("ecommpay-391", "succeeded")]
    assert (payment.status, payment.refundable, payment.doubtful_refunds) == ("refunded", 0, frozenset({"rf-1"}))
    assert payment.timeline[-1].what == "doubtful: which of these returns is refund rf-1"


def test_an_answer_of_gate_that_comes_after_such_a_callback_leaves_it_to_a_person_as_well() -> None:
    guessed = heard(refund_callback(**OTHER), request_id="")
    assert ends(guessed) == [("rf-1", "succeeded")]

    (joined,) = guessed.refunds
    answered = replace(guessed, refunds=(replace(joined, request_id="refund-1"),)).settled(at=at(7_301))

    assert ends(answered) == [("rf-1", "sent"), ("ecommpay-391", "succeeded")]
    assert answered.doubtful_refunds == {"rf-1"}


def answered(payment: Payment) -> Payment:
    """The payment once Gate's answer named the request of our refund, behind all these callbacks."""
    ours = tuple(replace(each, request_id="refund-1") if each.refund_id == "rf-1" else each for each in payment.refunds)
    return replace(payment, refunds=ours).settled(at=at(7_500))


def test_an_end_by_a_guess_is_taken_back_also_where_our_own_operation_has_not_ended() -> None:
    under_way = refund_callback("processing", **OURS)
    guessed = heard(refund_callback("decline", **OTHER), under_way, request_id="")
    assert ends(guessed) == [("rf-1", "declined"), ("ecommpay-392", "sent")]

    known = answered(guessed)

    assert ends(known) == [("rf-1", "sent"), ("ecommpay-391", "declined")]
    assert (known.refunds[0].operation_key, known.return_under_way) == ("392", True)


@pytest.mark.parametrize("other", ["success", "decline"])
def test_a_refund_whose_guess_was_taken_back_is_joined_to_what_else_gave_the_money_back_before_it_is_needless(
    other: str,
) -> None:
    nobodys = refund_callback(seconds=7_310, operation_id=393)
    first = answered(heard(refund_callback(other, **OTHER), request_id=""))
    for known in (
        answered(heard(refund_callback(other, **OTHER), nobodys, request_id="")),
        told(first, nobodys),
    ):
        assert [each for each in ends(known) if each[0] == "rf-1"] == [("rf-1", "succeeded")]
        assert known.refunds[0].operation_key == "393"


@pytest.mark.parametrize("status", ["sent", "unknown"])
def test_a_word_about_our_own_request_clears_it_up_in_whatever_order_they_come(status: str) -> None:
    declined = refund_callback("decline", payment="refunded", **OURS)

    for messages in ((refund_callback(**OTHER), declined), (declined, refund_callback(**OTHER))):
        payment = heard(*messages, status=status)
        assert ends(payment) == [("rf-1", "declined"), ("ecommpay-391", "succeeded")]
        assert payment.doubtful_refunds == frozenset()


@pytest.mark.parametrize(
    "message",
    [
        refund_callback(**OTHER, payment_fields={"merchant_refund_id": "the-dashboard-s"}),
        refund_callback(**{**OTHER, "seconds": 6_000}),
    ],
    ids=["one that names another refund", "one from before ours was asked for"],
)
def test_a_return_that_cannot_be_ours_ends_ours_as_failed(message: dict[str, Any]) -> None:
    payment = heard(message)

    assert ends(payment) == [("rf-1", "failed"), ("ecommpay-391", "succeeded")]
    assert (payment.doubtful_refunds, payment.refunds[0].message) == (frozenset(), "The money went back another way.")


def test_a_decline_under_another_request_ends_nothing() -> None:
    payment = heard(refund_callback("decline", **OTHER))

    assert ends(payment) == [("rf-1", "sent"), ("ecommpay-391", "declined")]


def test_it_corrects_no_refund_that_a_person_closed_as_failed_while_one_that_it_may_be_is_under_way() -> None:
    closed = refund("failed", closed_by_hand=True, updated_at=at(7_250), message="not in the Dashboard")
    asked = refund("sent", refund_id="rf-2", request_id="refund-2", created_at=at(7_260), sent_at=at(7_260))

    payment = told(replace(paid(), refunds=(closed, asked)), refund_callback(**OTHER), seconds=7_301)

    assert ends(payment) == [("rf-1", "failed"), ("rf-2", "sent"), ("ecommpay-391", "succeeded")]
    assert (payment.status, payment.doubtful_refunds) == ("refunded", frozenset({"rf-2"}))
