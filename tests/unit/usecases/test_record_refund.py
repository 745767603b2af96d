"""State RecordRefund, and whole executions: the store says how it ended, and an end nobody knows has a name."""

import pytest

from payments.domain.errors import (
    CheckoutError,
    GateRejected,
    GateUnavailable,
    RefundInProgress,
    RefundUnresolved,
)
from payments.domain.refund import Refund
from tests.support.fakes import FakeGate
from tests.unit.domain.told import NOON, enets_order, refund, refund_callback
from tests.unit.usecases.world import EXECUTION, OTHER_EXECUTION, paid_world


@pytest.mark.parametrize("status", ["succeeded", "declined"])
def test_a_settled_refund_is_the_output(status: str) -> None:
    world = paid_world(refund(status))
    before = world.payment()

    assert world.record_refund() == {
        "refund_id": "rf-1",
        "payment_id": "order-1001",
        "status": status,
        "amount": 10_000,
        "currency": "KES",
    }
    assert world.payment() == before


ENDS: dict[str, tuple[Refund, type[CheckoutError], str, str]] = {
    "refused with a code": (
        refund("failed", sent_at=NOON, code="3283", message="Too much"),
        GateRejected,
        "ECommPay refused the refund (code 3283): Too much. Nothing was given back by it.",
        "failed",
    ),
    "refused without a code": (
        refund("failed", sent_at=NOON, message="No"),
        GateRejected,
        "ECommPay refused the refund: No. Nothing was given back by it.",
        "failed",
    ),
    "closed by hand": (
        refund("failed", message="Support refused", closed_by_hand=True),
        GateRejected,
        "The refund was closed by hand as failed: Support refused.",
        "failed",
    ),
    "never sent": (
        refund("requested"),
        GateRejected,
        "The refund request never left. Nothing was given back; start the refund again.",
        "failed",
    ),
    "sent": (refund("sent"), RefundUnresolved, "", "unknown"),
    "left to support": (refund("awaiting_support"), RefundUnresolved, "", "unknown"),
    "unknown before": (refund("unknown"), RefundUnresolved, "", "unknown"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_refund_without_a_result_is_a_named_error(name: str) -> None:
    stored, error, sentence, status = ENDS[name]
    world = paid_world(stored)

    for _ in range(2):
        with pytest.raises(error) as ended:
            world.record_refund()
        assert str(ended.value) == sentence or (
            "No callback came for refund rf-1 of payment order-1001" in str(ended.value)
            and "Dashboard" in str(ended.value)
        )
        assert world.refund().status == status


def test_an_unresolved_refund_holds_the_payment_until_a_late_callback_settles_it() -> None:
    world = paid_world(refund("sent", request_id="refund-1"))
    with pytest.raises(RefundUnresolved):
        world.record_refund()
    with pytest.raises(RefundInProgress):
        world.reserve(OTHER_EXECUTION)

    world.receive(refund_callback("decline", seconds=90_000, request_id="refund-1"))

    assert world.record_refund()["status"] == "declined"
    assert world.reserve(OTHER_EXECUTION)["amount"] == 10_000


def test_a_callback_that_comes_while_it_is_being_given_up_wins() -> None:
    world = paid_world(refund("sent", request_id="refund-1"))
    late = refund_callback(seconds=7300, request_id="refund-1")
    world.store.before_write.append(world.hearing(late))

    assert world.record_refund()["status"] == "succeeded"


def test_a_redriven_execution_goes_on_without_a_second_request() -> None:
    world = paid_world()
    refund_id = world.reserve()["refund_id"]
    world.gate = FakeGate(refund=[GateUnavailable("answer lost")])
    with pytest.raises(GateUnavailable):
        world.request_refund(refund_id)
    with pytest.raises(RefundUnresolved):
        world.record_refund(refund_id)

    assert world.reserve()["refund_id"] == refund_id
    with pytest.raises(GateUnavailable):
        world.request_refund(refund_id, "token-2")
    world.receive(refund_callback(seconds=9000))

    assert world.record_refund(refund_id)["status"] == "succeeded"
    assert len(world.gate.calls_of("refund")) == 1


def test_a_support_refund_is_closed_by_the_callback_and_the_next_part_can_be_asked_for() -> None:
    world = paid_world(order=enets_order())
    for number, (amount, word) in enumerate([(4_000, "partially refunded"), (6_000, "refunded")]):
        refund_id = world.reserve(f"{EXECUTION}-{number}", amount=amount)["refund_id"]
        world.ask_support(refund_id, f"token-{number}")
        world.receive(
            refund_callback(
                payment=word,
                seconds=9000 + number,
                operation_id=391 + number,
                amount=amount,
                currency="SGD",
                held=6_000 if number == 0 else 0,
            )
        )
        assert world.record_refund(refund_id)["amount"] == amount

    assert (world.payment().status, world.payment().refunded_amount) == ("refunded", 10_000)
