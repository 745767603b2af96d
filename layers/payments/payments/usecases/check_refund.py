"""Find out what became of a refund: look into the store first, then ask the provider, and say when to ask again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payments.domain.errors import GateUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import Report
from payments.domain.refund import SETTLED, Refund, advance
from payments.ports import Gate, Store
from payments.usecases.amend_payment import amend_payment
from payments.usecases.check_payment import check_payment
from payments.usecases.find_payment import find_refund
from payments.usecases.request_refund import owed, refund_of

_LONGEST_WAIT_S = 3600


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """How often to ask, and how long to wait before the first time; every wait is twice the one before."""

    attempts: int
    first_wait_s: int

    def wait_before(self, attempt: int) -> int:
        """Seconds to wait before this attempt, the first being 0."""
        return min(_LONGEST_WAIT_S, int(self.first_wait_s * 2**attempt))

    def may_confirm(self, refund: Refund, *, now: datetime) -> bool:
        """Whether the provider's list may be believed to hold what an earlier copy of the request has done."""
        return refund.sent_at is not None and now - refund.sent_at >= timedelta(seconds=self.first_wait_s)


def check_refund(
    *,
    store: Store,
    gate: Gate,
    key: PaymentKey,
    refund_id: str,
    attempt: int,
    plan: CheckPlan,
    clock: Callable[[], datetime],
) -> dict[str, Any]:
    """Whether the end is known by now, and if not, whether it is worth asking ``again`` after ``wait_s`` seconds.

    It is ``overdue`` when only the question brought it to light. An unreachable provider only costs an attempt.
    """

    def stored() -> Refund:
        return find_refund(store=store, payment_id=key.payment_id, project_id=key.project_id, refund_id=refund_id)[1]

    settled, overdue = _has_ended(stored()), False
    if not settled:
        with suppress(GateUnavailable):
            said = check_payment(store=store, gate=gate, key=key, clock=clock)
            refund = stored()
            settled = overdue = _has_ended(refund)
            if refund.refused and _lists_operations(said) and plan.may_confirm(refund, now=clock()):
                settled = _confirm_refusal(store, key, refund_id, clock)
    following = attempt + 1
    again = not settled and following < plan.attempts
    return {
        "settled": settled,
        "overdue": overdue,
        "again": again,
        "attempt": following,
        "wait_s": plan.wait_before(following),
    }


def _has_ended(refund: Refund) -> bool:
    return refund.status in SETTLED or refund.status == "requested"


def _lists_operations(said: Report | None) -> bool:
    """Whether the provider told what happened to the payment; its sale is always among that."""
    return said is not None and any(each.kind == "sale" for each in said.operations)


def _confirm_refusal(store: Store, key: PaymentKey, refund_id: str, clock: Callable[[], datetime]) -> bool:
    """Whether the refund has failed: Gate refused it, and no return is known by now.

    What an earlier copy of the request may have done was done before that refusal, so the provider's list has it.
    """

    def fail(payment: Payment) -> Payment:
        refund = refund_of(payment, refund_id)
        if not refund.refused or not owed(payment, refund):
            return payment
        return payment.with_refund(advance(refund, "failed", at=clock()), at=clock(), what="refusal of Gate confirmed")

    return _has_ended(refund_of(amend_payment(store=store, key=key, change=fail, clock=clock), refund_id))
