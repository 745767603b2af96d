"""POST /callbacks/ecommpay → 200 once it is stored; 400 no strict JSON, 403 not ECommPay's, 413, 5xx not stored."""

from typing import Any

from payments import observability, wiring
from payments.usecases.receive_callback import receive_callback
from payments.web import Answer, Event, Request, Response, refuse_unlisted, respond

LONGEST_BODY = 256 * 1024


def receive(request: Request) -> Response:
    """Verify, store, answer: nothing is published and nobody is woken within the platform's time."""
    refuse_unlisted(request.source, wiring.settings().callback_sources)
    receipt = receive_callback(store=wiring.store(), projects=wiring.projects(), body=request.body, clock=wiring.clock)
    observability.report_callback(receipt)
    return Response(200, {"status": "stored"})


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    return respond(
        event,
        {"POST /callbacks/ecommpay": receive},
        on_fault=observability.report_fault,
        on_refusal=observability.report_refused_callback,
        longest_body=LONGEST_BODY,
    )
