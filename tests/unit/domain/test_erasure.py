"""When a customer's data may be taken out of a payment, and what of the payment is left then."""

from dataclasses import replace

import pytest

from payments.domain.erasure import blanked, nameless, too_early
from payments.domain.payment import Customer, Payment, TimelineEntry
from tests.unit.domain.told import at, callback, order, ordered, paid, refund, refund_callback, told

DAY = 86_400
LATER = at(7200)
REFUNDED = told(replace(paid(), refunds=(refund(reason="Amina wants it back"),)), refund_callback(seconds=7300))
STUB = ordered(order=None, submission="none", request_id="")


@pytest.mark.parametrize(
    "payment",
    [
        paid(),
        REFUNDED,
        told(ordered(), callback("decline", ("sale", "decline"))),
        told(ordered(), callback("expired", None)),
        told(ordered(), callback("success", amount=9_999)),
        ordered(submission="refused"),
        replace(paid(), refunds=(refund("declined"), refund("failed", refund_id="rf-2"))),
        told(STUB, callback("success", seconds=60)),
        replace(told(STUB, callback("success", seconds=60)), doubted=True),
    ],
)
def test_a_payment_at_its_end_may_be_erased(payment: Payment) -> None:
    assert too_early(payment, now=LATER) == ""


@pytest.mark.parametrize(
    ("payment", "reason"),
    [
        (ordered(), "it is processing"),
        (told(ordered(), callback("awaiting redirect result", None)), "it is awaiting_redirect"),
        (told(ordered(), callback("awaiting clarification", None)), "it is awaiting_clarification"),
        (replace(paid(), refunds=(refund("requested"),)), "its refund rf-1 is requested"),
        (replace(paid(), refunds=(refund("sent"),)), "its refund rf-1 is sent"),
        (replace(paid(), refunds=(refund("unknown"),)), "its refund rf-1 is unknown"),
        (replace(paid(), refunds=(refund("awaiting_support"),)), "its refund rf-1 is awaiting_support"),
        (replace(paid(), doubted=True), "a message about it is still to be confirmed"),
        (told(STUB, callback("processing", None)), "it is processing"),
        (
            told(STUB, callback("success"), refund_callback("processing", seconds=60)),
            "its refund ecommpay-391 is sent",
        ),
    ],
)
def test_a_payment_that_is_still_awaited_may_not_and_the_reason_is_told(payment: Payment, reason: str) -> None:
    assert too_early(payment, now=LATER) == reason


@pytest.mark.parametrize(
    ("payment", "days"),
    [
        (ordered(), 61),
        (replace(paid(), refunds=(refund("unknown"),)), 12),
        (told(STUB, callback("processing", None)), 12),
        (told(STUB, callback("success"), refund_callback("processing", seconds=60)), 12),
    ],
)
def test_what_nobody_will_tell_any_more_is_at_its_end_too(payment: Payment, days: int) -> None:
    assert too_early(payment, now=at((days - 2) * DAY)) != ""
    assert too_early(payment, now=at(days * DAY)) == ""


def test_all_of_a_person_but_the_id_is_blanked_and_all_else_stays() -> None:
    erased = blanked(REFUNDED, at=LATER)

    assert erased == replace(
        REFUNDED,
        order=order(customer=Customer(id="customer1"), description="", return_url=""),
        refunds=tuple(replace(each, reason="") for each in REFUNDED.refunds),
        timeline=(*REFUNDED.timeline, TimelineEntry(LATER, "api", "personal data erased")),
        erased_at=LATER,
    )
    assert [each.reason for each in REFUNDED.refunds] == ["Amina wants it back"]


def test_words_that_no_operation_bears_out_are_blanked_and_the_provider_s_own_stay() -> None:
    refused = refund("failed", refund_id="rf-0", code="3061", message="254700000001 is no phone", sent_at=None)
    payment = replace(REFUNDED, code="3023", message="Amina is refused", refunds=(refused, *REFUNDED.refunds))

    erased = blanked(payment, at=LATER)

    assert (erased.code, erased.message) == ("3023", "")
    assert [(each.code, each.message) for each in erased.refunds] == [("3061", ""), ("0", "Success")]


def test_what_is_blanked_already_is_the_very_same_payment() -> None:
    erased = blanked(paid(), at=LATER)

    assert blanked(erased, at=at(9000)) is erased
    gone = nameless(erased)
    assert nameless(gone) is gone


def test_what_came_in_since_is_blanked_without_another_line_in_the_story() -> None:
    erased = blanked(paid(), at=LATER)
    since = replace(erased, refunds=(refund("declined", reason="Amina again"),))

    again = blanked(since, at=at(9000))

    assert again == replace(erased, refunds=(refund("declined"),))


def test_at_last_the_id_goes_too() -> None:
    erased = blanked(paid(), at=LATER)

    assert erased.order is not None
    assert nameless(erased) == replace(erased, order=replace(erased.order, customer=Customer(id="")))


def test_a_payment_that_nobody_ordered_is_only_marked() -> None:
    stub = told(STUB, callback("success", seconds=60))

    erased = nameless(blanked(stub, at=LATER))

    assert erased == replace(
        stub, erased_at=LATER, timeline=(*stub.timeline, TimelineEntry(LATER, "api", "personal data erased"))
    )
