"""State CheckRefund: look into the store, ask the provider, and say whether and when to ask again."""

from typing import Any

from payments import observability, wiring
from payments.usecases.check_refund import CheckPlan, check_refund
from payments.usecases.reserve_refund import reserved


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"refund": the reserved refund with its check so far}`` → what `check_refund` answers."""
    checked = check(event["refund"])
    if checked["overdue"]:
        observability.count("CallbackOverdue")
    return checked


def check(refund: dict[str, Any]) -> dict[str, Any]:
    """Ask once more about this refund, where its end is not known yet."""
    key, refund_id = reserved(refund)
    return check_refund(
        store=wiring.store(),
        gate=wiring.gate(),
        key=key,
        refund_id=refund_id,
        attempt=refund["check"]["attempt"],
        plan=plan(),
        clock=wiring.clock,
    )


def plan() -> CheckPlan:
    """How often the provider is asked, from the settings."""
    settings = wiring.settings()
    return CheckPlan(attempts=settings.status_poll_attempts, first_wait_s=settings.status_poll_delay_s)
