"""A customer who comes back: waits, is asked about rarely, is sent on to a new step and never in a circle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from payments.domain.checkout import KeepWaiting, SendOn, ShowResult, SubmitForm
from payments.domain.errors import GateUnavailable, StoreUnavailable, UnknownProject
from payments.domain.journey import Journey
from payments.usecases.show_checkout import show_checkout, tell_state
from tests.support.fakes import FakeGate, failing
from tests.unit.domain.told import KEY, at, callback, operation_parts
from tests.unit.usecases.world import World, signed

REDIRECT = ("sale", "awaiting redirect result")
BANK, NEXT_BANK = "https://partner.example/v3/ke", "https://bank.example/pay"
PAID = signed({**callback("success", None), "operations": [operation_parts(("sale", "success"), seconds=60)]})
PENDING = signed(callback("awaiting redirect result", None, seconds=50))
ON_PAGE = {"interface": "payment_page", "expires_at": at(86_400)}
SENT_ON, WAITS, LEFT = SendOn(BANK), KeepWaiting(returned=True), KeepWaiting(returned=True, may_go_on=True)


def way(url: str, seconds: float = 5, operation_id: int = 389, **data: Any) -> dict[str, Any]:
    """The provider says where to go."""
    given = {"url": url, "method": "GET", **data}
    return callback(
        "awaiting redirect result", REDIRECT, seconds=seconds, operation_id=operation_id, redirect_data=given
    )


def world_at_the_bank(*answers: Any, **payment: Any) -> tuple[World, str]:
    """A customer was sent to the bank ten seconds after noon."""
    world = World(gate=FakeGate(status=list(answers)))
    _, token = world.put_for_page(**payment)
    world.receive(way(BANK))
    world.clock.now = at(10)
    assert show_checkout(world.visit(token)).step == SENT_ON
    return world, token


def back(world: World, token: str) -> Any:
    """What a customer who came back is shown; the page's script is told the same."""
    step = show_checkout(world.visit(token, returned=True)).step
    action = {KeepWaiting: "wait", SendOn: "redirect", SubmitForm: "redirect", ShowResult: "done"}[type(step)]
    if isinstance(step, ShowResult) and step.may_try_again:
        action = "redirect"
    return step, action


def test_a_customer_back_before_the_callback_waits_and_after_a_while_the_provider_is_asked_once() -> None:
    world, token = world_at_the_bank(PAID)
    world.clock.now = at(100)
    assert tell_state(world.visit(token, returned=True)) == {
        "status": "awaiting_redirect",
        "action": "wait",
        "reload": False,
    }
    world.clock.now = at(119.9)
    assert show_checkout(world.visit(token, returned=True)).step == WAITS
    assert world.gate.calls == []

    world.clock.now = at(120)
    assert tell_state(world.visit(token, returned=True)) == {"status": "succeeded", "action": "done", "reload": True}
    assert world.gate.calls == [("status", KEY)]
    assert world.story()[-1] == ("poll", "sale success, payment success")


@pytest.mark.parametrize("look", [show_checkout, tell_state])
def test_many_tabs_and_reloads_ask_once_in_thirty_seconds_and_ten_times_in_all(look: Callable[[Any], Any]) -> None:
    world, token = world_at_the_bank(*[PENDING] * 50)
    asked: list[int] = []
    for second in range(10, 1000):
        world.clock.now = at(second)
        for _ in range(3):
            look(world.visit(token, returned=True))
        if len(world.gate.calls) > len(asked):
            asked.append(second)

    assert asked == [30, 60, 90, 120, 150, 180, 210, 240, 270, 300]
    assert len(world.gate.calls) == 10


def test_of_two_tabs_at_the_same_moment_one_asks() -> None:
    world, token = world_at_the_bank(PENDING, PENDING)
    back(world, token)
    world.clock.now = at(100)

    def other_tab() -> None:
        tell_state(world.visit(token, returned=True))

    world.store.before_write.append(other_tab)
    tell_state(world.visit(token, returned=True))

    assert len(world.gate.calls) == 1
    assert world.payment().journey.questions == 1


def test_after_the_schedule_has_just_asked_the_page_does_not() -> None:
    world, token = world_at_the_bank(PENDING, PENDING)
    back(world, token)
    world.clock.now = at(100)
    world.check_pending()
    world.clock.now = at(129)
    back(world, token)
    assert len(world.gate.calls) == 1

    world.clock.now = at(130)
    back(world, token)
    assert len(world.gate.calls) == 2


def test_a_browser_that_never_came_back_is_never_asked_for() -> None:
    world, token = world_at_the_bank(PAID)
    for second in (30, 300, 3000):
        world.clock.now = at(second)
        show_checkout(world.visit(token))
        tell_state(world.visit(token))

    assert world.gate.calls == []


@pytest.mark.parametrize("trouble", [GateUnavailable("down"), UnknownProject("gone"), StoreUnavailable("down")])
def test_a_provider_out_of_reach_costs_nothing_but_the_question(trouble: Exception) -> None:
    world, token = world_at_the_bank(trouble, PAID)
    back(world, token)
    world.clock.now = at(100)
    assert back(world, token) == (LEFT, "wait")
    assert world.payment().journey == Journey(
        sent_on=world.payment().journey.sent_on, returned_at=at(10), asked_at=at(100), questions=1
    )

    world.clock.now = at(130)
    assert back(world, token)[1] == "done"


def test_where_the_question_cannot_be_written_down_it_is_not_asked() -> None:
    world, token = world_at_the_bank(PAID)
    back(world, token)
    world.clock.now = at(100)
    world.store.before_write.append(failing(StoreUnavailable("down")))

    assert tell_state(world.visit(token, returned=True))["action"] == "wait"
    assert world.gate.calls == []


def test_a_provider_that_does_not_know_the_payment_changes_nothing() -> None:
    world = World()
    _, token = world.put_for_page(order=ON_PAGE, submission="none")
    back(world, token)
    world.clock.now = at(100)

    assert back(world, token) == (LEFT, "wait")
    assert (world.payment().status, len(world.gate.calls)) == ("created", 1)


def test_noting_what_a_customer_did_moves_neither_the_date_nor_the_next_check_nor_the_story() -> None:
    world, token = world_at_the_bank(PENDING)
    before = world.payment()
    world.clock.now = at(100)
    back(world, token)
    after = world.payment()

    assert after == replace(before, journey=before.journey.back(now=at(100)), version=before.version + 1)


# ------------------------------------------------------------------------------------------------------ new redirects


def test_a_customer_back_is_sent_on_to_the_next_bank_once() -> None:
    world, token = world_at_the_bank()
    assert back(world, token) == (WAITS, "wait")
    world.receive(callback("processing", ("sale", "decline"), seconds=20))
    assert back(world, token) == (WAITS, "wait")
    world.receive(way(NEXT_BANK, 25, operation_id=390))
    assert tell_state(world.visit(token, returned=True)) == {
        "status": "awaiting_redirect",
        "action": "redirect",
        "reload": True,
    }

    assert back(world, token) == (SendOn(NEXT_BANK), "redirect")
    assert [back(world, token) for _ in range(3)] == [(WAITS, "wait")] * 3
    assert tell_state(world.visit(token, returned=True))["action"] == "wait"


def test_the_state_alone_sends_nobody_on() -> None:
    """A script that is told to go on and never arrives must be told again."""
    world, token = world_at_the_bank()
    world.receive(way(NEXT_BANK, 25, operation_id=390))

    states = [tell_state(world.visit(token, returned=True))["action"] for _ in range(3)]
    assert states == ["redirect"] * 3
    assert back(world, token) == (SendOn(NEXT_BANK), "redirect")


def test_of_two_tabs_one_goes_on_to_the_next_bank() -> None:
    world, token = world_at_the_bank()
    world.receive(way(NEXT_BANK, 25, operation_id=390))
    other: list[Any] = []
    world.store.before_write.append(lambda: other.append(back(world, token)))

    assert (back(world, token), other) == ((WAITS, "wait"), [(SendOn(NEXT_BANK), "redirect")])


def test_new_fields_are_a_new_way_and_the_same_way_told_again_is_none() -> None:
    world, token = world_at_the_bank()
    world.receive(way(BANK, 6, body=[]))
    assert back(world, token) == (WAITS, "wait")

    fields: dict[str, Any] = {"method": "POST", "body": {"oid": "1"}}
    world.receive(way(BANK, 20, **fields))
    assert back(world, token) == (SubmitForm(BANK, (("oid", "1"),)), "redirect")
    world.receive(way(BANK, 21, **fields))
    assert back(world, token) == (WAITS, "wait")
    world.receive(way(BANK, 30, method="POST", body={"oid": "2"}))
    assert back(world, token) == (SubmitForm(BANK, (("oid", "2"),)), "redirect")


def test_whoever_opens_the_page_anew_is_sent_to_the_bank_as_often_as_he_likes() -> None:
    world, token = world_at_the_bank()
    version = world.payment().version

    assert [show_checkout(world.visit(token)).step for _ in range(3)] == [SENT_ON] * 3
    assert world.payment().version == version


def test_at_the_next_bank_the_wait_for_the_question_begins_anew() -> None:
    world, token = world_at_the_bank(PENDING, PENDING)
    back(world, token)
    world.receive(way(NEXT_BANK, 25, operation_id=390))
    world.clock.now = at(500)
    back(world, token)
    assert back(world, token) == (WAITS, "wait")
    world.clock.now = at(519)
    assert back(world, token) == (WAITS, "wait")
    assert world.gate.calls == []

    world.clock.now = at(520)
    back(world, token)
    assert len(world.gate.calls) == 1


def test_a_customer_who_left_the_bank_unpaid_is_shown_the_way_back_once_the_provider_was_asked() -> None:
    world, token = world_at_the_bank(PENDING)
    assert back(world, token) == (WAITS, "wait")
    world.clock.now = at(100)

    assert back(world, token) == (LEFT, "wait")
    assert show_checkout(world.visit(token)).step == SENT_ON


@pytest.mark.parametrize(
    ("returned", "step"), [(False, SendOn(NEXT_BANK)), (True, WAITS)], ids=["on the way out", "come back"]
)
def test_a_way_that_cannot_be_written_down_is_gone_by_who_goes_out_and_not_in_circles(
    returned: bool, step: object
) -> None:
    world, token = world_at_the_bank()
    world.receive(way(NEXT_BANK, 25, operation_id=390))
    world.store.before_write.extend([failing(StoreUnavailable("down"))] * 3)

    assert show_checkout(world.visit(token, returned=returned)).step == step


@pytest.mark.parametrize("returned", [False, True])
def test_of_a_way_nobody_may_go_page_and_state_say_the_same(returned: bool) -> None:
    world, token = world_at_the_bank()
    world.receive(way("javascript:alert(1)", 25, operation_id=390))
    visit = world.visit(token, returned=returned)

    page, told = show_checkout(visit), tell_state(visit)
    assert isinstance(page.step, ShowResult)
    assert (page.step.status, page.unsafe_target) == ("needs_review", True)
    assert told == {"status": "awaiting_redirect", "action": "done", "reload": True}


# --------------------------------------------------------------------------------------- attempts on the Payment Page

MAY_TRY_AGAIN = {"is_new_attempts_available": True}


def world_on_the_page(*answers: Any) -> tuple[World, str]:
    """A customer came back from the Payment Page, where an attempt was declined."""
    world = World(gate=FakeGate(status=list(answers)))
    _, token = world.put_for_page(order=ON_PAGE, submission="none")
    world.receive(callback("decline", ("sale", "decline"), seconds=30, payment_fields=MAY_TRY_AGAIN))
    world.clock.now = at(100)
    assert back(world, token) == (WAITS, "wait")
    return world, token


STILL_DECLINED = signed(
    {
        **callback("decline", None, seconds=30, payment_fields=MAY_TRY_AGAIN),
        "operations": [operation_parts(("sale", "decline"), seconds=30)],
    }
)


@pytest.mark.parametrize("answer", [STILL_DECLINED, GateUnavailable("down")], ids=["asked", "out of reach"])
def test_a_declined_attempt_may_be_repeated_on_the_page_once_it_is_sure_that_no_other_was_made(answer: Any) -> None:
    world, token = world_on_the_page(answer)
    world.clock.now = at(120)

    step, action = back(world, token)
    assert isinstance(step, ShowResult)
    assert (step.status, step.may_try_again, action) == ("declined", True, "redirect")
    assert tell_state(world.visit(token, returned=True)) == {
        "status": "processing",
        "action": "redirect",
        "reload": True,
    }
    assert isinstance(show_checkout(world.visit(token)).step, SendOn)


def test_a_later_attempt_that_was_paid_is_never_called_declined() -> None:
    second = operation_parts(("sale", "success"), seconds=90, operation_id=390)
    world, token = world_on_the_page(signed({**callback("success", None, seconds=90), "operations": [second]}))
    world.clock.now = at(120)

    step, _ = back(world, token)
    assert isinstance(step, ShowResult)
    assert (step.status, step.may_try_again) == ("succeeded", False)


def test_when_the_term_of_the_page_is_over_nothing_more_is_to_be_tried() -> None:
    world, token = world_on_the_page(STILL_DECLINED)
    world.clock.now = at(86_400)

    assert back(world, token) == (WAITS, "wait")


def test_looking_from_the_widget_is_not_coming_back() -> None:
    world = World()
    _, token = world.put_for_page(order=ON_PAGE, submission="none")
    for second in (0, 100, 1000):
        world.clock.now = at(second)
        told = tell_state(replace(world.visit(token), embedded=True))
        assert (told["action"], world.payment().journey) == ("redirect", Journey())

    assert world.gate.calls == []
