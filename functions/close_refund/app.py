"""Called by an operator → a refund whose end nobody told is closed by hand, with a reason (README, Refunds)."""

from typing import Any

from payments import observability, wiring
from payments.api_models import CloseRefundInput, parse
from payments.usecases.close_refund import close_refund
from payments.views import refund_view


def close(wanted: CloseRefundInput) -> dict[str, Any]:
    """The refund as it then is."""
    payment, refund = close_refund(store=wiring.store(), clock=wiring.clock, **wanted.model_dump())
    return refund_view(payment, refund)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"payment_id", "status", "reason"}``, ``project_id`` and ``refund_id`` where they are needed → the refund."""
    refund = close(parse(CloseRefundInput, event))
    told = {name: refund[name] for name in ("payment_id", "project_id", "refund_id", "status")}
    observability.logger.info("refund closed by hand", extra=told)
    return refund
