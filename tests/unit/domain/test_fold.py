"""The fold: any order of the messages, with any repetitions, gives the same state to the byte."""

import random
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.provider_state import (
    NO_DATE,
    NOTHING_SAID,
    Operation,
    Outcome,
    Pointer,
    ProviderState,
    Report,
    Standing,
    Word,
    fold,
)
from tests.support.measures import SOAK
from tests.unit.domain.told import at, callback, folded, ordered, read, refund_callback, told

WAITING = callback("processing", ("sale", "processing"), seconds=1)
SENT_ON = callback(
    "awaiting redirect result",
    ("sale", "awaiting redirect result"),
    seconds=5,
    redirect_data={"url": "https://partner.example/v3", "method": "POST", "body": {"vid": "demo"}},
)
ASKED = callback(
    "awaiting clarification",
    ("sale", "awaiting clarification"),
    seconds=3,
    clarification_fields={"customer": ["email"]},
)
DECLINED = callback("decline", ("sale", "decline"), seconds=30)
PAID = callback("success", seconds=60, operation_id=390)
PAID_AGAIN_A_SECOND_LATER = callback("success", seconds=61, operation_id=390)
REFUND_DECLINED = refund_callback("decline", seconds=3600, operation_id=391)
REFUNDED = refund_callback("success", seconds=7200, operation_id=392)

FIVE = (WAITING, SENT_ON, ASKED, DECLINED, PAID)
SIX = (SENT_ON, PAID, PAID_AGAIN_A_SECOND_LATER, refund_callback("processing", seconds=3590), REFUND_DECLINED, REFUNDED)
SAME_SECOND = (
    callback("processing", ("sale", "processing"), seconds=60),
    callback("awaiting redirect result", ("sale", "awaiting redirect result"), seconds=60),
    callback("decline", ("sale", "decline"), seconds=60),
    callback("success", seconds=60),
    callback("a word of tomorrow", ("sale", "a word of tomorrow"), seconds=60),
)


@pytest.mark.parametrize("messages", [FIVE, SIX, SAME_SECOND], ids=["120 of a sale", "720 of a refund", "same second"])
def test_every_order_of_the_messages_with_any_repetitions_gives_the_same_state(messages: tuple[Any, ...]) -> None:
    chance = random.Random(20261121)
    reports = [read(message) for message in messages]
    expected = repr(folded(messages))

    for ordering in permutations(reports):
        repeated = list(ordering)
        for again in chance.choices(ordering, k=chance.randrange(6)):
            repeated.insert(chance.randrange(len(repeated) + 1), again)
        state = NOTHING_SAID
        for each in repeated:
            state = fold(state, each)
        assert repr(state) == expected


def test_the_state_of_the_five_is_the_paid_second_attempt_with_what_led_to_it() -> None:
    state = folded(FIVE)

    assert state.word == Word(
        standing=Standing.PAID,
        status="success",
        money=Money(10_000, "KES"),
        method="Card partner",
        date=at(60),
        operation_date=at(60),
        may_try_again=False,
        digest=read(PAID).operations[0].digest,
    )
    assert [(each.key, each.outcome) for each in state.operations] == [
        ("389", Outcome.DECLINED),
        ("390", Outcome.SUCCEEDED),
    ]
    assert state.redirect == Pointer(at(5), read(SENT_ON).operations[0].digest)
    assert state.question == Pointer(at(3), read(ASKED).operations[0].digest)


def test_every_order_of_a_refunded_sale_is_the_same_payment_to_the_merchant() -> None:
    def seen(payment: Payment) -> Any:
        refunds = sorted((each.refund_id, each.status, each.money, each.request_id) for each in payment.refunds)
        return payment.status, payment.refunded_amount, payment.provider_status, payment.provider, refunds

    stories = {repr(seen(told(ordered(), *ordering))) for ordering in permutations(SIX)}

    assert len(stories) == 1
    assert seen(told(ordered(), *SIX))[:3] == ("refunded", 10_000, "refunded")


#: The orders of messages are what is tried most; of what else holds, the quick run tries fewer examples.
EXAMPLES = 100 if SOAK else 25
DATES = st.integers(0, 4).map(at) | st.just(NO_DATE)
MONEY = st.none() | st.builds(Money, st.integers(0, 2), st.sampled_from(["KES", "USD"]))
SHORT = st.sampled_from(["", "a", "b"])


@st.composite
def reports(draw: st.DrawFn) -> list[Report]:
    """Messages of every content, each with a digest of its own, as different bodies have."""
    count = draw(st.integers(0, 7))
    return [draw(one_report(f"digest-{number}")) for number in draw(st.permutations(range(count)))]


def one_report(digest: str) -> st.SearchStrategy[Report]:
    operation = st.builds(
        Operation,
        key=st.sampled_from(["1", "2", "10"]),
        operation_id=SHORT,
        kind=st.sampled_from(["sale", "return", "other"]),
        type=SHORT,
        status=SHORT,
        outcome=st.sampled_from(Outcome),
        money=MONEY,
        code=SHORT,
        message=SHORT,
        request_id=SHORT,
        date=DATES,
        created=DATES,
        digest=st.just(digest),
        refund_id=SHORT,
    )
    word = st.builds(
        Word,
        standing=st.sampled_from(Standing),
        status=SHORT,
        money=MONEY,
        method=SHORT,
        date=DATES,
        operation_date=DATES,
        may_try_again=st.booleans(),
        digest=st.just(digest),
    )
    pointer = st.none() | st.builds(Pointer, DATES, st.just(digest))
    operations = st.lists(operation, max_size=3, unique_by=lambda each: each.key).map(tuple)
    return st.builds(Report, st.none() | word, operations, pointer, pointer)


def fold_all(said: list[Report]) -> ProviderState:
    state = NOTHING_SAID
    for each in said:
        state = fold(state, each)
    return state


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports(), st.integers(0, 2**32))
def test_any_interleaving_of_any_messages_gives_the_same_state(said: list[Report], seed: int) -> None:
    """Two hundred lists of messages, fifty interleavings of each: QUALITY T2."""
    chance = random.Random(seed)
    expected = repr(fold_all(said))

    for _ in range(50):
        repeated = said + chance.choices(said, k=chance.randrange(6)) if said else []
        chance.shuffle(repeated)
        assert repr(fold_all(repeated)) == expected


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports())
def test_hearing_everything_once_more_changes_nothing(said: list[Report]) -> None:
    state = fold_all(said)

    assert fold_all(said + said) == state
    for each in said:
        assert fold(state, each) == state


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports(), reports())
def test_two_halves_folded_apart_and_joined_are_the_whole(first: list[Report], second: list[Report]) -> None:
    second = [as_second(each) for each in second]
    one, other = fold_all(first), fold_all(second)
    joined = fold(one, Report(other.word, other.operations, other.redirect, other.question))

    # The newest word may have no name for the method, so the name cannot come from the other half's word alone.
    assert replace(joined, method=None) == replace(fold_all(first + second), method=None)


def test_the_name_of_the_method_outlives_words_without_one() -> None:
    named, silent = callback("success"), callback("success", seconds=60, payment_fields={"method": ""})

    assert folded([named, silent]).method == folded([silent, named]).method == folded([named]).method


def test_our_id_of_a_refund_outlives_words_without_it_and_an_operation_told_of_without_its_own_id() -> None:
    named = refund_callback("processing", payment_fields={"merchant_refund_id": "rf-1"}, request_id="r-1")
    silent = refund_callback(seconds=7300, request_id="r-1")
    nameless = {**silent, "operation": {**silent["operation"], "id": None, "status": "external error"}}

    for messages in permutations((named, silent, nameless)):
        (operation,) = folded(messages).returns
        assert (operation.key, operation.refund_id, operation.outcome) == ("391", "rf-1", Outcome.SUCCEEDED)
    for messages in permutations((silent, {**nameless, "payment": named["payment"]})):
        assert [each.refund_id for each in folded(messages).returns] == ["rf-1"]


def as_second(said: Report) -> Report:
    """The same words from another message."""

    def renamed(part: Any) -> Any:
        return part and replace(part, digest=f"second-{part.digest}")

    return Report(
        renamed(said.word), tuple(map(renamed, said.operations)), renamed(said.redirect), renamed(said.question)
    )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports())
def test_operations_are_kept_by_key_and_what_took_or_gave_money_is_told_apart(said: list[Report]) -> None:
    state = fold_all(said)
    words = [(each.key, each.outcome) for each in state.operations]

    assert words == sorted(set(words))
    assert all(each.outcome.final for each in state.operations if [key for key, _ in words].count(each.key) > 1)
    assert all(each.kind == "sale" and each.outcome is Outcome.SUCCEEDED for each in state.sales)
    assert {each.key for each in state.returns} <= {each.key for each in state.operations if each.kind == "return"}
    assert [each.created for each in state.returns] == sorted(each.created for each in state.returns)
