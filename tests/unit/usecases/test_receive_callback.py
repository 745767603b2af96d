"""Taking in callbacks that are signed for real: each stored once as it came, believed only as far as it can be."""

import hashlib
import json
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest

from ecommpay_signing import MalformedMessage, SignatureMismatch, key_fingerprint
from payments.domain.errors import StoreUnavailable, UnknownProject
from payments.domain.key_use import KeyUse
from payments.domain.payment import Payment, PaymentKey
from payments.ports import Message
from payments.usecases.receive_callback import Receipt
from tests.support.fakes import FakeProjects, failing
from tests.unit.domain.told import KEY, NOON, at, callback, ordered, refund_callback
from tests.unit.usecases.world import SECRET, World, signed

PAID = callback("success", seconds=60)


def ordered_world() -> World:
    world = World()
    world.put(ordered(check_at=at(10)))
    world.clock.move(65)
    return world


def test_a_callback_is_stored_as_it_came_and_folded_into_its_payment_in_one_write() -> None:
    world = ordered_world()
    body = signed(PAID)

    receipt = world.receive_body(body)

    assert receipt == Receipt(
        key=KEY,
        what="sale success, payment success",
        repeated=False,
        flags=(),
        verified_by=0,
        signed_by=key_fingerprint(SECRET),
        unknown_words=(),
    )
    assert world.store.messages(KEY) == (
        Message(
            key=KEY,
            digest=hashlib.sha256(body).hexdigest(),
            body=body,
            received_at=at(65),
            source="callback",
            verified_by=0,
            flags=(),
            signed_by=key_fingerprint(SECRET),
        ),
    )
    payment = world.payment()
    assert (payment.status, payment.version, payment.updated_at, payment.check_at) == ("succeeded", 2, at(65), None)
    assert payment.verified == KeyUse(key_fingerprint(SECRET), 0, at(65))
    assert world.story() == [("callback", "sale success, payment success")]


def test_a_hundred_repetitions_are_one_stored_row_and_one_change() -> None:
    world = ordered_world()
    body = signed(PAID)
    world.receive_body(body)
    stored = world.payment()

    receipts = [world.receive_body(body) for _ in range(100)]

    assert {receipt.repeated for receipt in receipts} == {True}
    assert world.payment() == stored
    assert len(world.store.messages(KEY)) == 1


def test_32_deliveries_at_once_are_one_stored_row_and_one_change() -> None:
    world = ordered_world()
    body = signed(PAID)
    start, receipts = Barrier(32), []

    def deliver() -> None:
        start.wait()
        receipts.append(world.receive_body(body))

    threads = [Thread(target=deliver) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 31
    assert (world.payment().version, len(world.store.messages(KEY))) == (2, 1)


def test_16_different_callbacks_at_once_are_all_folded_in() -> None:
    world = ordered_world()
    bodies = [signed(callback("processing", ("sale", "processing"), seconds=n, operation_id=n)) for n in range(16)]
    start = Barrier(16)

    def deliver(body: bytes) -> None:
        start.wait()
        world.receive_body(body)

    threads = [Thread(target=deliver, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(world.payment().provider.operations) == 16
    assert len(world.store.messages(KEY)) == 16


def test_old_callbacks_replayed_after_the_end_change_nothing() -> None:
    world = ordered_world()
    bodies = [signed(each) for each in (PAID, refund_callback("decline"), refund_callback(seconds=7200))]
    for body in bodies:
        world.receive_body(body)
    stored = world.payment()

    assert [world.receive_body(body).repeated for body in bodies] == [True] * 3
    assert world.payment() == stored


def test_field_order_white_space_and_unknown_fields_do_not_matter() -> None:
    world = ordered_world()
    message = {**PAID, "rrn": "123", "later_field": {"a": [1, None, True]}}
    sent = json.loads(signed(message))
    body = json.dumps(dict(reversed(sent.items())), indent=3).encode()

    assert world.receive_body(body).flags == ()
    assert world.payment().status == "succeeded"


@pytest.mark.parametrize(
    ("message", "flags", "words"),
    [
        (callback("chargeback pending", ("sale", "warming up")), (), ("chargeback pending", "warming up")),
        (callback("success", ("teleportation", "success")), (), ("teleportation",)),
        (callback("success", ("sale", "success"), payment_fields={"description": "a;b"}), ("ambiguous",), ()),
    ],
)
def test_words_nobody_knows_are_told_of_where_they_are_believed(
    message: dict[str, Any], flags: tuple[str, ...], words: tuple[str, ...]
) -> None:
    receipt = ordered_world().receive(message)

    assert (receipt.flags, receipt.unknown_words) == (flags, words)


def test_an_ambiguous_message_is_stored_and_not_believed_and_makes_the_payment_due_for_a_check() -> None:
    world = ordered_world()
    world.store.save(replace(world.payment(), checks=4, check_at=at(9999)))
    message = callback("success", seconds=60, payment_fields={"description": "x;payment:sum:amount:1"})

    receipt = world.receive(message)

    assert (receipt.repeated, receipt.flags) == (False, ("ambiguous",))
    payment = world.payment()
    assert (payment.status, payment.provider.word, payment.provider.operations) == ("processing", None, ())
    assert (payment.check_at, payment.checks) == (at(65), 0)
    assert world.story() == [("callback", "sale success, payment success (ambiguous, not believed)")]
    assert [each.flags for each in world.store.messages(KEY)] == [("ambiguous",)]
    assert world.store.due(now=at(65), limit=1) == (KEY,)


def test_an_ambiguous_message_about_a_paid_payment_makes_it_due_as_well() -> None:
    world = World()
    world.put_paid()

    world.receive(refund_callback(operation_fields={"message": "Done; thank you"}))

    assert (world.payment().status, world.payment().check_at) == ("succeeded", NOON)


def test_a_message_for_a_payment_nobody_ordered_is_stored_and_flagged() -> None:
    world = World()

    receipt = world.receive(PAID)

    assert (receipt.key, receipt.repeated, receipt.flags) == (KEY, False, ("unknown_payment",))
    assert [each.flags for each in world.store.messages(KEY)] == [("unknown_payment",)]
    assert (world.payment().order, world.payment().check_at) == (None, None)
    assert world.store.find(KEY.payment_id) == ()
    assert world.receive(PAID).repeated


def test_an_ambiguous_message_for_a_payment_nobody_ordered_has_both_flags_and_is_no_reason_to_ask() -> None:
    world = World()

    receipt = world.receive(callback("success", payment_fields={"description": "a;b"}))

    assert receipt.flags == ("ambiguous", "unknown_payment")
    assert (world.payment().check_at, world.payment().provider.word) == (None, None)


def test_a_message_of_another_project_is_kept_apart() -> None:
    world = ordered_world()
    before = world.payment()

    receipt = world.receive({**PAID, "project_id": 198}, "local-secret-198")

    assert (receipt.key, receipt.flags) == (PaymentKey(198, "order-1001"), ("unknown_payment",))
    assert world.payment() == before


@pytest.mark.parametrize("payment_id", ["", None, 7.5e300, "x" * 256, ["order-1001"]])
def test_a_message_that_names_no_payment_is_kept_and_flagged(payment_id: object) -> None:
    world = ordered_world()
    before = world.store.payments
    message = callback("success", payment_fields={"id": payment_id})

    receipts = [world.receive(message) for _ in range(2)]

    assert [receipt.flags for receipt in receipts] == [("unplaced",)] * 2
    assert [each.flags for each in world.store.messages(PaymentKey(2924, ""))] == [("unplaced",)]
    assert world.store.payments == before


@pytest.mark.parametrize(
    "message",
    [
        {"project_id": 2924},
        {"project_id": 2924, "payment": "success", "operation": []},
        {"project_id": 2924, "payment": {"id": "order-1001", "status": {"x": 1}, "sum": []}, "operation": {"id": [1]}},
        {"project_id": "2924", "payment": {"id": "order-1001"}, "operations": [None, 1, "x", {}]},
        {"general": {"project_id": 2924, "payment_id": "order-1001"}},
    ],
)
def test_a_verified_message_of_odd_shape_is_stored_and_changes_no_status(message: dict[str, Any]) -> None:
    world = ordered_world()

    receipt = world.receive(message)

    assert not receipt.repeated
    assert len(world.store.messages(receipt.key)) == 1
    assert world.payment().status == "processing"


def turned(payment: Payment) -> tuple[str, int]:
    return payment.status, payment.version


@pytest.mark.parametrize(
    "change",
    [
        {"signature": None},
        {"signature": ""},
        {"signature": 5},
        {"signature": ["a"]},
        {"signature": "A" * 86 + "=="},
        {"project_id": 198},
        {"payment": {**PAID["payment"], "status": "refunded"}},
        {"operation": {**PAID["operation"], "sum_initial": {"amount": 1, "currency": "KES"}}},
        {"smuggled": 1},
    ],
)
def test_a_message_whose_signature_does_not_cover_it_is_refused_and_not_stored(change: dict[str, Any]) -> None:
    world = ordered_world()
    before = turned(world.payment())
    sent = {**json.loads(signed(PAID)), **change}

    with pytest.raises(SignatureMismatch):
        world.receive_body(json.dumps(sent).encode())

    assert turned(world.payment()) == before
    assert world.store.messages(KEY) == world.store.messages(PaymentKey(198, KEY.payment_id)) == ()


def test_a_message_without_a_signature_is_refused() -> None:
    with pytest.raises(SignatureMismatch):
        ordered_world().receive_body(json.dumps(PAID).encode())


def test_the_key_of_another_project_signs_nothing_here() -> None:
    with pytest.raises(SignatureMismatch):
        ordered_world().receive(PAID, "local-secret-198")


@pytest.mark.parametrize("project_id", [5, -1, None, "x", 2924.5, True])
def test_a_message_for_no_project_of_ours_is_refused(project_id: object) -> None:
    world = ordered_world()

    with pytest.raises(UnknownProject):
        world.receive({**PAID, "project_id": project_id})

    assert len(world.store.payments) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"', b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 10_000])
def test_a_body_that_is_no_strict_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedMessage):
        ordered_world().receive_body(body)


def test_what_the_signature_does_not_cover_decides_nothing() -> None:
    world = ordered_world()
    sent = json.loads(signed(callback("processing", ("sale", "processing"), seconds=60)))
    sent["frame_mode"] = {"payment": {"status": "success"}}
    sent["operations"] = []
    sent["redirect_data"] = {}

    world.receive_body(json.dumps(sent).encode())

    payment = world.payment()
    assert (payment.status, payment.provider.redirect, len(payment.provider.operations)) == ("processing", None, 1)


def rotating(*keys: str, rotated: tuple[str, ...] | None = None) -> World:
    world = World(projects=FakeProjects({2924: keys}, rotated={2924: rotated} if rotated else None))
    world.put(ordered())
    return world


def test_each_key_of_the_project_verifies_and_the_receipt_tells_which() -> None:
    world = rotating("new", "old")

    new, old = key_fingerprint("new"), key_fingerprint("old")
    receipts = [world.receive(PAID, key) for key in ("new", "old")]

    assert [(each.verified_by, each.signed_by) for each in receipts] == [(0, new), (1, old)]
    assert {(each.verified_by, each.signed_by) for each in world.store.messages(KEY)} == {(0, new), (1, old)}
    assert world.payment().verified == KeyUse(old, 1, world.clock())


def test_a_key_that_the_secret_got_since_is_found_by_reading_it_once_more() -> None:
    world = rotating("old", rotated=("new", "old"))

    receipt = world.receive(PAID, "new")
    assert (receipt.verified_by, receipt.signed_by) == (0, key_fingerprint("new"))
    assert world.projects.refreshes == 1
    assert world.receive(refund_callback(), "old").verified_by == 1


def test_a_key_that_was_taken_out_verifies_no_more() -> None:
    world = rotating("new")

    with pytest.raises(SignatureMismatch):
        world.receive(PAID, "old")


def test_a_wrong_signature_costs_one_reading_of_the_secret_and_is_refused() -> None:
    world = rotating("old", rotated=("new",))

    for _ in range(3):
        with pytest.raises(SignatureMismatch):
            world.receive(PAID, "guessed")

    assert world.projects.refreshes == 1


def test_a_project_that_was_added_since_is_found_by_reading_the_secret_once_more() -> None:
    world = World(projects=FakeProjects({198: ("other",)}, rotated={198: ("other",), 2924: (SECRET,)}))

    assert world.receive(PAID).flags == ("unknown_payment",)


def test_a_callback_that_the_store_did_not_take_is_not_said_to_be_stored() -> None:
    world = ordered_world()
    world.store.before_write.append(failing(StoreUnavailable("down")))

    with pytest.raises(StoreUnavailable):
        world.receive(PAID)

    assert world.store.messages(KEY) == ()
    assert not world.receive(PAID).repeated


def test_a_write_whose_answer_was_lost_is_a_repetition_the_next_time() -> None:
    world = ordered_world()
    world.store.after_write.append(failing(StoreUnavailable("no answer")))
    with pytest.raises(StoreUnavailable):
        world.receive(PAID)

    assert world.receive(PAID).repeated
    assert (world.payment().status, world.payment().version) == ("succeeded", 2)
