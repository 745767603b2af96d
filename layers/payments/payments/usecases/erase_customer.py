"""Erase a customer's personal data: amounts, states and hashes stay, and the replay still finds every payment as it is.

Every payment is erased in three steps, each of which may be repeated after a crash at any point:

1. It is marked, and all of its customer but the id is blanked: whatever the provider says from then on is stored
   redacted (`record_message`), and whoever writes on what was read before has to read again.
2. Its stored messages are redacted, and those of its project that name no payment: they may be about it.
3. The customer's id is blanked. Until then another run finds the payment again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from payments.domain.erasure import blanked, nameless, too_early
from payments.domain.errors import MessageNotRedactable
from payments.domain.payment import Payment, PaymentKey
from payments.gate.redaction import redacted
from payments.ports import PaymentFilter, Store
from payments.usecases.amend_payment import amend_payment


@dataclass(frozen=True, slots=True)
class Skipped:
    """A payment that was left as it is, and why: to be erased later."""

    project_id: int
    payment_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Erased:
    """One page of the erasure: how many payments were looked at, what became of the customer's among them.

    ``next_cursor`` is None at the end.
    """

    checked: int
    erased: tuple[PaymentKey, ...]
    skipped: tuple[Skipped, ...]
    next_cursor: str | None


class _TooEarly(Exception):
    """The payment is still awaited; the text says why."""


def erase_customer(
    *,
    store: Store,
    customer_id: str,
    project_id: int | None,
    cursor: str | None,
    limit: int,
    clock: Callable[[], datetime],
) -> Erased:
    """Erase this customer in one page of payments, newest first, of one project or of all.

    Every call does a bounded piece and tells where to go on.
    """
    payments, next_cursor = store.select(PaymentFilter(project_id=project_id), limit=limit, cursor=cursor)
    theirs = (each.key for each in payments if each.order and each.order.customer.id == customer_id)
    erased, skipped = _erase_each(store, theirs, clock)
    return Erased(len(payments), erased, skipped, next_cursor)


def erase_payment(*, store: Store, key: PaymentKey, clock: Callable[[], datetime]) -> Erased:
    """Erase the customer of one payment, also of one that no merchant ordered; raises `PaymentNotFound`."""
    erased, skipped = _erase_each(store, (key,), clock)
    return Erased(1, erased, skipped, None)


def _erase_each(
    store: Store, keys: Iterable[PaymentKey], clock: Callable[[], datetime]
) -> tuple[tuple[PaymentKey, ...], tuple[Skipped, ...]]:
    erased: list[PaymentKey] = []
    skipped: list[Skipped] = []
    for key in keys:
        try:
            _erase(store, key, clock)
        except (_TooEarly, MessageNotRedactable) as reason:
            skipped.append(Skipped(key.project_id, key.payment_id, str(reason)))
        else:
            erased.append(key)
    return tuple(erased), tuple(skipped)


def _erase(store: Store, key: PaymentKey, clock: Callable[[], datetime]) -> None:
    def blank(payment: Payment) -> Payment:
        now = clock()
        reason = too_early(payment, now=now)
        if reason:
            raise _TooEarly(reason)
        return blanked(payment, at=now)

    amend_payment(store=store, key=key, change=blank, clock=clock)
    _redact_messages(store, key)
    _redact_messages(store, replace(key, payment_id=""))
    amend_payment(store=store, key=key, change=nameless, clock=clock)


def _redact_messages(store: Store, key: PaymentKey) -> None:
    for message in store.messages(key):
        try:
            body = redacted(message.body)
        except MessageNotRedactable as refusal:
            raise MessageNotRedactable(f"its message {message.digest}: {refusal}") from refusal
        if body != message.body:
            store.redact(message.key, message.digest, body)
