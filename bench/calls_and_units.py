"""R5: what a callback costs in DynamoDB: calls, and write units.

The peer does the same with Powertools' idempotency around it: the very same message and payment are kept in two plain
writes, because the idempotency record is what keeps it from doing that twice. DynamoDB Local itself counts the units of
table and indexes (ReturnConsumedCapacity), with two corrections:

* It doubles the units of a transaction twice: of an item of one unit it tells 4, and AWS documents 2. So what it tells
  of transactions is scaled by what it tells of one such item.
* Of a refused conditional write it tells nothing. AWS bills what the write would have cost, here one unit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from bench.rounds import Row, spread
from bench.stage import SECRET_KEY, TABLE, Stage, callback_event
from ecommpay_signing import loads, signed_view, verify
from payments.aws.dynamodb import DynamoStore
from payments.aws.items import payment_item
from payments.domain.check_schedule import scheduled
from payments.gate.messages import message_key, report
from payments.usecases.receive_callback import receive_callback
from payments.usecases.record_message import describe
from tests.contract.store.values import message
from tests.support.fakes import FakeProjects

IDEMPOTENCY_TABLE = "idempotency"
#: What ECommPay tells of a sale: on its way, the customer's turn, the end.
STORY = ("processing", "awaiting redirect result", "success")
READS = {"GetItem", "BatchGetItem", "Query"}
UNITS_OF_A_REFUSED_WRITE = 1.0
WHY = (
    "A transaction costs twice the units of plain writes. It is what makes message and payment one step: after a crash "
    "between two plain writes, a repetition would find the message and never move the payment. Even with items of one "
    "unit ours would take 12 and the peer, whose idempotency record is written twice for each callback, 12 as well."
)

Receive = Callable[[bytes], object]


@dataclass
class Bill:
    """The calls of one client and the write units they took, since the last question."""

    calls: list[str] = field(default_factory=list)
    units: float = 0.0
    transaction_scale: float = 1.0

    def of(self, action: Callable[[], object]) -> tuple[int, float]:
        """The number of calls and the write units of this action."""
        self.calls, self.units = [], 0.0
        action()
        return len(self.calls), self.units

    def note(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        """Add one call."""
        self.calls.append(model.name)
        if "Error" in parsed:
            self.units += UNITS_OF_A_REFUSED_WRITE
        elif model.name not in READS:
            is_transaction = model.name == "TransactWriteItems"
            consumed = parsed["ConsumedCapacity"] if is_transaction else [parsed["ConsumedCapacity"]]
            told = sum(each["CapacityUnits"] for each in consumed)
            self.units += told * self.transaction_scale if is_transaction else told

    def scale_transactions(self, client: Any, table: str) -> None:
        """Learn how this engine counts from the write of one item of one unit, which costs 2 in a transaction."""
        put = {"TableName": table, "Item": {"pk": {"S": "SCALE"}, "sk": {"S": "SCALE"}}}
        _, told = self.of(lambda: client.transact_write_items(TransactItems=[{"Put": put}]))
        self.transaction_scale = 2 / told


def measure_calls_and_units(stage: Stage) -> list[Row]:
    """Return the rows R5; without the units where the engine does not count as AWS does."""
    client: Any = boto3.client("dynamodb")
    client.create_table(
        TableName=IDEMPOTENCY_TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    bill = Bill()
    client.meta.events.register("provide-client-params.dynamodb", _ask_for_units)
    client.meta.events.register("after-call.dynamodb", bill.note)
    store = DynamoStore(client, TABLE)
    once, again = _life(stage, bill, "calls", _ours(store))
    rows = [
        Row("R5", "AWS calls of a callback's first delivery", spread([max(calls for calls, _ in once)]), "<= 2"),
        Row("R5", "AWS calls of a repeated delivery", spread([max(calls for calls, _ in again)]), "<= 1"),
    ]
    if stage.engine == "moto":
        return rows
    bill.scale_transactions(client, TABLE)
    once, again = _life(stage, bill, "ours", _ours(store))
    their_once, their_again = _life(stage, bill, "peer", _theirs(store, client, TABLE))
    first, their_first, second, their_second = (_units(each) for each in (once, their_once, again, their_again))
    what = f"write units of the {len(STORY)} callbacks of a sale, ours / with Powertools idempotency"
    both, their_both = first + second, their_first + their_second
    return [
        *rows,
        Row("R5", f"{what}, delivered once: {first:g} / {their_first:g}", spread([first / their_first]), "<= 0.6", WHY),
        Row("R5", f"{what}, each twice: {both:g} / {their_both:g}", spread([both / their_both]), "<= 0.6", WHY),
    ]


def _ask_for_units(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return {**params, "ReturnConsumedCapacity": "TOTAL"}


def _units(bills: list[tuple[int, float]]) -> float:
    return sum(units for _, units in bills)


def _life(
    stage: Stage, bill: Bill, name: str, receive: Receive
) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Calls and units of each callback of a sale, and of the same callback once more."""
    payment_id = f"units-{name}"
    stage.order(payment_id)
    once, again = [], []
    for number, status in enumerate(STORY):
        body = callback_event(payment_id, status, seconds=number)["body"].encode()
        once.append(bill.of(lambda body=body: receive(body)))  # type: ignore[misc]  # mypy cannot see defaults of a lambda
        again.append(bill.of(lambda body=body: receive(body)))  # type: ignore[misc]  # the same
    return once, again


def _ours(store: DynamoStore) -> Receive:
    projects = FakeProjects()
    return lambda body: receive_callback(store=store, projects=projects, body=body, clock=lambda: datetime.now(UTC))


def _theirs(store: DynamoStore, client: Any, table: str) -> Receive:
    layer = DynamoDBPersistenceLayer(table_name=IDEMPOTENCY_TABLE, boto3_client=client)
    config = IdempotencyConfig(lambda_context=SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000))  # type: ignore[arg-type]  # the part that is used

    def receive(*, body: str) -> dict[str, str]:
        sent, now = loads(body.encode()), datetime.now(UTC)
        verify(sent, [SECRET_KEY])
        view = signed_view(sent)
        _, payment_id = message_key(view)
        kept = message(body.encode(), payment_id)
        said = report(view, digest=kept.digest)
        payment = store.read(kept.key)
        assert payment is not None
        store.keep(kept)
        moved = scheduled(payment.told(said, at=now, source="callback", what=describe(said)), now=now)
        client.put_item(TableName=table, Item=payment_item(moved))
        return {"status": "stored"}

    once: Any = idempotent_function(data_keyword_argument="body", persistence_store=layer, config=config)(receive)
    return lambda body: once(body=body.decode())
