"""Our attempts to give money back, joined with what the provider says it gave back."""

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.refund import Refund, RefundStatus
from payments.domain.settlement import settle
from tests.unit.domain.told import KES_100, at, enets_order, folded, ordered, paid, refund, refund_callback, told

NOW = at(9999)
HUNDRED_DOLLARS = Money(10_000, "SGD")


def settled(*refunds: Refund, messages: tuple[dict[str, Any], ...]) -> tuple[Refund, ...]:
    return settle(refunds, folded(messages), at=NOW, ordered=KES_100)


def ends(refunds: tuple[Refund, ...]) -> list[tuple[str, RefundStatus]]:
    return [(each.refund_id, each.status) for each in refunds]


def test_the_operation_with_our_request_id_is_our_refund() -> None:
    ours = refund(request_id="f62983a5-00000001")

    assert settled(ours, messages=(refund_callback(seconds=7230, request_id="f62983a5-00000001"),)) == (
        replace(
            ours,
            status="succeeded",
            updated_at=NOW,
            operation_key="391",
            operation_type="refund",
            code="0",
            message="Success",
        ),
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("f62983a5-00000001", "f62983a5-00000001", True),
        ("f62983a5", "f62983a5-00000001", True),
        ("f62983a5-00000001", "f62983a5", True),
        ("f62983a5", "f62983a5a-00000001", False),
        ("f62983a5-00000001", "f62983a5-00000002", False),
        ("f62983a5", "0be9d6d5-00000001", False),
    ],
)
def test_request_ids_are_the_same_but_for_a_numbered_suffix(ours: str, theirs: str, same: bool) -> None:
    attempt = refund(request_id=ours)

    found = settled(attempt, messages=(refund_callback(seconds=7230, request_id=theirs),))

    expected = [("rf-1", "succeeded")] if same else [("rf-1", "sent"), ("ecommpay-391", "succeeded")]
    assert ends(found) == expected


@pytest.mark.parametrize(("status", "end"), [("success", "succeeded"), ("decline", "declined")])
def test_a_callback_faster_than_the_answer_of_gate_is_known_by_amount_and_time(status: str, end: RefundStatus) -> None:
    found = settled(refund(), messages=(refund_callback(status, seconds=7203, request_id="r-77"),))

    assert ends(found) == [("rf-1", end)]
    assert (found[0].operation_key, found[0].request_id) == ("391", "r-77")


@pytest.mark.parametrize("status", ["processing", "odd"])
def test_a_guess_is_written_down_only_once_it_is_an_end(status: str) -> None:
    under_way = refund_callback(status, seconds=7203, request_id="r-77")

    assert settled(refund(), messages=(under_way,)) == (refund(),)


@pytest.mark.parametrize(
    ("created", "end"),
    [(7200 - 300, "declined"), (7200 - 301, "sent"), (7200, "declined"), (7200 + 86_400, "declined")],
)
def test_a_decline_from_long_before_we_asked_was_another_ones(created: float, end: RefundStatus) -> None:
    found = settled(refund(), messages=(refund_callback("decline", seconds=created, created=created),))

    assert found[0].status == end
    assert len(found) == (1 if end == "declined" else 2)


def test_the_whole_amount_given_back_ends_our_refund_whatever_the_clocks_say() -> None:
    assert ends(settled(refund(), messages=(refund_callback(seconds=600, created=600),))) == [("rf-1", "succeeded")]


@pytest.mark.parametrize("parts", [{"amount": 9_999}, {"amount": 10_001}, {"currency": "USD"}, {"amount": None}])
def test_another_amount_without_our_request_id_is_not_our_refund(parts: dict[str, Any]) -> None:
    found = settled(refund(), messages=(refund_callback(seconds=7203, **parts),))

    assert ends(found) == [("rf-1", "sent"), ("ecommpay-391", "succeeded")]


@pytest.mark.parametrize("status", ["requested", "failed", "declined", "succeeded"])
def test_a_refund_that_does_not_wait_for_an_operation_is_not_given_one(status: str) -> None:
    found = settled(refund(status), messages=(refund_callback(seconds=7203),))

    assert ends(found) == [("rf-1", status), ("ecommpay-391", "succeeded")]


def test_a_reversal_settles_our_refund_as_well() -> None:
    message = refund_callback(kind="reversal", payment="reversed", held=0, seconds=7203, request_id="r-77")

    (found,) = settled(refund(request_id="r-77"), messages=(message,))

    assert (found.status, found.operation_type) == ("succeeded", "reversal")


def test_a_refund_that_nobody_here_started_gets_a_record_of_its_own() -> None:
    assert settled(messages=(refund_callback(seconds=7203, request_id="r-99"),)) == (
        Refund(
            refund_id="ecommpay-391",
            money=KES_100,
            origin="provider",
            status="succeeded",
            created_at=NOW,
            updated_at=NOW,
            request_id="r-99",
            operation_key="391",
            operation_type="refund",
            code="0",
            message="Success",
        ),
    )


def test_the_record_of_a_foreign_refund_follows_its_operation() -> None:
    started = settled(messages=(refund_callback("processing", seconds=7203),))
    assert ends(started) == [("ecommpay-391", "sent")]
    assert started[0].in_flight

    ended = settled(*started, messages=(refund_callback("decline", seconds=7210),))

    assert ends(ended) == [("ecommpay-391", "declined")]
    assert (ended[0].code, ended[0].message) == ("20000", "General decline")


def test_a_binding_stays_although_another_operation_would_fit_as_well() -> None:
    first = refund_callback("decline", seconds=7203)
    bound = settled(refund(), messages=(first,))

    found = settled(*bound, messages=(first, refund_callback(seconds=7300, operation_id=392)))

    assert ends(found) == [("rf-1", "declined"), ("ecommpay-392", "succeeded")]


def test_a_second_refund_after_a_declined_one_has_the_second_operation() -> None:
    first = refund_callback("decline", seconds=7203, request_id="r-1")
    declined = settled(refund(request_id="r-1"), messages=(first,))
    second = refund(refund_id="rf-2", sent_at=at(8000), request_id="r-2")

    found = settled(
        *declined, second, messages=(first, refund_callback(seconds=8003, operation_id=392, request_id="r-2"))
    )

    assert ends(found) == [("rf-1", "declined"), ("rf-2", "succeeded")]
    assert [each.operation_key for each in found] == ["391", "392"]


def test_an_old_decline_repeated_does_not_end_the_second_refund() -> None:
    first = refund_callback("decline", seconds=7203)
    declined = settled(refund(), messages=(first,))
    second = refund(refund_id="rf-2", sent_at=at(7210))

    repeated = refund_callback("decline", seconds=7204, created=7203)
    found = settled(*declined, second, messages=(first, repeated))

    assert ends(found) == [("rf-1", "declined"), ("rf-2", "sent")]


def test_a_late_callback_still_settles_a_refund_that_nobody_knew_the_end_of() -> None:
    for status, end in (("success", "succeeded"), ("decline", "declined")):
        unknown = refund("unknown", request_id="r-1")
        assert ends(settled(unknown, messages=(refund_callback(status, seconds=90_000, request_id="r-1"),))) == [
            ("rf-1", end)
        ]


def test_what_was_told_before_leaves_the_very_same_values() -> None:
    message = refund_callback(seconds=7203)
    once = settled(refund(), refund("failed", refund_id="rf-0"), messages=(message,))

    again = settle(once, folded((message, message)), at=at(99_999))

    assert again == once
    assert all(one is other for one, other in zip(again, once, strict=True))


def support_refund(amount: int = 10_000, **changes: Any) -> Refund:
    return refund("awaiting_support", money=Money(amount, "SGD"), **changes)


@pytest.mark.parametrize(
    ("asked", "given", "expected"),
    [
        (10_000, 10_000, [("rf-1", "succeeded", 10_000)]),
        (4_000, 4_000, [("rf-1", "succeeded", 4_000)]),
        (4_000, 3_000, [("rf-1", "succeeded", 3_000)]),
        (4_000, 4_001, [("rf-1", "succeeded", 4_001)]),
    ],
)
def test_support_may_give_back_another_amount_than_was_asked_for(
    asked: int, given: int, expected: list[tuple[str, RefundStatus, int]]
) -> None:
    message = refund_callback(seconds=90_000, amount=given, currency="SGD", payment="partially refunded")

    found = settled(support_refund(asked), messages=(message,))

    assert [(each.refund_id, each.status, each.money.amount) for each in found] == expected


def test_support_that_declines_ends_the_refund_and_the_next_one_is_a_new_operation() -> None:
    first = refund_callback("decline", seconds=90_000, currency="SGD")
    declined = settled(support_refund(), messages=(first,))
    assert ends(declined) == [("rf-1", "declined")]

    second = support_refund(refund_id="rf-2")
    found = settled(
        *declined, second, messages=(first, refund_callback(seconds=95_000, operation_id=392, currency="SGD"))
    )

    assert ends(found) == [("rf-1", "declined"), ("rf-2", "succeeded")]


def test_refunds_of_a_payment_are_settled_by_the_message_that_tells_of_them() -> None:
    enets: Payment = ordered(order=enets_order())
    asked = replace(enets, refunds=(support_refund(6_000),))
    message = refund_callback(seconds=90_000, amount=6_000, currency="SGD", held=4_000, payment="partially refunded")

    payment = told(asked, message, seconds=90_001)

    assert ends(payment.refunds) == [("rf-1", "succeeded")]
    assert payment.refunds[0].updated_at == at(90_001)
    assert HUNDRED_DOLLARS.amount - payment.refunded_amount == 4_000


def test_a_declined_refund_leaves_the_payment_paid() -> None:
    payment = told(replace(paid(), refunds=(refund(request_id="r-1"),)), refund_callback("decline", request_id="r-1"))

    assert (payment.status, payment.refundable) == ("succeeded", 10_000)
    assert ends(payment.refunds) == [("rf-1", "declined")]


def test_a_refund_put_in_the_place_of_itself_keeps_its_place() -> None:
    payment = replace(paid(), refunds=(refund(refund_id="rf-1"), refund("failed", refund_id="rf-2")))

    changed = payment.with_refund(refund("unknown", refund_id="rf-1"), at=at(9000), what="unresolved")

    assert ends(changed.refunds) == [("rf-1", "unknown"), ("rf-2", "failed")]
    assert (changed.timeline[-1].what, changed.timeline[-1].source) == ("unresolved", "workflow")
    assert changed.refund("rf-2") == payment.refunds[1]
    assert changed.refund("rf-3") is None


def test_an_operation_that_names_no_request_is_known_by_amount_and_time_although_gate_told_us_an_id() -> None:
    found = settled(refund(request_id="r-1"), messages=(refund_callback(seconds=7203),))

    assert ends(found) == [("rf-1", "succeeded")]
    assert found[0].request_id == "r-1"


def test_a_stale_decline_of_another_amount_leaves_support_to_its_refund() -> None:
    stale = refund_callback("decline", seconds=600, created=600, amount=500, currency="SGD", payment="success")

    found = settled(support_refund(3_000), messages=(stale,))

    assert ends(found) == [("rf-1", "awaiting_support"), ("ecommpay-391", "declined")]


def test_the_operation_of_the_exact_amount_is_ours_whichever_came_first() -> None:
    small = refund_callback(seconds=8_000, amount=1_000, currency="SGD", payment="partially refunded")
    exact = refund_callback(seconds=9_000, amount=2_000, currency="SGD", operation_id=392, payment="partially refunded")

    expected = [("rf-1", "succeeded"), ("ecommpay-391", "succeeded")]
    assert ends(settled(support_refund(2_000), messages=(small, exact))) == expected
    assert ends(settled(support_refund(2_000), messages=(exact, small))) == expected


def test_an_operation_told_of_without_its_id_is_the_one_of_its_request_that_has_an_id() -> None:
    request = {"request_id": "refund-1-00000001"}
    nameless = refund_callback("external error", seconds=7_210, operation_id=None, payment="success", **request)
    named = refund_callback(seconds=7_300, **request)

    for messages in ((nameless, named), (named, nameless)):
        found = settled(refund(request_id="refund-1"), messages=messages)
        assert ends(found) == [("rf-1", "succeeded")]


def test_an_answer_of_gate_that_names_another_request_takes_a_guess_back() -> None:
    guessed = settled(refund(), messages=(refund_callback("decline", seconds=7_205, request_id="other-1"),))
    assert ends(guessed) == [("rf-1", "declined")]

    ours = refund_callback(seconds=7_300, operation_id=392, request_id="refund-1-00000001")
    other = refund_callback("decline", seconds=7_205, request_id="other-1")
    found = settled(replace(guessed[0], request_id="refund-1"), messages=(other, ours))

    assert ends(found) == [("rf-1", "succeeded"), ("ecommpay-391", "declined")]
