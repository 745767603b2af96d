"""Answers for a browser instead of a program: the customer's page, and the form it posts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from urllib.parse import parse_qsl

from payments.domain.checkout import CheckoutPage
from payments.domain.errors import MalformedRequest, PageNotFound
from payments.pages import Page, render, render_not_found
from payments.web import Request, Response, Route

_MOST_FIELDS = 50


def show_page(page: CheckoutPage, request: Request, *, templates: Path, loopback_allowed: bool = False) -> Response:
    """The page in the customer's language."""
    accepted = request.headers.get("accept-language", "")
    shown = render(
        page,
        templates=templates,
        nonce=secrets.token_urlsafe(16),
        accept_language=accepted,
        allow_loopback_http=loopback_allowed,
    )
    return _response(shown)


def for_visitors(templates: Path) -> Callable[[Route], Route]:
    """Makes a route answer the one page for every address that opens nothing, where it raises `PageNotFound`."""

    def wrap(route: Route) -> Route:
        @wraps(route)
        def answer(request: Request) -> Response:
            try:
                return route(request)
            except PageNotFound:
                accepted = request.headers.get("accept-language", "")
                nonce = secrets.token_urlsafe(16)
                return _response(render_not_found(templates=templates, nonce=nonce, accept_language=accepted))

        return answer

    return wrap


def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form; raises `MalformedRequest` for one no page of ours has posted."""
    try:
        pairs = parse_qsl(
            request.body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(request.body),
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise MalformedRequest("The form cannot be read.") from error
    return dict(pairs)


def with_status(response: Response, status: int) -> Response:
    """The same answer under another status."""
    return replace(response, status=status)


def _response(page: Page) -> Response:
    return Response(page.status, page.body, page.headers)
