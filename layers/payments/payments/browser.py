"""Answers for a browser instead of a program: the customer's page, and the form it posts."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

from payments.domain.checkout import CheckoutPage
from payments.domain.errors import MalformedRequest
from payments.pages import Page, render, render_not_found
from payments.web import Request, Response

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


def show_not_found(request: Request, *, templates: Path) -> Response:
    """The one page for every address that opens nothing."""
    accepted = request.headers.get("accept-language", "")
    return _response(render_not_found(templates=templates, nonce=secrets.token_urlsafe(16), accept_language=accepted))


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
