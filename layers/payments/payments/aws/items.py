"""Payments, messages and idempotency records as items of the table, and back.

    pk                          sk                              what
    PAYMENT#{payment_id}        PAYMENT#{project_id}            a payment
    PAYMENT#{payment_id}        MESSAGE#{project_id}#{digest}   a message of the provider about it
    UNPLACED#{project_id}       MESSAGE#{project_id}#{digest}   a message that names no payment
    IDEMPOTENCY#{key}           IDEMPOTENCY                     what an Idempotency-Key made
    KEYS#{project_id}           KEY#{fingerprint}               last use of a secret key, see `key_uses`

A row is its key, a ``document`` with all that is known, and what has to be an attribute of its own: the ``body`` of a
message, byte for byte, the ``version`` that a write depends on, and the keys of the indexes.

Rules of this file:

* Every key can be stored. A name that is too long for a key, or no Unicode, is replaced by its hash, under a prefix
  of its own (``PAYMENT-SHA256#``), so that no name can pass for the hash of another.
* A payment that no merchant ordered is in no list: it has no attributes of the indexes ``by_creation``, ``by_status``.
* Every payment is in ``by_change`` under the day of its last change. That key moves at most once a day, however often
  the payment is written, so the index costs one write a payment and day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from payments.aws.documents import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    Attribute,
    Item,
    day_text,
    document,
    is_unicode,
    maybe,
    members,
    name_of,
    read_bytes,
    read_document,
    record,
    several,
    time_text,
)
from payments.domain.journey import Journey
from payments.domain.key_use import KeyUse
from payments.domain.money import Money
from payments.domain.payment import Customer, Order, Payment, PaymentKey, TimelineEntry
from payments.domain.provider_state import Naming, Operation, Outcome, Pointer, ProviderState, Standing, Word
from payments.domain.refund import Refund
from payments.ports import IdempotencyRecord, Message

LISTED_IN = "PAYMENTS"
DUE_QUEUE = "DUE"

#: Bytes of a name in a key. A sort key holds 1024, and ``created_order`` has the time and the project before the name.
_LONGEST_NAME = 900
_LONGEST_SORT_KEY = 1024

_MONEY = record(Money, amount=NUMBER, currency=TEXT)
_KEY = record(PaymentKey, project_id=NUMBER, payment_id=TEXT)
_CUSTOMER = record(Customer, id=TEXT, ip_address=TEXT, phone=TEXT, email=TEXT, first_name=TEXT, last_name=TEXT)
_ORDER = record(
    Order,
    interface=TEXT,
    method=TEXT,
    money=_MONEY,
    description=TEXT,
    language=TEXT,
    customer=_CUSTOMER,
    return_url=TEXT,
    public_url=TEXT,
    checkout_token=TEXT,
    fingerprint=TEXT,
    created_at=TIME,
    expires_at=maybe(TIME),
)
_OPERATION = record(
    Operation,
    key=TEXT,
    operation_id=TEXT,
    kind=TEXT,
    type=TEXT,
    status=TEXT,
    outcome=name_of(Outcome),
    money=maybe(_MONEY),
    code=TEXT,
    message=TEXT,
    request_id=TEXT,
    date=TIME,
    created=TIME,
    digest=TEXT,
    refund_id=TEXT,
)
_WORD = record(
    Word,
    standing=name_of(Standing),
    status=TEXT,
    money=maybe(_MONEY),
    method=TEXT,
    date=TIME,
    operation_date=TIME,
    may_try_again=FLAG,
    digest=TEXT,
)
_POINTER = record(Pointer, date=TIME, digest=TEXT)
_PROVIDER = record(
    ProviderState,
    word=maybe(_WORD),
    operations=several(_OPERATION),
    redirect=maybe(_POINTER),
    question=maybe(_POINTER),
    method=maybe(record(Naming, date=TIME, name=TEXT)),
)
_REFUND = record(
    Refund,
    refund_id=TEXT,
    money=_MONEY,
    origin=TEXT,
    status=TEXT,
    created_at=TIME,
    updated_at=TIME,
    reason=TEXT,
    execution=TEXT,
    task_token=TEXT,
    sent_at=maybe(TIME),
    request_id=TEXT,
    operation_key=TEXT,
    operation_type=TEXT,
    code=TEXT,
    message=TEXT,
    closed_by_hand=FLAG,
    reminded_at=maybe(TIME),
    fingerprint=TEXT,
)
_JOURNEY = record(
    Journey,
    sent_on=TEXT,
    returned_at=maybe(TIME),
    asked_at=maybe(TIME),
    questions=NUMBER,
    answering=TEXT,
    answering_since=maybe(TIME),
)
_PAYMENT = record(
    Payment,
    key=_KEY,
    updated_at=TIME,
    order=maybe(_ORDER),
    submission=TEXT,
    request_id=TEXT,
    code=TEXT,
    message=TEXT,
    expired_at=maybe(TIME),
    erased_at=maybe(TIME),
    answered=TEXT,
    journey=_JOURNEY,
    provider=_PROVIDER,
    refunds=several(_REFUND),
    timeline=several(record(TimelineEntry, at=TIME, source=TEXT, what=TEXT)),
    doubted=FLAG,
    check_at=maybe(TIME),
    checks=NUMBER,
    verified=maybe(record(KeyUse, key=TEXT, place=NUMBER, at=TIME)),
    version=NUMBER,
)
#: Key and digest are those of its row, and the body is an attribute of its own.
_MESSAGE = members(
    Message,
    received_at=TIME,
    source=TEXT,
    verified_by=NUMBER,
    flags=several(TEXT),
    signed_by=TEXT,
)
_IDEMPOTENCY = members(IdempotencyRecord, payment=_KEY, fingerprint=TEXT)


def payment_row(key: PaymentKey) -> Item:
    """Where a payment is."""
    return {"pk": {"S": payment_partition(key.payment_id)}, "sk": {"S": f"PAYMENT#{key.project_id}"}}


def payment_partition(payment_id: str) -> str:
    """The partition of all payments with this id and of the messages about them."""
    return "PAYMENT" + _storable(payment_id)


def message_row(key: PaymentKey, digest: str) -> Item:
    """Where a message of the provider is."""
    return {"pk": {"S": message_partition(key)}, "sk": {"S": message_prefix(key) + digest}}


def message_partition(key: PaymentKey) -> str:
    """The partition of the messages about this payment."""
    return payment_partition(key.payment_id) if key.payment_id else f"UNPLACED#{key.project_id}"


def message_prefix(key: PaymentKey) -> str:
    """How the sort keys of the messages about this payment begin."""
    return f"MESSAGE#{key.project_id}#"


def idempotency_row(idempotency_key: str) -> Item:
    """Where the record of an ``Idempotency-Key`` is."""
    return {"pk": {"S": "IDEMPOTENCY" + _storable(idempotency_key)}, "sk": {"S": "IDEMPOTENCY"}}


def payment_item(payment: Payment) -> Item:
    """The payment with everything the indexes need."""
    return {
        **payment_row(payment.key),
        "document": document(payment, _PAYMENT),
        "version": {"N": str(payment.version)},
        **_index_attributes(payment),
    }


def payment_of(item: Mapping[str, Attribute]) -> Payment:
    """The payment that an item is."""
    return read_document(item["document"], _PAYMENT)


def payment_from_image(image: Mapping[str, Attribute]) -> Payment | None:
    """The payment in an image of the table's stream, as Lambda or botocore deliver it; None for any other row."""
    return payment_of(image) if image["sk"]["S"].startswith("PAYMENT#") else None


def message_item(message: Message) -> Item:
    """The message, its bytes untouched."""
    return {
        **message_row(message.key, message.digest),
        "body": {"B": message.body},
        "document": document(message, _MESSAGE),
    }


def message_of(item: Mapping[str, Attribute], key: PaymentKey) -> Message:
    """The message that an item is, told whose it is: an over-long id would not fit beside the body a second time."""
    digest = item["sk"]["S"].removeprefix(message_prefix(key))
    return Message(key=key, digest=digest, body=read_bytes(item["body"]), **read_document(item["document"], _MESSAGE))


def idempotency_item(entry: IdempotencyRecord) -> Item:
    """The record of an ``Idempotency-Key``."""
    return {**idempotency_row(entry.idempotency_key), "document": document(entry, _IDEMPOTENCY)}


def idempotency_of(item: Mapping[str, Attribute], idempotency_key: str) -> IdempotencyRecord:
    """The record that an item is."""
    return IdempotencyRecord(idempotency_key=idempotency_key, **read_document(item["document"], _IDEMPOTENCY))


def is_key_text(text: str) -> bool:
    """Whether DynamoDB would take this text as a sort key."""
    return 0 < len(text.encode("utf-8", "surrogatepass")) <= _LONGEST_SORT_KEY and is_unicode(text)


def _index_attributes(payment: Payment) -> Item:
    """What puts the payment into the indexes; each lists only the items that have both its attributes."""
    attributes: Item = {"changed_on": {"S": day_text(payment.updated_at)}}
    if payment.check_at is not None:
        attributes |= {"due_queue": {"S": DUE_QUEUE}, "check_at": {"S": time_text(payment.check_at)}}
    if payment.order is not None:
        place = f"{time_text(payment.order.created_at)}#{payment.key.project_id}{_storable(payment.key.payment_id)}"
        attributes |= {
            "listed_in": {"S": LISTED_IN},
            "status": {"S": payment.status},
            "created_order": {"S": place},
        }
    return attributes


def _storable(name: str) -> str:
    """The part of a key that stands for a name: the name itself, or its hash where the name would not be taken."""
    content = name.encode("utf-8", "surrogatepass")
    if len(content) <= _LONGEST_NAME and is_unicode(name):
        return f"#{name}"
    return f"-SHA256#{hashlib.sha256(content).hexdigest()}"
