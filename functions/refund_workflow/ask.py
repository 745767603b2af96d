"""State AskSupport: leave the refund to the provider's support and let the execution wait for the callback."""

from typing import Any

from payments import wiring
from payments.usecases.request_refund import ask_support
from payments.usecases.reserve_refund import reserved


def handler(event: dict[str, Any], _context: Any) -> None:
    """``{"refund": the reserved refund, "task_token"}``; RefundSettled goes through."""
    key, refund_id = reserved(event["refund"])
    ask_support(
        store=wiring.store(),
        key=key,
        refund_id=refund_id,
        task_token=event["task_token"],
        clock=wiring.clock,
    )
