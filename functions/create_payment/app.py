"""POST /payments → 201 for payment_page, 202 for gate, 200 for a repetition; 400, 409, 422 with a problem."""

from typing import Any

from payments import observability, wiring
from payments.api_models import CreatePayment, idempotency_key, named_project, parse
from payments.usecases.create_payment import create_payment
from payments.usecases.link_payment_page import link_payment_page
from payments.views import payment_view
from payments.web import Answer, Event, Request, Response, respond


def create(request: Request) -> Response:
    """Create the payment and answer it, with the way to the Payment Page where it is paid there."""
    settings = wiring.settings()
    wanted = parse(CreatePayment, named_project(request.json(), request.query)).wanted(
        idempotency_key=idempotency_key(request.headers), return_url_hosts=settings.return_url_hosts
    )
    payment, is_new = create_payment(
        store=wiring.store(),
        gate=wiring.gate(),
        projects=wiring.projects(),
        wanted=wanted,
        public_url=settings.public_url or request.origin,
        page_lifetime=settings.payment_page_lifetime,
        new_id=wiring.new_payment_id,
        clock=wiring.clock,
    )
    view = payment_view(payment)
    if wanted.interface == "payment_page":
        link = link_payment_page(payment=payment, projects=wiring.projects(), base=settings.payment_page_url)
        view |= {"payment_page_url": link.url, "payment_page_params": link.params}
    status = (201 if wanted.interface == "payment_page" else 202) if is_new else 200
    return Response(status, view, {"location": f"/payments/{payment.key.payment_id}"})


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    return respond(event, {"POST /payments": create}, on_fault=observability.report_fault)
