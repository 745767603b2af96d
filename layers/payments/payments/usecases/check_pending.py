"""Look after the payments whose truth is overdue: ask the provider, close what was never paid, start what was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from payments.domain.errors import GateUnavailable, StoreUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.ports import Gate, Store, Workflow
from payments.usecases.amend_payment import amend_payment
from payments.usecases.check_payment import check_payment
from payments.usecases.start_refund import run_refund

#: A Gate sale that the provider still does not know after this was lost on its way.
LOST_AFTER = timedelta(days=1)


def check_pending(
    *, store: Store, gate: Gate, workflow: Workflow, limit: int, clock: Callable[[], datetime]
) -> tuple[int, int]:
    """How many payments were looked after, and for how many the provider could not be reached."""
    unreachable = 0
    keys = store.due(now=clock(), limit=limit)
    for key in keys:
        try:
            _look_after(store, gate, workflow, key, clock)
        except (GateUnavailable, StoreUnavailable):
            unreachable += 1
    return len(keys), unreachable


def _look_after(store: Store, gate: Gate, workflow: Workflow, key: PaymentKey, clock: Callable[[], datetime]) -> None:
    payment = store.read(key)
    if payment is None or payment.order is None:
        return
    left = next((each for each in payment.refunds if each.status == "requested" and each.origin == "api"), None)
    if left is not None:
        run_refund(workflow=workflow, payment=payment, refund_id=left.refund_id)
    known = True
    try:
        known = check_payment(store=store, gate=gate, key=key, clock=clock)
    finally:
        # Also when the provider could not be reached: the next check is put off, not repeated at once.
        amend_payment(store=store, key=key, change=lambda each: _checked(each, known=known, now=clock()), clock=clock)


def _checked(payment: Payment, *, known: bool, now: datetime) -> Payment:
    checked = replace(payment, checks=payment.checks + 1)
    if known or payment.provider.word is not None or payment.order is None:
        return checked
    if payment.status == "created" and payment.order.expires_at and now > payment.order.expires_at:
        return replace(checked, expired_at=now).noted(
            at=now, source="poll", what="expired: never confirmed on the page"
        )
    if payment.status == "processing" and now - payment.order.created_at > LOST_AFTER:
        lost = replace(checked, submission="refused", message="ECommPay does not know this payment.")
        return lost.noted(at=now, source="poll", what="failed: the sale never reached ECommPay")
    return checked
