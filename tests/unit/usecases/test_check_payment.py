"""Asking the provider how a payment stands: its answer is one more message, and it counts."""

import hashlib
import json
from typing import Any

import pytest

from payments.domain.errors import GateUnavailable
from payments.ports import Message
from payments.usecases.check_payment import check_payment
from payments.usecases.replay_payments import replay_payments
from tests.support.fakes import FakeGate
from tests.unit.domain.told import KEY, NOON, callback, operation_parts, ordered
from tests.unit.usecases.world import World, signed

ANSWER = {**callback("success", None), "operations": [operation_parts(("sale", "success"), seconds=60)]}


def asked(answer: Any) -> tuple[World, bool]:
    world = World(gate=FakeGate(status=[answer]))
    world.put(ordered())
    return world, check(world)


def check(world: World) -> bool:
    return check_payment(store=world.store, gate=world.gate, key=KEY, clock=world.clock) is not None


@pytest.mark.parametrize("body", [signed(ANSWER), json.dumps(ANSWER).encode()], ids=["signed", "unsigned"])
def test_the_answer_is_stored_as_it_came_and_folded_in(body: bytes) -> None:
    world, known = asked(body)

    assert known
    assert world.store.messages(KEY) == (
        Message(
            key=KEY,
            digest=hashlib.sha256(body).hexdigest(),
            body=body,
            received_at=NOON,
            source="poll",
            verified_by=0,
            flags=(),
        ),
    )
    assert (world.payment().status, world.story()) == ("succeeded", [("poll", "sale success, payment success")])


def test_the_same_answer_again_changes_nothing() -> None:
    world = World(gate=FakeGate(status=[signed(ANSWER)] * 2))
    world.put(ordered())

    assert [check(world), check(world)] == [True, True]
    assert (world.payment().version, len(world.store.messages(KEY))) == (2, 1)


def test_a_payment_the_provider_does_not_know_is_left_as_it_is() -> None:
    world, known = asked(None)

    assert not known
    assert (world.payment().version, world.store.messages(KEY)) == (1, ())


def test_a_provider_out_of_reach_is_told_of() -> None:
    with pytest.raises(GateUnavailable):
        asked(GateUnavailable("down"))


@pytest.mark.parametrize("sign", [True, False])
def test_an_answer_with_a_semicolon_in_it_settles_the_payment_because_we_asked_for_it_ourselves(sign: bool) -> None:
    answer = {**ANSWER, "operations": [{**ANSWER["operations"][0], "message": "Approved; thank you"}]}

    world, _ = asked(signed(answer) if sign else json.dumps(answer).encode())

    assert world.payment().status == "succeeded"


def test_an_ambiguous_callback_is_settled_by_the_status_request_that_it_calls_for() -> None:
    message = callback("success", seconds=60, operation_fields={"message": "Approved; thank you"})
    world = World(gate=FakeGate(status=[signed(message)]))
    world.put(ordered())
    world.receive({**message, "rrn": "1"})
    assert world.payment().status == "processing"

    world.check_pending()

    assert (world.payment().status, world.payment().check_at) == ("succeeded", None)


@pytest.mark.parametrize("text", ["Approved", "Approved; thank you"])
def test_a_replay_of_what_was_asked_finds_the_payment_as_it_is(text: str) -> None:
    answer = {**ANSWER, "operations": [{**ANSWER["operations"][0], "message": text}]}
    world, _ = asked(signed(answer))

    replayed = replay_payments(store=world.store, cursor=None, limit=10, repair=False, clock=world.clock)

    assert (replayed.checked, replayed.differences) == (1, ())
