"""GET /payments, /payments/{id}, …/refunds, …/refunds/{id}, /projects/{id}/keys → 200; 404, 409, 422 with a problem."""

from typing import Any

from payments import observability, wiring
from payments.api_models import ListQuery, ProjectPath, ProjectQuery, parse_query
from payments.usecases.find_payment import find_payment, find_refund
from payments.views import keys_view, payment_view, refund_view
from payments.web import Answer, Event, Request, Response, respond


def list_payments(request: Request) -> Response:
    """A page of payments, newest first."""
    query = parse_query(ListQuery, request.query)
    payments, next_cursor = wiring.store().select(query.wanted(), limit=query.limit, cursor=query.cursor)
    return Response(200, {"items": [payment_view(each) for each in payments], "next_cursor": next_cursor})


def get_payment(request: Request) -> Response:
    """One payment with its operations, refunds and timeline."""
    project_id = parse_query(ProjectQuery, request.query).project_id
    payment = find_payment(store=wiring.store(), payment_id=request.path["payment_id"], project_id=project_id)
    return Response(200, payment_view(payment))


def list_refunds(request: Request) -> Response:
    """The refunds of one payment; so few that they are one page."""
    project_id = parse_query(ProjectQuery, request.query).project_id
    payment = find_payment(store=wiring.store(), payment_id=request.path["payment_id"], project_id=project_id)
    return Response(200, {"items": [refund_view(payment, each) for each in payment.refunds], "next_cursor": None})


def get_refund(request: Request) -> Response:
    """One refund."""
    project_id = parse_query(ProjectQuery, request.query).project_id
    return Response(200, refund_view(*find_refund(store=wiring.store(), project_id=project_id, **request.path)))


def list_keys(request: Request) -> Response:
    """When each secret key of a project was last needed; so few that they are one page."""
    project_id = parse_query(ProjectPath, request.path).project_id
    return Response(200, keys_view(wiring.key_uses().listed(project_id)))


ROUTES = {
    "GET /payments": list_payments,
    "GET /payments/{payment_id}": get_payment,
    "GET /payments/{payment_id}/refunds": list_refunds,
    "GET /payments/{payment_id}/refunds/{refund_id}": get_refund,
    "GET /projects/{project_id}/keys": list_keys,
}


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    return respond(event, ROUTES, on_fault=observability.report_fault)
