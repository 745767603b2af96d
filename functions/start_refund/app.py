"""POST /payments/{payment_id}/refunds → 202 and the refund, 200 for a repetition; 400, 404, 409, 422 with a problem."""

from typing import Any

from payments import observability, wiring
from payments.api_models import StartRefund, idempotency_key, named_project, parse
from payments.usecases.start_refund import start_refund
from payments.views import refund_view
from payments.web import Answer, Event, Request, Response, respond


def start(request: Request) -> Response:
    """Reserve the refund and start the workflow that carries it out."""
    wanted = parse(StartRefund, named_project(request.json() if request.body else {}, request.query))
    payment, refund, is_new = start_refund(
        store=wiring.store(),
        workflow=wiring.workflow(),
        payment_id=request.path["payment_id"],
        project_id=wanted.project_id,
        amount=wanted.amount,
        reason=wanted.reason,
        idempotency_key=idempotency_key(request.headers),
        new_id=wiring.new_refund_id,
        report_fault=lambda fault: observability.report_fault(fault, request.request_id),
        clock=wiring.clock,
    )
    location = f"/payments/{payment.key.payment_id}/refunds/{refund.refund_id}"
    return Response(202 if is_new else 200, refund_view(payment, refund), {"location": location})


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    route = "POST /payments/{payment_id}/refunds"
    return respond(event, {route: start}, on_fault=observability.report_fault)
