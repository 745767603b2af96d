"""Passing on the customer's missing data: exactly the fields that were asked for, once per question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.answers import Refusal
from payments.domain.checkout import AskFor, KeepWaiting, Problem
from payments.domain.errors import GateRejected, GateUnavailable, PageNotFound
from payments.usecases.clarify_payment import clarify_payment
from payments.usecases.show_checkout import show_checkout, show_wait, tell_state
from tests.support.fakes import FakeGate
from tests.unit.domain.told import at, callback
from tests.unit.usecases.world import World, signed

ANSWERS = {"customer.email": "amina@example.com", "customer.phone": "254700000007"}
WAITS = {"status": "awaiting_clarification", "action": "wait", "reload": False}
ASKS = {"status": "awaiting_clarification", "action": "clarify", "reload": True}


def question(seconds: float = 0, fields: Any = None) -> dict[str, Any]:
    return callback(
        "awaiting clarification",
        ("sale", "awaiting clarification"),
        seconds=seconds,
        clarification_fields=fields or {"customer": ["email", "phone"]},
    )


def asked_world(asked: Any = None, **gate: Any) -> tuple[World, str]:
    world = World(gate=FakeGate(**gate))
    _, token = world.put_for_page()
    world.receive(question(fields=asked))
    return world, token


def answer(world: World, token: str, answers: dict[str, str] | None = None) -> Refusal | None:
    return clarify_payment(world.visit(token), world.gate, ANSWERS if answers is None else answers, world.clock)


def sent(world: World) -> list[dict[str, str]]:
    return [call[1] for call in world.gate.calls_of("clarify")]


def test_the_answers_go_to_gate_and_the_question_is_answered() -> None:
    world, token = asked_world()

    assert answer(world, token) is None

    assert [(call[0].key, call[1]) for call in world.gate.calls_of("clarify")] == [(world.payment().key, ANSWERS)]
    asked = world.payment().provider.question
    assert asked is not None
    assert (world.payment().answered, world.payment().journey.answering) == (asked.digest, "")
    assert world.story()[-1] == ("api", "the customer's missing data sent to Gate")
    assert tell_state(world.visit(token)) == WAITS


@pytest.mark.parametrize(
    "asked",
    [
        {"customer": ["email", "phone"]},
        {"customer": {"email": {"type": "string"}, "phone": {"required": True}}},
        ["customer.email", "customer.phone"],
        [{"field": "customer.email"}, {"field": "customer.phone"}],
    ],
)
def test_whatever_shape_the_question_has_its_fields_are_answered(asked: Any) -> None:
    world, token = asked_world(asked)

    assert answer(world, token) is None
    assert sent(world) == [ANSWERS]


def test_only_the_fields_asked_for_leave_and_others_are_passed_over() -> None:
    world, token = asked_world()

    assert answer(world, token, {**ANSWERS, "payment.amount": "1", "general.project_id": "198", "x;y": ";"}) is None
    assert sent(world) == [ANSWERS]


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        ({}, Refusal(Problem.INCOMPLETE, ("customer.email", "customer.phone"))),
        ({"customer.email": "a@example.com"}, Refusal(Problem.INCOMPLETE, ("customer.phone",))),
        ({"payment.amount": "1"}, Refusal(Problem.INCOMPLETE, ("customer.email", "customer.phone"))),
        ({**ANSWERS, "customer.phone": "1;payment:amount:1"}, Refusal(Problem.UNFIT, ("customer.phone",))),
        ({**ANSWERS, "customer.email": "amina"}, Refusal(Problem.NO_EMAIL, ("customer.email",))),
        ({**ANSWERS, "customer.phone": "call me"}, Refusal(Problem.NO_PHONE, ("customer.phone",))),
    ],
)
def test_an_answer_that_cannot_be_taken_is_said_so_and_nothing_leaves(
    answers: dict[str, str], refused: Refusal
) -> None:
    world, token = asked_world()

    assert answer(world, token, answers) == refused

    assert (world.gate.calls, world.payment().answered, world.payment().version) == ([], "", 2)
    page = show_wait(world.visit(token), refused)
    assert page.step == AskFor(
        ("customer.email", "customer.phone"), refused.problem, refused.wrong, until=at(1800), minutes_left=30
    )


@pytest.mark.parametrize(
    ("fault", "problem"),
    [(GateRejected("no", code="2004"), Problem.REJECTED), (GateUnavailable("no"), Problem.UNREACHABLE)],
)
def test_what_gate_did_not_take_can_be_answered_again(fault: Exception, problem: Problem) -> None:
    world, token = asked_world(clarify=[fault])

    assert answer(world, token) == Refusal(problem)
    assert world.payment().answered == ""
    assert tell_state(world.visit(token)) == ASKS
    assert isinstance(show_wait(world.visit(token), Refusal(problem)).step, AskFor)
    assert answer(world, token) is None
    assert sent(world) == [ANSWERS, ANSWERS]


def test_of_two_presses_at_once_one_reaches_gate() -> None:
    world, token = asked_world()
    second: list[Refusal | None] = []

    def press() -> str:
        second.append(answer(world, token))
        return "request-1"

    world.gate = FakeGate(clarify=[press])

    assert answer(world, token) is None
    assert second == [None]
    assert sent(world) == [ANSWERS]


def test_of_two_tabs_that_found_the_question_open_one_wins_the_write() -> None:
    world, token = asked_world()

    def other_tab() -> None:
        answer(world, token)

    world.store.before_write.append(other_tab)

    assert answer(world, token) is None
    assert sent(world) == [ANSWERS]


def test_an_answer_that_was_lost_with_its_function_can_be_given_again_after_a_minute() -> None:
    world, token = asked_world(clarify=[MemoryError()])  # nothing catches it
    with pytest.raises(MemoryError):
        answer(world, token)

    assert tell_state(world.visit(token)) == WAITS
    assert answer(world, token) is None
    world.clock.move(60)
    assert tell_state(world.visit(token)) == ASKS
    assert answer(world, token) is None
    assert sent(world) == [ANSWERS, ANSWERS]


def test_where_nothing_is_asked_any_more_nothing_is_sent_and_nothing_is_wrong() -> None:
    world = World()
    _, token = world.put_for_page()
    assert answer(world, token) is None

    world.receive(question())
    assert [answer(world, token) for _ in range(2)] == [None, None]
    answered = world.payment()

    world.receive(callback("success", seconds=60))
    assert answer(world, token, {"payment.amount": "1"}) is None

    assert len(world.gate.calls) == 1
    assert world.payment().version == answered.version + 1


def test_a_second_question_after_a_wrong_answer_shows_what_was_wrong() -> None:
    world, token = asked_world()
    answer(world, token)
    world.receive(question(seconds=60, fields={"customer": ["phone", "last_name"]}))

    assert tell_state(world.visit(token)) == ASKS
    assert show_checkout(world.visit(token)).step == AskFor(
        ("customer.phone", "customer.last_name"),
        Problem.REJECTED,
        ("customer.phone",),
        until=at(60 + 1800),
        minutes_left=31,
    )
    second = {"customer.phone": "254700000008", "customer.last_name": "Otieno"}
    assert answer(world, token, second) is None
    assert sent(world) == [ANSWERS, second]


def test_a_second_question_for_other_data_blames_nothing() -> None:
    world, token = asked_world()
    answer(world, token)
    world.receive(question(seconds=60, fields={"customer": ["last_name"]}))

    step = show_checkout(world.visit(token)).step
    assert isinstance(step, AskFor)
    assert (step.fields, step.problem, step.wrong) == (("customer.last_name",), "", ())


@pytest.mark.parametrize("seconds", [1, 2])
def test_a_question_that_is_only_told_again_is_not_asked_again(seconds: float) -> None:
    """A repeated callback was seen to carry a date a second later: PROTOCOL §6.2."""
    world, token = asked_world()
    answer(world, token)
    world.receive(question(seconds=seconds))

    assert tell_state(world.visit(token)) == WAITS
    assert answer(world, token) is None
    assert sent(world) == [ANSWERS]


def test_the_same_question_asked_later_is_a_second_one() -> None:
    world, token = asked_world()
    answer(world, token)
    world.receive(question(seconds=3))

    assert tell_state(world.visit(token)) == ASKS
    step = show_checkout(world.visit(token)).step
    assert isinstance(step, AskFor)
    assert step.wrong == ("customer.email", "customer.phone")


def test_after_the_deadline_the_page_says_so_and_what_gate_refuses_is_asked_again_without_hope() -> None:
    world, token = asked_world(clarify=[GateRejected("too late", code="3081")])
    world.clock.move(1801)

    assert answer(world, token) == Refusal(Problem.REJECTED)
    step = show_wait(world.visit(token), Refusal(Problem.REJECTED)).step
    assert isinstance(step, AskFor)
    assert (step.until, step.minutes_left, step.problem) == (at(1800), 0, Problem.REJECTED)


def test_a_refused_answer_to_a_question_that_is_over_by_now_shows_the_wait() -> None:
    world, token = asked_world()
    world.receive(callback("success", seconds=60))

    assert show_wait(world.visit(token), Refusal(Problem.INCOMPLETE)).step == KeepWaiting(returned=False)


def test_a_result_told_while_gate_takes_the_answer_is_kept() -> None:
    world, token = asked_world()
    world.gate = FakeGate(clarify=[world.hearing(callback("success", seconds=60))])

    answer(world, token)

    assert world.payment().status == "succeeded"


def test_a_status_that_repeats_the_question_does_not_ask_again() -> None:
    world, token = asked_world(status=[signed({**question(), "retold": True})])
    answer(world, token)
    world.store.save(replace(world.payment(), check_at=world.clock()))
    world.check_pending()

    assert tell_state(world.visit(token)) == WAITS


def test_a_token_that_opens_nothing_takes_no_answer() -> None:
    world, token = asked_world()

    with pytest.raises(PageNotFound):
        answer(world, f"{token}A")
