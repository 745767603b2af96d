"""Look after the payments whose truth is overdue: ask the provider, close what was never paid, start what was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from payments.domain.check_schedule import is_overdue
from payments.domain.errors import GateUnavailable, StoreUnavailable, UnknownProject
from payments.domain.payment import FINAL, Payment, PaymentKey
from payments.domain.provider_state import Standing
from payments.domain.refund import advance
from payments.ports import Gate, Store, Workflow
from payments.usecases.amend_payment import amend_payment
from payments.usecases.check_payment import check_payment
from payments.usecases.start_refund import run_refund

#: A Gate sale that the provider still does not know after this was lost on its way.
LOST_AFTER = timedelta(days=1)

#: A reserved refund that nobody has sent by then is called off: its execution has ended, or never began, and it would
#: hold the payment for ever. Nothing left us, and an execution that wakes after all finds it failed.
CALLED_OFF_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LookedAfter:
    """One run: payments looked after, how often the provider was out of reach, how many lacked their last callback."""

    checked: int = 0
    unreachable: int = 0
    overdue: int = 0


def check_pending(
    *, store: Store, gate: Gate, workflow: Workflow, limit: int, clock: Callable[[], datetime]
) -> LookedAfter:
    """Look after the payments that are due, at most ``limit`` of them; the rest are due the next time."""
    seen = LookedAfter()
    for key in store.due(now=clock(), limit=limit):
        seen = replace(seen, checked=seen.checked + 1)
        try:
            overdue = _look_after(store, gate, workflow, key, clock)
        except (GateUnavailable, StoreUnavailable, UnknownProject):  # one payment's trouble is not the others'
            seen = replace(seen, unreachable=seen.unreachable + 1)
        else:
            seen = replace(seen, overdue=seen.overdue + overdue)
    return seen


def _look_after(store: Store, gate: Gate, workflow: Workflow, key: PaymentKey, clock: Callable[[], datetime]) -> bool:
    """Whether the last callback is missing: the provider told an end that none had brought, or was asked in vain."""
    payment = store.read(key)
    if payment is None or payment.order is None:
        return False
    left = next((each for each in payment.refunds if each.status == "requested" and each.origin == "api"), None)
    known: bool | None = None
    try:
        if left is not None:
            run_refund(workflow=workflow, payment=payment, refund_id=left.refund_id)
        known = check_payment(store=store, gate=gate, key=key, clock=clock)
    finally:
        # Also when the provider or the workflow could not be reached: the next check is put off, not repeated at once.
        checked = amend_payment(
            store=store, key=key, change=lambda each: _checked(each, known=known, now=clock()), clock=clock
        )
    found = checked.status in FINAL and checked.expired_at is None
    given_up = checked.status not in FINAL and checked.check_at is None
    return payment.status not in FINAL and (found or given_up)


def _checked(payment: Payment, *, known: bool | None, now: datetime) -> Payment:
    """The payment after a check; ``known`` says whether the provider knows it, None when it could not be asked."""
    checked = _called_off(replace(payment, checks=payment.checks + 1), now=now)
    if known is None or payment.order is None:
        return checked
    checked = replace(checked, doubted=False)
    word = payment.provider.word
    over = payment.order.expires_at is not None and now > payment.order.expires_at
    if over and payment.status == "processing" and word is not None and word.standing is Standing.DECLINED:
        return replace(checked, expired_at=now).noted(at=now, source="poll", what="declined: no further attempt came")
    if known or word is not None:
        return checked
    if over and payment.status == "created":
        return replace(checked, expired_at=now).noted(
            at=now, source="poll", what="expired: never confirmed on the page"
        )
    if payment.status == "processing" and now - payment.order.created_at > LOST_AFTER:
        lost = replace(checked, submission="refused", message="ECommPay does not know this payment.")
        return lost.noted(at=now, source="poll", what="failed: the sale never reached ECommPay")
    return checked


def _called_off(payment: Payment, *, now: datetime) -> Payment:
    for refund in payment.refunds:
        if refund.status in {"sent", "awaiting_support"} and is_overdue(refund, now=now):
            unknown = advance(refund, "unknown", at=now)
            payment = payment.with_refund(unknown, at=now, what="refund unresolved: nobody told how it ended")
        if refund.status == "requested" and now - refund.created_at > CALLED_OFF_AFTER:
            failed = advance(refund, "failed", at=now, message="Nothing was refunded. Start the refund again.")
            payment = payment.with_refund(failed, at=now, what="refund called off: its execution never sent it")
    return payment
