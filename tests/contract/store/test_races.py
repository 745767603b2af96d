"""Many writers at once: one wins, the others are told the truth, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from payments.domain.errors import MessageKnown, StoreConflict
from payments.domain.payment import PaymentKey
from payments.ports import IdempotencyRecord, Store
from tests.contract.store.values import message, payment

WRITERS = 16
KEY = PaymentKey(2924, "order-1001")


def outcomes(write: Callable[[int], object]) -> Counter[str]:
    """What became of the same write by all writers at once."""
    start = Barrier(WRITERS)

    def attempt(number: int) -> str:
        start.wait(timeout=30)
        try:
            write(number)
        except (StoreConflict, MessageKnown) as refusal:
            return type(refusal).__name__
        return "written"

    with ThreadPoolExecutor(WRITERS) as pool:
        return Counter(pool.map(attempt, range(WRITERS)))


def test_of_writers_of_one_version_exactly_one_wins(store: Store) -> None:
    first = store.save(payment())
    for version in range(1, 6):
        read = replace(first, version=version)

        assert outcomes(lambda number, read=read: store.save(replace(read, request_id=f"by {number}"))) == {  # type: ignore[misc]  # mypy cannot see defaults of a lambda
            "written": 1,
            "StoreConflict": WRITERS - 1,
        }

    last = store.read(KEY)
    assert last is not None
    assert last.version == 6


def test_of_creators_of_one_payment_exactly_one_wins(store: Store) -> None:
    record = IdempotencyRecord("key-1", KEY, "fingerprint")

    assert outcomes(lambda number: store.save(payment(request_id=f"by {number}"), idempotency=record)) == {
        "written": 1,
        "StoreConflict": WRITERS - 1,
    }


def test_of_requests_with_one_idempotency_key_exactly_one_wins(store: Store) -> None:
    def write(number: int) -> None:
        made = payment(f"order-{number}")
        store.save(made, idempotency=IdempotencyRecord("key-1", made.key, "fingerprint"))

    assert outcomes(write) == {"written": 1, "StoreConflict": WRITERS - 1}
    record = store.idempotent("key-1")
    assert record is not None
    assert [number for number in range(WRITERS) if store.read(PaymentKey(2924, f"order-{number}"))] == [
        int(record.payment.payment_id.removeprefix("order-"))
    ]


def test_of_deliveries_of_one_message_exactly_one_is_written(store: Store) -> None:
    first = store.save(payment())

    result = outcomes(lambda _: store.save(first, message=message()))

    assert result["written"] == 1
    # On AWS a writer may also be told of the transaction under way, and learns the rest by reading again.
    assert result["MessageKnown"] + result["StoreConflict"] == WRITERS - 1
    assert len(store.messages(KEY)) == 1
    assert store.read(KEY) == replace(first, version=2)


def test_writers_who_read_again_all_get_their_message_in(store: Store) -> None:
    store.save(payment())

    def write(number: int) -> None:
        said = message(f"message {number}".encode())
        for _ in range(1000):
            read, known = store.read_for_message(KEY, said.digest)
            assert read is not None
            assert not known
            try:
                store.save(replace(read, checks=read.checks + 1), message=said)
            except StoreConflict:
                continue
            return

    assert outcomes(write) == {"written": WRITERS}
    last = store.read(KEY)
    assert last == payment(checks=WRITERS, version=WRITERS + 1)
    assert len(store.messages(KEY)) == WRITERS
