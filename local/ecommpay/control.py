"""The unsigned control API for the demo shop and for tests: look at everything, refund as support does, set faults."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from local.ecommpay import refund
from local.ecommpay.answers import json_response
from local.ecommpay.callbacks import operation_part, payment_part
from local.ecommpay.delivery import Disturbance, as_json
from local.ecommpay.engine import Engine
from local.ecommpay.methods import CARD_PARTNER
from local.ecommpay.outcomes import AXES, CALLBACK_WORDS, OUTCOMES
from local.ecommpay.pages import see_other
from local.ecommpay.refusals import Refused
from local.ecommpay.state import Payment

REFUND_TYPES = ("refund", "reversal")
REFUND_RESULTS = ("success", "decline")
DISTURBANCES = ("lose", "duplicate", "delay", "reorder")
#: What may be wished for, axis by axis; with an `ending` the next sale behaves as if its amount ended in it.
WISHES: Mapping[str, Collection[Any]] = {
    **AXES,
    "callbacks": CALLBACK_WORDS | set(DISTURBANCES),
    "ending": OUTCOMES.keys(),
}


def unusable(text: str) -> HTTPException:
    """Return the refusal of a control request that makes no sense."""
    return HTTPException(response=json_response({"error": text}, 422))


def list_payments(engine: Engine) -> Response:
    """Answer every payment, newest first."""
    with engine.store.lock:
        return json_response(
            {"payments": [_as_json(engine, payment) for payment in reversed(engine.store.payments.values())]}
        )


def show_payment(engine: Engine, project_id: int, payment_id: str) -> Response:
    """Answer one payment."""
    with engine.store.lock:
        payment = engine.store.find(project_id, payment_id)
        return json_response(_as_json(engine, payment)) if payment else _not_found()


def refund_payment(engine: Engine, request: Request, project_id: int, payment_id: str) -> Response:
    """Refund as support or the Dashboard would; the start page's button posts an empty form."""
    wanted = _body(request)
    amount, kind, status = wanted.pop("amount", None), wanted.pop("type", "refund"), wanted.pop("status", "success")
    if wanted:
        raise unusable(f"unknown: {', '.join(sorted(wanted))}")
    if not (amount is None or type(amount) is int) or kind not in REFUND_TYPES or status not in REFUND_RESULTS:
        raise unusable("amount: integer; type: refund or reversal; status: success or decline")
    with engine.store.lock:
        payment = engine.store.find(project_id, payment_id)
        if payment is None:
            return _not_found()
        try:
            operation, _ = refund.refund_by_support(engine, payment, amount=amount, kind=kind, status=status)
        except Refused as refusal:
            return json_response({"error": refusal.message, "code": refusal.code}, 409)
        if request.mimetype == "application/x-www-form-urlencoded" and not request.form:
            return see_other("/") if request.accept_mimetypes.accept_html else json_response(_as_json(engine, payment))
        return json_response(operation_part(payment, operation))


def set_next(engine: Engine, request: Request) -> Response:
    """Set what happens to the next sale, the next refund and the next callbacks; GET tells, DELETE forgets it all."""
    with engine.store.lock:
        if request.method == "DELETE":
            engine.next_sale, engine.next_refund = {}, ""
            engine.courier.disturbance = Disturbance()
        elif request.method == "POST":
            _take_wishes(engine, _body(request))
        disturbance = engine.courier.disturbance
        return json_response(
            {
                "sale": dict(engine.next_sale),
                "refund": engine.next_refund,
                "callbacks": {name: getattr(disturbance, name) for name in DISTURBANCES},
                "seconds": disturbance.delay_s,
            }
        )


def list_requests(engine: Engine) -> Response:
    """Answer every Gate request as received, oldest first, with the answer it got."""
    with engine.store.lock:
        return json_response({"requests": list(engine.store.gate_log)})


def list_deliveries(engine: Engine, request: Request) -> Response:
    """Answer every callback with its tries, oldest first; `project_id` and `payment_id` in the query choose."""
    wanted = request.args.to_dict()
    if set(wanted) - {"project_id", "payment_id"}:
        raise unusable("project_id and payment_id choose; nothing else does")
    with engine.store.lock:
        chosen = [
            delivery
            for delivery in engine.store.delivery_log
            if wanted.get("project_id", str(delivery.key[0])) == str(delivery.key[0])
            and wanted.get("payment_id", delivery.key[1]) == delivery.key[1]
        ]
        return json_response({"deliveries": [as_json(delivery) for delivery in chosen]})


def redeliver(engine: Engine, request: Request) -> Response:
    """Send callbacks again: one by `delivery_id`, those of a payment by `payment_id`, or all."""
    wanted = _body(request)
    if set(wanted) - {"delivery_id", "project_id", "payment_id"}:
        raise unusable("delivery_id, project_id and payment_id choose; nothing else does")
    with engine.store.lock:
        chosen = [
            delivery
            for delivery in engine.store.delivery_log
            if wanted.get("delivery_id", delivery.delivery_id) == delivery.delivery_id
            and wanted.get("project_id", delivery.key[0]) == delivery.key[0]
            and wanted.get("payment_id", delivery.key[1]) == delivery.key[1]
        ]
        for delivery in chosen:
            engine.courier.send_again(delivery)
        return json_response({"sent_again": [delivery.delivery_id for delivery in chosen]}, 202)


def _take_wishes(engine: Engine, wishes: dict[str, Any]) -> None:
    count, seconds = wishes.pop("count", 1), wishes.pop("seconds", 1.0)
    if type(count) is not int or count < 0 or not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
        raise unusable("count: a whole number; seconds: 0 to 3600")
    for axis, word in wishes.items():
        known = WISHES.get(axis)
        if known is None:
            raise unusable(f"unknown: {axis}; known: {', '.join(sorted(WISHES))}")
        if type(word) not in {str, int} or word not in known:
            raise unusable(f"{axis} is one of {', '.join(map(str, sorted(known)))}")
    for axis, word in wishes.items():
        if axis == "refund":
            engine.next_refund = word
        elif word in DISTURBANCES:
            setattr(engine.courier.disturbance, word, count)
            if word == "delay":
                engine.courier.disturbance.delay_s = float(seconds)
        else:
            engine.next_sale[axis] = word


def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the request, whatever type it says it has; nothing at all counts as {}."""
    raw = request.get_data(parse_form_data=False, cache=True)
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise unusable(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise unusable("a JSON object is needed")
    return body


def _as_json(engine: Engine, payment: Payment) -> dict[str, Any]:
    redirect = payment.redirect
    place = "partner" if payment.method is CARD_PARTNER else "bank/pay"
    waiting = redirect is not None and payment.status == "awaiting redirect result"
    return {
        "project_id": payment.project_id,
        "payment_id": payment.payment_id,
        "interface": payment.interface,
        "method": payment.method.code,
        "amount": payment.amount,
        "balance": payment.balance,
        "currency": payment.currency,
        "status": payment.status,
        "outcome": payment.outcome.summary,
        "customer": payment.customer,
        "callback_url": payment.callback_url,
        "return_urls": payment.return_urls,
        "created_at": payment.created_at.isoformat(),
        "updated_at": payment.updated_at.isoformat(),
        "payment": payment_part(payment),
        "operations": [operation_part(payment, operation) for operation in payment.operations],
        "redirect_data": redirect.data if redirect and waiting else None,
        "decide_url": f"{engine.public_url}/{place}/{redirect.session}" if redirect and waiting else None,
        "result_url": f"{engine.public_url}/payment/result/{payment.page_token}" if payment.page_token else None,
        "clarification_fields": payment.clarification_fields,
    }


def _not_found() -> Response:
    return json_response({"error": "no such payment"}, 404)
