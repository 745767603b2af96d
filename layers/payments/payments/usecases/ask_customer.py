"""What the provider wants to know of the customer: which fields, until when, and whether it is waiting for it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ecommpay_signing import loads, signed_view
from payments.domain.payment import Payment
from payments.domain.provider_state import NO_DATE, Pointer
from payments.gate.messages import asked_fields, report
from payments.ports import Message, Store

#: Card and account data belong on the provider's pages only, and the order is not the customer's to change.
_NEVER_ASKED = frozenset({"account", "card", "acs", "general", "payment"})

#: How long the provider waits for the answer to a question (PROTOCOL §6.7).
_TIME_TO_ANSWER = timedelta(minutes=30)

#: The date of a repeated callback was seen to differ by a second (PROTOCOL §6.2); nobody answers a form that fast.
_SAME_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the provider that waits for its answer."""

    digest: str
    """Of the message that asks."""
    fields: tuple[str, ...]
    """Paths such as ``customer.email``."""
    again: tuple[str, ...]
    """Those of them that the customer answered before: that answer was not good enough."""
    until: datetime
    """When the provider gives up on the answer."""


def open_question(store: Store, payment: Payment, *, now: datetime) -> Question | None:
    """What the customer is to be asked now; None when nothing is asked, or the answer was given or is on its way.

    A question that is only told again, by a repeated callback or a status answer, is no second question.
    """
    pointer = payment.provider.question
    if pointer is None or not is_unanswered(payment, pointer.digest, now=now):
        return None
    message = store.message(payment.key, pointer.digest)
    fields = _fields(payment, message)
    answered = store.message(payment.key, payment.answered) if payment.answered else None
    before = _fields(payment, answered) if answered else ()
    if answered and fields == before and _is_same_moment(pointer, answered):
        return None
    return Question(
        digest=pointer.digest,
        fields=fields,
        again=tuple(path for path in fields if path in before),
        until=_asked_at(pointer, message, now=now) + _TIME_TO_ANSWER,
    )


def is_unanswered(payment: Payment, digest: str, *, now: datetime) -> bool:
    """Whether this is the question the payment waits for, and no answer to it was given or is on its way."""
    pointer = payment.provider.question
    is_asked = payment.status == "awaiting_clarification" and pointer is not None and pointer.digest == digest
    return is_asked and payment.answered != digest and not payment.journey.is_answering(digest, now=now)


def _fields(payment: Payment, message: Message | None) -> tuple[str, ...]:
    """The paths asked for, but for what no merchant's page may ask.

    Where nothing askable was named, it is what the method wants of a customer: a question nobody can answer would
    leave the payment waiting until it is declined.
    """
    fit = tuple(path for path in asked_fields(_signed(message)) if path.partition(".")[0] not in _NEVER_ASKED)
    method = payment.method
    return fit or (tuple(f"customer.{name}" for name in (*method.required, *method.recommended)) if method else ())


def _is_same_moment(pointer: Pointer, answered: Message) -> bool:
    before = report(_signed(answered), digest=answered.digest).question
    return (
        before is not None
        and NO_DATE not in (pointer.date, before.date)
        and (abs(pointer.date - before.date) <= _SAME_MOMENT)
    )


def _asked_at(pointer: Pointer, message: Message | None, *, now: datetime) -> datetime:
    """When the provider asked, by its own clock where it tells the time."""
    if pointer.date != NO_DATE:
        return pointer.date
    return message.received_at if message else now


def _signed(message: Message | None) -> dict[str, Any]:
    return signed_view(loads(message.body)) if message else {}
