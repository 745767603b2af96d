"""HTML pages: templates with every value escaped, one style sheet and one script inline, nothing from elsewhere."""

import secrets
from datetime import datetime
from typing import Any

import jinja2
from werkzeug.wrappers import Response

from local.shop.catalogue import price_text
from local.shop.merchant import order_address
from local.shop.words import delivery_words, payment_words, refund_words, source_words


def page(template: str, /, *, status: int = 200, **values: Any) -> Response:
    """A page under a strict policy, kept by no cache."""
    nonce = secrets.token_urlsafe(16)
    response = Response(_TEMPLATES.get_template(template).render(nonce=nonce, **values), status, mimetype="text/html")
    # No form-action: browsers hold the redirects after a form to it, and buying ends at the platform or the partner.
    response.headers["content-security-policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["cache-control"] = "no-store"
    response.headers["x-content-type-options"] = "nosniff"
    return response


def _day_text(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d %b %Y, %H:%M:%S")


def _minute_text(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d %b, %H:%M")


def _clock_text(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%H:%M:%S")


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("local.shop"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "money": price_text,
    "day": _day_text,
    "minute": _minute_text,
    "clock": _clock_text,
    "payment_words": payment_words,
    "refund_words": refund_words,
    "delivery_words": delivery_words,
    "source_words": source_words,
    "order_address": order_address,
}
