"""Whatever refunds meet whatever returns: nothing changes by hearing nothing new, and every end is one the table knows."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.domain.money import Money
from payments.domain.refund import TOLD, Refund, RefundStatus
from tests.unit.domain.told import at, enets_order, ordered, paid, refund, refund_callback, told


def gave_back(status: str, operation_id: int | None, seconds: float, **parts: Any) -> dict[str, Any]:
    return refund_callback(
        status, operation_id=operation_id, seconds=seconds, **{"currency": "SGD", "payment": "success", **parts}
    )


ATTEMPTS = st.builds(
    refund,
    st.sampled_from(sorted(TOLD)),
    money=st.sampled_from([Money(4_000, "SGD"), Money(10_000, "SGD")]),
    sent_at=st.sampled_from([at(7_200), at(7_300)]),
    updated_at=st.sampled_from([at(7_200), at(7_350), at(9_999)]),
    request_id=st.sampled_from(["", "r-1", "r-2"]),
    operation_key=st.sampled_from(["", "391", "392"]),
    closed_by_hand=st.booleans(),
)
RETURNS = st.builds(
    gave_back,
    st.sampled_from(["success", "decline", "processing"]),
    st.sampled_from([391, 392, 393, 394, None]),
    st.sampled_from([6_000, 7_250, 7_400]),
    amount=st.sampled_from([4_000, 10_000, 3_000]),
    request_id=st.sampled_from(["", "r-1-00000001", "r-2", "r-3"]),
    payment_fields=st.sampled_from([{}, {"merchant_refund_id": "rf-0"}, {"merchant_refund_id": "rf-9"}]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ATTEMPTS, max_size=3), st.lists(RETURNS, max_size=4), st.lists(RETURNS, max_size=2))
def test_hearing_nothing_new_changes_nothing(
    attempts: list[Refund], first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    refunds = tuple(replace(each, refund_id=f"rf-{number}") for number, each in enumerate(attempts))
    begun = replace(ordered(order=enets_order()), refunds=refunds).settled(at=at(9_999))
    payment = told(begun, *first, seconds=9_999)

    for heard in (payment, told(payment, *second, seconds=12_000)):
        settled_once = heard.settled(at=at(20_000))
        assert settled_once == heard
        assert len({each.refund_id for each in heard.refunds}) == len(heard.refunds)
        told_of = {each.key for each in heard.provider.operations}
        joined = [each.operation_key for each in heard.refunds if each.operation_key in told_of]
        assert len(set(joined)) == len(joined), "one operation is one refund"


STATES: tuple[RefundStatus, ...] = tuple(TOLD)
ANOTHERS = {"payment_fields": {"merchant_refund_id": "another's"}}
WORDS = ("success", "decline", "processing", "never heard of")


def test_the_providers_word_makes_of_a_refund_nothing_but_what_the_table_says_and_all_of_it() -> None:
    seen: dict[RefundStatus, set[RefundStatus]] = {status: set() for status in STATES}
    for status in STATES:
        for word in WORDS:
            for told_of in ({}, {"request_id": "ours"}, {"request_id": "other"}, {"amount": 9_000}, ANOTHERS):
                for joined in ({}, {"operation_key": "391", "request_id": "ours"}, {"closed_by_hand": True}):
                    fields = {"request_id": "ours", "sent_at": at(7200), **joined}
                    message = refund_callback(word, seconds=7_300, payment="success", **told_of)
                    payment = told(replace(paid(), refunds=(refund(status, **fields),)), message)
                    seen[status].add(payment.refunds[0].status)

    assert {status: found - {status} for status, found in seen.items()} == TOLD
