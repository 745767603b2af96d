"""First state of the refund workflow: make sure the refund may be, and that no other is under way.

An execution that names a refund which was sent already goes on with it: it asks how it ended and sends nothing. That is
how an operator looks into a refund whose own execution is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from payments.domain.errors import InvalidRefundRequest, RefundInProgress
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.domain.refund_rules import money_to_refund
from payments.ports import Store
from payments.usecases.amend_payment import amend_payment
from payments.usecases.find_payment import find_payment


@dataclass(frozen=True, slots=True)
class RefundWaits:
    """How long the workflow waits for what, in seconds."""

    callback_timeout_s: int
    support_timeout_s: int
    first_check_after_s: int


@dataclass(frozen=True, slots=True)
class RefundWanted:
    """The input of an execution; ``refund_id`` names a refund that the API reserved, or one to go on with."""

    payment_id: str
    project_id: int | None = None
    amount: int | None = None
    reason: str = ""
    refund_id: str = ""


def reserve_refund(
    *, store: Store, wanted: RefundWanted, execution: str, waits: RefundWaits, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """What the later states need to know; the same for every retry of the same execution.

    ``execution`` is the ARN of the execution: the console invents a random name for each, so it is what tells a retry
    from a second refund. Raises a `RefundRefused` or `PaymentNotFound`.
    """
    key = find_payment(store=store, payment_id=wanted.payment_id, project_id=wanted.project_id).key
    refund_id = wanted.refund_id or f"rf-{hashlib.sha256(execution.encode()).hexdigest()[:32]}"

    def reserve(payment: Payment) -> Payment:
        known = payment.refund(refund_id)
        if known is not None:
            _check_may_go_on(known, wanted, execution)
            return _gone_on(payment, known, execution, at=clock())
        if wanted.refund_id:
            raise InvalidRefundRequest(f"No refund {refund_id} was reserved; leave refund_id out of the input.")
        now = clock()
        refund = Refund(
            refund_id=refund_id,
            money=money_to_refund(payment, wanted.amount),
            origin="workflow",
            status="requested",
            created_at=now,
            updated_at=now,
            reason=wanted.reason,
            execution=execution,
        )
        return payment.with_refund(refund, at=now, what=f"refund of {refund.money} requested")

    payment = amend_payment(store=store, key=key, change=reserve, clock=clock)
    refund = payment.refund(refund_id)
    money = refund.money if refund else money_to_refund(payment, wanted.amount)
    by_support = payment.refund_policy == "support"
    return {
        "refund_id": refund_id,
        "payment_id": key.payment_id,
        "project_id": key.project_id,
        "amount": money.amount,
        "currency": money.currency,
        "refund_policy": payment.refund_policy,
        "sent_before": refund is not None and refund.status != "requested",
        "callback_timeout_s": waits.support_timeout_s if by_support else waits.callback_timeout_s,
        "check": {"attempt": 0, "wait_s": waits.first_check_after_s},
    }


def reserved(refund: Mapping[str, Any]) -> tuple[PaymentKey, str]:
    """Payment and refund id out of what `reserve_refund` answered, as the later states are given it."""
    return PaymentKey(refund["project_id"], refund["payment_id"]), refund["refund_id"]


def _check_may_go_on(refund: Refund, wanted: RefundWanted, execution: str) -> None:
    """Raise why this execution cannot go on with the refund; one that is not sent yet has an execution of its own."""
    ours = refund.execution == execution
    if refund.status == "failed":
        raise InvalidRefundRequest(f"Refund {refund.refund_id} has failed already; start a new one.")
    if refund.status == "requested" and not ours:
        raise RefundInProgress(f"Refund {refund.refund_id} belongs to another execution; wait for its end.")
    if not ours and (wanted.amount is not None or wanted.reason):
        raise InvalidRefundRequest(
            f"Refund {refund.refund_id} is {refund.status}; leave amount and reason out of the input to go on with it."
        )


def _gone_on(payment: Payment, refund: Refund, execution: str, *, at: datetime) -> Payment:
    """The payment whose refund is looked into by this execution, and the very same where it was before."""
    if refund.execution == execution or not refund.in_flight:
        return payment
    return payment.with_refund(replace(refund, execution=execution), at=at, what="refund looked into once more")
