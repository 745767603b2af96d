"""The table: the ledger of the provider's messages and the payments folded from it.

Rules of this file:

* Every read is consistent, but for the indexes; what an index names is read from the table before it is believed.
* `DynamoStore.save` is always one transaction, also for the payment alone. Its request token makes botocore's own
  repetition of a write whose answer was lost harmless; a repeated PutItem would fail on the very version it had
  written and look like a conflict with somebody else. It costs twice the write units of a PutItem.
* After `StoreUnavailable` a write may still have been done (a time-out). Reading again tells: the version has moved,
  or the message is known.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from payments.aws.documents import Attribute, Item, day_text, time_text
from payments.aws.failures import error_code, unavailable_when_failing
from payments.aws.items import (
    DUE_QUEUE,
    idempotency_item,
    idempotency_of,
    idempotency_row,
    message_item,
    message_of,
    message_partition,
    message_prefix,
    message_row,
    payment_item,
    payment_of,
    payment_partition,
    payment_row,
)
from payments.aws.listing import cursor_after, is_empty, listing_query
from payments.domain.errors import MessageKnown, StoreConflict, StoreUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.ports import IdempotencyRecord, Message, PaymentFilter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NEW = "attribute_not_exists(pk)"
_THERE = "attribute_exists(pk)"
_CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})

#: Keys in one BatchGetItem.
_LARGEST_BATCH = 100
#: One answer holds 16 MB, which is 40 payments of the largest size: so often a batch may need to be asked for the rest.
_BATCH_ATTEMPTS = 6
_BATCH_PAUSE_S = 0.05

#: A filter by project may leave little of a page of the index; after so many the list goes on by its cursor.
_MOST_PAGES = 10
_FILTERED_PAGE = 250


class DynamoStore:
    """`payments.ports.Store` on one DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table_name: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table_name
        self._pause = pause

    def read(self, key: PaymentKey) -> Payment | None:
        """The payment as last written."""
        item = self._get(payment_row(key))
        return payment_of(item) if item else None

    def find(self, payment_id: str) -> tuple[Payment, ...]:
        """The payments of every project that have this id, ordered ones only, by project."""
        items = self._query_partition(payment_partition(payment_id), "PAYMENT#")
        found = (payment_of(item) for item in items)
        return tuple(sorted((each for each in found if each.order), key=lambda each: each.key))

    def read_for_message(self, key: PaymentKey, digest: str) -> tuple[Payment | None, bool]:
        """The payment and whether this message is stored already."""
        found = self._get_batch([payment_row(key), message_row(key, digest)])
        item = found.get(_place(payment_row(key)))
        return (payment_of(item) if item else None), _place(message_row(key, digest)) in found

    def save(
        self, payment: Payment, *, message: Message | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Payment:
        """Write everything or nothing; the payment comes back with its new version."""
        written = replace(payment, version=payment.version + 1)
        puts = [self._put_next(written)]
        if message is not None:
            puts.append(self._put_new(message_item(message)))
        if idempotency is not None:
            puts.append(self._put_new(idempotency_item(idempotency)))
        with unavailable_when_failing("TransactWriteItems"):
            try:
                self._client.transact_write_items(
                    TransactItems=[{"Put": put} for put in puts],
                    ClientRequestToken=uuid.uuid4().hex,
                )
            except ClientError as error:
                _raise_refusal(error, with_message=message is not None)
                raise
        return written

    def keep(self, message: Message) -> None:
        """Store a message that belongs to no payment; a repetition changes nothing."""
        with unavailable_when_failing("PutItem"):
            try:
                self._client.put_item(**self._put_new(message_item(message)))
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise

    def redact(self, key: PaymentKey, digest: str, body: bytes) -> None:
        """Put this body in the place of a stored message's own; where none is stored, nothing is written."""
        with unavailable_when_failing("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=message_row(key, digest),
                    UpdateExpression="SET body = :body",
                    ConditionExpression=_THERE,
                    ExpressionAttributeValues={":body": {"B": body}},
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise

    def message(self, key: PaymentKey, digest: str) -> Message | None:
        """One stored message of a payment."""
        item = self._get(message_row(key, digest))
        return message_of(item, key) if item else None

    def messages(self, key: PaymentKey) -> tuple[Message, ...]:
        """Every stored message of a payment."""
        items = self._query_partition(message_partition(key), message_prefix(key))
        return tuple(message_of(item, key) for item in items)

    def idempotent(self, idempotency_key: str) -> IdempotencyRecord | None:
        """What this key made before."""
        item = self._get(idempotency_row(idempotency_key))
        return idempotency_of(item, idempotency_key) if item else None

    def select(
        self, wanted: PaymentFilter, *, limit: int, cursor: str | None
    ) -> tuple[tuple[Payment, ...], str | None]:
        """A page of payments, newest first, and the cursor of the next.

        A page may hold fewer than ``limit`` and still have a next one: payments whose status changed since the index
        was written are left out, and a rare project's payments may lie far apart.
        """
        query = listing_query(wanted, cursor)
        if is_empty(wanted):
            return (), None
        rows, last = self._query_index(query, limit=limit)
        shown = rows[:limit]
        payments = self._read_rows(shown)
        page = tuple(each for each in payments if wanted.status in {None, each.status})
        after = shown[-1] if len(rows) > limit else last
        return page, cursor_after(after, wanted) if after else None

    def due(self, *, now: datetime, limit: int) -> tuple[PaymentKey, ...]:
        """The payments whose ``check_at`` has come, longest waiting first."""
        with unavailable_when_failing("Query"):
            answer = self._client.query(
                TableName=self._table,
                IndexName="due",
                KeyConditionExpression="due_queue = :queue AND check_at <= :now",
                ExpressionAttributeValues={":queue": {"S": DUE_QUEUE}, ":now": {"S": time_text(now)}},
                Limit=limit,
            )
        payments = self._read_rows(answer["Items"])
        return tuple(each.key for each in payments if each.check_at is not None and each.check_at <= now)

    def changed_on(self, day: date) -> Iterator[Payment]:
        """The payments whose last change was on this day of UTC, in no promised order, read piece by piece."""
        rows = self._query(
            IndexName="by_change",
            KeyConditionExpression="changed_on = :day",
            ExpressionAttributeValues={":day": {"S": day.isoformat()}},
        )
        while batch := tuple(islice(rows, _LARGEST_BATCH)):
            yield from (each for each in self._read_rows(batch) if day_text(each.updated_at) == day.isoformat())

    def _put_new(self, item: Item) -> Any:
        return {"TableName": self._table, "Item": item, "ConditionExpression": _NEW}

    def _put_next(self, written: Payment) -> Any:
        put = self._put_new(payment_item(written))
        if written.version > 1:
            put["ConditionExpression"] = "version = :read"
            put["ExpressionAttributeValues"] = {":read": {"N": str(written.version - 1)}}
        return put

    def _get(self, row: Item) -> Mapping[str, Attribute] | None:
        with unavailable_when_failing("GetItem"):
            return self._client.get_item(TableName=self._table, Key=row, ConsistentRead=True).get("Item")

    def _get_batch(self, rows: Sequence[Item]) -> dict[tuple[str, str], Mapping[str, Attribute]]:
        """The items of at most 100 rows by their place; raises `StoreUnavailable` when some were not answered."""
        found: dict[tuple[str, str], Mapping[str, Attribute]] = {}
        asked: Any = {self._table: {"Keys": rows, "ConsistentRead": True}}
        for attempt in range(_BATCH_ATTEMPTS):
            if attempt:
                self._pause(_BATCH_PAUSE_S * 2**attempt)
            with unavailable_when_failing("BatchGetItem"):
                answer = self._client.batch_get_item(RequestItems=asked)
            found.update((_place(item), item) for item in answer["Responses"].get(self._table, ()))
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return found
        raise StoreUnavailable("BatchGetItem: keys left unprocessed")

    def _read_rows(self, rows: Iterable[Mapping[str, Attribute]]) -> tuple[Payment, ...]:
        """The payments that rows of an index name, in that order; a row that moved within the index counts once."""
        places = list(dict.fromkeys(_place(row) for row in rows))
        found: dict[tuple[str, str], Mapping[str, Attribute]] = {}
        for start in range(0, len(places), _LARGEST_BATCH):
            batch = places[start : start + _LARGEST_BATCH]
            found |= self._get_batch([{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in batch])
        return tuple(payment_of(found[place]) for place in places if place in found)

    def _query_index(
        self, query: dict[str, Any], *, limit: int
    ) -> tuple[list[Mapping[str, Attribute]], Mapping[str, Attribute] | None]:
        """More rows than ``limit`` where there are more, and the row to go on from when the search was cut short."""
        rows: list[Mapping[str, Attribute]] = []
        size = _FILTERED_PAGE if "FilterExpression" in query else limit + 1
        for _ in range(_MOST_PAGES):
            with unavailable_when_failing("Query"):
                answer = self._client.query(TableName=self._table, Limit=size, **query)
            rows.extend(answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if not last or len(rows) > limit:
                return rows, last
            query = {**query, "ExclusiveStartKey": last}
        return rows, last

    def _query_partition(self, partition: str, prefix: str) -> Iterator[Mapping[str, Attribute]]:
        """All items of a partition whose sort key begins so."""
        return self._query(
            KeyConditionExpression="pk = :partition AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":partition": {"S": partition}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
        )

    def _query(self, **query: Any) -> Iterator[Mapping[str, Attribute]]:
        """All rows of a query, page by page as they are wanted."""
        while True:
            with unavailable_when_failing("Query"):
                answer = self._client.query(TableName=self._table, **query)
            yield from answer["Items"]
            if not answer.get("LastEvaluatedKey"):
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _place(row: Mapping[str, Attribute]) -> tuple[str, str]:
    return row["pk"]["S"], row["sk"]["S"]


def _raise_refusal(error: ClientError, *, with_message: bool) -> None:
    """Raise what a cancelled transaction means; return when it means nothing but that it was not done.

    The reasons stand in the order of the puts: the payment, the message if there is one, the idempotency record. A
    known message outweighs a conflict, because reading again would find it.
    """
    if error_code(error) != "TransactionCanceledException":
        return
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    codes = [reason.get("Code", "") for reason in reasons]
    if with_message and codes[1:2] == ["ConditionalCheckFailed"]:
        raise MessageKnown("This message is stored already.") from error
    if _CONFLICTS.intersection(codes):
        raise StoreConflict("The payment was written by somebody else.") from error
