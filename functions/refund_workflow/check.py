"""State CheckRefund: look into the store, ask the provider, and say whether and when to ask again."""

from dataclasses import asdict
from typing import Any

from payments import wiring
from payments.domain.payment import PaymentKey
from payments.usecases.check_refund import CheckPlan, check_refund


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"refund": the reserved refund with its check so far}`` → ``{"settled", "again", "attempt", "wait_s"}``."""
    refund, settings = event["refund"], wiring.settings()
    checked = check_refund(
        store=wiring.store(),
        gate=wiring.gate(),
        key=PaymentKey(refund["project_id"], refund["payment_id"]),
        refund_id=refund["refund_id"],
        attempt=refund["check"]["attempt"],
        plan=CheckPlan(attempts=settings.status_poll_attempts, first_wait_s=settings.status_poll_delay_s),
        clock=wiring.clock,
    )
    return asdict(checked)
