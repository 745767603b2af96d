"""What every store promises, tried on the fake one and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from payments.domain.errors import MessageKnown, StoreConflict
from payments.domain.payment import Payment, PaymentKey
from payments.ports import IdempotencyRecord, Message, Store
from tests.contract.store import values
from tests.contract.store.values import NOON, message, order, payment

KEY = PaymentKey(2924, "order-1001")

HOSTILE_IDS = (
    "a#b",
    "#",
    "PAYMENT#2924",
    "order-1001#2924",
    "-SHA256#" + "0" * 64,
    "x" * 255,
    "\U0001f600" * 255,
    "x" * 100_000,
    "\ud83d",
    "\0",
    " ",
    "付款",
)


def test_nothing_is_there_at_first(store: Store) -> None:
    assert store.read(KEY) is None
    assert store.find("order-1001") == ()
    assert store.read_for_message(KEY, "d" * 64) == (None, False)
    assert store.message(KEY, "d" * 64) is None
    assert store.messages(KEY) == ()
    assert store.idempotent("key-1") is None


def test_a_payment_comes_back_as_written_with_the_next_version(store: Store) -> None:
    written = store.save(payment())

    assert written == payment(version=1)
    assert store.read(KEY) == written
    assert store.save(written) == payment(version=2)
    assert store.read(KEY) == payment(version=2)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],  # `test_items` finds the smallest case, without a table and much faster
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(any_payment=values.payments, any_message=values.messages)
def test_every_payment_and_message_comes_back_as_written(
    store: Store, any_payment: Payment, any_message: Message
) -> None:
    stored = store.read(any_payment.key)
    kept = store.message(any_message.key, any_message.digest)  # of an earlier example with the same key
    written = store.save(replace(any_payment, version=stored.version if stored else 0))
    store.keep(any_message)

    assert store.read(any_payment.key) == written
    assert store.message(any_message.key, any_message.digest) == (kept or any_message)


@pytest.mark.parametrize("payment_id", HOSTILE_IDS, ids=lambda text: ascii(text[:20]))
def test_any_payment_id_is_a_key_of_its_own(store: Store, payment_id: str) -> None:
    said = message(payment_id=payment_id)
    written = store.save(payment(payment_id), message=said)
    others = [store.save(payment(other), message=message(payment_id=other)) for other in ("order-1001", "0" * 64)]

    key = PaymentKey(2924, payment_id)
    assert store.read(key) == written
    assert store.find(payment_id) == (written,)
    assert store.read_for_message(key, said.digest) == (written, True)
    assert store.messages(key) == (said,)
    assert [store.find(other.key.payment_id) for other in others] == [(other,) for other in others]


@pytest.mark.parametrize("payment_id", ["", *HOSTILE_IDS], ids=lambda text: ascii(text[:20]))
def test_a_message_of_any_payment_id_is_kept_and_kept_again(store: Store, payment_id: str) -> None:
    said = message(b"\xff\x00 bytes as they came", payment_id=payment_id, flags=("unplaced",), verified_by=1)

    store.keep(said)
    store.keep(replace(said, received_at=NOON.replace(hour=13)))

    assert store.message(said.key, said.digest) == said
    assert store.messages(said.key) == (said,)
    assert store.read_for_message(said.key, said.digest) == (None, True)


def test_a_message_of_the_largest_callback_is_kept_under_the_longest_id(store: Store) -> None:
    said = message(b"\xee" * 256 * 1024, payment_id="x" * 256 * 1024)

    store.keep(said)

    assert store.message(said.key, said.digest) == said


@pytest.mark.parametrize("payment_id", ["", "order-1001", *HOSTILE_IDS], ids=lambda text: ascii(text[:20]))
def test_a_redacted_message_has_another_body_and_everything_else_of_its_own(store: Store, payment_id: str) -> None:
    said = message(b"\xff\x00 of Amina", payment_id=payment_id, flags=("unplaced",), verified_by=1, source="poll")
    other = message(b"{}", payment_id=payment_id)
    store.keep(said)
    store.keep(other)

    for body in (b'{"kept":true}', b"", b"\xee" * 256 * 1024):
        store.redact(said.key, said.digest, body)

        assert store.message(said.key, said.digest) == replace(said, body=body)
    assert store.read_for_message(said.key, said.digest) == (None, True)
    assert store.message(other.key, other.digest) == other
    store.keep(said)
    assert store.message(said.key, said.digest) == replace(said, body=b"\xee" * 256 * 1024)


def test_a_message_that_is_not_stored_is_not_made_by_redacting_it(store: Store) -> None:
    written, said = store.save(payment()), message(b"of another project", project_id=198)
    store.keep(said)

    store.redact(KEY, said.digest, b"{}")

    assert store.messages(KEY) == ()
    assert (store.read(KEY), store.messages(said.key)) == (written, (said,))


def test_redacting_a_message_leaves_its_payment_alone(store: Store) -> None:
    said = message()
    written = store.save(payment(check_at=NOON), message=said)

    store.redact(KEY, said.digest, b'{"kept":true}')

    assert store.read(KEY) == written
    assert store.save(written).version == 2
    with pytest.raises(MessageKnown):
        store.save(replace(written, version=2), message=said)


def test_messages_without_a_payment_stay_with_their_project(store: Store) -> None:
    ours, theirs = message(payment_id="", project_id=1), message(payment_id="", project_id=12)
    store.keep(ours)
    store.keep(theirs)

    assert store.messages(PaymentKey(1, "")) == (ours,)
    assert store.messages(PaymentKey(12, "")) == (theirs,)


def test_payments_of_one_id_in_several_projects_are_apart(store: Store) -> None:
    large, small = store.save(payment(project_id=2924)), store.save(payment(project_id=198))
    store.save(payment(project_id=292, order=None))
    said = {project: message(project_id=project) for project in (2924, 198)}
    for each in said.values():
        store.keep(each)

    assert store.read(large.key) == large
    assert set(store.find("order-1001")) == {large, small}
    assert {project: store.messages(PaymentKey(project, "order-1001")) for project in (2924, 198, 292)} == {
        2924: (said[2924],),
        198: (said[198],),
        292: (),
    }


def test_a_payment_the_provider_spoke_of_first_is_found_once_it_is_ordered(store: Store) -> None:
    said = message(flags=("unknown_payment",))
    unknown = store.save(payment(order=None), message=said)

    assert store.read(KEY) == unknown
    assert store.find("order-1001") == ()

    ordered = store.save(replace(unknown, order=order()))

    assert ordered.version == 2
    assert store.find("order-1001") == (ordered,)
    assert store.messages(KEY) == (said,)


def test_all_messages_of_a_payment_come_back_however_many(store: Store) -> None:
    bodies = [bytes([number]) * 100_000 for number in range(25)]
    for body in bodies:
        store.keep(message(body))

    assert {each.body for each in store.messages(KEY)} == set(bodies)
    assert len(store.messages(KEY)) == 25


def test_a_stale_payment_is_a_conflict_and_nothing_of_it_is_written(store: Store) -> None:
    first = store.save(payment())
    second = store.save(replace(first, request_id="second"))
    late, record = message(b"late"), IdempotencyRecord("key-1", KEY, "fingerprint")

    for version in (0, 1, 3):
        with pytest.raises(StoreConflict):
            store.save(replace(first, version=version, request_id="late"), message=late, idempotency=record)

    assert store.read(KEY) == second
    assert store.read_for_message(KEY, late.digest) == (second, False)
    assert store.idempotent("key-1") is None


def test_a_known_message_is_told_from_a_conflict_and_nothing_is_written(store: Store) -> None:
    said, record = message(), IdempotencyRecord("key-1", KEY, "fingerprint")
    first = store.save(payment(), message=said)

    with pytest.raises(MessageKnown):
        store.save(replace(first, request_id="again"), message=said, idempotency=record)

    assert store.read(KEY) == first
    assert store.idempotent("key-1") is None


def test_a_known_message_outweighs_a_stale_payment(store: Store) -> None:
    store.save(payment(), message=message())

    with pytest.raises(MessageKnown):
        store.save(payment(), message=message())


def test_the_same_body_about_another_payment_is_another_message(store: Store) -> None:
    store.save(payment(), message=message())
    store.save(payment("order-1002"), message=message(payment_id="order-1002"))

    assert len(store.messages(KEY)) == 1
    assert len(store.messages(PaymentKey(2924, "order-1002"))) == 1


@pytest.mark.parametrize("idempotency_key", ["key-1", "a#b", "x" * 5000, "\udc00"], ids=lambda text: ascii(text[:9]))
def test_an_idempotency_key_belongs_to_the_first_request(store: Store, idempotency_key: str) -> None:
    record = IdempotencyRecord(idempotency_key, KEY, "fingerprint")
    store.save(payment(), idempotency=record)
    other = payment("order-1002")

    with pytest.raises(StoreConflict):
        store.save(other, idempotency=replace(record, payment=other.key))

    assert store.idempotent(idempotency_key) == record
    assert store.read(other.key) is None


def test_a_payment_without_an_order_is_in_no_list(store: Store) -> None:
    store.save(payment(order=None))

    assert store.find("order-1001") == ()
