"""Answers for a browser instead of a program: the customer's page, and the form it posts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from urllib.parse import parse_qsl

from payments.domain.checkout import CheckoutPage
from payments.domain.errors import MalformedRequest, PageNotFound
from payments.look import Site
from payments.pages import Page, render, render_not_found
from payments.web import Request, Response, Route

_MOST_FIELDS = 50


def show_page(page: CheckoutPage, request: Request, site: Site) -> Response:
    """The page in the customer's language."""
    return _response(render(page, site=site, nonce=_nonce(), accept_language=_wish(request)))


def for_visitors(site: Callable[[], Site]) -> Callable[[Route], Route]:
    """Makes a route answer the one page for every address that opens nothing, where it raises `PageNotFound`."""

    def wrap(route: Route) -> Route:
        @wraps(route)
        def answer(request: Request) -> Response:
            try:
                return route(request)
            except PageNotFound:
                return _response(render_not_found(site=site(), nonce=_nonce(), accept_language=_wish(request)))

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


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def _wish(request: Request) -> str:
    return request.headers.get("accept-language", "")
