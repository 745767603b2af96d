"""What the customer's browser is shown: one answer for every step a payment can be at.

Rules of this package
  * It decides nothing about the payment: it shows the step it is given (``domain/checkout.py``).
  * A browser is sent only to an address that ``domain/targets.py`` calls safe; anything else is `UnsafeTarget`.
  * Every page works without JavaScript; the script only presses the button that is there, or looks more often.
  * Every sentence stands in a template, in English; ``wording.py`` says it in the customer's language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape

from payments.domain.checkout import AskFor, CheckoutPage, KeepWaiting, RunWidget, SendOn, ShowResult, SubmitForm
from payments.domain.targets import UnsafeTarget, host_of, is_exact_in_form, is_safe_target, origin_of
from payments.look import Site
from payments.pages.fields import asked_field
from payments.pages.headers import page_headers, shared_headers
from payments.pages.wording import Wording, wording_for
from payments.templates import environment

#: What the provider's way back adds to the page's address (``gate/addresses.py``). A page that waits for the result
#: keeps it: without it the page would send the customer out to pay once more.
_RETURNED = "?returned=1"

_MOODS = {
    "succeeded": "good",
    "declined": "bad",
    "failed": "bad",
    "refunded": "back",
    "partially_refunded": "back",
    "expired": "calm",
    "canceled": "calm",
    "needs_review": "calm",
}


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP answer for a browser; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: str


def render(page: CheckoutPage, *, site: Site, nonce: str, accept_language: str = "") -> Page:
    """The answer to ``GET /checkout/{token}``; `UnsafeTarget` when the step leads where nobody may be sent."""
    step = page.step
    if isinstance(step, SendOn):
        _refuse_unsafe(step.url, site)
        return Page(302, {"location": step.url, **shared_headers()}, "")
    wording = _wording(site, page.language, accept_language)
    back = page.return_url if is_safe_target(page.return_url, allow_loopback_http=site.loopback_allowed) else ""
    shown = {"page": page, "step": step, "back": back, "query": "", "amount": page.money, "amount_label": "to_pay"}
    images = site.look.logo_origin
    if isinstance(step, SubmitForm):
        _refuse_unsafe(step.url, site)
        if not all(is_exact_in_form(text) for field in step.fields for text in field):
            raise UnsafeTarget("a field that no browser can carry")
        body = _body(site, wording, nonce, "form", {**shown, "host": host_of(step.url)})
        headers = page_headers(nonce, script=True, form_action=origin_of(step.url), images=images)
    elif isinstance(step, RunWidget):
        _refuse_unsafe(step.url, site)
        widget = tuple(dict.fromkeys(map(origin_of, (site.widget_base, step.url))))
        more = {"widget_base": site.widget_base, "params": json.dumps(dict(step.params)), "query": _RETURNED}
        body = _body(site, wording, nonce, "widget", {**shown, **more})
        headers = page_headers(
            nonce, script=True, asks_state=True, form_action=" ".join(widget), images=images, widget=widget
        )
    elif isinstance(step, KeepWaiting):
        more = {"query": _RETURNED, "amount_label": "amount"} if step.returned else {}
        body = _body(site, wording, nonce, "wait", {**shown, **more, "check_first": True})
        headers = page_headers(nonce, script=True, asks_state=True, images=images)
    elif isinstance(step, AskFor):
        fields = [asked_field(path) for path in step.fields]
        body = _body(site, wording, nonce, "ask", {**shown, "fields": fields})
        headers = page_headers(nonce, form_action="'self'", images=images)
    else:
        body = _body(site, wording, nonce, "result", {**shown, **_result(step)})
        headers = page_headers(nonce, images=images)
    return Page(200, headers, body)


def render_not_found(*, site: Site, nonce: str, accept_language: str = "") -> Page:
    """One and the same 404 for a token that is unknown, forged or too old."""
    body = _body(site, _wording(site, "", accept_language), nonce, "not_found", {})
    return Page(404, page_headers(nonce, images=site.look.logo_origin), body)


def _result(step: ShowResult) -> Mapping[str, object]:
    # A status this page does not know is neither good nor bad news: somebody has to look.
    status = step.status if step.status in _MOODS else "needs_review"
    gave_back = _MOODS[status] == "back" and step.refunded.amount
    label = "refunded" if gave_back else "paid" if status == "succeeded" else "amount"
    return {
        "status": status,
        "mood": _MOODS[status],
        "amount": step.refunded if gave_back else step.money,
        "amount_label": label,
        "paid_before": step.money if gave_back else None,
        "at": step.at.astimezone(UTC),
        "check_first": status == "needs_review",
    }


def _body(site: Site, wording: Wording, nonce: str, template: str, shown: Mapping[str, object]) -> str:
    return (
        _environment(site.templates)
        .get_template(f"{template}.html")
        .render(
            {
                "_": wording.say,
                "ngettext": wording.say_count,
                "wording": wording,
                "look": site.look,
                "nonce": nonce,
                "at": None,
                "paid_before": None,
                **shown,
            }
        )
    )


def _wording(site: Site, wish: str, accept_language: str) -> Wording:
    return wording_for(wish=wish, accept_language=accept_language, locales=site.templates.parent / "locales")


def _refuse_unsafe(url: str, site: Site) -> None:
    if not is_safe_target(url, allow_loopback_http=site.loopback_allowed):
        raise UnsafeTarget("not an address a browser may be sent to")


def _escape_exactly(text: str) -> Markup:
    """Escaped for an attribute, line breaks too: left as they are, a browser would turn CR into LF while reading."""
    return Markup(escape(text).replace("\r", Markup("&#13;")).replace("\n", Markup("&#10;")))  # noqa: S704 - escaped first


@cache
def _environment(templates: Path) -> Environment:
    made = environment(templates)
    made.filters["exact"] = _escape_exactly
    return made
