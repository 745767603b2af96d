"""Look after the payments whose truth is overdue: ask the provider, close what was never paid, start what was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from payments.domain.check_schedule import is_nearly_lost, is_overdue, is_reminder_due
from payments.domain.errors import GateUnavailable, StoreUnavailable, UnknownProject
from payments.domain.payment import FINAL, Payment
from payments.domain.provider_state import Standing
from payments.domain.refund import NEVER_SENT, SETTLED, advance
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
    """One run: payments looked after, and how often the provider was out of reach."""

    checked: int = 0
    unreachable: int = 0
    overdue: int = 0
    """Ends, of payments and of refunds, that no callback had told, or that nobody will tell any more."""
    nearly_lost: int = 0
    """Payments still open so shortly before the provider's last try that a person has to look."""


def check_pending(
    *,
    store: Store,
    gate: Gate,
    workflow: Workflow,
    limit: int,
    remind_every: timedelta,
    clock: Callable[[], datetime],
) -> LookedAfter:
    """Look after the payments that are due, at most ``limit`` of them; the rest are due the next time.

    Of a refund that waits for the provider's support the operators are reminded ``remind_every`` so often, to within
    the pause between two checks.
    """
    seen = LookedAfter()
    for key in store.due(now=clock(), limit=limit):
        seen = replace(seen, checked=seen.checked + 1)
        latest: Payment | None = None
        try:
            payment = latest = store.read(key)
            if payment is None or payment.order is None:
                continue
            latest = _look_after(store, gate, workflow, payment, remind_every=remind_every, clock=clock)
            seen = replace(seen, overdue=seen.overdue + _overdue(payment, latest))
        except (GateUnavailable, StoreUnavailable, UnknownProject):  # one payment's trouble is not the others'
            seen = replace(seen, unreachable=seen.unreachable + 1)
        if latest is not None and is_nearly_lost(latest, now=clock()):
            seen = replace(seen, nearly_lost=seen.nearly_lost + 1)
    return seen


def _look_after(
    store: Store,
    gate: Gate,
    workflow: Workflow,
    payment: Payment,
    *,
    remind_every: timedelta,
    clock: Callable[[], datetime],
) -> Payment:
    """The payment after a check, which is written down also when the provider or the workflow was out of reach."""
    key = payment.key
    left = next((each for each in payment.refunds if each.status == "requested" and each.origin == "api"), None)
    known: bool | None = None
    try:
        if left is not None:
            run_refund(workflow=workflow, payment=payment, refund_id=left.refund_id)
        known = check_payment(store=store, gate=gate, key=key, clock=clock) is not None
    finally:
        # Also when the provider or the workflow could not be reached: the next check is put off, not repeated at once.
        def note(payment: Payment) -> Payment:
            now = clock()
            return _reminded(_checked(payment, known=known, now=now), remind_every, now=now)

        checked = amend_payment(store=store, key=key, change=note, clock=clock)
    return checked


def _overdue(before: Payment, checked: Payment) -> int:
    """How many ends the check brought to light that a callback should have told, or gave up on."""
    found = checked.status in FINAL and checked.expired_at is None
    given_up = checked.status not in FINAL and checked.check_at is None
    refunds = (checked.refund(each.refund_id) for each in before.refunds if each.status in {"sent", "unknown"})
    settled = sum(each is not None and each.status in SETTLED for each in refunds)
    return (before.status not in FINAL and (found or given_up)) + settled


def _checked(payment: Payment, *, known: bool | None, now: datetime) -> Payment:
    """The payment after a check; ``known`` says whether the provider knows it, None when it could not be asked."""
    journey = replace(payment.journey, asked_at=now)  # a customer's page need not ask once more at the same time
    checked = _called_off(replace(payment, checks=payment.checks + 1, journey=journey), now=now)
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
            failed = advance(refund, "failed", at=now, message=NEVER_SENT)
            payment = payment.with_refund(failed, at=now, what="refund called off: its execution never sent it")
    return payment


def _reminded(payment: Payment, every: timedelta, *, now: datetime) -> Payment:
    """The payment with every reminder noted that is due: what tells the operators is this write."""
    for refund in payment.refunds:
        if is_reminder_due(refund, every=every, now=now):
            what = "operators reminded: the refund waits for ECommPay support"
            payment = payment.with_refund(replace(refund, reminded_at=now), at=now, what=what)
    return payment
