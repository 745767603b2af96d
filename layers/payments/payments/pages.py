"""What the customer's browser is shown: one answer for every step a payment can be at.

Rules of this file
  * It decides nothing about the payment: it shows the step it is given (``domain/checkout.py``).
  * A browser is sent only to an address that ``domain/targets.py`` calls safe; anything else is `UnsafeTarget`.
  * Every page works without JavaScript; the script only presses the button that is there, or looks more often.
  * All texts stand in ``locales/<language>.json`` beside the templates; a new language is a new file.

A page that holds a form names in ``form-action`` the one origin the form may go to. Chromium and Safari hold the
redirects that follow the post to that directive as well (Firefox does not), so
  * where the partner answers our post with a redirect to another host, those browsers stop on our page; its script
    hears of that and tells the customer. Hosts that are known only after the post cannot be named before it.
  * an accepted clarification is best answered with the waiting page itself (200): a redirect that ends at the
    partner would be stopped. The waiting page goes on to its own address wherever it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from payments.domain.checkout import AskFor, CheckoutPage, KeepWaiting, SendOn, ShowResult, SubmitForm
from payments.domain.targets import UnsafeTarget, host_of, is_exact_in_form, is_safe_target, origin_of

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

#: The last part of a field's path: its label, the kind of keyboard, what the browser may fill in, the longest answer.
_INPUTS = {
    "email": ("email", "email", "email", 255),
    "phone": ("phone", "tel", "tel", 32),
    "first_name": ("first_name", "text", "given-name", 255),
    "last_name": ("last_name", "text", "family-name", 255),
    "middle_name": ("middle_name", "text", "additional-name", 255),
    "name": ("full_name", "text", "name", 255),
    "full_name": ("full_name", "text", "name", 255),
    "card_holder": ("card_holder", "text", "cc-name", 255),
    "address": ("address", "text", "address-line1", 255),
    "street": ("address", "text", "address-line1", 255),
    "city": ("city", "text", "address-level2", 255),
    "state": ("state", "text", "address-level1", 255),
    "region": ("state", "text", "address-level1", 255),
    "zip": ("zip", "text", "postal-code", 32),
    "zip_code": ("zip", "text", "postal-code", 32),
    "postal": ("zip", "text", "postal-code", 32),
    "postal_code": ("zip", "text", "postal-code", 32),
    "country": ("country", "text", "country", 2),
    "birthplace": ("birthplace", "text", "", 255),
    "day_of_birth": ("day_of_birth", "text", "", 10),
}

_LANGUAGE = re.compile(r"\b([A-Za-z]{2,3})\b(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?")


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP answer for a browser; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class _AskedField:
    name: str
    label: str
    type: str
    autocomplete: str
    longest: int


@dataclass(frozen=True, slots=True)
class _Theme:
    environment: Environment
    texts: Mapping[str, Mapping[str, str]]


def render(
    page: CheckoutPage,
    *,
    templates: Path,
    nonce: str,
    accept_language: str = "",
    allow_loopback_http: bool = False,
) -> Page:
    """The answer to ``GET /checkout/{token}``; `UnsafeTarget` when the step leads where nobody may be sent."""
    step = page.step
    if isinstance(step, SendOn):
        _refuse_unsafe(step.url, allow_loopback_http=allow_loopback_http)
        return Page(302, {"location": step.url, **_headers()}, "")
    theme = _theme(templates)
    language = _choose_language((page.language.lower(), *_wishes(accept_language)), theme.texts)
    texts = theme.texts[language]
    back = page.return_url if is_safe_target(page.return_url, allow_loopback_http=allow_loopback_http) else ""
    shown = {"page": page, "step": step, "nonce": nonce, "language": language, "texts": texts, "back": back}
    if isinstance(step, SubmitForm):
        _refuse_unsafe(step.url, allow_loopback_http=allow_loopback_http)
        if not all(is_exact_in_form(text) for field in step.fields for text in field):
            raise UnsafeTarget("a field that no browser can carry")
        body = _body(theme, "form", shown, title=texts["form_title"], host=host_of(step.url))
        return _page(200, body, nonce, "script-src", form_action=origin_of(step.url))
    if isinstance(step, KeepWaiting):
        title = texts["wait_returned_title" if step.returned else "wait_title"]
        query = _RETURNED if step.returned else ""
        body = _body(theme, "wait", shown, title=title, query=query, check_first=True)
        return _page(200, body, nonce, "script-src", "connect-src")
    if isinstance(step, AskFor):
        body = _body(
            theme, "ask", shown, title=texts["ask_title"], fields=[_asked_field(path, texts) for path in step.fields]
        )
        return _page(200, body, nonce, form_action="'self'")
    return _page(200, _result(theme, shown, step, texts), nonce)


def render_not_found(*, templates: Path, nonce: str, accept_language: str = "") -> Page:
    """One and the same 404 for a token that is unknown, forged or too old."""
    theme = _theme(templates)
    language = _choose_language(_wishes(accept_language), theme.texts)
    texts = theme.texts[language]
    shown = {"nonce": nonce, "language": language, "texts": texts}
    return _page(404, _body(theme, "not_found", shown, title=texts["not_found_title"]), nonce)


def _result(theme: _Theme, shown: Mapping[str, object], step: ShowResult, texts: Mapping[str, str]) -> str:
    # A status this page does not know is neither good nor bad news: somebody has to look.
    status = step.status if step.status in _MOODS else "needs_review"
    return _body(
        theme,
        "result",
        shown,
        title=texts[f"result_{status}_title"],
        status=status,
        mood=_MOODS[status],
        refunded=step.refunded if step.refunded.amount else None,
        at=step.at.astimezone(UTC),
        check_first=status == "needs_review",
    )


def _asked_field(path: str, texts: Mapping[str, str]) -> _AskedField:
    group, last = path.partition(".")[0], path.rpartition(".")[2]
    if last not in _INPUTS:
        return _AskedField(path, _spell_out(path), "text", "", 255)
    text, kind, autocomplete, longest = _INPUTS[last]
    label = texts[f"field_{text}"]
    if group not in {"billing", "shipping"}:
        return _AskedField(path, label, kind, autocomplete, longest)
    label = texts[f"group_{group}"].format(label=label)
    return _AskedField(path, label, kind, f"{group} {autocomplete}" if autocomplete else "", longest)


def _spell_out(path: str) -> str:
    """A label for a field nobody has named yet: ``customer.identify.doc_number`` is "Identify doc number"."""
    words = re.sub(r"[._]+", " ", path.removeprefix("customer.")).strip()
    return words[:1].upper() + words[1:]


def _body(theme: _Theme, template: str, shown: Mapping[str, object], **more: object) -> str:
    return theme.environment.get_template(f"{template}.html").render(
        {"refunded": None, "at": None, "query": "", **shown, **more}
    )


def _page(status: int, body: str, nonce: str, *nonced: str, form_action: str = "'none'") -> Page:
    sources = {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}'",
        "script-src": f"'nonce-{nonce}'" if "script-src" in nonced else "",
        "connect-src": "'self'" if "connect-src" in nonced else "",
        "form-action": form_action,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "; ".join(f"{name} {source}" for name, source in sources.items() if source),
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "x-frame-options": "DENY",
        **_headers(),
    }
    return Page(status, headers, body)


def _headers() -> dict[str, str]:
    return {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}


def _refuse_unsafe(url: str, *, allow_loopback_http: bool) -> None:
    if not is_safe_target(url, allow_loopback_http=allow_loopback_http):
        raise UnsafeTarget("not an address a browser may be sent to")


def _wishes(accept_language: str) -> list[str]:
    """The languages of an Accept-Language header, best first; what cannot be read is left out."""
    found = _LANGUAGE.findall(accept_language[:256])
    weighted = [(float(weight or 1), language.lower()) for language, weight in found]
    return [language for weight, language in sorted(weighted, key=lambda wish: -wish[0]) if weight]


def _choose_language(wishes: Iterable[str], texts: Mapping[str, object]) -> str:
    return next((wish for wish in wishes if wish in texts), "en")


def _escape_exactly(text: str) -> Markup:
    """Escaped for an attribute, line breaks too: left as they are, a browser would turn CR into LF while reading."""
    return Markup(escape(text).replace("\r", Markup("&#13;")).replace("\n", Markup("&#10;")))  # noqa: S704 - escaped first


@cache
def _theme(templates: Path) -> _Theme:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["exact"] = _escape_exactly
    files = sorted((templates.parent / "locales").glob("*.json"))
    return _Theme(environment, {file.stem: json.loads(file.read_text("utf-8")) for file in files})
