"""One way in for what the provider said: stored and folded in one write, however many write at the same time."""

import hashlib
from typing import Any

import pytest

import payments.usecases.amend_payment as pacing
from payments.domain.errors import MessageKnown, PaymentNotFound, StoreConflict, StoreUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import Report
from payments.ports import Message
from payments.usecases.amend_payment import ATTEMPTS, amend_payment
from payments.usecases.record_message import Recorded, describe, record_message
from tests.support.fakes import failing
from tests.unit.domain.told import KEY, at, body_of, callback, ordered, read, refund_callback
from tests.unit.usecases.world import World

PAID = callback("success", seconds=60)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "_LONGEST_PAUSE_S", 0)


def message_of(message: dict[str, Any], **changes: Any) -> Message:
    body = body_of(message)
    parts = {"received_at": at(65), "source": "callback", **changes}
    return Message(key=KEY, digest=hashlib.sha256(body).hexdigest(), body=body, **parts)


def record(world: World, message: dict[str, Any], *, believed: bool = True, **changes: Any) -> Recorded:
    return record_message(
        store=world.store,
        message=message_of(message, **changes),
        report=read(message),
        believed=believed,
        clock=world.clock,
    )


def ordered_world() -> World:
    world = World()
    world.put(ordered())
    return world


@pytest.mark.parametrize("conflicts", [1, 2, ATTEMPTS - 1])
def test_a_conflict_is_read_again_and_written_on_what_is_stored_by_then(conflicts: int) -> None:
    world = ordered_world()
    world.store.before_write.extend([failing(StoreConflict("somebody else"))] * conflicts)

    assert record(world, PAID) == Recorded(repeated=False)
    assert world.payment().status == "succeeded"


def test_what_others_write_in_between_is_kept() -> None:
    world = ordered_world()
    declined = callback("decline", ("sale", "decline"), seconds=30, operation_id=388)
    world.store.before_write.append(lambda: _ignored(record(world, declined)))

    record(world, PAID)

    assert [each.key for each in world.payment().provider.operations] == ["388", "389"]
    assert len(world.store.messages(KEY)) == 2


def _ignored(_: object) -> None:
    return None


def test_a_conflict_without_end_is_the_store_not_taking_it() -> None:
    world = ordered_world()
    world.store.before_write.extend([failing(StoreConflict("somebody else"))] * ATTEMPTS)

    with pytest.raises(StoreUnavailable, match="Payment order-1001 is written by too many at once"):
        record(world, PAID)

    assert world.store.messages(KEY) == ()


def test_a_message_that_somebody_else_stored_a_moment_ago_is_a_repetition() -> None:
    world = ordered_world()
    world.store.before_write.append(failing(MessageKnown("known")))

    assert record(world, PAID) == Recorded(repeated=True)


def test_the_same_message_from_two_at_once_is_folded_in_once() -> None:
    world = ordered_world()
    world.store.before_write.append(lambda: _ignored(record(world, PAID)))

    assert record(world, PAID) == Recorded(repeated=True)
    assert (world.payment().version, len(world.payment().timeline)) == (2, 1)


def test_the_flags_of_a_message_are_stored_with_it() -> None:
    world = World()

    assert record(world, PAID, flags=("odd",)) == Recorded(repeated=False, flags=("odd", "unknown_payment"))
    assert [each.flags for each in world.store.messages(KEY)] == [("odd", "unknown_payment")]


def test_a_message_that_is_not_believed_changes_no_part_of_what_was_said() -> None:
    world = ordered_world()
    record(world, PAID)
    before = world.payment()

    record(world, refund_callback(), believed=False)

    after = world.payment()
    assert (after.provider, after.refunds, after.status) == (before.provider, before.refunds, "succeeded")
    assert (after.check_at, after.checks) == (at(0), 0)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (PAID, "sale success, payment success"),
        (refund_callback("decline"), "refund decline, payment success"),
        (callback("processing", None), "payment processing"),
        ({"project_id": 2924}, "a message that says nothing we know"),
        ({"operation": {"status": "success"}}, "success"),
        (
            {"operations": [{"type": "sale", "status": f"s{n}"} for n in range(9)]},
            "sale s0, sale s1, sale s2, sale s3, sale s4",
        ),
    ],
)
def test_a_message_is_described_in_a_few_words(message: dict[str, Any], words: str) -> None:
    assert describe(read(message)) == words


def amended(world: World, change: Any) -> Payment:
    return amend_payment(store=world.store, key=KEY, change=change, clock=world.clock)


def test_an_amendment_that_changes_nothing_writes_nothing() -> None:
    world = ordered_world()
    world.store.before_write.append(failing(AssertionError("written")))

    assert amended(world, lambda payment: payment) == world.payment()


def test_an_amendment_is_decided_anew_on_what_somebody_else_wrote() -> None:
    world = ordered_world()
    seen: list[int] = []
    world.store.before_write.append(lambda: _ignored(record(world, PAID)))

    def note(payment: Payment) -> Payment:
        seen.append(payment.version)
        return payment.noted(at=at(1), source="api", what="noted")

    after = amended(world, note)

    assert seen == [1, 2]
    assert (after.status, after.version, after.timeline[-1].what) == ("succeeded", 3, "noted")


def test_what_a_decision_raises_goes_through_and_nothing_is_written() -> None:
    world = ordered_world()

    def refuse(_: Payment) -> Payment:
        raise StoreUnavailable("no")

    with pytest.raises(StoreUnavailable, match="no"):
        amended(world, refuse)

    assert world.payment().version == 1


def test_an_amendment_that_always_comes_too_late_gives_up() -> None:
    world = ordered_world()
    world.store.before_write.extend([failing(StoreConflict("somebody else"))] * ATTEMPTS)

    with pytest.raises(StoreUnavailable, match="Payment order-1001 is written by too many at once"):
        amended(world, lambda payment: payment.noted(at=at(1), source="api", what="noted"))


def test_a_payment_that_is_not_there_cannot_be_amended() -> None:
    with pytest.raises(PaymentNotFound, match=r"There is no payment order-1001; check the id\."):
        amended(World(), lambda payment: payment)


def test_a_report_that_says_nothing_still_makes_a_line_in_the_story() -> None:
    world = ordered_world()
    message = message_of({"project_id": 2924})

    record_message(store=world.store, message=message, report=Report(), believed=True, clock=world.clock)

    assert world.story() == [("callback", "a message that says nothing we know")]
    assert message.key == PaymentKey(2924, "order-1001")
