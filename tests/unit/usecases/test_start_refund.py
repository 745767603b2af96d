"""Starting a refund for the API: reserved first, then its execution; a crash in between leaves no money in the air."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payments.domain.erasure import blanked
from payments.domain.errors import (
    AmountExceedsPayment,
    PartialRefundNotSupported,
    PaymentConflict,
    PaymentNotFound,
    PaymentNotRefundable,
    ProjectRequired,
    RefundInProgress,
    StoreConflict,
    StoreUnavailable,
)
from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.usecases.start_refund import start_refund
from tests.support.fakes import failing
from tests.unit.domain.told import KES_100, KEY, NOON, at, callback, enets_order, ordered, refund, refund_callback
from tests.unit.usecases.world import World

ARN = "arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:made-1"


def start(world: World, **wanted: Any) -> tuple[Payment, Refund]:
    payment, refund, _ = begin(world, **wanted)
    return payment, refund


def no_fault(fault: Exception) -> None:
    raise AssertionError("nothing went wrong here") from fault


def begin(world: World, **wanted: Any) -> tuple[Payment, Refund, bool]:
    parts: dict[str, Any] = {
        "payment_id": KEY.payment_id,
        "project_id": None,
        "amount": None,
        "reason": "",
        "idempotency_key": "",
        "report_fault": no_fault,
    }
    return start_refund(
        store=world.store, workflow=world.workflow, new_id=world.new_id, clock=world.clock, **(parts | wanted)
    )


def test_a_refund_is_reserved_and_its_execution_started_under_its_own_id() -> None:
    world = World()
    world.put_paid()

    payment, refund = start(world, reason="Returned goods")

    assert refund == Refund(
        refund_id="made-1",
        money=KES_100,
        origin="api",
        status="requested",
        created_at=NOON,
        updated_at=NOON,
        reason="Returned goods",
        execution=ARN,
    )
    assert payment == world.payment()
    assert payment.check_at == at(60)
    assert world.story()[-1] == ("api", "refund of 100.00 KES requested")
    assert world.workflow.executions == {
        "made-1": {"payment_id": "order-1001", "project_id": 2924, "refund_id": "made-1"}
    }


def test_the_refund_is_stored_before_its_execution_begins() -> None:
    world = World()
    world.put_paid()
    world.store.before_write.append(failing(StoreUnavailable("down")))

    with pytest.raises(StoreUnavailable, match="down"):
        start(world)

    assert (world.workflow.executions, world.payment().refunds) == ({}, ())


def test_a_refund_whose_execution_could_not_be_started_is_promised_and_started_within_minutes() -> None:
    world = World()
    world.put_paid()
    world.workflow.failures.append(StoreUnavailable("no states"))
    faults: list[Exception] = []

    _, refund, is_new = begin(world, report_fault=faults.append, idempotency_key="key-1")

    assert (refund.status, is_new, [str(each) for each in faults]) == ("requested", True, ["no states"])
    assert (world.workflow.executions, world.payment().check_at) == ({}, at(60))
    assert begin(world, idempotency_key="key-1") == (world.payment(), refund, False)
    world.clock.move(61)
    world.check_pending()
    assert world.workflow.executions == {
        refund.refund_id: {"payment_id": "order-1001", "project_id": 2924, "refund_id": refund.refund_id}
    }


def test_a_refund_that_can_never_be_started_is_called_off_after_an_hour() -> None:
    world = World()
    world.put_paid()
    world.workflow.failures.extend([StoreUnavailable("no states")] * 100)
    start(world, report_fault=lambda fault: None)

    while world.payment().check_at:
        world.clock.now = world.payment().check_at or NOON
        world.check_pending()

    called_off = world.refund("made-1")
    assert (called_off.status, called_off.message) == (
        "failed",
        "The refund request never left. Nothing was given back; start the refund again.",
    )
    assert called_off.updated_at - called_off.created_at < timedelta(hours=1, minutes=2)
    world.workflow.failures.clear()
    assert start(world)[1].status == "requested"


def test_a_reservation_whose_answer_was_lost_is_started_by_the_check_of_pending_payments() -> None:
    world = World()
    world.put_paid()
    world.store.after_write.append(failing(StoreUnavailable("no answer")))
    with pytest.raises(StoreUnavailable):
        start(world)
    assert (world.refund("made-1").status, world.workflow.executions) == ("requested", {})

    world.clock.move(61)
    world.check_pending()

    assert world.workflow.executions == {
        "made-1": {"payment_id": "order-1001", "project_id": 2924, "refund_id": "made-1"}
    }


def test_only_one_of_two_refunds_at_once_is_reserved() -> None:
    world = World()
    world.put_paid()
    world.store.before_write.append(lambda: start(world) and None)

    with pytest.raises(RefundInProgress, match=r"Refund made-2 of this payment is requested; wait for its end\."):
        start(world)

    assert [each.refund_id for each in world.payment().refunds] == ["made-2"]


def test_a_conflict_is_decided_anew() -> None:
    world = World()
    world.put_paid()
    world.store.before_write.append(failing(StoreConflict("somebody else")))

    assert start(world)[1].status == "requested"


def test_what_may_not_be_refunded_is_refused_and_nothing_begins() -> None:
    world = World()
    with pytest.raises(PaymentNotFound):
        start(world)
    world.put(ordered())
    with pytest.raises(PaymentNotRefundable):
        start(world)
    world.receive(callback("success", seconds=60))
    for amount, refusal in ((5_000, PartialRefundNotSupported), (10_001, AmountExceedsPayment)):
        with pytest.raises(refusal):
            start(world, amount=amount)
    world.receive(refund_callback())
    with pytest.raises(PaymentNotRefundable, match="The payment is refunded"):
        start(world)

    assert world.workflow.executions == {}


def test_a_payment_id_of_two_projects_needs_the_project() -> None:
    world = World()
    world.put_paid()
    world.put(ordered(key=PaymentKey(198, KEY.payment_id)))

    with pytest.raises(ProjectRequired, match=r"exists in projects 198, 2924; name one by project_id"):
        start(world)
    with pytest.raises(PaymentNotRefundable):
        start(world, project_id=198)
    with pytest.raises(PaymentNotFound):
        start(world, project_id=5)
    assert start(world, project_id=2924)[0].key == KEY


def test_a_payment_only_the_provider_speaks_of_cannot_be_refunded() -> None:
    world = World()
    world.receive(callback("success"))

    with pytest.raises(PaymentNotFound):
        start(world)


def test_an_unknown_refund_holds_the_payment() -> None:
    world = World()
    world.put_paid()
    world.store.save(replace(world.payment(), refunds=(refund("unknown"),)))

    with pytest.raises(RefundInProgress, match=r"Refund rf-1 of this payment is unknown\."):
        start(world)


def test_a_refund_asked_for_again_under_its_key_is_the_same_refund() -> None:
    world = World()
    world.put_paid()

    _, first, is_new = begin(world, idempotency_key="key-1")
    _, again, is_new_again = begin(world, idempotency_key="key-1")

    assert (is_new, is_new_again, again) == (True, False, first)
    assert len(world.payment().refunds) == 1
    for other in ({"reason": "another"}, {"amount": 10_000}, {"amount": 5_000}):
        with pytest.raises(PaymentConflict):
            begin(world, idempotency_key="key-1", **other)


@pytest.mark.parametrize("amount", [10_000, 6_000, None])
def test_a_refund_asked_for_again_is_answered_also_after_support_gave_back_another_amount(amount: int | None) -> None:
    world = World()
    world.put_paid(order=enets_order())
    _, first, _ = begin(world, idempotency_key="key-1", amount=amount)
    world.ask_support(first.refund_id)
    other: dict[str, Any] = {"amount": 2_500, "held": 7_500, "currency": "SGD", "payment": "partially refunded"}
    world.receive(refund_callback(seconds=9_000, **other))
    assert world.refund(first.refund_id).money == Money(2_500, "SGD")

    _, again, is_new = begin(world, idempotency_key="key-1", amount=amount)

    assert (again, is_new) == (world.refund(first.refund_id), False)
    with pytest.raises(PaymentConflict):
        begin(world, idempotency_key="key-1", amount=2_500)


def test_a_refund_asked_for_again_is_answered_also_after_its_reason_was_erased() -> None:
    world = World()
    world.put_paid()
    begin(world, idempotency_key="key-1", reason="Mrs Johnson was ill")
    world.store.save(blanked(world.payment(), at=at(10)))

    assert begin(world, idempotency_key="key-1", reason="Mrs Johnson was ill")[2] is False
    with pytest.raises(PaymentConflict):
        begin(world, idempotency_key="key-1", reason="another")


def test_a_key_that_began_a_declined_refund_does_not_begin_another() -> None:
    world = World()
    world.put_paid()
    _, first, _ = begin(world, idempotency_key="key-1")
    world.request_refund(first.refund_id)
    world.receive(refund_callback("decline", seconds=9_000))

    _, again, is_new = begin(world, idempotency_key="key-1")

    assert (again.status, is_new) == ("declined", False)
