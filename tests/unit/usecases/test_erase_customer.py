"""Erasing a customer: nothing of the person is left, all that was paid is, and no crash leaves anything in between."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

import payments.gate.redaction as redaction
import payments.usecases.amend_payment as pacing
from payments.domain.changes import changes
from payments.domain.errors import PaymentNotFound, StoreConflict
from payments.domain.payment import Payment, PaymentKey
from payments.ports import Message
from payments.usecases.close_refund import close_refund
from payments.usecases.erase_customer import Erased, Skipped, erase_payment
from payments.usecases.show_checkout import show_checkout
from payments.usecases.start_refund import start_refund
from tests.unit.domain.told import KEY, NOON, at, callback, order, ordered, refund, refund_callback
from tests.unit.usecases.whole_life import (
    CHARGEBACK,
    LED_ON,
    NOWHERE,
    PAID,
    PERSON,
    bare,
    differences,
    erase,
    lived_world,
    remains,
)
from tests.unit.usecases.world import CUSTOMER, World, signed

ORDER_1002 = PaymentKey(KEY.project_id, "order-1002")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "_LONGEST_PAUSE_S", 0)


def test_an_erased_payment_holds_no_word_of_the_person_and_everything_else() -> None:
    world = lived_world()
    before, messages = world.payment(), world.store.messages(KEY)
    assert remains(world) == list(PERSON)

    assert erase(world) == Erased(checked=1, erased=(KEY,), skipped=(), next_cursor=None)

    after = world.payment()
    assert remains(world) == []
    assert bare(after) == bare(before)
    assert (after.status, after.updated_at, after.erased_at) == ("succeeded", before.updated_at, at(7200))
    assert world.story()[-1] == ("api", "personal data erased")
    assert list(changes(before, after)) == []
    assert differences(world) == ()
    assert [replace(each, body=b"") for each in world.store.messages(KEY)] == [
        replace(each, body=b"") for each in messages
    ]
    assert all(hashlib.sha256(each.body).hexdigest() == each.digest for each in messages)


def test_messages_that_name_no_payment_are_redacted_with_those_of_their_project() -> None:
    world = lived_world()
    elsewhere = Message(PaymentKey(198, ""), "d" * 64, b'{"customer":"Amina"}', NOON, "callback", 0, ("unplaced",))
    world.store.keep(elsewhere)

    erase(world)

    (unplaced,) = world.store.messages(NOWHERE)
    assert (unplaced.flags, json.loads(unplaced.body)["payment"]) == (("unplaced",), {"status": "success"})
    assert world.store.messages(elsewhere.key) == (elsewhere,)


def test_a_message_that_was_not_believed_is_redacted_and_keeps_its_flag() -> None:
    world = lived_world()
    world.receive({**PAID, "customer": {"first_name": "Amina;Otieno"}})
    world.store.save(replace(world.payment(), doubted=False))

    assert erase(world).erased == (KEY,)
    assert remains(world) == []
    assert sorted(each.flags for each in world.store.messages(KEY)) == [(), (), ("ambiguous",)]
    assert differences(world) == ()


def test_what_a_person_typed_to_close_a_refund_goes_too() -> None:
    world = World()
    world.put_paid(refund("awaiting_support"))
    closing: dict[str, Any] = {"payment_id": KEY.payment_id, "project_id": None, "refund_id": "", "status": "succeeded"}
    close_refund(store=world.store, reason="Amina: it is there", clock=world.clock, **closing)
    assert "Amina: it is there" in repr(world.payment().timeline)

    assert erase(world).erased == (KEY,)
    assert (remains(world), world.payment().status, differences(world)) == ([], "refunded", ())
    assert ("reconciliation", "refund closed by hand as succeeded") in world.story()


def test_others_are_left_alone_and_one_page_is_looked_at_in_one_call() -> None:
    world = lived_world()
    for number, customer in enumerate(("customer1", "customer2", "customer1"), start=2):
        theirs = order(customer=replace(CUSTOMER, id=customer), created_at=at(number))
        world.put(ordered(key=PaymentKey(KEY.project_id, f"order-100{number}"), order=theirs, submission="refused"))
    other = world.payment(PaymentKey(KEY.project_id, "order-1003"))

    first = erase(world, limit=3)
    second = erase(world, limit=3, cursor=first.next_cursor)

    assert (first.checked, [each.payment_id for each in first.erased]) == (3, ["order-1004", "order-1002"])
    assert (second.checked, second.erased, second.next_cursor) == (1, (KEY,), None)
    assert world.payment(other.key) == other
    assert erase(world).erased == ()


def test_a_project_may_be_named() -> None:
    world = lived_world()
    elsewhere = PaymentKey(198, "order-1001")
    world.put(ordered(key=elsewhere, submission="refused"))

    assert erase(world, project_id=198) == Erased(checked=1, erased=(elsewhere,), skipped=(), next_cursor=None)
    assert world.payment().erased_at is None


@pytest.mark.parametrize(
    ("payment", "reason"),
    [
        (ordered(), "it is processing"),
        (ordered(refunds=(refund("sent"),), submission="refused"), "its refund rf-1 is sent"),
        (ordered(doubted=True, submission="refused"), "a message about it is still to be confirmed"),
    ],
)
def test_a_payment_that_is_not_at_its_end_is_skipped_and_named(payment: Payment, reason: str) -> None:
    world = World()
    stored = world.put(payment)
    world.put(ordered(key=ORDER_1002, submission="refused"))

    erased = erase(world)

    assert (erased.erased, erased.skipped) == ((ORDER_1002,), (Skipped(2924, "order-1001", reason),))
    assert world.payment() == stored


def test_a_refund_that_begins_a_moment_before_is_not_overrun() -> None:
    world = lived_world()
    busy = replace(world.payment(), refunds=(refund("sent"),))

    def begin() -> None:
        world.store.save(busy)
        raise StoreConflict("somebody else")

    world.store.before_write.append(begin)

    assert erase(world).skipped == (Skipped(2924, "order-1001", "its refund rf-1 is sent"),)
    assert replace(world.payment(), version=busy.version) == busy


def test_a_message_that_cannot_be_redacted_is_named_and_left_as_it_is() -> None:
    world = lived_world()
    odd = Message(KEY, "d" * 64, b"what is this", NOON, "poll", flags=("ambiguous",))
    world.store.keep(odd)

    (skipped,) = erase(world).skipped

    assert skipped.reason == f"its message {'d' * 64}: The message cannot be read."
    assert odd in world.store.messages(KEY)
    assert erase(world).skipped == (skipped,), "it is found again, because the customer's id is still there"


def test_what_comes_later_is_kept_by_the_digest_of_what_came_and_without_the_person() -> None:
    world = lived_world()
    erase(world)
    body = signed(CHARGEBACK)

    receipt = world.receive_body(body)

    stored = world.store.message(KEY, hashlib.sha256(body).hexdigest())
    assert stored is not None
    assert (receipt.repeated, receipt.flags, b"amina" in stored.body) == (False, (), False)
    assert json.loads(stored.body)["operation"]["type"] == "chargeback"
    assert world.receive_body(body).repeated


def test_what_comes_later_and_cannot_be_redacted_is_kept_as_it_came_rather_than_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = lived_world()
    erase(world)
    monkeypatch.setattr(redaction, "_operation", lambda _: {})  # as if the readers had learnt what this module drops
    body = signed(CHARGEBACK)

    assert not world.receive_body(body).repeated
    assert body in [each.body for each in world.store.messages(KEY)]
    assert differences(world) == ()


def test_old_callbacks_are_still_known_and_change_nothing() -> None:
    world = lived_world()
    erase(world)
    stored, messages = world.payment(), world.store.messages(KEY)

    assert [world.receive(each).repeated for each in (LED_ON, PAID)] == [True, True]
    assert (world.payment(), world.store.messages(KEY)) == (stored, messages)


def test_an_old_callback_in_another_spelling_is_stored_without_the_person() -> None:
    world = lived_world()
    erase(world)

    receipt = world.receive_body(signed(PAID).replace(b'"amount": 10000', b'"amount":10000.0'))

    assert (receipt.repeated, remains(world), differences(world)) == (False, [], ())
    assert world.payment().status == "succeeded"


def test_one_payment_is_erased_by_its_key_and_again_where_more_came_in() -> None:
    world = lived_world()
    erased = erase_payment(store=world.store, key=KEY, clock=world.clock)
    after = world.payment()
    world.put(replace(after, refunds=(refund("declined", reason="Amina again"),)))

    assert erased == erase_payment(store=world.store, key=KEY, clock=world.clock)
    assert erased == Erased(checked=1, erased=(KEY,), skipped=(), next_cursor=None)
    assert remains(world) == []
    assert len(world.payment().timeline) == len(after.timeline)


def test_a_payment_that_no_merchant_ordered_is_erased_by_its_key() -> None:
    world = World()
    world.receive(PAID)

    assert erase(world).checked == 0
    assert erase_payment(store=world.store, key=KEY, clock=world.clock).erased == (KEY,)
    assert (remains(world), world.payment().status) == ([], "succeeded")


def test_a_payment_that_is_not_there_cannot_be_erased() -> None:
    with pytest.raises(PaymentNotFound, match=r"There is no payment order-1001; check the id\."):
        erase_payment(store=World().store, key=KEY, clock=World().clock)


def test_a_payment_that_is_ordered_after_it_was_erased_is_alive_again() -> None:
    world = World()
    world.receive(callback("decline", ("sale", "decline")))
    erase_payment(store=world.store, key=KEY, clock=world.clock)

    world.create()
    world.receive(LED_ON)

    (led_on,) = (each for each in world.store.messages(KEY) if b"redirect_data" in each.body)
    assert (world.payment().erased_at, b"bank.example" in led_on.body) == (None, True)


def test_the_merchant_s_repeated_request_still_finds_the_payment() -> None:
    world = World()
    world.create(idempotency_key="key-1", fingerprint="f" * 64)
    world.receive(PAID)
    erase(world)

    for key in ("", "key-1", "key-2"):
        payment, made = world.create(fingerprint="f" * 64, idempotency_key=key)

        assert (payment.key, payment.status, made) == (KEY, "succeeded", False)
    assert remains(world) == []


def test_the_customer_s_page_still_shows_the_result_without_a_way_back() -> None:
    world = World()
    _, token = world.put_for_page()
    world.receive(PAID)
    shown = show_checkout(world.visit(token))
    erase(world)

    assert show_checkout(world.visit(token)) == replace(shown, return_url="")
    assert shown.return_url == "https://shop.example/orders/1001"


def test_a_refund_is_carried_out_after_all_and_a_repeated_request_is_the_same_refund() -> None:
    world = lived_world()
    wanted: dict[str, Any] = {"payment_id": KEY.payment_id, "project_id": None, "amount": None}
    wanted |= {"new_id": world.new_id, "clock": world.clock, "workflow": world.workflow, "idempotency_key": "key-1"}
    wanted["report_fault"] = pytest.fail

    def ask(reason: str) -> tuple[str, bool]:
        _, begun, is_new = start_refund(store=world.store, reason=reason, **wanted)
        return begun.refund_id, is_new

    refund_id, _ = ask("Amina wants it back")
    world.request_refund(refund_id)
    world.receive(refund_callback(seconds=7300, request_id="request-1"))
    assert world.payment().status == "refunded"
    erase(world)

    assert ask("Amina wants it back") == (refund_id, False)
    assert remains(world) == []


def test_an_erased_payment_is_refunded_through_gate_without_anything_of_the_person() -> None:
    world = lived_world()
    erase(world)

    reserved = world.reserve()
    world.request_refund(reserved["refund_id"])
    world.receive(refund_callback(seconds=7300, request_id="request-1"))

    assert (world.payment().status, world.refund(reserved["refund_id"]).status) == ("refunded", "succeeded")
    assert "Amina" not in repr(world.gate.calls)
    assert (remains(world), differences(world)) == ([], ())
