"""Last state of the refund workflow: read from the store how it ended, and write down when nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from payments.domain.errors import GateRejected, RefundUnresolved
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import NEVER_SENT, Refund, advance
from payments.ports import Store
from payments.usecases.amend_payment import amend_payment
from payments.usecases.request_refund import refund_of


def record_refund(*, store: Store, key: PaymentKey, refund_id: str, clock: Callable[[], datetime]) -> dict[str, Any]:
    """The output of the execution: the refund that succeeded or was declined.

    Raises `GateRejected` for one that certainly did not happen, and `RefundUnresolved` for one whose end nobody knows;
    it is ``unknown`` from then on, and a later callback still settles it.
    """

    def close(payment: Payment) -> Payment:
        refund = refund_of(payment, refund_id)
        if refund.status == "requested":
            failed = advance(refund, "failed", at=clock(), message=NEVER_SENT)
            return payment.with_refund(failed, at=clock(), what="refund never sent")
        if refund.status in {"sent", "awaiting_support"}:
            unknown = advance(refund, "unknown", at=clock())
            return payment.with_refund(unknown, at=clock(), what="refund unresolved: nobody knows how it ended")
        return payment

    payment = amend_payment(store=store, key=key, change=close, clock=clock)
    refund = refund_of(payment, refund_id)
    if refund.status == "failed":
        raise GateRejected(_why_failed(refund))
    if refund.status == "unknown":
        raise RefundUnresolved(
            f"No callback came for refund {refund_id} of payment {key.payment_id} and no status request told its end. "
            "Look the payment up in the ECommPay Dashboard before anything else is refunded; a late callback still "
            "settles this refund. To ask once more, start an execution that names payment_id and refund_id; "
            "or close it by hand."
        )
    return {
        "refund_id": refund_id,
        "payment_id": key.payment_id,
        "status": refund.status,
        "amount": refund.money.amount,
        "currency": refund.money.currency,
    }


def _why_failed(refund: Refund) -> str:
    if refund.closed_by_hand:
        return f"The refund was closed by hand as failed: {refund.message.rstrip('.')}."
    if refund.sent_at is None:
        return refund.message
    code = f" (code {refund.code})" if refund.code else ""
    return f"ECommPay refused the refund{code}: {refund.message.rstrip('.')}. Nothing was given back by it."
