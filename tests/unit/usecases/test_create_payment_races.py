"""Creating a payment while others are at it: callbacks that came first, and the same request at the same moment."""

from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread
from typing import Any

import pytest

from payments.domain.errors import PaymentConflict
from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from tests.unit.domain.told import KEY, callback, refund_callback
from tests.unit.usecases.world import World

OTHER_BODY: dict[str, Any] = {"money": Money(20_000, "KES")}


def test_a_payment_that_the_provider_spoke_of_before_we_knew_it_is_folded_in_and_not_sold_again() -> None:
    world = World()
    world.receive(callback("success", seconds=-30))
    assert world.payment().order is None

    payment, made = world.create()

    assert (made, payment.status, payment.submission) == (True, "succeeded", "unclear")
    assert [each.what for each in payment.timeline] == [
        "sale success, payment success",
        "created for 100.00 KES by gate",
    ]
    assert world.gate.calls == []


def test_a_message_that_told_only_of_the_operation_is_reason_enough_not_to_sell_again() -> None:
    world = World()
    message = callback("success", seconds=-30)
    del message["payment"]["status"]
    world.receive(message)

    payment, _ = world.create()

    assert (payment.status, world.gate.calls) == ("succeeded", [])


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (callback("success", amount=9_999), "needs_review"),
        (callback("success", currency="USD"), "needs_review"),
        (callback("decline", ("sale", "decline")), "declined"),
        (refund_callback(), "refunded"),
    ],
)
def test_what_was_said_before_is_held_against_what_is_ordered_now(message: dict[str, Any], status: str) -> None:
    world = World()
    world.receive(message)

    assert world.create()[0].status == status


def test_a_message_for_another_project_says_nothing_of_this_payment() -> None:
    world = World()
    world.receive({**callback("success"), "project_id": 198}, "local-secret-198")

    payment, _ = world.create()

    assert (payment.status, len(world.gate.calls)) == ("processing", 1)


def test_a_callback_while_the_payment_is_being_written_is_folded_in_and_nothing_is_sold() -> None:
    world = World()
    world.store.before_write.append(world.hearing(callback("success")))

    payment, made = world.create()

    assert (made, payment.status, world.gate.calls) == (True, "succeeded", [])


def rival_at(moment: str, world: World, **changes: Any) -> Callable[[], datetime]:
    """A clock; another request creates the payment when it is first asked, or right before the first write."""
    state = {"pending": True}

    def rival() -> None:
        if state.pop("pending", False):
            world.create(**changes)

    if moment == "before the write":
        world.store.before_write.append(rival)
        return world.clock

    def clock() -> datetime:
        rival()
        return world.clock()

    return clock


@pytest.mark.parametrize("moment", ["between reading and writing", "before the write"])
def test_the_same_request_from_a_faster_rival_is_found_and_not_sold_twice(moment: str) -> None:
    world = World()

    payment, made = world.create(rival_at(moment, world))

    assert (made, payment) == (False, world.payment())
    assert len(world.gate.calls_of("sell")) == 1


@pytest.mark.parametrize("moment", ["between reading and writing", "before the write"])
def test_another_request_from_a_faster_rival_is_not_written_over(moment: str) -> None:
    world = World()

    with pytest.raises(PaymentConflict, match="exists and was another request"):
        world.create(rival_at(moment, world, **OTHER_BODY))

    stored = world.payment().order
    assert stored is not None
    assert stored.money == Money(20_000, "KES")
    assert len(world.gate.calls_of("sell")) == 1


def test_a_rival_between_two_looks_into_the_store_is_not_written_over_either() -> None:
    world = World()
    looks = iter(range(100))
    really_read = world.store.read

    def read(key: PaymentKey) -> Payment | None:
        if next(looks) == 1:
            world.create(**OTHER_BODY)
        return really_read(key)

    world.store.read = read  # type: ignore[method-assign]  # a rival between two reads has no other way in

    with pytest.raises(PaymentConflict, match="exists and was another request"):
        world.create()

    assert [call[0].order.money for call in world.gate.calls_of("sell")] == [Money(20_000, "KES")]


@pytest.mark.parametrize("moment", ["between reading and writing", "before the write"])
def test_a_rival_with_the_same_key_and_no_id_makes_the_one_payment(moment: str) -> None:
    world = World()
    wanted = {"payment_id": "", "idempotency_key": "key-1"}

    payment, made = world.create(rival_at(moment, world, **wanted), **wanted)

    assert (made, len(world.store.payments), len(world.gate.calls)) == (False, 1, 1)
    assert payment == world.store.payments[0]


def test_a_repetition_with_a_new_key_waits_for_a_callback_that_is_written_at_the_same_moment() -> None:
    world = World()
    world.create()
    world.store.before_write.append(world.hearing(callback("success")))

    payment, made = world.create(idempotency_key="key-1")

    assert (made, payment.status) == (False, "succeeded")
    assert world.store.idempotent("key-1") is not None


@pytest.mark.parametrize("key", ["", "key-1"])
def test_of_32_requests_at_once_one_makes_the_payment_and_one_sale_is_asked_for(key: str) -> None:
    world = World()
    start, answers = Barrier(32), []

    def ask() -> None:
        start.wait()
        answers.append(world.create(idempotency_key=key))

    threads = [Thread(target=ask) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made for _, made in answers) == [False] * 31 + [True]
    assert {payment.key for payment, _ in answers} == {KEY}
    assert len(world.gate.calls_of("sell")) == 1
