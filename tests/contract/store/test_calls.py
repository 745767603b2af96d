"""How often the store asks DynamoDB: each call costs the payer's time and the merchant's money."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payments.aws.dynamodb import DynamoStore
from payments.domain.payment import PaymentKey
from payments.ports import IdempotencyRecord, PaymentFilter
from tests.contract.store.table import make_table
from tests.contract.store.values import NOON, message, payment

KEY = PaymentKey(2924, "order-1001")


@pytest.mark.parametrize(
    ("use", "calls"),
    [
        (lambda store: store.read(KEY), ["GetItem"]),
        (lambda store: store.find("order-1001"), ["Query"]),
        (lambda store: store.read_for_message(KEY, "d"), ["BatchGetItem"]),
        (lambda store: store.save(payment("new")), ["TransactWriteItems"]),
        (
            lambda store: store.save(
                payment("new"), message=message(), idempotency=IdempotencyRecord("key-1", KEY, "f")
            ),
            ["TransactWriteItems"],
        ),
        (lambda store: store.keep(message()), ["PutItem"]),
        (lambda store: store.redact(KEY, "d", b"{}"), ["UpdateItem"]),
        (lambda store: store.message(KEY, "d"), ["GetItem"]),
        (lambda store: store.messages(KEY), ["Query"]),
        (lambda store: store.idempotent("key-1"), ["GetItem"]),
        (lambda store: store.select(PaymentFilter(), limit=20, cursor=None), ["Query", "BatchGetItem"]),
        (lambda store: store.select(PaymentFilter(status="failed"), limit=20, cursor=None), ["Query"]),
        (lambda store: store.due(now=NOON, limit=20), ["Query", "BatchGetItem"]),
        (lambda store: list(store.changed_on(NOON.date())), ["Query", "BatchGetItem"]),
    ],
)
def test_each_operation_makes_so_many_calls(
    moto_client: Any, use: Callable[[DynamoStore], object], calls: list[str]
) -> None:
    store = DynamoStore(moto_client, make_table(moto_client))
    store.save(payment(check_at=NOON))
    made: list[str] = []
    moto_client.meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name))

    use(store)

    assert made == calls


def test_reads_of_the_table_are_consistent(moto_client: Any) -> None:
    store = DynamoStore(moto_client, make_table(moto_client))
    asked: list[dict[str, Any]] = []
    moto_client.meta.events.register("provide-client-params.dynamodb", lambda params, **_: asked.append(params))

    store.read(KEY)
    store.find("order-1001")
    store.message(KEY, "d")
    store.messages(KEY)
    store.idempotent("key-1")
    store.read_for_message(KEY, "d")

    assert [each.get("ConsistentRead") for each in asked[:5]] == [True] * 5
    assert [each["ConsistentRead"] for each in asked[5]["RequestItems"].values()] == [True]
