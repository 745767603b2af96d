"""Keep what the provider said and fold it into the payment: the one way in for callbacks, polls and reconciliation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from payments.domain.check_schedule import scheduled
from payments.domain.errors import MessageKnown, MessageNotRedactable, StoreConflict, StoreUnavailable
from payments.domain.key_use import KeyUse
from payments.domain.payment import Payment
from payments.domain.provider_state import Report
from payments.gate.redaction import redacted
from payments.ports import Message, Store
from payments.usecases.amend_payment import ATTEMPTS, pause_before


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a message: ``repeated`` when it was stored before, and what is to be known about it."""

    repeated: bool
    flags: tuple[str, ...] = ()


def record_message(
    *, store: Store, message: Message, report: Report, believed: bool, clock: Callable[[], datetime]
) -> Recorded:
    """Store the message and advance its payment in one write; returns only once that is durable.

    A message that is not ``believed`` is stored and makes the payment due for a check, but changes nothing. Once the
    customer's data were erased it is stored without any; its digest stays that of what came. Raises `StoreUnavailable`
    when nothing was written.
    """
    for attempt in range(ATTEMPTS):
        payment, known = store.read_for_message(message.key, message.digest)
        if known:
            return Recorded(repeated=True)
        now = clock()
        payment = payment or Payment(key=message.key, updated_at=now)
        flags = message.flags if payment.order else (*message.flags, "unknown_payment")
        try:
            store.save(
                _after(payment, message, report, believed=believed, now=now),
                message=replace(message, flags=flags, body=_body(message, payment)),
            )
        except MessageKnown:
            return Recorded(repeated=True)
        except StoreConflict:
            pause_before(attempt)
        else:
            return Recorded(repeated=False, flags=flags)
    raise StoreUnavailable(f"Payment {message.key.payment_id} is written by too many at once.")


def _body(message: Message, payment: Payment) -> bytes:
    """The body to keep; one that cannot be redacted as it came, for no message is lost for its shape."""
    if payment.erased_at is None:
        return message.body
    try:
        return redacted(message.body)
    except MessageNotRedactable:  # the next erasure names it
        return message.body


def _after(payment: Payment, message: Message, report: Report, *, believed: bool, now: datetime) -> Payment:
    what = describe(report)
    if message.signed_by:
        payment = replace(payment, verified=KeyUse(message.signed_by, message.verified_by, message.received_at))
    if believed:
        return scheduled(payment.told(report, at=now, source=message.source, what=what), now=now)
    doubted = payment.noted(at=now, source=message.source, what=f"{what} (ambiguous, not believed)")
    return replace(doubted, doubted=True, check_at=now, checks=0) if payment.order else replace(doubted, doubted=True)


def describe(report: Report) -> str:
    """What a message says, in a few words for the payment's story."""
    said = [f"{operation.type} {operation.status}".strip() for operation in report.operations[:5]]
    if report.word is not None:
        said.append(f"payment {report.word.status}")
    return ", ".join(said) or "a message that says nothing we know"
