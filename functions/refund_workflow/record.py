"""State RecordRefund: how it ended, from the store; GateRejected or RefundUnresolved when there is no result."""

from typing import Any

from payments import observability, wiring
from payments.domain.errors import RefundUnresolved
from payments.usecases.record_refund import record_refund
from payments.usecases.reserve_refund import reserved


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"refund": the reserved refund}`` → ``{"refund_id", "payment_id", "status", "amount", "currency"}``."""
    key, refund_id = reserved(event["refund"])
    try:
        return record_refund(store=wiring.store(), key=key, refund_id=refund_id, clock=wiring.clock)
    except RefundUnresolved:
        observability.count("RefundUnresolved")
        raise
