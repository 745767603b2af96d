"""State ReserveRefund: one execution holds the payment, and every retry of it finds what it reserved."""

from threading import Barrier, Thread
from typing import Any

import pytest

from payments.domain.errors import (
    InvalidRefundRequest,
    PaymentNotFound,
    ProjectRequired,
    RefundInProgress,
    StoreUnavailable,
)
from payments.domain.payment import PaymentKey
from payments.domain.refund import Refund
from payments.usecases.reserve_refund import reserved
from tests.support.fakes import failing
from tests.unit.domain.told import KES_100, KEY, at, enets_order, ordered, refund
from tests.unit.usecases.world import EXECUTION, OTHER_EXECUTION, World, paid_world


def test_it_answers_what_the_later_states_need() -> None:
    world = paid_world()

    answer = world.reserve(reason="Returned goods")

    assert answer == {
        "refund_id": world.payment().refunds[0].refund_id,
        "payment_id": "order-1001",
        "project_id": 2924,
        "amount": 10_000,
        "currency": "KES",
        "refund_policy": "full",
        "sent_before": False,
        "callback_timeout_s": 3600,
        "check": {"attempt": 0, "wait_s": 30},
    }
    assert reserved(answer) == (KEY, answer["refund_id"])
    assert world.payment().refunds == (
        Refund(
            refund_id=answer["refund_id"],
            money=KES_100,
            origin="workflow",
            status="requested",
            created_at=at(7200),
            updated_at=at(7200),
            reason="Returned goods",
            execution=EXECUTION,
        ),
    )
    assert world.story()[-1] == ("workflow", "refund of 100.00 KES requested")


def test_a_retry_of_the_same_execution_finds_its_own_reservation() -> None:
    world = paid_world()
    first = world.reserve()
    stored = world.payment()

    assert [world.reserve(), world.reserve(amount=10_000)] == [first, first]
    assert world.payment() == stored


def test_a_retry_after_the_answer_was_lost_finds_it_too() -> None:
    world = paid_world()
    world.store.after_write.append(failing(StoreUnavailable("no answer")))
    with pytest.raises(StoreUnavailable):
        world.reserve()

    world.reserve()

    assert len(world.payment().refunds) == 1


def test_a_second_execution_is_refused() -> None:
    world = paid_world()
    first = world.reserve()

    with pytest.raises(RefundInProgress, match=f"Refund {first['refund_id']} of this payment is requested"):
        world.reserve(OTHER_EXECUTION)


def test_of_50_executions_at_once_one_holds_the_payment() -> None:
    world = paid_world()
    start, ends = Barrier(50), []

    def execute(number: int) -> None:
        start.wait()
        try:
            ends.append(world.reserve(f"{EXECUTION}-{number}")["refund_id"])
        except RefundInProgress:
            ends.append("")

    threads = [Thread(target=execute, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends)[:49] == [""] * 49
    assert [each.refund_id for each in world.payment().refunds] == sorted(ends)[49:]


def test_what_the_api_reserved_is_taken_over_by_its_own_execution_alone() -> None:
    world = paid_world(refund("requested", origin="api", execution=EXECUTION))

    assert world.reserve(refund_id="rf-1")["refund_id"] == "rf-1"
    with pytest.raises(RefundInProgress, match=r"Refund rf-1 belongs to another execution; wait for its end\."):
        world.reserve(OTHER_EXECUTION, refund_id="rf-1")
    assert [each.origin for each in world.payment().refunds] == ["api"]


def test_a_refund_id_that_nobody_reserved_is_refused() -> None:
    world = paid_world()

    with pytest.raises(InvalidRefundRequest, match="No refund rf-9 was reserved"):
        world.reserve(refund_id="rf-9")
    assert world.payment().refunds == ()


@pytest.mark.parametrize("status", ["sent", "awaiting_support", "unknown"])
def test_an_execution_that_names_a_refund_on_its_way_goes_on_with_it(status: str) -> None:
    world = paid_world(refund(status, execution=EXECUTION, request_id="refund-1"))

    answers = [world.reserve(OTHER_EXECUTION, refund_id="rf-1") for _ in range(2)]

    assert (
        answers
        == [
            {
                "refund_id": "rf-1",
                "payment_id": "order-1001",
                "project_id": 2924,
                "amount": 10_000,
                "currency": "KES",
                "refund_policy": "full",
                "sent_before": True,
                "callback_timeout_s": 3600,
                "check": {"attempt": 0, "wait_s": 30},
            }
        ]
        * 2
    )
    assert world.payment().refunds == (refund(status, execution=OTHER_EXECUTION, request_id="refund-1"),)
    assert [what for _, what in world.story()].count("refund looked into once more") == 1


@pytest.mark.parametrize("status", ["succeeded", "declined"])
def test_an_execution_that_names_a_refund_that_has_ended_finds_out_how(status: str) -> None:
    world = paid_world(refund(status, execution=EXECUTION))
    stored = world.payment()

    assert world.reserve(OTHER_EXECUTION, refund_id="rf-1")["sent_before"]
    assert world.record_refund()["status"] == status
    assert world.payment() == stored


@pytest.mark.parametrize("more", [{"amount": 10_000}, {"reason": "Returned goods"}])
def test_a_refund_that_is_gone_on_with_is_not_changed_by_the_input(more: dict[str, Any]) -> None:
    world = paid_world(refund("unknown", execution=EXECUTION))

    with pytest.raises(InvalidRefundRequest, match="Refund rf-1 is unknown; leave amount and reason out of the input"):
        world.reserve(OTHER_EXECUTION, refund_id="rf-1", **more)


def test_a_refund_that_failed_is_not_gone_on_with() -> None:
    world = paid_world(refund("failed", execution=EXECUTION))

    with pytest.raises(InvalidRefundRequest, match=r"Refund rf-1 has failed already; start a new one\."):
        world.reserve(OTHER_EXECUTION, refund_id="rf-1")


def test_a_reservation_that_was_called_off_is_not_begun() -> None:
    world = paid_world(refund("failed", origin="api", execution=EXECUTION))

    with pytest.raises(InvalidRefundRequest, match=r"Refund rf-1 has failed already; start a new one\."):
        world.reserve(refund_id="rf-1")


def test_support_gets_days_instead_of_an_hour() -> None:
    world = paid_world(order=enets_order())

    answer = world.reserve(amount=4_000)

    assert (answer["refund_policy"], answer["callback_timeout_s"]) == ("support", 1_209_600)
    assert (answer["amount"], answer["currency"]) == (4_000, "SGD")


def test_an_unknown_payment_and_a_payment_of_two_projects_are_told_apart() -> None:
    with pytest.raises(PaymentNotFound):
        World().reserve()
    world = paid_world()
    world.put(ordered(key=PaymentKey(198, KEY.payment_id)))
    with pytest.raises(ProjectRequired):
        world.reserve()
    assert world.reserve(project_id=2924)["project_id"] == 2924
