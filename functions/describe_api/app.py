"""GET /openapi.json → the OpenAPI 3.1 description of this API."""

from typing import Any

from payments import observability
from payments.openapi import describe_api
from payments.web import Answer, Event, Request, Response, respond


def show(_request: Request) -> Response:
    """The description, made from the same models that check the requests."""
    return Response(200, describe_api())


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    return respond(event, {"GET /openapi.json": show}, on_fault=observability.report_fault)
