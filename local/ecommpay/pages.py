"""HTML pages: templates with every value escaped, one style sheet inline, nothing from elsewhere, a strict policy."""

import secrets
from typing import Any
from urllib.parse import urlsplit

import jinja2
from werkzeug.wrappers import Response

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("local.ecommpay"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, /, *, status: int = 200, **values: Any) -> Response:
    """Return a page; forms may lead to any http address, because browsers check redirects after a form too."""
    nonce = secrets.token_urlsafe(16)
    html = _TEMPLATES.get_template(template).render(nonce=nonce, **values)
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action http: https:"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def see_other(url: str) -> Response:
    """Send the browser on with a GET."""
    return Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})


def web_address(url: str) -> str:
    """Return the address if it is one a browser may be sent to, else nothing."""
    parts = urlsplit(url)
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def money(amount: int, currency: str) -> str:
    """Write minor units for people; all currencies here have two decimals."""
    return f"{amount // 100:,}.{amount % 100:02d} {currency}"
