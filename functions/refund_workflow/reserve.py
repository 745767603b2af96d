"""State ReserveRefund: check that the refund may be and hold the payment for it; refusals are the named errors."""

from typing import Any

from payments import wiring
from payments.api_models import parse_refund_input
from payments.usecases.reserve_refund import RefundWaits, reserve_refund


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"input": the execution's input, "execution": its ARN}`` → what the later states need."""
    settings = wiring.settings()
    waits = RefundWaits(
        callback_timeout_s=settings.refund_callback_timeout_s,
        support_timeout_s=settings.support_refund_timeout_s,
        first_check_after_s=settings.status_poll_delay_s,
    )
    wanted = parse_refund_input(event["input"]).wanted()
    return reserve_refund(
        store=wiring.store(), wanted=wanted, execution=event["execution"], waits=waits, clock=wiring.clock
    )
