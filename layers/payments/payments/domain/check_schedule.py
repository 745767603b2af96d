"""When the provider is to be asked about a payment whose callback has not come: never before 10 s, then ever rarer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from payments.domain.payment import FINAL, Payment
from payments.domain.refund import Refund

#: The provider answers a status request 10 s after the request at the earliest (PROTOCOL §5.6).
_FIRST_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1800, 3600))
_LATER_PAUSE = timedelta(hours=4)

#: The provider repeats a callback for 11 days (PROTOCOL §6.1); after that nothing more is to be expected.
GIVE_UP_AFTER = timedelta(days=11)

#: Two days before that an operator hears of what is still open: a weekend in which a lost callback can still be caught.
LAST_CALL_AFTER = timedelta(days=9)

#: From then on nobody but us will bring the end to light: a payment that is still open is asked about once a day.
_LAST_PAUSE = timedelta(days=1)
FORGET_AFTER = timedelta(days=60)

#: A refund that is reserved and not on its way is looked after this soon: its execution may never have begun.
START_AGAIN_AFTER = timedelta(minutes=1)

#: Refunds by the provider's support may take this long.
SUPPORT_TERM = timedelta(days=60)

#: A page that the customer may still be looking at when its term ends.
PAGE_GRACE = timedelta(minutes=2)


def scheduled(payment: Payment, *, now: datetime) -> Payment:
    """The payment with the time of its next check, None when nothing is awaited of it."""
    return replace(payment, check_at=_next_check(payment, now=now))


def _next_check(payment: Payment, *, now: datetime) -> datetime | None:
    if payment.order is None:
        return None
    if any(refund.status == "requested" for refund in payment.refunds):
        return now + START_AGAIN_AFTER
    if payment.doubted or any(_is_awaited(refund, now=now) for refund in payment.refunds):
        return now + (_pause(payment.checks) if payment.doubted else _LATER_PAUSE)
    # A page stays open until its term ends: only then do the provider's last callbacks begin to run out.
    age = now - (payment.order.expires_at or payment.order.created_at)
    if payment.status in FINAL or age > FORGET_AFTER:
        return None
    soon = now + (_pause(payment.checks) if age <= GIVE_UP_AFTER else _LAST_PAUSE)
    waits = payment.status == "created" and payment.order.expires_at is not None
    return max(payment.order.expires_at + PAGE_GRACE, soon) if waits and payment.order.expires_at else soon


def _is_awaited(refund: Refund, *, now: datetime) -> bool:
    """Whether a callback about this refund may still come; its workflow asks more often, as long as it runs."""
    # One that was sent stays awaited beyond its term: the check that finds it overdue is what calls it unknown.
    return refund.in_flight and (refund.status != "unknown" or not is_overdue(refund, now=now))


def is_overdue(refund: Refund, *, now: datetime) -> bool:
    """Whether a refund has been where it is for longer than anybody will still tell of it."""
    term = SUPPORT_TERM if refund.status == "awaiting_support" else GIVE_UP_AFTER
    return now - refund.updated_at > term


def is_reminder_due(refund: Refund, *, every: timedelta, now: datetime) -> bool:
    """Whether the operators are to be reminded once more that a refund waits for the provider's support."""
    if refund.status != "awaiting_support":
        return False
    return now - (refund.reminded_at or refund.sent_at or refund.created_at) >= every


def is_nearly_lost(payment: Payment, *, now: datetime) -> bool:
    """Whether the end of a payment or of a refund is unknown and the provider will soon stop telling it."""
    if payment.order is None:
        return False
    sent = (each.sent_at or each.created_at for each in payment.refunds if each.status in {"sent", "unknown"})
    waits = [(since, since) for since in sent]
    if payment.status not in FINAL:
        waits.append((payment.order.created_at, payment.order.expires_at or payment.order.created_at))
    return any(now - since >= LAST_CALL_AFTER and now - until <= GIVE_UP_AFTER for since, until in waits)


def _pause(checks: int) -> timedelta:
    return _FIRST_PAUSES[checks] if checks < len(_FIRST_PAUSES) else _LATER_PAUSE
