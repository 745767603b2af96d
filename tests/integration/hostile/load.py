"""A load of payments with callbacks in any order, and a store in memory that finds things by key, as the table does."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from payments.domain.payment import Payment, PaymentKey
from payments.ports import IdempotencyRecord, Message, PaymentFilter
from payments.usecases.erase_customer import erase_customer
from payments.usecases.receive_callback import receive_callback
from payments.usecases.replay_payments import Difference, replay_payments
from tests.support.fakes import FakeProjects, FakeStore
from tests.unit.domain.told import KEY, at, callback, order, refund_callback
from tests.unit.usecases.world import SECRET, Clock, signed

PAGE = 100


class IndexedStore:
    """`FakeStore` with an index: its own lists look at everything, and would make any reader of it quadratic."""

    def __init__(self) -> None:
        self._store = FakeStore()
        self._messages: dict[PaymentKey, dict[str, Message]] = defaultdict(dict)
        self._listed: list[PaymentKey] = []
        self._ordered: set[PaymentKey] = set()

    def read(self, key: PaymentKey) -> Payment | None:
        return self._store.read(key)

    def find(self, payment_id: str) -> tuple[Payment, ...]:
        return self._store.find(payment_id)

    def read_for_message(self, key: PaymentKey, digest: str) -> tuple[Payment | None, bool]:
        return self._store.read_for_message(key, digest)

    def save(
        self, payment: Payment, *, message: Message | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Payment:
        written = self._store.save(payment, message=message, idempotency=idempotency)
        if message is not None:
            self._messages[payment.key][message.digest] = message
        if written.order is not None and payment.key not in self._ordered:
            self._ordered.add(payment.key)
            self._listed.append(payment.key)
        return written

    def keep(self, message: Message) -> None:
        self._store.keep(message)

    def redact(self, key: PaymentKey, digest: str, body: bytes) -> None:
        self._store.redact(key, digest, body)
        if digest in self._messages[key]:
            self._messages[key][digest] = replace(self._messages[key][digest], body=body)

    def message(self, key: PaymentKey, digest: str) -> Message | None:
        return self._store.message(key, digest)

    def messages(self, key: PaymentKey) -> tuple[Message, ...]:
        return tuple(self._messages[key].values())

    def idempotent(self, idempotency_key: str) -> IdempotencyRecord | None:
        return self._store.idempotent(idempotency_key)

    def select(
        self, wanted: PaymentFilter, *, limit: int, cursor: str | None
    ) -> tuple[tuple[Payment, ...], str | None]:
        """Pages in the order in which the payments were ordered; the cursor is a place in it."""
        assert wanted == PaymentFilter()
        start = int(cursor or 0)
        found = (self._store.read(key) for key in self._listed[start : start + limit])
        end = start + limit
        return tuple(each for each in found if each is not None), str(end) if end < len(self._listed) else None

    def changed_on(self, day: date) -> Iterator[Payment]:
        return self._store.changed_on(day)

    def due(self, *, now: datetime, limit: int) -> tuple[PaymentKey, ...]:
        return self._store.due(now=now, limit=limit)


def loaded_store(payments: int, *, seed: int) -> tuple[IndexedStore, int]:
    """A store with so many payments after all their callbacks, and how many callbacks that were.

    Every payment has a story of its own. All callbacks arrive mixed with each other and with the orders, some twice,
    some in other bytes, some not to be believed.
    """
    chance = random.Random(seed)
    store, projects = IndexedStore(), FakeProjects()
    arrivals: list[tuple[PaymentKey, bytes | None]] = []
    for number in range(payments):
        key = PaymentKey(KEY.project_id, f"order-{number}")
        bodies = [signed(each, SECRET) for each in _story(key.payment_id, chance)]
        bodies += [chance.choice(bodies), chance.choice(bodies) + b"\n"]
        arrivals += [(key, None), *((key, body) for body in bodies)]
    chance.shuffle(arrivals)
    callbacks = 0
    clock = Clock()
    for moment, (key, body) in enumerate(arrivals):
        clock.now = now = at(moment)
        if body is None:
            known = store.read(key) or Payment(key=key, updated_at=now)
            store.save(replace(known, order=order(created_at=now), submission="acknowledged", updated_at=now))
        else:
            receive_callback(store=store, projects=projects, body=body, clock=clock)
            callbacks += 1
    return store, callbacks


def _story(payment_id: str, chance: random.Random) -> list[dict[str, Any]]:
    """What the provider tells about one payment."""
    start = chance.randrange(5000)
    end = chance.choice(["success", "success", "success", "decline", "expired", "manual change", "canceled"])
    told = [
        callback("processing", ("sale", "processing"), seconds=start),
        callback("awaiting redirect result", ("sale", "awaiting redirect result"), seconds=start + chance.randrange(3)),
        callback(
            end, ("sale", end), seconds=start + chance.randrange(60), amount=chance.choice([10_000] * 9 + [9_999])
        ),
    ]
    if end == "success" and chance.random() < 0.5:
        told.append(refund_callback(chance.choice(["success", "decline"]), seconds=start + 3600))
    if end == "success" and chance.random() < 0.2:
        told.append(
            refund_callback(kind="reversal", payment="partially refunded", amount=100, operation_id=392, held=9_900)
        )
    if chance.random() < 0.1:
        told.append(callback("processing", None, seconds=start, payment_fields={"description": "a;b:c"}))
    return [{**each, "payment": {**each["payment"], "id": payment_id}} for each in told]


def erase_all(store: IndexedStore) -> tuple[int, int]:
    """Every page of the erasure of everybody's customer, long after the last callback: payments erased and skipped."""
    erased = skipped = 0
    cursor = None
    while True:
        page = erase_customer(
            store=store, customer_id="customer1", project_id=None, cursor=cursor, limit=PAGE, clock=lambda: at(10**7)
        )
        erased += len(page.erased)
        skipped += len(page.skipped)
        cursor = page.next_cursor
        if cursor is None:
            return erased, skipped


def replay_all(store: IndexedStore) -> tuple[int, list[Difference]]:
    """Every page of the replay: payments checked, and what differs."""
    checked, differences, cursor = 0, list[Difference](), None
    while True:
        page = replay_payments(store=store, cursor=cursor, limit=PAGE, repair=False, clock=lambda: at(10**6))
        checked += page.checked
        differences += page.differences
        cursor = page.next_cursor
        if cursor is None:
            return checked, differences
