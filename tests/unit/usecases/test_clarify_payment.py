"""Passing on the customer's missing data: exactly the fields that were asked for, once per question."""

from typing import Any

import pytest

from payments.domain.errors import GateRejected, GateUnavailable, PageNotFound
from payments.usecases.clarify_payment import clarify_payment
from payments.usecases.show_checkout import tell_state
from tests.support.fakes import FakeGate
from tests.unit.domain.told import callback
from tests.unit.usecases.world import World

ANSWERS = {"customer.email": "amina@example.com", "customer.phone": "254700000007"}
QUESTION = callback(
    "awaiting clarification",
    ("sale", "awaiting clarification"),
    clarification_fields={"customer": ["email", "phone"]},
)


def asked_world(**gate: Any) -> tuple[World, str]:
    world = World(gate=FakeGate(**gate))
    _, token = world.put_for_page()
    world.receive(QUESTION)
    return world, token


def answer(world: World, token: str, answers: dict[str, str]) -> str:
    return clarify_payment(world.visit(token), world.gate, answers, world.clock)


def test_the_answers_go_to_gate_and_the_question_is_answered() -> None:
    world, token = asked_world()

    assert answer(world, token, ANSWERS) == ""

    assert [(call[0].key, call[1]) for call in world.gate.calls_of("clarify")] == [(world.payment().key, ANSWERS)]
    question = world.payment().provider.question
    assert question is not None
    assert world.payment().answered == question.digest
    assert world.story()[-1] == ("api", "the customer's missing data sent to Gate")
    assert tell_state(world.visit(token)) == {
        "status": "awaiting_clarification",
        "action": "wait",
        "reload": False,
    }


def test_white_space_around_and_within_an_answer_is_made_plain() -> None:
    world, token = asked_world()

    answer(world, token, {"customer.email": "  amina@example.com\t", "customer.phone": " 254  700\n000007 "})

    assert world.gate.calls_of("clarify")[0][1] == {
        "customer.email": "amina@example.com",
        "customer.phone": "254 700 000007",
    }


EVERY_FIELD = "Please fill in every field."
ONLY_THESE = "Only the fields shown can be filled in."
TOO_LONG = "A semicolon or more than 255 characters cannot be taken in a field."


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, EVERY_FIELD),
        ({"customer.email": "a@example.com"}, EVERY_FIELD),
        ({**ANSWERS, "customer.phone": " \t"}, EVERY_FIELD),
        ({**ANSWERS, "payment.amount": "1"}, ONLY_THESE),
        ({"payment.amount": "1"}, ONLY_THESE),
        ({**ANSWERS, "customer.phone": "1;payment:amount:1"}, TOO_LONG),
        ({**ANSWERS, "customer.phone": "1" * 256}, TOO_LONG),
    ],
)
def test_an_answer_that_cannot_be_taken_is_said_so_and_nothing_leaves(answers: dict[str, str], problem: str) -> None:
    world, token = asked_world()

    assert answer(world, token, answers) == problem

    assert (world.gate.calls, world.payment().answered) == ([], "")


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (GateRejected("no", code="2004"), "These data were not accepted. Please check them and try again."),
        (GateUnavailable("no"), "The payment service could not be reached. Please try again in a moment."),
    ],
)
def test_what_gate_did_not_take_can_be_answered_again(fault: Exception, problem: str) -> None:
    world, token = asked_world(clarify=[fault])

    assert answer(world, token, ANSWERS) == problem
    assert world.payment().answered == ""
    assert tell_state(world.visit(token))["action"] == "clarify"
    assert answer(world, token, ANSWERS) == ""


def test_where_nothing_is_asked_any_more_nothing_is_sent_and_nothing_is_wrong() -> None:
    world = World()
    _, token = world.put_for_page()
    assert answer(world, token, ANSWERS) == ""

    world.receive(QUESTION)
    assert [answer(world, token, ANSWERS) for _ in range(2)] == ["", ""]
    answered = world.payment()

    world.receive(callback("success", seconds=60))
    assert answer(world, token, {"payment.amount": "1"}) == ""

    assert len(world.gate.calls) == 1
    assert world.payment().version == answered.version + 1


def test_a_result_told_while_gate_takes_the_answer_is_kept() -> None:
    world, token = asked_world()
    world.gate = FakeGate(clarify=[world.hearing(callback("success", seconds=60))])

    answer(world, token, ANSWERS)

    assert world.payment().status == "succeeded"


def test_a_token_that_opens_nothing_takes_no_answer() -> None:
    world, token = asked_world()

    with pytest.raises(PageNotFound):
        answer(world, f"{token}A", ANSWERS)
