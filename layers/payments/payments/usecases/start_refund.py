"""Start a refund on behalf of the API: reserve it, then start the workflow that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from payments.domain.errors import StoreUnavailable
from payments.domain.payment import Payment
from payments.domain.refund import Refund, advance
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
    new_id: Callable[[], str],
    clock: Callable[[], datetime],
) -> tuple[Payment, Refund]:
    """The refund, reserved and on its way; raises a `RefundRefused` or `PaymentNotFound` when it may not be.

    A crash between the two steps leaves a reservation that the check of pending payments starts again.
    """
    key = find_payment(store=store, payment_id=payment_id, project_id=project_id).key
    refund_id = new_id()

    def reserve(payment: Payment) -> Payment:
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
        )
        return payment.with_refund(refund, at=now, source="api", what=f"refund of {refund.money} requested")

    payment = amend_payment(store=store, key=key, change=reserve, clock=clock)
    try:
        run_refund(workflow=workflow, payment=payment, refund_id=refund_id)
    except StoreUnavailable:
        amend_payment(store=store, key=key, change=lambda payment: _released(payment, refund_id, clock()), clock=clock)
        raise
    return payment, _refund(payment, refund_id)


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


def _released(payment: Payment, refund_id: str, now: datetime) -> Payment:
    refund = _refund(payment, refund_id)
    if refund.status != "requested":
        return payment
    failed = advance(refund, "failed", at=now, message="The refund workflow could not be started.")
    return payment.with_refund(failed, at=now, source="api", what="refund not started")


def _refund(payment: Payment, refund_id: str) -> Refund:
    refund = payment.refund(refund_id)
    if refund is None:
        raise StoreUnavailable(f"Refund {refund_id} is gone from its payment.")
    return refund
