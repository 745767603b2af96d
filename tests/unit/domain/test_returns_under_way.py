"""Money that is, or may be, on its way back holds the payment, whatever our own record of the refund says by then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.domain.erasure import blanked
from payments.domain.errors import RefundInProgress
from payments.domain.refund_rules import money_to_refund
from tests.unit.domain.told import at, callback, folded, ordered, paid, refund, refund_callback, told

CLOSED = refund("failed", request_id="refund-1", sent_at=at(7200), closed_by_hand=True)


def test_a_return_that_has_not_ended_holds_the_payment_though_its_refund_was_closed_by_hand() -> None:
    late = refund_callback("processing", seconds=7300, request_id="refund-1-00000001")
    payment = told(replace(paid(), refunds=(CLOSED,)), late)

    assert [each.status for each in payment.refunds] == ["failed"]
    with pytest.raises(RefundInProgress):
        money_to_refund(payment, None)


def test_a_return_that_is_declined_after_all_frees_the_payment() -> None:
    story = [
        refund_callback(status, seconds=7300, request_id="refund-1-00000001") for status in ("processing", "decline")
    ]
    payment = told(replace(paid(), refunds=(CLOSED,)), *story)

    assert money_to_refund(payment, None) == ordered().order.money  # type: ignore[union-attr]  # ordered it is


def test_an_operation_that_nothing_names_is_joined_with_no_other() -> None:
    """Without its id and without a request it is one of its own: it must not speak for another (PROTOCOL §6.3)."""
    back = callback("success", ("refund", "success"), seconds=60, operation_id=391, amount=3000)
    nameless = callback("success", ("refund", "decline"), seconds=90, operation_id=None, amount=2000)

    told_of = sorted(
        (each.outcome.name, each.money.amount if each.money else 0) for each in folded([back, nameless]).joined
    )
    assert told_of == [("DECLINED", 2000), ("SUCCEEDED", 3000)]


def test_our_refund_stands_before_one_that_nobody_here_started_also_when_it_came_later() -> None:
    elsewhere = told(paid(), refund_callback("decline", seconds=3600))
    payment = elsewhere.with_refund(refund("awaiting_support"), at=at(7200), what="asked")

    assert [each.refund_id for each in payment.refunds] == ["rf-1", "ecommpay-391"]
    assert payment.settled(at=at(9000)).refunds == payment.refunds


def test_what_a_person_typed_is_erased_also_where_an_operation_is_known_that_has_not_ended() -> None:
    typed = replace(CLOSED, status="succeeded", operation_key="391", message="Amina phoned: it arrived")
    payment = told(
        replace(paid(), refunds=(typed,)), refund_callback("processing", seconds=7300, request_id="refund-1")
    )

    assert [each.message for each in blanked(payment, at=at(9000)).refunds] == [""]
