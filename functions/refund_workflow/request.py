"""State RequestRefund: write down that the request leaves, send it, and let the execution wait for the callback."""

from typing import Any

from payments import wiring
from payments.usecases.request_refund import request_refund
from payments.usecases.reserve_refund import reserved


def handler(event: dict[str, Any], _context: Any) -> None:
    """``{"refund": the reserved refund, "task_token"}``; GateRejected, GateUnavailable and RefundSettled go through."""
    key, refund_id = reserved(event["refund"])
    request_refund(
        store=wiring.store(),
        gate=wiring.gate(),
        projects=wiring.projects(),
        key=key,
        refund_id=refund_id,
        task_token=event["task_token"],
        clock=wiring.clock,
    )
