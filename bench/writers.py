"""R7: how many conditional writes are wasted when 32 callbacks of one payment come at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import Any

import boto3
from botocore.config import Config

from bench.rounds import Row, Spread, spread
from bench.stage import TABLE, Stage
from payments.aws.dynamodb import DynamoStore
from payments.domain.errors import StoreConflict
from payments.domain.payment import Payment, PaymentKey
from payments.ports import Message, Store
from payments.usecases.record_message import record_message
from tests.contract.store.values import NOON, message
from tests.unit.domain.told import body_of, callback, digest_of, read

WRITERS = 32
ROUNDS = 5


class Counted:
    """A store as `record_message` uses it, that counts the writes somebody else was faster than."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self.wasted = 0

    def read_for_message(self, key: PaymentKey, digest: str) -> tuple[Payment | None, bool]:
        """As the store has it."""
        return self._store.read_for_message(key, digest)

    def save(self, payment: Payment, *, message: Message) -> Payment:
        """Save, and count a lost race."""
        try:
            return self._store.save(payment, message=message)
        except StoreConflict:
            with self._lock:
                self.wasted += 1
            raise


def measure_writers(stage: Stage) -> list[Row]:
    """Return the row R7."""
    client: Any = boto3.client("dynamodb", config=Config(max_pool_connections=WRITERS))
    store = DynamoStore(client, TABLE)
    figure: Spread = spread(_wasted(stage, store, f"race-{number}") / WRITERS for number in range(ROUNDS))
    what = f"{WRITERS} callbacks of one payment at once on {stage.engine}: wasted conditional writes per success"
    return [Row("R7", what, figure, "<= 2")]


def _wasted(stage: Stage, store: DynamoStore, payment_id: str) -> int:
    stage.order(payment_id)
    counted, start = Counted(store), Barrier(WRITERS)

    def write(number: int) -> None:
        told = callback("decline", ("sale", "decline"), seconds=number, operation_id=number)
        start.wait(timeout=30)
        record_message(
            store=counted,  # type: ignore[arg-type]  # the part of a store that is used here
            message=message(body_of(told), payment_id, digest=digest_of(told)),
            report=read(told),
            believed=True,
            clock=lambda: NOON,
        )

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    return counted.wasted
