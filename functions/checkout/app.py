"""The customer's page → a redirect, a form, a page that waits, asks or tells the result; 404 for an unknown token."""

from functools import partial
from pathlib import Path
from typing import Any

from payments import browser, observability, wiring
from payments.domain.checkout import AskFor
from payments.usecases.clarify_payment import clarify_payment
from payments.usecases.show_checkout import show_checkout, show_wait, tell_state
from payments.web import Answer, Event, Request, Response, respond

site = partial(wiring.site, Path(__file__).parent / "templates")


@browser.for_visitors(site)
def show(request: Request) -> Response:
    """The page this token opens."""
    shown = show_checkout(wiring.visit(request))
    if shown.unsafe_target:
        observability.count("UnsafeRedirectRefused")
    return browser.show_page(shown, request, site())


def state(request: Request) -> Response:
    """What the page's script asks for."""
    return Response(200, tell_state(wiring.visit(request)))


@browser.for_visitors(site)
def clarify(request: Request) -> Response:
    """Take the customer's missing data and let the page wait, or ask again with the reason."""
    visit = wiring.visit(request)
    shown = show_wait(visit, clarify_payment(visit, wiring.gate(), browser.read_form(request), wiring.clock))
    answer = browser.show_page(shown, request, site())
    return browser.with_status(answer, 422) if isinstance(shown.step, AskFor) else answer


ROUTES = {
    "GET /checkout/{token}": show,
    "GET /checkout/{token}/state": state,
    "POST /checkout/{token}/clarification": clarify,
}


def handler(event: Event, _context: Any) -> Answer:
    """API Gateway's entry point."""
    return respond(event, ROUTES, on_fault=observability.report_fault)
