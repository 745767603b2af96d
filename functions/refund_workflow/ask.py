"""State AskSupport: leave the refund to the provider's support and let the execution wait for the callback."""

from typing import Any

from payments import wiring
from payments.domain.payment import PaymentKey
from payments.usecases.request_refund import ask_support


def handler(event: dict[str, Any], _context: Any) -> None:
    """``{"refund": the reserved refund, "task_token"}``; RefundSettled goes through."""
    refund = event["refund"]
    ask_support(
        store=wiring.store(),
        key=PaymentKey(refund["project_id"], refund["payment_id"]),
        refund_id=refund["refund_id"],
        task_token=event["task_token"],
        clock=wiring.clock,
    )
