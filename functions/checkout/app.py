"""The customer's page → a redirect, a form, a page that waits, asks or tells the result; 404 for an unknown token."""

from pathlib import Path
from typing import Any

from payments import browser, observability, wiring
from payments.usecases.clarify_payment import clarify_payment
from payments.usecases.show_checkout import show_checkout, show_wait, tell_state
from payments.web import Answer, Event, Request, Response, respond

TEMPLATES = Path(__file__).parent / "templates"


@browser.for_visitors(TEMPLATES)
def show(request: Request) -> Response:
    """The page this token opens."""
    return page(request, problem="")


def page(request: Request, *, problem: str) -> Response:
    """The page as it is now; ``problem`` says why the customer's data could not be taken."""
    config = wiring.settings()
    shown = show_checkout(wiring.visit(request), config.payment_page_url, config.loopback_allowed, problem)
    if shown.unsafe_target:
        observability.count("UnsafeRedirectRefused")
    return browser.show_page(shown, request, templates=TEMPLATES, loopback_allowed=config.loopback_allowed)


def state(request: Request) -> Response:
    """What the page's script asks for."""
    return Response(200, tell_state(wiring.visit(request)))


@browser.for_visitors(TEMPLATES)
def clarify(request: Request) -> Response:
    """Take the customer's missing data and let the page wait, or ask again with the reason."""
    problem = clarify_payment(wiring.visit(request), wiring.gate(), browser.read_form(request), wiring.clock)
    if problem:
        return browser.with_status(page(request, problem=problem), 422)
    return browser.show_page(show_wait(wiring.visit(request)), request, templates=TEMPLATES)


ROUTES = {
    "GET /checkout/{token}": show,
    "GET /checkout/{token}/state": state,
    "POST /checkout/{token}/clarification": clarify,
}


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    return respond(event, ROUTES, on_fault=observability.report_fault)
