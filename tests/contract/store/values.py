"""Payments and messages to store: plain ones by argument, and every one there can be for Hypothesis."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, get_args

from hypothesis import strategies as st

from payments.domain.journey import Journey
from payments.domain.key_use import KeyUse
from payments.domain.money import Money
from payments.domain.payment import (
    Customer,
    Interface,
    Order,
    Payment,
    PaymentKey,
    Source,
    Submission,
    TimelineEntry,
)
from payments.domain.provider_state import (
    NO_DATE,
    Naming,
    Operation,
    OperationKind,
    Outcome,
    Pointer,
    ProviderState,
    Standing,
    Word,
)
from payments.domain.refund import Origin, Refund, RefundStatus
from payments.ports import Message

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

V = TypeVar("V")


def order(*, created_at: datetime = NOON) -> Order:
    """An order for 100 shillings."""
    return Order(
        interface="gate",
        method="card-partner",
        money=Money(10_000, "KES"),
        description="Order 1001",
        language="en",
        customer=Customer(id="customer1"),
        return_url="",
        public_url="https://pay.example.com",
        checkout_token="token",
        fingerprint="f" * 64,
        created_at=created_at,
    )


def payment(payment_id: str = "order-1001", project_id: int = 2924, **fields: Any) -> Payment:
    """An ordered payment that nobody has written yet."""
    return Payment(**{"key": PaymentKey(project_id, payment_id), "updated_at": NOON, "order": order(), **fields})


def payment_made_at(seconds: int, payment_id: str, project_id: int = 2924, **fields: Any) -> Payment:
    """A payment ordered so many seconds after noon."""
    return payment(payment_id, project_id, order=order(created_at=NOON + timedelta(seconds=seconds)), **fields)


def message(body: bytes = b"{}", payment_id: str = "order-1001", project_id: int = 2924, **fields: Any) -> Message:
    """A callback as it came."""
    key = PaymentKey(project_id, payment_id)
    digest = hashlib.sha256(body).hexdigest()
    return Message(**{"key": key, "digest": digest, "body": body, "received_at": NOON, "source": "callback", **fields})


def every(made: type[V], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[V]:
    """Every value of a dataclass; a field that was added to it has to be added here."""
    assert set(fields) == {each.name for each in dataclasses.fields(made)}  # type: ignore[arg-type]  # a dataclass
    return st.builds(made, **fields)


def one_of(literal: Any) -> st.SearchStrategy[Any]:
    """Every word of a Literal."""
    return st.sampled_from(get_args(literal))


#: Surrogates without their other half are among them, and NUL, and what looks like the parts of a key.
texts = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(
    ["", "#", "PAYMENT#1", "\ud83d\ude00", "\udfff", "\0", "Ünïcödé 付款 😀", "x" * 3000]
)
numbers = st.integers() | st.sampled_from([0, -1, 10**17, 10**18 - 1, 10**18, -(10**18), 10**40, 12345678901234])
times = st.datetimes(timezones=st.just(UTC)) | st.sampled_from([NO_DATE, datetime.max.replace(tzinfo=UTC), NOON])
flags = st.booleans()
digests = st.text("0123456789abcdef", min_size=64, max_size=64)

keys = every(PaymentKey, project_id=numbers, payment_id=texts)
moneys = every(Money, amount=numbers, currency=texts)
customers = every(Customer, id=texts, ip_address=texts, phone=texts, email=texts, first_name=texts, last_name=texts)
orders = every(
    Order,
    interface=one_of(Interface),
    method=texts,
    money=moneys,
    description=texts,
    language=texts,
    customer=customers,
    return_url=texts,
    public_url=texts,
    checkout_token=texts,
    fingerprint=texts,
    created_at=times,
    expires_at=st.none() | times,
)
operations = every(
    Operation,
    key=texts,
    operation_id=texts,
    kind=one_of(OperationKind),
    type=texts,
    status=texts,
    outcome=st.sampled_from(Outcome),
    money=st.none() | moneys,
    code=texts,
    message=texts,
    request_id=texts,
    date=times,
    created=times,
    digest=digests,
    refund_id=texts,
)
words = every(
    Word,
    standing=st.sampled_from(Standing),
    status=texts,
    money=st.none() | moneys,
    method=texts,
    date=times,
    operation_date=times,
    may_try_again=flags,
    digest=digests,
)
pointers = every(Pointer, date=times, digest=digests)
provider_states = every(
    ProviderState,
    word=st.none() | words,
    operations=st.lists(operations, max_size=3).map(tuple),
    redirect=st.none() | pointers,
    question=st.none() | pointers,
    method=st.none() | every(Naming, date=times, name=texts),
)
refunds = every(
    Refund,
    refund_id=texts,
    money=moneys,
    origin=one_of(Origin),
    status=one_of(RefundStatus),
    created_at=times,
    updated_at=times,
    reason=texts,
    execution=texts,
    task_token=texts,
    sent_at=st.none() | times,
    request_id=texts,
    operation_key=texts,
    operation_type=texts,
    code=texts,
    message=texts,
    closed_by_hand=flags,
    reminded_at=st.none() | times,
    fingerprint=texts,
)
journeys = every(
    Journey,
    sent_on=texts,
    returned_at=st.none() | times,
    asked_at=st.none() | times,
    questions=numbers,
    answering=texts,
    answering_since=st.none() | times,
)
payments = every(
    Payment,
    key=keys,
    updated_at=times,
    order=st.none() | orders,
    submission=one_of(Submission),
    request_id=texts,
    code=texts,
    message=texts,
    expired_at=st.none() | times,
    erased_at=st.none() | times,
    answered=texts,
    journey=journeys,
    doubted=flags,
    provider=provider_states,
    refunds=st.lists(refunds, max_size=2).map(tuple),
    timeline=st.lists(every(TimelineEntry, at=times, source=one_of(Source), what=texts), max_size=3).map(tuple),
    check_at=st.none() | times,
    checks=numbers,
    verified=st.none() | every(KeyUse, key=texts, place=numbers, at=times),
    version=st.integers(0, 10**6),
)
messages = every(
    Message,
    key=keys,
    digest=digests,
    body=st.binary(max_size=200),
    received_at=times,
    source=one_of(Source),
    verified_by=numbers,
    flags=st.lists(texts, max_size=3).map(tuple),
    signed_by=texts,
)
