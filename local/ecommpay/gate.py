"""Gate: signed JSON requests, answered with an acknowledgement only; what matters follows by callback (PROTOCOL §5)."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from local.ecommpay import refund, sale
from local.ecommpay.answers import give, json_response, refusal_response
from local.ecommpay.callbacks import encode, status_body
from local.ecommpay.delivery import Delivery
from local.ecommpay.engine import Engine, later
from local.ecommpay.gate_requests import read_clarification, read_order
from local.ecommpay.methods import METHODS, Method
from local.ecommpay.outcomes import outcome_for
from local.ecommpay.refusals import MESSAGES, Refused
from local.ecommpay.settings import Project
from local.ecommpay.signature import matches
from local.ecommpay.state import Operation, Payment, new_request_id

Handler = Callable[[Engine, Project, dict[str, Any]], Response]


def answer_gate(engine: Engine, request: Request, path: str) -> Response:
    """Answer a request to `/v2/payment/{path}` and keep it, as received, in the log."""
    raw = request.get_data()
    entry: dict[str, Any] = {
        "at": engine.clock().isoformat(),
        "path": f"/v2/payment/{path}",
        "body": raw.decode("utf-8", "replace"),
    }
    with engine.store.lock:
        engine.store.gate_log.append(entry)
    try:
        body = read_json(raw)
        entry["body"] = body
        response = _handler(path)(engine, authenticate(engine, body), body)
    except Refused as refusal:
        response = refusal_response(refusal, engine.settings.refusal_http_status)
    entry["answer"] = {"http_status": response.status_code, "body": response.get_data(as_text=True)}
    return response


def _handler(path: str) -> Handler:
    if path not in HANDLERS:
        raise Refused("2541")
    return HANDLERS[path]


def read_json(raw: bytes) -> dict[str, Any]:
    """Read a JSON object as strictly as PHP does: UTF-8 without BOM, no NaN, no lone surrogates."""
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Refused("2003") from None
    if not isinstance(body, dict):
        raise Refused("2003")
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def authenticate(engine: Engine, body: dict[str, Any]) -> Project:
    """Return the project whose key signed the request, in `general` or else at the top (PROTOCOL §1.4)."""
    place = body.get("general", body)
    if not isinstance(place, dict):
        raise Refused("2004", "general")
    project_id = place.get("project_id")
    if project_id is None:
        raise Refused("2004", "project_id")
    project = engine.projects.get(project_id) if isinstance(project_id, int) else None
    if project is None:
        raise Refused("2442")
    if not place.get("signature"):
        raise Refused("3262")
    if not matches(body, place["signature"], project.secret_keys):
        raise Refused("3261")
    return project


def start_sale(method: Method, engine: Engine, project: Project, body: dict[str, Any]) -> Response:
    """Take a sale: acknowledged now, carried on a step later."""
    order = read_order(engine.settings, project, method, body)
    with engine.store.lock:
        if engine.store.find(project.project_id, order.payment_id):
            raise Refused("3041")
        outcome = outcome_for(order.amount, _take_next_sale(engine))
        word = outcome.gate
        first = engine.store.fails_first_time("sale", project.project_id, order.payment_id)
        if word in {"error_before", "hang_before"} and not first:
            word = "acknowledge"
    request_id = new_request_id()

    def act() -> tuple[dict[str, Any], list[Delivery]]:
        deliveries: list[Delivery] = []
        if not _is_silent(engine, body):
            with engine.store.lock:
                payment = sale.register_payment(engine, order, outcome)
                operation = sale.start_attempt(engine, payment, request_id)
                if word == "after_callbacks":
                    deliveries = sale.announce_start(engine, payment, operation)
            if not deliveries:
                later(engine, payment, partial(sale.announce_start, engine, payment, operation))
            later(engine, payment, partial(sale.go_on, engine, payment, operation))
        return _acknowledgement(engine, project, order.payment_id, request_id), deliveries

    return give(engine, word, act)


def start_refund(method: Method | None, engine: Engine, project: Project, body: dict[str, Any]) -> Response:
    """Take a refund of a paid payment; `method` is the one in the path, if the path names one."""
    with engine.store.lock:
        payment = find_payment(engine, project, body)
        if method and payment.method is not method:
            raise Refused("2541")
        refund.check_gate_refund(payment, body)
        word = engine.next_refund or payment.outcome.refund
        engine.next_refund = ""
        first = engine.store.fails_first_time("refund", *payment.key)
        if word in {"error_before", "hang_before"} and not first:
            word = "success"
    wanted = body.get("payment") or {}
    order = refund.RefundOrder(
        amount=payment.balance,
        type="reversal" if word == "reversal" else "refund",
        word=word,
        callback_url=str(body["general"].get("merchant_callback_url") or ""),
        merchant_refund_id=str(wanted.get("merchant_refund_id") or ""),
    )

    def act() -> tuple[dict[str, Any], list[Delivery]]:
        if word == "lost":
            request_id = new_request_id()
            with engine.store.lock:
                engine.store.remember_lost_request(request_id, payment)
            return _acknowledgement(engine, project, payment.payment_id, request_id), []
        with engine.store.lock:
            if payment.refund_in_flight():
                raise Refused("3285")
            operation = refund.start_refund(engine, payment, order)
            deliveries: list[Delivery] = []
            if word == "after_callbacks":
                deliveries = refund.end_refund(engine, payment, operation, word)
        if word not in {"stuck", "after_callbacks"}:
            later(engine, payment, partial(refund.end_refund, engine, payment, operation, word))
        return _acknowledgement(engine, project, payment.payment_id, operation.request_id), deliveries

    return give(engine, refund.gate_word(word), act)


def tell_status(engine: Engine, project: Project, body: dict[str, Any]) -> Response:
    """Tell how a payment stands, signed."""
    with engine.store.lock:
        payment = find_payment(engine, project, body)
        return _status_response(project, payment, [], payment.operations)


def tell_request_status(engine: Engine, project: Project, body: dict[str, Any]) -> Response:
    """Tell what became of one request: its operation, or the errors for which there is none."""
    request_id = body.get("request_id")
    if not isinstance(request_id, str) or not request_id:
        raise Refused("2004", "request_id")
    with engine.store.lock:
        full_id = request_id if "-" in request_id else f"{request_id}-00000001"
        lost = engine.store.lost_requests.get(full_id)
        payment = engine.store.payments.get(lost) if lost else engine.store.find_by(full_id)
        if payment is None or payment.project_id != project.project_id:
            raise Refused("3061")
        errors = [{"code": "319", "message": MESSAGES["319"]}] if lost else []
        operations = [operation for operation in payment.operations if operation.request_id == full_id]
        return _status_response(project, payment, errors, operations)


def take_clarification(engine: Engine, project: Project, body: dict[str, Any]) -> Response:
    """Take data that was missing; the attempt goes on a step later."""
    customer = read_clarification(body)
    with engine.store.lock:
        payment = find_payment(engine, project, body)
        if payment.status != "awaiting clarification":
            raise Refused("3081")
    later(engine, payment, partial(_clarify, engine, payment, customer))
    return json_response(_acknowledgement(engine, project, payment.payment_id, new_request_id()))


def _clarify(engine: Engine, payment: Payment, customer: dict[str, str]) -> None:
    # The customer may have sent the same form twice; the second one finds nothing to clarify.
    if payment.status == "awaiting clarification":
        sale.take_clarification(engine, payment, customer)


def find_payment(engine: Engine, project: Project, body: dict[str, Any]) -> Payment:
    """Return the payment that `general` names."""
    general = body.get("general")
    payment_id = general.get("payment_id") if isinstance(general, dict) else None
    if not isinstance(payment_id, str) or not payment_id:
        raise Refused("2004", "general.payment_id")
    payment = engine.store.find(project.project_id, payment_id)
    if payment is None:
        raise Refused("3061")
    return payment


def _status_response(
    project: Project, payment: Payment, errors: list[dict[str, str]], operations: list[Operation]
) -> Response:
    body = status_body(payment, errors, operations)
    return Response(encode(body, project.secret_keys[0]), content_type="application/json")


def _acknowledgement(engine: Engine, project: Project, payment_id: str, request_id: str) -> dict[str, Any]:
    shown = request_id if engine.settings.suffix_in_acknowledgement else request_id.partition("-")[0]
    return {"status": "success", "request_id": shown, "project_id": project.project_id, "payment_id": payment_id}


def _is_silent(engine: Engine, body: dict[str, Any]) -> bool:
    """Tell whether the request is of the kind that was seen acknowledged and came to nothing (PROTOCOL §2)."""
    lacks = not body["general"].get("merchant_callback_url") or not body["customer"].get("ip_address")
    return engine.settings.silent_without_contact and lacks


def _take_next_sale(engine: Engine) -> dict[str, Any]:
    taken, engine.next_sale = engine.next_sale, {}
    return taken


HANDLERS: Mapping[str, Handler] = {
    **{method.sale_path: partial(start_sale, method) for method in METHODS.values()},
    **{f"{method.sale_path.removesuffix('sale')}refund": partial(start_refund, method) for method in METHODS.values()},
    "refund": partial(start_refund, None),
    "status": tell_status,
    "status/request": tell_request_status,
    "clarification": take_clarification,
}
