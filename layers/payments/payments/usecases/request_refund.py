"""Ask for the refund, once: write down that it is sent, then send it; whatever happens, it is never sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from payments.domain.errors import GateRejected, GateUnavailable, RefundNotFound, RefundSettled
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import SETTLED, Refund, advance
from payments.domain.refund_matching import same_request
from payments.ports import Gate, Projects, Store
from payments.usecases.amend_payment import amend_payment


def request_refund(
    *,
    store: Store,
    gate: Gate,
    projects: Projects,
    key: PaymentKey,
    refund_id: str,
    task_token: str,
    clock: Callable[[], datetime],
) -> None:
    """Send the refund to Gate unless it may have been sent before; the callback will wake the task.

    Raises `GateRejected` when it certainly did not happen, `GateUnavailable` when nobody knows (also on a retry, which
    finds it sent), and `RefundSettled` when it has ended already.
    """
    projects.secret_keys(key.project_id)  # what cannot be signed must not be written down as sent
    first_time = False

    def send(payment: Payment) -> Payment:
        nonlocal first_time
        refund = refund_of(payment, refund_id)
        first_time = refund.status == "requested"
        if not first_time:
            return _awaited_by(payment, refund, task_token)
        if not owed(payment, refund):
            return _called_off(payment, refund, at=clock())
        sent = advance(refund, "sent", at=clock(), sent_at=clock(), task_token=task_token)
        return payment.with_refund(sent, at=clock(), what="refund request leaves for Gate")

    payment = amend_payment(store=store, key=key, change=send, clock=clock)
    note = partial(_note, store, key, refund_id, clock=clock)
    _refuse_failed(payment, refund_id)
    if not first_time:
        raise GateUnavailable("The refund request was sent before; whether it arrived is to be checked.")
    try:
        request_id = gate.refund(payment, refund_of(payment, refund_id))
    except GateRejected as refusal:
        refused = refusal
        note(lambda refund: _refused(refund, refused, clock()), what="refund refused by Gate")
        raise
    except GateUnavailable as unclear:
        if unclear.code:
            doubted = unclear
            note(lambda refund: _doubted(refund, doubted), what="refund refused by Gate, to be confirmed")
        raise
    note(lambda refund: _acknowledged(refund, request_id), what="refund request accepted by Gate")


def ask_support(
    *, store: Store, key: PaymentKey, refund_id: str, task_token: str, clock: Callable[[], datetime]
) -> None:
    """Leave the refund to the provider's support: the operators are told by what this write sets off.

    Raises `RefundSettled` when it has ended already, and `GateRejected` when the money went back in the meantime.
    """

    def ask(payment: Payment) -> Payment:
        refund = refund_of(payment, refund_id)
        if refund.status != "requested":
            return _awaited_by(payment, refund, task_token)
        if not owed(payment, refund):
            return _called_off(payment, refund, at=clock())
        asked = advance(refund, "awaiting_support", at=clock(), sent_at=clock(), task_token=task_token)
        return payment.with_refund(asked, at=clock(), what="refund left to ECommPay support")

    _refuse_failed(amend_payment(store=store, key=key, change=ask, clock=clock), refund_id)


def owed(payment: Payment, refund: Refund) -> bool:
    """Whether the money is still to be given back, and nobody else is about to."""
    others = (each for each in payment.refunds if each.refund_id != refund.refund_id)
    under_way = payment.return_under_way or any(each.in_flight for each in others)
    return payment.refundable >= refund.money.amount and not under_way


def _called_off(payment: Payment, refund: Refund, *, at: datetime) -> Payment:
    """The payment whose refund is called off: between reserving and sending, another one was heard of."""
    failed = advance(refund, "failed", at=at, message="Nothing was sent: the money went, or goes, back another way.")
    return payment.with_refund(failed, at=at, what="refund called off: another one was heard of")


def _refuse_failed(payment: Payment, refund_id: str) -> None:
    refund = refund_of(payment, refund_id)
    if refund.status == "failed":
        raise GateRejected(refund.message)


def refund_of(payment: Payment, refund_id: str) -> Refund:
    """The refund of this id; raises `RefundNotFound`."""
    refund = payment.refund(refund_id)
    if refund is None:
        raise RefundNotFound(f"Payment {payment.key.payment_id} has no refund {refund_id}.")
    return refund


def _awaited_by(payment: Payment, refund: Refund, task_token: str) -> Payment:
    """The payment whose refund wakes the task that waits now instead of the one that waited before."""
    if refund.status in SETTLED:
        raise RefundSettled(f"Refund {refund.refund_id} is {refund.status}.")
    return payment.with_refund(
        replace(refund, task_token=task_token), at=payment.updated_at, what="refund awaited by a new task"
    )


def _note(
    store: Store,
    key: PaymentKey,
    refund_id: str,
    change_refund: Callable[[Refund], Refund],
    *,
    what: str,
    clock: Callable[[], datetime],
) -> None:
    def change(payment: Payment) -> Payment:
        refund = refund_of(payment, refund_id)
        changed = change_refund(refund)
        if changed == refund:
            return payment
        noted = payment.with_refund(changed, at=clock(), what=what).settled(at=clock())
        return noted.with_doubts(since=payment, at=clock(), source="workflow")

    amend_payment(store=store, key=key, change=change, clock=clock)


def _acknowledged(refund: Refund, request_id: str) -> Refund:
    """The refund under the id Gate gave it; a faster callback may have told the same id in full already."""
    known = same_request(refund.request_id, request_id)
    return refund if known else replace(refund, request_id=request_id)


def _refused(refund: Refund, refusal: GateRejected, now: datetime) -> Refund:
    if refund.status != "sent":
        return refund
    return advance(refund, "failed", at=now, code=refusal.code, message=refusal.message or str(refusal))


def _doubted(refund: Refund, refusal: GateUnavailable) -> Refund:
    """The refund with the refusal that is to be confirmed; what a faster callback told outweighs it."""
    if refund.status != "sent" or refund.operation_key:
        return refund
    return replace(refund, code=refusal.code, message=refusal.message or str(refusal))
