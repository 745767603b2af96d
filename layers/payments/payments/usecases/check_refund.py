"""Find out what became of a refund: look into the store first, then ask the provider, and say when to ask again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payments.domain.errors import GateUnavailable
from payments.domain.payment import PaymentKey
from payments.domain.refund import SETTLED
from payments.ports import Gate, Store
from payments.usecases.check_payment import check_payment
from payments.usecases.find_payment import find_refund

_LONGEST_WAIT_S = 3600


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """How often to ask, and how long to wait before the first time; every wait is twice the one before."""

    attempts: int
    first_wait_s: int

    def wait_before(self, attempt: int) -> int:
        """Seconds to wait before this attempt, the first being 0."""
        return min(_LONGEST_WAIT_S, int(self.first_wait_s * 2**attempt))


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

    def ended() -> bool:
        _, refund = find_refund(store=store, payment_id=key.payment_id, project_id=key.project_id, refund_id=refund_id)
        return refund.status in SETTLED or refund.status == "requested"

    told = settled = ended()
    if not told:
        try:
            check_payment(store=store, gate=gate, key=key, clock=clock)
        except GateUnavailable:
            settled = False
        else:
            settled = ended()
    following = attempt + 1
    again = not settled and following < plan.attempts
    return {
        "settled": settled,
        "overdue": settled and not told,
        "again": again,
        "attempt": following,
        "wait_s": plan.wait_before(following),
    }
