"""Finding out what became of a refund: the store first, then the provider, with growing pauses and an end."""

from typing import Any

import pytest

from payments.domain.errors import GateRejected, GateUnavailable, PaymentNotFound, RefundNotFound, StoreUnavailable
from payments.domain.payment import PaymentKey
from payments.domain.refund import Refund
from payments.usecases.check_refund import CheckPlan, check_refund
from payments.usecases.find_payment import find_payment, find_refund
from tests.support.fakes import FakeGate, failing
from tests.unit.domain.told import KEY, at, callback, operation_parts, ordered, refund, refund_callback
from tests.unit.usecases.world import World, signed

IN_AWS = CheckPlan(attempts=8, first_wait_s=30)


def sent_world(*answers: Any, stored: Refund | None = None) -> World:
    world = World(gate=FakeGate(status=list(answers)))
    world.put_paid(stored or refund("sent", request_id="refund-1"))
    world.clock.now = at(7300)
    return world


def check(world: World, attempt: int = 0, plan: CheckPlan = IN_AWS) -> dict[str, Any]:
    return check_refund(
        store=world.store, gate=world.gate, key=KEY, refund_id="rf-1", attempt=attempt, plan=plan, clock=world.clock
    )


def answer(status: str, word: str = "success") -> bytes:
    operations = [operation_parts(("sale", "success"), seconds=60, request_id="sale-1")]
    if status:
        operations.append(
            operation_parts(("refund", status), seconds=7250, operation_id=391, request_id="refund-1-00000001")
        )
    return signed({**callback(word, None, seconds=7250), "operations": operations})


@pytest.mark.parametrize("status", ["succeeded", "declined", "failed", "requested"])
def test_a_refund_whose_end_is_in_the_store_needs_no_question(status: str) -> None:
    world = sent_world(stored=refund(status))

    assert check(world) == {"settled": True, "overdue": False, "again": False, "attempt": 1, "wait_s": 60}
    assert world.gate.calls == []


@pytest.mark.parametrize(
    ("told", "word", "status"), [("success", "refunded", "succeeded"), ("decline", "success", "declined")]
)
def test_the_providers_answer_settles_the_refund(told: str, word: str, status: str) -> None:
    world = sent_world(answer(told, word))

    assert check(world) == {"settled": True, "overdue": True, "again": False, "attempt": 1, "wait_s": 60}
    assert world.refund().status == status
    assert len(world.gate.calls) == 1


@pytest.mark.parametrize("told", [answer(""), answer("processing"), None, GateUnavailable("down")])
def test_what_is_not_known_yet_is_asked_again_later(told: Any) -> None:
    world = sent_world(told)

    assert check(world) == {"settled": False, "overdue": False, "again": True, "attempt": 1, "wait_s": 60}
    assert world.refund().status == "sent"


REFUSED: dict[str, Any] = {"code": "3060", "message": "Not in this state"}


@pytest.mark.parametrize("status", ["sent", "unknown"])
def test_a_refusal_of_gate_counts_once_the_provider_lists_no_return(status: str) -> None:
    world = sent_world(answer(""), stored=refund(status, **REFUSED))

    assert check(world) == {"settled": True, "overdue": False, "again": False, "attempt": 1, "wait_s": 60}

    failed = world.refund()
    assert (failed.status, failed.code, failed.message) == ("failed", "3060", "Not in this state")
    assert world.story()[-1] == ("workflow", "refusal of Gate confirmed")
    with pytest.raises(GateRejected, match=r"ECommPay refused the refund \(code 3060\): Not in this state\. Nothing"):
        world.record_refund()


@pytest.mark.parametrize(
    "told",
    [
        answer("processing"),
        signed(callback("success", None, seconds=7250)),
        signed(callback("refunded", ("sale", "success"), seconds=7250)),
        None,
        GateUnavailable("down"),
    ],
    ids=["a return under way", "nothing listed", "money back by the word alone", "payment unknown", "no answer"],
)
def test_a_refusal_of_gate_does_not_count_as_long_as_anything_may_have_happened(told: Any) -> None:
    world = sent_world(told, stored=refund("sent", **REFUSED))

    assert check(world)["again"]
    assert world.refund().status == "sent"


def test_a_refusal_of_gate_does_not_count_before_the_provider_can_have_listed_what_it_did() -> None:
    world = sent_world(answer(""), answer(""), stored=refund("sent", sent_at=at(7271), **REFUSED))

    assert check(world)["again"]
    assert world.refund().status == "sent"
    world.clock.now = at(7301)
    assert check(world)["settled"]
    assert world.refund().status == "failed"


@pytest.mark.parametrize(("told", "end"), [("success", "succeeded"), ("decline", "declined")])
def test_a_return_outweighs_a_refusal_of_gate(told: str, end: str) -> None:
    world = sent_world(answer(told, "refunded" if told == "success" else "success"), stored=refund("sent", **REFUSED))

    assert check(world)["settled"]
    assert (world.refund().status, world.refund().operation_key) == (end, "391")


def test_without_a_refusal_of_gate_a_refund_that_is_not_listed_stays_open() -> None:
    world = sent_world(answer(""))

    assert (check(world)["again"], world.refund().status) == (True, "sent")


def test_the_pauses_grow_to_an_hour_and_the_questions_end() -> None:
    world = sent_world()
    waits, attempt, again = [IN_AWS.wait_before(0)], 0, True
    while again:
        checked = check(world, attempt)
        attempt, again = checked["attempt"], checked["again"]
        waits.append(checked["wait_s"])

    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert len(world.gate.calls_of("status")) == 8
    assert world.refund().status == "sent"


def test_one_question_is_the_least_that_is_asked() -> None:
    world = sent_world()

    assert check(world, plan=CheckPlan(attempts=1, first_wait_s=10)) == {
        "settled": False,
        "overdue": False,
        "again": False,
        "attempt": 1,
        "wait_s": 20,
    }


def test_a_callback_that_comes_with_the_question_is_seen() -> None:
    world = sent_world()
    late = refund_callback(seconds=7250, request_id="refund-1")
    world.gate = FakeGate(status=[world.hearing(late)])

    assert check(world)["settled"]


def test_an_answer_that_could_not_be_stored_is_asked_for_again_by_the_workflow() -> None:
    world = sent_world(answer("success", "refunded"))
    world.store.before_write.append(failing(StoreUnavailable("down")))

    with pytest.raises(StoreUnavailable):
        check(world)

    assert world.refund().status == "sent"


def test_a_payment_and_a_refund_are_found_by_their_ids() -> None:
    world = sent_world()
    other = world.put(ordered(key=PaymentKey(2924, "order-1002")))

    assert find_payment(store=world.store, payment_id="order-1002", project_id=None) == other
    assert find_refund(store=world.store, payment_id=KEY.payment_id, project_id=2924, refund_id="rf-1") == (
        world.payment(),
        world.refund(),
    )
    with pytest.raises(RefundNotFound, match=r"Payment order-1002 has no refund rf-1\."):
        find_refund(store=world.store, payment_id="order-1002", project_id=None, refund_id="rf-1")
    with pytest.raises(PaymentNotFound, match=r"There is no payment order-1003; check the id\."):
        find_payment(store=world.store, payment_id="order-1003", project_id=None)
    with pytest.raises(PaymentNotFound):
        find_payment(store=world.store, payment_id="order-1002", project_id=198)
