"""Start a refund on behalf of the API: reserve it, then start the workflow that carries it out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from payments.domain.errors import PaymentConflict, StoreUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.domain.refund_rules import money_to_refund
from payments.ports import Store, Workflow
from payments.usecases.amend_payment import amend_payment
from payments.usecases.find_payment import find_payment


def start_refund(
    *,
    store: Store,
    workflow: Workflow,
    payment_id: str,
    project_id: int | None,
    amount: int | None,
    reason: str,
    idempotency_key: str,
    new_id: Callable[[], str],
    report_fault: Callable[[Exception], None],
    clock: Callable[[], datetime],
) -> tuple[Payment, Refund, bool]:
    """The refund, reserved and on its way, and whether this call began it (a repetition by its key finds it).

    Raises a `RefundRefused` or `PaymentNotFound` when it may not be, and `PaymentConflict` when the key began another
    one. Once it is reserved it is promised: where its execution could not be started, which is reported, the check of
    pending payments starts it within minutes, and so it does after a crash between the two steps.
    """
    payment = find_payment(store=store, payment_id=payment_id, project_id=project_id)
    refund_id = _id_of(payment.key, idempotency_key) if idempotency_key else new_id()
    asked = _fingerprint(amount, reason) if idempotency_key else ""
    key, is_new = payment.key, False

    def reserve(payment: Payment) -> Payment:
        nonlocal is_new
        known = payment.refund(refund_id)
        is_new = known is None
        if known is not None:
            if known.fingerprint != asked:
                raise PaymentConflict("This Idempotency-Key began another refund.")
            return payment
        now = clock()
        refund = Refund(
            refund_id=refund_id,
            money=money_to_refund(payment, amount),
            origin="api",
            status="requested",
            created_at=now,
            updated_at=now,
            reason=reason,
            execution=workflow.execution_arn(refund_id),
            fingerprint=asked,
        )
        return payment.with_refund(refund, at=now, source="api", what=f"refund of {refund.money} requested")

    payment = amend_payment(store=store, key=key, change=reserve, clock=clock)
    if not is_new:
        return payment, _refund(payment, refund_id), False
    try:
        run_refund(workflow=workflow, payment=payment, refund_id=refund_id)
    except StoreUnavailable as fault:
        report_fault(fault)
    return payment, _refund(payment, refund_id), True


def _id_of(key: PaymentKey, idempotency_key: str) -> str:
    """The id that every repetition under the same key comes to; the key is the payment's, not the installation's."""
    identity = f"{key.project_id}|{key.payment_id}|{idempotency_key}"
    return f"rf-{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def _fingerprint(amount: int | None, reason: str) -> str:
    """What was asked for, to be compared with a repetition: the refund itself may come to another amount."""
    return hashlib.sha256(json.dumps({"amount": amount, "reason": reason}).encode()).hexdigest()


def run_refund(*, workflow: Workflow, payment: Payment, refund_id: str) -> None:
    """Start the execution of a reserved refund; starting it twice starts it once, by its name."""
    workflow.start(
        name=refund_id,
        payload={
            "payment_id": payment.key.payment_id,
            "project_id": payment.key.project_id,
            "refund_id": refund_id,
        },
    )


def _refund(payment: Payment, refund_id: str) -> Refund:
    refund = payment.refund(refund_id)
    if refund is None:
        raise StoreUnavailable(f"Refund {refund_id} is gone from its payment.")
    return refund
