"""Payment Page: signed parameters in, a form for the customer, a result page out (PROTOCOL §4).

Nothing is remembered before the customer confirms the form: until then every step carries the signed parameters along.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from local.ecommpay import sale
from local.ecommpay.engine import Engine
from local.ecommpay.gate_requests import EMAIL
from local.ecommpay.methods import METHODS, Method, methods_for
from local.ecommpay.outcomes import outcome_for
from local.ecommpay.pages import money, page, see_other, web_address
from local.ecommpay.refusals import Refused
from local.ecommpay.signature import matches
from local.ecommpay.state import Payment, new_request_id

REQUIRED = ("project_id", "payment_id", "payment_amount", "payment_currency", "customer_id")
CARRIED = "param."
MOST_ATTEMPTS = 5
FIELD_LABELS = {"phone": "Phone number", "email": "E-mail", "first_name": "First name", "last_name": "Last name"}
RESULT_KIND = {"success": "success", "decline": "decline", "awaiting customer": "decline"}
WAITING = frozenset({"processing", "awaiting redirect result"})


@dataclass(frozen=True, slots=True)
class Call:
    """A checked call of Payment Page."""

    params: Mapping[str, str]
    project_id: int
    amount: int

    @property
    def payment_id(self) -> str:
        return self.params["payment_id"]

    @property
    def currency(self) -> str:
        return self.params["payment_currency"]


def open_page(engine: Engine, request: Request) -> Response:
    """Open the page by link (GET) or form (POST)."""
    return _guarded(engine, _last_values(request.form if request.method == "POST" else request.args), {})


def confirm(engine: Engine, request: Request) -> Response:
    """Take the customer's choice of method, missing details and, when nothing is missing, the confirmation."""
    form = _last_values(request.form)
    params = {name.removeprefix(CARRIED): value for name, value in form.items() if name.startswith(CARRIED)}
    answers = {name: value.strip() for name, value in form.items() if not name.startswith(CARRIED)}
    return _guarded(engine, params, answers)


def _last_values(given: MultiDict[str, str]) -> dict[str, str]:
    """Return one value per name: the last, as PHP reads a query."""
    return {name: values[-1] for name, values in given.lists()}


def _guarded(engine: Engine, params: dict[str, str], answers: dict[str, str]) -> Response:
    try:
        call = read_call(engine, params)
        if _is_over(params, engine.clock()):
            return page("message.html", status=410, title="The time to pay is over", text="Please order again.")
        return _next_page(engine, call, answers)
    except Refused as refusal:
        text = f"Code {refusal.code}: {refusal.message}"
        return page("message.html", status=400, title="This payment cannot be opened", text=text)


def read_call(engine: Engine, params: dict[str, str]) -> Call:
    """Check the parameters as they arrived, all of them texts: signature first, then what a payment needs."""
    if not params.get("project_id"):
        raise Refused("2004", "project_id")
    project = engine.projects.get(_whole_number(params["project_id"]))
    if project is None:
        raise Refused("2442")
    if not params.get("signature"):
        raise Refused("3262")
    if not matches(params, params["signature"], project.secret_keys):
        raise Refused("3261")
    for name in REQUIRED:
        if not params.get(name):
            raise Refused("2004", name)
    amount = _whole_number(params["payment_amount"])
    if amount == 0:
        raise Refused("502", "payment_amount")
    return Call(params, project.project_id, amount)


def _whole_number(text: str) -> int:
    """Return the number that plain digits stand for, else 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _is_over(params: Mapping[str, str], now: datetime) -> bool:
    """Tell whether best_before has passed."""
    text = params.get("best_before", "")
    if not text:
        return False
    try:
        term = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("502", "best_before") from None
    if term.tzinfo is None:
        raise Refused("502", "best_before")
    return term <= now


def _next_page(engine: Engine, call: Call, answers: dict[str, str]) -> Response:
    """Show what comes next: the result, the choice of method, the missing details, or the way to the partner."""
    with engine.store.lock:
        known = engine.store.find(call.project_id, call.payment_id)
        if known is not None:
            if known.interface != "payment_page":
                raise Refused("3041")
            return see_other(_result_address(engine, known))
    method = _method(call, answers)
    if method is None:
        offered = methods_for(call.currency)
        if not offered:
            raise Refused("3023", call.currency)
        return _form(call, answers, heading="Choose how to pay", offered=offered)
    sale.check_amount(method, call.amount, call.currency)
    missing = [name for name in method.customer_fields if not call.params.get(f"customer_{name}")]
    given = {name: answers.get(f"customer_{name}", "") for name in missing}
    errors = _errors(given) if "confirm" in answers else {}
    if "confirm" not in answers or errors:
        return _form(call, answers, heading=method.title, method=method, fields=given, errors=errors)
    return _begin(engine, call, method, given)


def _method(call: Call, answers: dict[str, str]) -> Method | None:
    code = call.params.get("force_payment_method") or answers.get("method", "")
    if not code:
        return None
    if code not in METHODS:
        raise Refused("2541")
    return METHODS[code]


def _errors(given: Mapping[str, str]) -> dict[str, str]:
    errors = {name: f"{FIELD_LABELS[name]} is needed." for name, value in given.items() if not value}
    if given.get("email") and not EMAIL.fullmatch(given["email"]):
        errors["email"] = "This does not look like an e-mail address."
    return errors


def _form(call: Call, answers: Mapping[str, str], *, heading: str, **values: Any) -> Response:
    shown: dict[str, Any] = {"offered": [], "method": None, "fields": {}, "errors": {}} | values
    return page(
        "payment.html",
        title=heading,
        sum=money(call.amount, call.currency),
        description=call.params.get("payment_description", ""),
        payment_id=call.payment_id,
        carried={f"{CARRIED}{name}": value for name, value in call.params.items()},
        labels=FIELD_LABELS,
        chosen=answers.get("method", ""),
        **shown,
    )


def _begin(engine: Engine, call: Call, method: Method, given: Mapping[str, str]) -> Response:
    """Register the payment: from here on the platform knows it."""
    params = call.params
    customer = {name.removeprefix("customer_"): value for name, value in params.items() if name.startswith("customer_")}
    order = sale.Order(
        project_id=call.project_id,
        payment_id=call.payment_id,
        method=method,
        amount=call.amount,
        currency=call.currency,
        description=params.get("payment_description", ""),
        customer={**customer, **given},
        callback_url=params.get("merchant_callback_url", ""),
        return_urls={},
        interface="payment_page",
    )
    with engine.store.lock:
        outcome = outcome_for(order.amount, engine.next_sale)
        engine.next_sale = {}
        payment = sale.register_payment(engine, order, outcome)
        payment.page_params = dict(params)
        payment.page_token = engine.store.name(payment, secrets.token_urlsafe(18))
        return _attempt(engine, payment)


def _attempt(engine: Engine, payment: Payment) -> Response:
    """Start an attempt and send the browser to the partner, the bank, or the result."""
    operation = sale.start_attempt(engine, payment, new_request_id())
    sale.announce_start(engine, payment, operation)
    sale.go_on(engine, payment, operation)
    return _forward(engine, payment)


def _forward(engine: Engine, payment: Payment) -> Response:
    if payment.status != "awaiting redirect result" or payment.redirect is None:
        return see_other(_result_address(engine, payment))
    target = payment.redirect.data
    if target["method"] == "GET":
        return see_other(target["url"])
    return page("forward.html", title="On to the partner", url=target["url"], fields=target["body"])


def show_result(engine: Engine, token: str) -> Response:
    """Show how the payment stands, and lead back to the shop."""
    with engine.store.lock:
        payment = engine.store.find_by(token)
        if payment is None or payment.page_token != token:
            return page("message.html", status=404, title="Nothing here", text="This page is not known.")
        kind = RESULT_KIND.get(payment.status, "waiting" if payment.status in WAITING else "other")
        back, automatic = _way_back(payment.page_params, kind)
        again = kind == "decline" and _may_try_again(engine, payment)
        return page(
            "result.html",
            title="Result of your payment",
            kind=kind,
            word=payment.status,
            sum=money(payment.amount, payment.currency),
            payment_id=payment.payment_id,
            token=token,
            again=again,
            back=back,
            # Only the whole window may lead to the shop: no shop lets itself be shown in this frame.
            framed="frame_mode" in payment.page_params,
            leaves_after_s=_seconds_to_leave(again=again) if back and automatic else 0,
        )


def resume(engine: Engine, token: str) -> Response:
    """Lead the customer to the partner again (waiting payment), or start another attempt (declined payment)."""
    with engine.store.lock:
        payment = engine.store.find_by(token)
        if payment is None or payment.page_token != token:
            return page("message.html", status=404, title="Nothing here", text="This page is not known.")
        if RESULT_KIND.get(payment.status) == "decline" and _may_try_again(engine, payment):
            return _attempt(engine, payment)
        return _forward(engine, payment)


def _may_try_again(engine: Engine, payment: Payment) -> bool:
    return len(payment.operations) < MOST_ATTEMPTS and not _is_over(payment.page_params, engine.clock())


def _result_address(engine: Engine, payment: Payment) -> str:
    return f"{engine.public_url}/payment/result/{payment.page_token}"


def _way_back(params: Mapping[str, str], kind: str) -> tuple[str, bool]:
    """Return the address that leads back to the shop, and whether the browser goes there by itself (PROTOCOL §4.2)."""
    word = {"success": "success", "decline": "fail"}.get(kind, "return")
    for prefix, automatic in (("redirect", True), ("merchant", False)):
        for name in dict.fromkeys((f"{prefix}_{word}_url", f"{prefix}_return_url")):
            url = web_address(params.get(name, ""))
            if url and params.get(f"{name}_enabled", "1") != "0":
                return url, automatic and kind != "waiting"
    return "", False


def _seconds_to_leave(*, again: bool) -> int:
    """Return how long the result is shown before the browser goes back to the shop: longer while it may try again."""
    return 20 if again else 3
