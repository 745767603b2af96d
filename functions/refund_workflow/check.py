"""State CheckRefund: look into the store, ask the provider, and say whether and when to ask again."""

from typing import Any

from payments import wiring
from payments.usecases.check_refund import CheckPlan, check_refund
from payments.usecases.reserve_refund import reserved


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"refund": the reserved refund with its check so far}`` → ``{"settled", "again", "attempt", "wait_s"}``."""
    key, refund_id = reserved(event["refund"])
    return check_refund(
        store=wiring.store(),
        gate=wiring.gate(),
        key=key,
        refund_id=refund_id,
        attempt=event["refund"]["check"]["attempt"],
        plan=plan(),
        clock=wiring.clock,
    )


def plan() -> CheckPlan:
    """How often the provider is asked, from the settings."""
    settings = wiring.settings()
    return CheckPlan(attempts=settings.status_poll_attempts, first_wait_s=settings.status_poll_delay_s)
