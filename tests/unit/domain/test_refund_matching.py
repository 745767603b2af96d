"""Which of the provider's returns is which refund of ours: exactly where it says so, and no guess where it is doubtful."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.refund import Refund, RefundStatus
from payments.domain.settlement import doubtful, settle
from tests.unit.domain.told import KES_100, at, enets_order, folded, ordered, refund, refund_callback, told

NOW = at(9999)
SGD_100 = Money(10_000, "SGD")
SGD_40 = Money(4_000, "SGD")


def gave_back(status: str = "success", operation_id: int = 391, seconds: float = 7_300, **parts: Any) -> dict[str, Any]:
    """Support gives back 40 dollars of 100, without a word of whose refund it is."""
    fields = {"amount": 4_000, "currency": "SGD", "payment": "success", **parts}
    return refund_callback(status, operation_id=operation_id, seconds=seconds, **fields)


def naming(refund_id: str, *arguments: Any, **parts: Any) -> dict[str, Any]:
    return refund_callback(*arguments, payment_fields={"merchant_refund_id": refund_id}, **parts)


def by_support(refund_id: str = "rf-1", status: str = "awaiting_support", **fields: Any) -> Refund:
    return refund(status, refund_id=refund_id, **{"money": SGD_40, **fields})


def by_hand(status: str, refund_id: str = "rf-1", *, closed: float = 7_250, **fields: Any) -> Refund:
    parts = {"sent_at": at(7200), "updated_at": at(closed), "closed_by_hand": True, "message": "Support said so"}
    return by_support(refund_id, status, **{**parts, **fields})


def settled(*refunds: Refund, messages: tuple[dict[str, Any], ...], ordered: Money = SGD_100) -> tuple[Refund, ...]:
    return settle(refunds, folded(messages), at=NOW, ordered=ordered)


def ends(refunds: tuple[Refund, ...]) -> list[tuple[str, RefundStatus]]:
    return [(each.refund_id, each.status) for each in refunds]


def test_a_return_that_names_our_refund_is_that_refund_whatever_else_it_says() -> None:
    elsewhere = naming("rf-1", created=600, seconds=600, amount=1, request_id="theirs")

    assert settled(refund(request_id="ours"), messages=(elsewhere,), ordered=KES_100) == (
        replace(
            refund(request_id="ours"),
            status="succeeded",
            money=Money(1, "KES"),
            updated_at=NOW,
            operation_key="391",
            operation_type="refund",
            code="0",
            message="Success",
        ),
    )


def test_a_return_under_way_that_names_our_refund_is_written_down_with_it() -> None:
    (under_way,) = settled(refund(), messages=(naming("rf-1", "processing"),), ordered=KES_100)

    assert (under_way.status, under_way.operation_key) == ("sent", "391")


def test_a_return_that_names_another_refund_is_not_ours_though_amount_and_time_fit() -> None:
    found = settled(refund(), messages=(naming("somebody-elses", seconds=7_300),), ordered=KES_100)

    assert ends(found) == [("rf-1", "sent"), ("ecommpay-391", "succeeded")]


def test_our_id_outweighs_the_request_id() -> None:
    attempts = (refund(request_id="r-1"), refund(refund_id="rf-2", request_id="r-2"))
    crossed = naming("rf-2", "decline", request_id="r-1", seconds=7_300)

    assert ends(settled(*attempts, messages=(crossed,), ordered=KES_100)) == [("rf-1", "sent"), ("rf-2", "declined")]


def test_of_two_returns_that_name_one_refund_the_one_of_its_request_is_it() -> None:
    stale = naming("rf-1", "success", operation_id=392, seconds=8_000, request_id="dashboard-1")
    ours = naming("rf-1", "decline", seconds=7_300, request_id="r-1-00000001")

    found = settled(refund(request_id="r-1"), messages=(stale, ours), ordered=KES_100)

    assert ends(found) == [("rf-1", "declined"), ("ecommpay-392", "succeeded")]


@pytest.mark.parametrize("status", ["requested", "succeeded", "declined", "failed"])
def test_a_return_that_names_a_refund_that_was_never_sent_is_a_record_of_its_own(status: str) -> None:
    found = settled(refund(status), messages=(naming("rf-1"),), ordered=KES_100)

    assert len(found) == (2 if status == "requested" else 1)


DOUBTS: dict[str, tuple[tuple[Refund, ...], tuple[dict[str, Any], ...], list[tuple[str, RefundStatus]], set[str]]] = {
    "one that ended": (
        (by_support(),),
        (gave_back("decline"),),
        [("rf-1", "declined")],
        set(),
    ),
    "a success and a decline": (
        (by_support(),),
        (gave_back("decline"), gave_back(operation_id=392)),
        [("rf-1", "awaiting_support"), ("ecommpay-391", "declined"), ("ecommpay-392", "succeeded")],
        {"rf-1"},
    ),
    "a decline and one under way": (
        (by_support(),),
        (gave_back("processing"), gave_back("decline", 392)),
        [("rf-1", "awaiting_support"), ("ecommpay-391", "sent"), ("ecommpay-392", "declined")],
        {"rf-1"},
    ),
    "a success and one under way": (
        (refund("unknown", money=SGD_40),),
        (gave_back("processing"), gave_back(operation_id=392)),
        [("rf-1", "unknown"), ("ecommpay-391", "sent"), ("ecommpay-392", "succeeded")],
        {"rf-1"},
    ),
    "two under way": (
        (by_support(),),
        (gave_back("processing"), gave_back("processing", 392)),
        [("rf-1", "awaiting_support"), ("ecommpay-391", "sent"), ("ecommpay-392", "sent")],
        set(),
    ),
    "two that ended alike": (
        (by_support(),),
        (gave_back(seconds=7_400), gave_back(operation_id=392)),
        [("rf-1", "succeeded"), ("ecommpay-391", "succeeded")],
        set(),
    ),
    "one that names it beside one that fits": (
        (by_support(),),
        (gave_back("decline"), gave_back(operation_id=392, payment_fields={"merchant_refund_id": "rf-1"})),
        [("rf-1", "succeeded"), ("ecommpay-391", "declined")],
        set(),
    ),
    "the exact amount beside another one": (
        (by_support(),),
        (gave_back(amount=3_000), gave_back(operation_id=392)),
        [("rf-1", "succeeded"), ("ecommpay-391", "succeeded")],
        set(),
    ),
    "a doubt about the exact amount beside another amount": (
        (by_support(),),
        (gave_back("decline"), gave_back(operation_id=392), gave_back(operation_id=393, amount=3_000)),
        [
            ("rf-1", "awaiting_support"),
            ("ecommpay-391", "declined"),
            ("ecommpay-392", "succeeded"),
            ("ecommpay-393", "succeeded"),
        ],
        {"rf-1"},
    ),
    "all of the money back beside a decline": (
        (by_support(money=SGD_100),),
        (gave_back("decline", amount=10_000), gave_back(operation_id=392, amount=10_000)),
        [("rf-1", "succeeded"), ("ecommpay-391", "declined")],
        set(),
    ),
    "one for two attempts": (
        (by_support(), refund("unknown", refund_id="rf-2", money=SGD_40)),
        (gave_back(),),
        [("rf-1", "awaiting_support"), ("rf-2", "unknown"), ("ecommpay-391", "succeeded")],
        {"rf-1", "rf-2"},
    ),
    "one under way for two attempts": (
        (by_support(), refund("unknown", refund_id="rf-2", money=SGD_40)),
        (gave_back("processing"),),
        [("rf-1", "awaiting_support"), ("rf-2", "unknown"), ("ecommpay-391", "sent")],
        set(),
    ),
    "one for two attempts, one of them sent later": (
        (by_support(), refund("unknown", refund_id="rf-2", money=SGD_40, sent_at=at(8_000))),
        (gave_back(),),
        [("rf-1", "succeeded"), ("rf-2", "unknown")],
        set(),
    ),
    "heard of before it was sent": (
        (
            replace(refund("declined", refund_id="ecommpay-391", origin="provider"), operation_key="391"),
            by_support(sent_at=at(7_260)),
        ),
        (gave_back("decline", seconds=7_190),),
        [("rf-1", "awaiting_support"), ("ecommpay-391", "declined")],
        set(),
    ),
    "closed by hand as succeeded, and its operation": (
        (by_hand("succeeded"),),
        (gave_back(),),
        [("rf-1", "succeeded")],
        set(),
    ),
    "closed by hand as succeeded, and a decline": (
        (by_hand("succeeded"),),
        (gave_back("decline"),),
        [("rf-1", "succeeded"), ("ecommpay-391", "declined")],
        {"rf-1"},
    ),
    "closed by hand as succeeded, with a decline and a success": (
        (by_hand("succeeded"),),
        (gave_back("decline"), gave_back(operation_id=392)),
        [("rf-1", "succeeded"), ("ecommpay-391", "declined")],
        set(),
    ),
    "closed by hand as succeeded before the next one was sent": (
        (by_hand("succeeded"), by_support("rf-2")),
        (gave_back(),),
        [("rf-1", "succeeded"), ("rf-2", "awaiting_support")],
        set(),
    ),
    "two closed by hand as succeeded, and the operation of one": (
        (by_hand("succeeded"), by_hand("succeeded", "rf-2")),
        (gave_back(),),
        [("rf-1", "succeeded"), ("rf-2", "succeeded")],
        set(),
    ),
    "closed by hand as succeeded, and one under way": (
        (by_hand("succeeded"),),
        (gave_back("processing"),),
        [("rf-1", "succeeded")],
        set(),
    ),
    "closed by hand as succeeded, with the exact amount of the next one": (
        (by_hand("succeeded"), by_support("rf-2", money=Money(3_000, "SGD"))),
        (gave_back(amount=3_000),),
        [("rf-1", "succeeded"), ("rf-2", "succeeded")],
        set(),
    ),
    "closed by hand as failed, and a success told of later": (
        (by_hand("failed"),),
        (gave_back(),),
        [("rf-1", "succeeded")],
        set(),
    ),
    "closed by hand as failed, and a success known by then": (
        (
            replace(refund("succeeded", refund_id="ecommpay-391", origin="provider"), operation_key="391"),
            by_hand("failed"),
        ),
        (gave_back(),),
        [("rf-1", "failed"), ("ecommpay-391", "succeeded")],
        set(),
    ),
    "closed by hand as failed before the next one was sent": (
        (by_hand("failed"), by_support("rf-2")),
        (gave_back(),),
        [("rf-1", "failed"), ("rf-2", "succeeded")],
        set(),
    ),
    "closed by hand as failed before a doubt about the next one": (
        (by_hand("failed"), by_support("rf-2")),
        (gave_back("decline"), gave_back(operation_id=392)),
        [
            ("rf-1", "failed"),
            ("rf-2", "awaiting_support"),
            ("ecommpay-391", "declined"),
            ("ecommpay-392", "succeeded"),
        ],
        {"rf-2"},
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_a_return_is_joined_with_a_refund_only_where_no_other_end_is_possible(name: str) -> None:
    refunds, messages, expected, in_doubt = DOUBTS[name]

    for ordering in permutations(messages):
        found = settled(*refunds, messages=ordering)
        assert ends(found) == expected
        assert doubtful(refunds, folded(messages), ordered=SGD_100) == in_doubt
        # What was settled once stays so, and a doubt stays one until somebody clears it.
        assert settle(found, folded(ordering), at=at(99_999), ordered=SGD_100) == found
        assert doubtful(found, folded(ordering), ordered=SGD_100) == in_doubt


def test_exact_words_give_the_same_end_in_whatever_order_they_come_one_by_one() -> None:
    messages = (
        gave_back("processing", request_id="r-1", payment_fields={"merchant_refund_id": "rf-1"}),
        gave_back(request_id="r-1", seconds=7_400, payment="partially refunded", held=6_000),
        gave_back("decline", 392, request_id="r-2-00000001"),
        gave_back("processing", 393, seconds=7_500, request_id="r-3"),
    )
    attempts = (by_support(), refund(refund_id="rf-2", money=SGD_40, request_id="r-2"))
    enets = replace(ordered(order=enets_order()), refunds=attempts)

    ended = {
        tuple(sorted((each.refund_id, each.status, each.operation_key) for each in told(enets, *ordering).refunds))
        for ordering in permutations(messages)
    }

    assert ended == {
        (("ecommpay-393", "sent", "393"), ("rf-1", "succeeded", "391"), ("rf-2", "declined", "392")),
    }


def test_a_guess_about_what_is_under_way_is_given_up_when_another_return_fits_as_well() -> None:
    first = gave_back("processing")
    guessed = settled(by_support(), messages=(first,))
    assert ends(guessed) == [("rf-1", "awaiting_support")]

    found = settled(*guessed, messages=(first, gave_back("decline", 392)))

    assert ends(found) == DOUBTS["a decline and one under way"][2]


def test_an_answer_of_gate_that_names_another_request_takes_an_end_back_that_was_guessed() -> None:
    other = refund_callback("decline", seconds=7_205, request_id="other-1")
    (guessed,) = settled(refund(), messages=(other,), ordered=KES_100)
    assert (guessed.status, guessed.request_id) == ("declined", "other-1")

    found = settled(replace(guessed, request_id="refund-1"), messages=(other,), ordered=KES_100)

    assert found == (
        replace(refund(request_id="refund-1"), updated_at=NOW),
        replace(
            refund("declined", refund_id="ecommpay-391", origin="provider", execution="", request_id="other-1"),
            created_at=NOW,
            updated_at=NOW,
            operation_key="391",
            operation_type="refund",
            code="20000",
            message="General decline",
        ),
    )


def test_what_a_person_said_stands_when_the_operation_turns_out_to_be_anothers() -> None:
    joined = replace(by_hand("succeeded"), operation_key="391", request_id="refund-1", message="Success", code="0")

    (ours, _) = settled(joined, messages=(gave_back(request_id="other-1"),))

    assert (ours.status, ours.operation_key, ours.closed_by_hand) == ("succeeded", "", True)


def test_an_operation_under_way_leaves_the_words_of_the_person_who_closed_its_refund() -> None:
    for message, words in ((gave_back("processing", request_id="r-1"), "Support said so"), (gave_back(), "Success")):
        (closed,) = settled(by_hand("failed", request_id="r-1"), messages=(message,))
        assert closed.message == words


def moves(payment: Payment, *messages: dict[str, Any]) -> list[str]:
    return [each.what for each in told(payment, *messages).timeline if each.what != "told"]


def test_the_payments_story_tells_of_a_doubt_once() -> None:
    enets = replace(ordered(order=enets_order()), refunds=(by_support(),))
    first, second = gave_back("processing"), gave_back(operation_id=392)

    assert moves(enets, first) == []
    assert moves(enets, first, second) == ["doubtful: which of these returns is refund rf-1"]
    assert moves(enets, first, second, gave_back(operation_id=393)) == [
        "doubtful: which of these returns is refund rf-1"
    ]
