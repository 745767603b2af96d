"""Close a refund by hand: a person looked it up and says how it ended, because nobody else will, or not soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from payments.domain.errors import FieldError, InvalidRequest, RefundNotFound
from payments.domain.payment import Payment
from payments.domain.refund import CLOSABLE, Refund, advance
from payments.ports import Store
from payments.usecases.amend_payment import amend_payment
from payments.usecases.find_payment import find_payment
from payments.usecases.request_refund import refund_of


def close_refund(
    *,
    store: Store,
    payment_id: str,
    project_id: int | None,
    refund_id: str,
    status: Literal["succeeded", "failed"],
    reason: str,
    clock: Callable[[], datetime],
) -> tuple[Payment, Refund]:
    """The refund as closed, and its payment; the same for a repetition. Without ``refund_id`` the one that waits.

    It counts as given back, or frees the payment, until the provider's own operation says something else. Raises
    `PaymentNotFound`, `ProjectRequired`, `RefundNotFound`, and `InvalidRequest` for one that is not to be closed.
    """
    payment = find_payment(store=store, payment_id=payment_id, project_id=project_id)
    wanted = refund_id or _only_one(payment)

    def close(payment: Payment) -> Payment:
        refund, now = refund_of(payment, wanted), clock()
        if refund.closed_by_hand and refund.status == status:
            return payment
        if refund.status not in CLOSABLE:
            detail = f"refund {wanted} is {refund.status}; only one that is {' or '.join(sorted(CLOSABLE))} is closed"
            raise InvalidRequest(FieldError("/refund_id", detail))
        code = "" if status == "succeeded" else refund.code  # of a refusal by Gate, which it turned out not to be
        closed = advance(refund, status, at=now, closed_by_hand=True, code=code, message=reason)
        what = f"refund closed by hand as {status}: {reason}"
        after = payment.with_refund(closed, at=now, source="reconciliation", what=what).settled(at=now)
        _refuse_too_much(after)
        return after

    payment = amend_payment(store=store, key=payment.key, change=close, clock=clock)
    return payment, refund_of(payment, wanted)


def _only_one(payment: Payment) -> str:
    """The one refund that can be closed; where there is none, the last that was: its answer may have been lost."""
    waiting = [each.refund_id for each in payment.refunds if each.status in CLOSABLE]
    closed = [each.refund_id for each in payment.refunds if each.closed_by_hand]
    if len(waiting) > 1:
        raise InvalidRequest(FieldError("/refund_id", f"is required: {', '.join(waiting)} can be closed"))
    if not waiting and not closed:
        raise RefundNotFound(f"Payment {payment.key.payment_id} has no refund that waits to be closed.")
    return (waiting or closed)[-1]


def _refuse_too_much(payment: Payment) -> None:
    if payment.order is not None and payment.returned > payment.order.money.amount:
        detail = "cannot be succeeded: with what else was given back it would be more than was paid"
        raise InvalidRequest(FieldError("/status", detail))
