"""Looking after the payments that are due: asked about, closed when nobody will pay, started when left behind."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payments.domain.errors import GateUnavailable, RefundSettled, StoreUnavailable, UnknownProject
from payments.domain.payment import Payment, PaymentKey
from payments.usecases.check_pending import LookedAfter
from tests.support.fakes import FakeGate, FakeWorkflow, failing
from tests.unit.domain.told import KEY, NOON, at, callback, operation_parts, order, ordered, paid, refund
from tests.unit.usecases.world import OTHER_EXECUTION, World, signed

DAY = 86_400
PAID_ANSWER = signed({**callback("success", None), "operations": [operation_parts(("sale", "success"), seconds=60)]})
REFUNDED_ANSWER = signed(
    {
        **callback("refunded", None, seconds=7250),
        "operations": [
            operation_parts(("sale", "success"), seconds=60),
            operation_parts(("refund", "success"), seconds=7250, operation_id=391, request_id="refund-1-00000001"),
        ],
    }
)
PENDING_ANSWER = signed(callback("processing", None))
ON_PAGE = {"order": order(interface="payment_page", expires_at=at(DAY)), "submission": "none", "request_id": ""}


def due_world(*answers: Any, now: float, **payment: Any) -> World:
    world = World(gate=FakeGate(status=list(answers)))
    world.put(ordered(**{"check_at": at(10), **payment}))
    world.clock.now = at(now)
    return world


def refunding_world(*answers: Any, status: str, now: float) -> World:
    world = World(gate=FakeGate(status=list(answers)))
    world.put_paid(refund(status, request_id="refund-1"))
    world.put(replace(world.payment(), check_at=at(now)))
    world.clock.now = at(now)
    return world


def test_a_sale_whose_callback_has_not_come_is_asked_about_and_counted_as_overdue() -> None:
    world = due_world(PAID_ANSWER, now=15)

    assert world.check_pending() == LookedAfter(checked=1, unreachable=0, overdue=1)
    payment = world.payment()
    assert (payment.status, payment.checks, payment.check_at) == ("succeeded", 1, None)
    assert world.gate.calls == [("status", KEY)]


def test_nobody_is_asked_about_before_the_time() -> None:
    world = due_world(now=9.999)

    assert world.check_pending() == LookedAfter()
    assert world.gate.calls == []


def test_a_sale_that_is_still_under_way_is_asked_about_ever_rarer() -> None:
    world = due_world(*[PENDING_ANSWER] * 9, now=10)
    pauses = []
    for _ in range(8):
        assert world.check_pending() == LookedAfter(checked=1)
        check_at = world.payment().check_at
        assert check_at is not None
        pauses.append((check_at - world.clock()).total_seconds())
        world.clock.now = check_at

    assert pauses == [30, 120, 600, 1800, 3600, 14_400, 14_400, 14_400]
    assert len(world.store.messages(KEY)) == 1


def test_sixty_days_after_the_order_the_questions_end_and_an_operator_hears_of_it() -> None:
    world = due_world(PENDING_ANSWER, now=60 * DAY + 1)

    assert world.check_pending() == LookedAfter(checked=1, unreachable=0, overdue=1)
    assert (world.payment().status, world.payment().check_at) == ("processing", None)


@pytest.mark.parametrize(
    ("answer", "now", "seen"),
    [
        (PENDING_ANSWER, 9 * DAY - 1, LookedAfter(checked=1)),
        (PENDING_ANSWER, 9 * DAY, LookedAfter(checked=1, nearly_lost=1)),
        (PENDING_ANSWER, 11 * DAY, LookedAfter(checked=1, nearly_lost=1)),
        (PENDING_ANSWER, 11 * DAY + 1, LookedAfter(checked=1)),
        (GateUnavailable("down"), 10 * DAY, LookedAfter(checked=1, unreachable=1, nearly_lost=1)),
        (PAID_ANSWER, 10 * DAY, LookedAfter(checked=1, overdue=1)),
    ],
)
def test_before_the_providers_last_try_an_operator_hears_of_what_is_still_open(
    answer: Any, now: float, seen: LookedAfter
) -> None:
    assert due_world(answer, now=now).check_pending() == seen


@pytest.mark.parametrize("status", ["sent", "unknown"])
def test_a_refund_that_no_callback_told_the_end_of_is_counted_as_overdue(status: str) -> None:
    world = refunding_world(REFUNDED_ANSWER, status=status, now=7300)

    assert world.check_pending() == LookedAfter(checked=1, overdue=1)
    assert world.refund().status == "succeeded"


@pytest.mark.parametrize(("status", "nearly_lost"), [("sent", 1), ("unknown", 1), ("awaiting_support", 0)])
def test_before_the_last_try_an_operator_hears_of_a_refund_whose_end_nobody_told(status: str, nearly_lost: int) -> None:
    world = refunding_world(PAID_ANSWER, status=status, now=10 * DAY)

    assert world.check_pending() == LookedAfter(checked=1, nearly_lost=nearly_lost)


@pytest.mark.parametrize("fault", [GateUnavailable("down"), StoreUnavailable("down"), UnknownProject("taken out")])
def test_a_provider_out_of_reach_puts_the_check_off_and_closes_nothing(fault: Exception) -> None:
    world = due_world(fault, now=2 * DAY, **{**ON_PAGE, "order": order(interface="payment_page", expires_at=at(DAY))})

    assert world.check_pending() == LookedAfter(checked=1, unreachable=1)
    payment = world.payment()
    assert (payment.status, payment.checks, payment.check_at) == ("created", 1, at(2 * DAY + 30))


def test_the_trouble_of_one_payment_does_not_keep_the_others_waiting() -> None:
    world = World(gate=FakeGate(status=[UnknownProject("taken out"), GateUnavailable("down"), PAID_ANSWER]))
    for number in range(2):
        world.put(ordered(key=PaymentKey(2924, f"other-{number}"), check_at=at(number)))
    world.put(ordered(check_at=at(10)))
    world.clock.now = at(15)

    assert world.check_pending() == LookedAfter(checked=3, unreachable=2, overdue=1)
    assert world.payment().status == "succeeded"


def test_a_store_that_fails_once_costs_this_payment_its_turn_only() -> None:
    world = due_world(PAID_ANSWER, now=15)
    world.store.before_write.append(failing(StoreUnavailable("down")))

    assert world.check_pending() == LookedAfter(checked=1, unreachable=1)
    assert (world.payment().status, world.payment().check_at) == ("processing", at(45))


def test_so_many_are_looked_after_in_one_run_and_the_longest_waiting_first() -> None:
    world = World()
    for number in (3, 1, 2):
        world.put(ordered(key=PaymentKey(2924, f"order-{number}"), check_at=at(number)))
    world.clock.now = at(15)

    assert world.check_pending(limit=2).checked == 2
    assert [call[0].payment_id for call in world.gate.calls_of("status")] == ["order-1", "order-2"]
    assert world.check_pending(limit=2).checked == 1


def test_a_page_that_was_never_confirmed_expires() -> None:
    world = due_world(None, now=DAY + 120, **ON_PAGE)

    assert world.check_pending() == LookedAfter(checked=1)
    payment = world.payment()
    assert (payment.status, payment.expired_at, payment.check_at) == ("expired", at(DAY + 120), None)
    assert world.story() == [("poll", "expired: never confirmed on the page")]


@pytest.mark.parametrize(
    ("answer", "now"),
    [(None, DAY), (None, DAY - 1), (PENDING_ANSWER, DAY + 120)],
    ids=["at its last second", "before its end", "confirmed in time"],
)
def test_a_page_that_may_still_be_paid_does_not_expire(answer: Any, now: float) -> None:
    world = due_world(answer, now=now, **ON_PAGE)

    world.check_pending()

    assert world.payment().expired_at is None
    assert world.payment().check_at is not None


def test_a_page_that_expired_and_was_paid_after_all_is_paid() -> None:
    world = due_world(None, now=DAY + 120, **ON_PAGE)
    world.check_pending()

    world.receive(callback("success", seconds=DAY - 5))

    assert world.payment().status == "succeeded"


@pytest.mark.parametrize(
    ("submission", "age", "status"),
    [
        ("unclear", DAY, "processing"),
        ("unclear", DAY + 1, "failed"),
        ("sending", DAY + 1, "failed"),
        ("acknowledged", DAY + 1, "failed"),
    ],
)
def test_a_sale_that_the_provider_does_not_know_after_a_day_was_lost(submission: str, age: int, status: str) -> None:
    world = due_world(None, now=age, submission=submission)

    world.check_pending()

    payment = world.payment()
    assert payment.status == status
    if status == "failed":
        assert (payment.message, payment.check_at) == ("ECommPay does not know this payment.", None)
        assert world.story() == [("poll", "failed: the sale never reached ECommPay")]
    assert world.gate.calls_of("sell") == []


def test_a_payment_the_provider_spoke_of_once_is_never_called_lost() -> None:
    world = due_world(None, now=2 * DAY)
    world.receive(callback("processing", ("sale", "processing")))
    world.store.save(replace(world.payment(), check_at=at(10)))

    world.check_pending()

    assert world.payment().status == "processing"


def test_a_callback_that_comes_while_the_provider_says_it_knows_nothing_wins() -> None:
    world = due_world(now=2 * DAY)
    world.gate = FakeGate(status=[world.hearing(callback("success", seconds=60))])

    world.check_pending()

    assert world.payment().status == "succeeded"


def reserved_by_api(**fields: Any) -> Payment:
    return replace(paid(), refunds=(refund("requested", origin="api"),), check_at=at(7260), **fields)


STARTED = {"rf-1": {"payment_id": "order-1001", "project_id": 2924, "refund_id": "rf-1"}}


def test_a_refund_whose_execution_never_began_is_started_again_under_its_name() -> None:
    world = World()
    world.put(reserved_by_api())
    world.clock.now = at(7260)

    for _ in range(2):
        assert world.check_pending().checked == 1
        world.clock.move(60)

    assert world.workflow.executions == STARTED
    assert world.refund().status == "requested"


def test_a_workflow_that_cannot_be_started_puts_the_payment_off_like_any_other_trouble() -> None:
    world = World(workflow=FakeWorkflow(failures=deque([StoreUnavailable("no states")])))
    world.put(reserved_by_api())
    world.put(ordered(key=PaymentKey(2924, "order-1002"), check_at=at(7261)))
    world.clock.now = at(7262)

    assert world.check_pending(limit=1) == LookedAfter(checked=1, unreachable=1)
    assert world.payment().check_at == at(7262 + 60)

    world.check_pending(limit=1)
    assert world.gate.calls == [("status", PaymentKey(2924, "order-1002"))]
    world.clock.move(60)
    world.check_pending()
    assert world.workflow.executions == STARTED


@pytest.mark.parametrize("origin", ["api", "workflow"])
def test_a_reservation_whose_execution_has_ended_does_not_hold_the_payment_for_ever(origin: str) -> None:
    world = World(workflow=FakeWorkflow(executions={"rf-1": {}}))
    world.put(replace(paid(), refunds=(refund("requested", origin=origin),), check_at=at(7260)))
    world.clock.now = at(7260)
    while world.payment().check_at:
        world.check_pending()
        world.clock.move(60)

    called_off = world.refund()
    assert (called_off.status, called_off.message, called_off.updated_at) == (
        "failed",
        "The refund request never left. Nothing was given back; start the refund again.",
        at(7200 + 3660),
    )
    assert world.story()[-1] == ("workflow", "refund called off: its execution never sent it")
    assert len(world.gate.calls_of("status")) == 61
    assert world.reserve(OTHER_EXECUTION)["amount"] == 10_000
    with pytest.raises(RefundSettled):
        world.request_refund()


def test_refunds_that_go_their_own_way_are_not_started() -> None:
    world = World()
    refunds = (refund("requested", refund_id="rf-2"), refund("sent", refund_id="rf-3", origin="api"))
    world.put(replace(paid(), refunds=refunds, check_at=at(7260)))
    world.clock.now = at(7260)

    world.check_pending()

    assert world.workflow.executions == {}


def test_a_payment_that_was_never_ordered_is_left_alone() -> None:
    world = World()
    world.put(ordered(order=None, check_at=NOON))
    world.clock.now = NOON + timedelta(days=1)

    assert world.check_pending() == LookedAfter(checked=1)
    assert world.gate.calls == []


def test_a_doubt_about_a_payment_lasts_until_the_provider_was_asked() -> None:
    world = World(gate=FakeGate(status=[GateUnavailable("down"), PAID_ANSWER]))
    world.put(paid())
    world.receive(callback("success", seconds=90, payment_fields={"description": "a;b"}))
    assert (world.payment().doubted, world.payment().check_at) == (True, world.clock())

    world.check_pending()
    assert world.payment().doubted
    world.clock.now = world.payment().check_at or NOON
    world.check_pending()

    assert (world.payment().doubted, world.payment().check_at) == (False, None)


def test_a_customer_who_never_tries_again_leaves_a_declined_payment_once_the_term_is_over() -> None:
    declined = callback("decline", ("sale", "decline"), payment_fields={"is_new_attempts_available": True})
    world = due_world(signed(declined), signed(declined), now=60, **ON_PAGE)
    world.receive(declined)
    assert world.payment().status == "processing"

    world.clock.now = at(2 * DAY)
    world.check_pending()

    assert world.payment().status == "declined"
    assert world.payment().check_at is None


def reminders(world: World) -> list[float]:
    """When the operators were reminded, in days after the refund was left to support."""
    lines = [each for each in world.payment().timeline if each.what.startswith("operators reminded")]
    return [(each.at - at(7200)).total_seconds() / DAY for each in lines]


def test_operators_are_reminded_of_a_refund_that_waits_for_support_every_three_days_until_it_is_over() -> None:
    world = World()
    world.put(replace(paid(check_at=at(7200)), refunds=(refund("awaiting_support"),)))
    while world.payment().check_at is not None and world.refund().status == "awaiting_support":
        world.clock.now = world.payment().check_at or NOON
        world.check_pending()
        assert world.refund().updated_at in {at(7200), world.clock.now}

    assert reminders(world) == pytest.approx([3.0 * number for number in range(1, 21)], abs=0.5)
    assert (world.refund().status, world.clock() - at(7200) > timedelta(days=60)) == ("unknown", True)


def test_a_reminder_is_written_once_and_only_for_the_refund_that_waits() -> None:
    world = World(gate=FakeGate(status=[GateUnavailable("down")] * 3))
    refunds = (refund("awaiting_support"), refund("unknown", refund_id="rf-2"), refund("declined", refund_id="rf-3"))
    world.put(replace(paid(), refunds=refunds, check_at=at(7200)))
    for seconds in (3 * DAY - 1, 3 * DAY, 3 * DAY + 3600):
        world.clock.now = at(7200 + seconds)
        world.put(replace(world.payment(), check_at=world.clock.now))
        world.check_pending()

    assert world.refund() == refund("awaiting_support", reminded_at=at(7200 + 3 * DAY))
    assert [each.reminded_at for each in world.payment().refunds[1:]] == [None, None]
    assert reminders(world) == [3.0]


def test_a_refund_that_lost_its_execution_is_called_unknown_when_nobody_can_tell_of_it_any_more() -> None:
    world = World(gate=FakeGate(status=[PAID_ANSWER] * 200))
    world.put(paid(check_at=at(7_200)), refund("sent"))
    world.clock.now = at(7_200)
    while world.payment().check_at is not None and world.refund().status == "sent":
        world.clock.now = world.payment().check_at or NOON
        world.check_pending()

    assert world.refund().status == "unknown"
    assert world.clock() - at(7_200) < timedelta(days=12)
