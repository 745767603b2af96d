"""A person closes a refund: it counts from then on, and the provider's own word, when it comes, counts in its place."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from payments.domain.errors import InvalidRequest, PaymentNotFound, ProjectRequired, RefundNotFound, StoreConflict
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.refund import Refund
from payments.usecases.publish_changes import publish_changes
from payments.usecases.replay_payments import replay_payments
from tests.support.fakes import FakeEvents, FakeOperators, FakeWorkflow, failing
from tests.unit.domain.told import KEY, at, enets_order, ordered, refund, refund_callback
from tests.unit.usecases.world import OTHER_EXECUTION, World, paid_world

SGD_40 = Money(4_000, "SGD")
ENDS: tuple[Literal["succeeded", "failed"], ...] = ("succeeded", "failed")


def left_to_support(**fields: Any) -> Refund:
    return refund("awaiting_support", **{"money": SGD_40, **fields})


def support_world(*refunds: Refund) -> World:
    world = paid_world(*(refunds or (left_to_support(),)), order=enets_order())
    world.clock.now = at(90_000)
    return world


def gave_back(status: str = "success", *, seconds: float = 95_000, amount: int = 4_000, **parts: Any) -> dict[str, Any]:
    """What support tells of a return: never whose refund it is."""
    fields = {"payment": "partially refunded", "held": 10_000 - amount, "currency": "SGD", **parts}
    return refund_callback(status, seconds=seconds, amount=amount, **fields)


def stands(world: World) -> tuple[str, int, int]:
    """The payment's status, what was given back, and what may still be; and that its messages say the same."""
    replayed = replay_payments(store=world.store, cursor=None, limit=10, repair=False, clock=world.clock)
    assert replayed.differences == ()
    payment = world.payment()
    return payment.status, payment.refunded_amount, payment.refundable


@pytest.mark.parametrize(("status", "code"), [("succeeded", ""), ("failed", "3060")])
def test_the_code_of_a_refusal_stays_only_with_a_refund_that_failed(
    status: Literal["succeeded", "failed"], code: str
) -> None:
    world = paid_world(refund("unknown", code="3060", message="Not in this state"))

    closed = world.close_refund(status)

    assert (closed.status, closed.code, closed.message) == (status, code, "Seen in the Dashboard")


@pytest.mark.parametrize("stood", ["awaiting_support", "unknown"])
@pytest.mark.parametrize("status", ENDS)
def test_a_refund_is_closed_with_the_reason_and_nothing_else_of_it_changes(
    status: Literal["succeeded", "failed"], stood: str
) -> None:
    before = refund(stood, money=SGD_40, task_token="token-1")
    world = support_world(before)

    closed = world.close_refund(status)

    assert (
        closed
        == world.refund()
        == replace(before, status=status, updated_at=at(90_000), closed_by_hand=True, message="Seen in the Dashboard")
    )
    assert world.story()[-1] == ("reconciliation", f"refund closed by hand as {status}: Seen in the Dashboard")
    assert world.gate.calls == []


def test_a_refund_closed_as_succeeded_counts_until_its_operation_counts_and_is_never_counted_twice() -> None:
    world = support_world()

    world.close_refund("succeeded")
    assert stands(world) == ("partially_refunded", 4_000, 6_000)
    world.receive(gave_back("processing", payment="success", held=10_000))
    assert (stands(world), world.refund().message) == (("partially_refunded", 4_000, 6_000), "Seen in the Dashboard")
    world.receive(gave_back())

    assert stands(world) == ("partially_refunded", 4_000, 6_000)
    assert [(each.refund_id, each.status, each.operation_key) for each in world.payment().refunds] == [
        ("rf-1", "succeeded", "391")
    ]


def test_all_of_it_closed_as_succeeded_makes_the_payment_refunded() -> None:
    world = paid_world(refund("unknown", request_id="refund-1"))

    world.close_refund("succeeded")
    assert stands(world) == ("refunded", 10_000, 0)
    world.receive(refund_callback(seconds=95_000, request_id="refund-1-00000001"))

    assert stands(world) == ("refunded", 10_000, 0)
    assert (world.refund().status, world.refund().message) == ("succeeded", "Success")


def test_support_that_gave_back_another_amount_than_a_person_said_counts_with_what_it_gave() -> None:
    world = support_world()
    world.close_refund("succeeded")

    world.receive(gave_back(amount=3_000))

    assert stands(world) == ("partially_refunded", 3_000, 7_000)


def test_a_refund_closed_as_succeeded_that_the_provider_declines_is_declined() -> None:
    world = paid_world(refund("unknown", request_id="refund-1"))
    world.close_refund("succeeded")

    world.receive(refund_callback("decline", seconds=95_000, request_id="refund-1-00000001"))

    assert stands(world) == ("succeeded", 0, 10_000)
    assert world.refund().status == "declined"


def test_a_refund_closed_as_failed_frees_the_payment_for_another() -> None:
    world = support_world()
    world.close_refund("failed")

    assert stands(world) == ("succeeded", 0, 10_000)
    again = world.reserve(OTHER_EXECUTION, amount=4_000)
    world.ask_support(again["refund_id"])
    world.receive(gave_back())

    assert stands(world) == ("partially_refunded", 4_000, 6_000)
    assert [each.status for each in world.payment().refunds] == ["failed", "succeeded"]


def test_a_success_after_a_person_said_that_it_failed_makes_it_succeeded() -> None:
    world = support_world()
    world.close_refund("failed")

    world.receive(gave_back())

    assert stands(world) == ("partially_refunded", 4_000, 6_000)
    assert (world.refund().status, world.refund().message, world.refund().closed_by_hand) == (
        "succeeded",
        "Success",
        True,
    )


@pytest.mark.parametrize(("status", "key", "left"), [("succeeded", "392", 1), ("failed", "", 2)])
def test_closing_a_doubtful_refund_says_which_return_it_is(
    status: Literal["succeeded", "failed"], key: str, left: int
) -> None:
    world = support_world()
    world.receive(gave_back("processing", payment="success", held=10_000))
    world.receive(gave_back(operation_id=392))
    assert (world.refund().status, set(world.payment().doubtful_refunds)) == ("awaiting_support", {"rf-1"})

    world.close_refund(status)

    assert stands(world) == ("partially_refunded", 4_000, 6_000)
    assert (world.refund().status, world.refund().operation_key) == (status, key)
    assert (world.payment().doubtful_refunds, len(world.payment().refunds)) == (frozenset(), 1 + left)


@pytest.mark.parametrize(
    ("status", "refunds"),
    [
        ("succeeded", [("rf-1", "succeeded", "391")]),
        ("failed", [("rf-1", "failed", ""), ("ecommpay-391", "succeeded", "391")]),
    ],
)
def test_a_person_says_whose_the_return_under_another_request_is(
    status: Literal["succeeded", "failed"], refunds: list[tuple[str, str, str]]
) -> None:
    world = paid_world(refund("unknown", request_id="refund-1"))
    world.receive(refund_callback(seconds=7_300, request_id="other-1"))
    assert world.payment().doubtful_refunds == {"rf-1"}

    world.close_refund(status, "rf-1")

    assert [(each.refund_id, each.status, each.operation_key) for each in world.payment().refunds] == refunds
    assert (*stands(world), world.payment().doubtful_refunds) == ("refunded", 10_000, 0, frozenset())


def test_a_repetition_changes_nothing_and_another_end_is_refused() -> None:
    world = support_world()
    world.close_refund("failed")
    stored = world.payment()

    assert world.close_refund("failed", reason="Said again") == stored.refunds[0]
    with pytest.raises(InvalidRequest, match="refund rf-1 is failed; only one that is awaiting_support or unknown"):
        world.close_refund("succeeded")
    assert world.payment() == stored


@pytest.mark.parametrize("status", ["requested", "sent", "succeeded", "declined", "failed"])
def test_a_refund_that_something_else_will_end_or_has_ended_is_not_closed(status: str) -> None:
    world = support_world(refund(status, money=SGD_40))

    with pytest.raises(InvalidRequest, match=f"/refund_id: refund rf-1 is {status}; only one"):
        world.close_refund("failed", "rf-1")
    with pytest.raises(RefundNotFound, match=r"Payment order-1001 has no refund that waits to be closed\."):
        world.close_refund("failed")


def test_of_several_refunds_that_wait_one_has_to_be_named() -> None:
    world = support_world(left_to_support(), refund("unknown", refund_id="rf-2", money=SGD_40))

    with pytest.raises(InvalidRequest, match="/refund_id: is required: rf-1, rf-2 can be closed"):
        world.close_refund("failed")
    assert world.close_refund("failed", "rf-2").refund_id == "rf-2"
    assert world.close_refund("succeeded").refund_id == "rf-1"
    with pytest.raises(RefundNotFound):
        world.close_refund("failed", "rf-3")


def test_more_than_was_paid_is_never_closed_as_given_back() -> None:
    world = support_world(refund("unknown", money=Money(7_000, "SGD")))
    world.receive(gave_back(seconds=80_000))
    stored = world.payment()

    with pytest.raises(InvalidRequest, match="/status: cannot be succeeded: with what else was given back"):
        world.close_refund("succeeded")
    assert world.payment() == stored
    assert world.close_refund("failed").status == "failed"


def test_the_payment_is_found_as_everywhere_else() -> None:
    world = support_world()
    world.put(ordered(key=PaymentKey(198, KEY.payment_id)))

    with pytest.raises(ProjectRequired):
        world.close_refund("failed")
    with pytest.raises(PaymentNotFound):
        world.close_refund("failed", project_id=5)
    assert world.close_refund("failed", project_id=2924).status == "failed"


def test_a_callback_that_comes_while_it_is_being_closed_wins() -> None:
    world = support_world()
    world.store.before_write.append(world.hearing(gave_back()))

    with pytest.raises(InvalidRequest, match="refund rf-1 is succeeded"):
        world.close_refund("failed")


def test_a_conflict_is_decided_anew() -> None:
    world = support_world()
    world.store.before_write.append(failing(StoreConflict("somebody else")))

    assert world.close_refund("failed").status == "failed"


@pytest.mark.parametrize(("status", "event"), [("succeeded", "RefundSucceeded"), ("failed", "RefundDeclined")])
def test_the_merchant_is_told_and_the_execution_that_waits_is_woken(
    status: Literal["succeeded", "failed"], event: str
) -> None:
    world = support_world(left_to_support(task_token="token-1"))
    before = world.payment()
    events, workflow = FakeEvents(), FakeWorkflow(waiting={"token-1"})
    world.close_refund(status)

    publish_changes(events=events, operators=FakeOperators(), workflow=workflow, before=before, after=world.payment())

    assert [detail_type for detail_type, _ in events.published] == [event]
    assert workflow.woken == [("token-1", {"refund_id": "rf-1", "status": status})]
    assert world.story()[-1][1].startswith("refund closed by hand")
