"""Many writers at once: one wins, the others are told the truth, nothing is lost."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from payments.domain.errors import MessageKnown, StoreConflict
from payments.domain.payment import Payment, PaymentKey
from payments.ports import IdempotencyRecord, Message, Store
from payments.usecases.record_message import Recorded, record_message
from tests.contract.store.values import NOON, message, payment
from tests.support.measures import FIGURE
from tests.unit.domain.told import body_of, callback, digest_of, folded, read

WRITERS = 32
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


class Watched:
    """A store as `record_message` uses it, that counts the writes which somebody else was faster than."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.wasted: deque[int] = deque()

    def read_for_message(self, key: PaymentKey, digest: str) -> tuple[Payment | None, bool]:
        return self._store.read_for_message(key, digest)

    def save(self, changed: Payment, *, message: Message) -> Payment:
        try:
            return self._store.save(changed, message=message)
        except StoreConflict:
            self.wasted.append(1)
            raise


def test_messages_that_come_all_at_once_are_all_recorded(
    store: Store, engine: str, record_property: Callable[[str, object], None]
) -> None:
    store.save(payment())
    watched = Watched(store)
    told = [callback("decline", ("sale", "decline"), seconds=number, operation_id=number) for number in range(WRITERS)]
    recorded: deque[Recorded] = deque()
    began = time.monotonic()

    def write(number: int) -> None:
        said = told[number]
        recorded.append(
            record_message(
                store=watched,  # type: ignore[arg-type]  # the part of a store that is used here
                message=message(body_of(said), digest=digest_of(said)),
                report=read(said),
                believed=True,
                clock=lambda: NOON,
            )
        )

    assert outcomes(write) == {"written": WRITERS}
    record_property(
        FIGURE,
        f"{WRITERS} messages of one payment at once on {engine}: {len(watched.wasted) / WRITERS:.2f} wasted writes "
        f"per message, all recorded after {time.monotonic() - began:.2f} s",
    )
    assert list(recorded) == [Recorded(repeated=False)] * WRITERS
    last = store.read(KEY)
    assert last is not None
    assert (last.version, last.provider) == (WRITERS + 1, folded(told))
    assert {each.digest for each in store.messages(KEY)} == {digest_of(said) for said in told}
