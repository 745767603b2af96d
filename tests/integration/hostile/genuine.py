"""Messages as the provider signs them, chosen so that every trick of `mutants` finds something to work on."""

from __future__ import annotations

import json
from typing import Any

from ecommpay_signing import sign
from tests.unit.gate.samples import clarification_callback, redirect_callback, sale_callback, status_answer

SECRET = "secret-2924"
PAYMENT_ID = "order-184"


def declined_callback() -> dict[str, Any]:
    """A decline whose reason stands beside the operation, with a null, a yes and an unsigned partner's field."""
    message = sale_callback()
    message["payment"] |= {"status": "decline", "is_new_attempts_available": True, "description": "status:success"}
    message["operation"] |= {"status": "decline", "code": "", "message": "", "rrn": None}
    message["errors"] = [{"code": "20000", "message": "General decline", "description": None}, {"code": "2"}]
    message["frame_mode"] = "popup"
    return message


def smallest_callback() -> dict[str, Any]:
    """One minor unit and an operation whose id is 1: what `true` and `1` can be mistaken for each other in."""
    message = sale_callback()
    message["payment"]["sum"] = message["operation"]["sum_initial"] = {"amount": 1, "currency": "KES"}
    message["operation"] |= {"id": 1, "sum_converted": {"amount": 0, "currency": "USD"}}
    return message


def odd_form_callback() -> dict[str, Any]:
    """A redirect with fields that the two accepted orders sort differently, colons and a partner's own signature."""
    message = redirect_callback()
    message["redirect_data"]["body"] |= {
        **{f"p{number}": str(number) for number in range(1, 13)},
        "address": "Moi Avenue 1",
        "address2": "",
        "rate": 0.5,
        "nested": {"only": "one:two"},
        "signature": "partner's own",
    }
    return message


def many_operations() -> dict[str, Any]:
    """A status answer with twelve operations, so that `operations:10` comes before or after `operations:2`."""
    message = status_answer()
    sale, given_back = message["operations"]
    parts = [
        {**given_back, "id": 400 + number, "sum_initial": {"amount": 10 + number, "currency": "KES"}}
        for number in range(11)
    ]
    message["operations"] = [sale, *parts]
    return message


def sealed_in_general() -> dict[str, Any]:
    """A callback of another format: who and what stand in `general`, and so does the signature."""
    message = sale_callback()
    message["general"] = {"project_id": message.pop("project_id"), "payment_id": message["payment"].pop("id")}
    return message


def sealed(message: dict[str, Any], secret_key: str = SECRET) -> bytes:
    """The body with the provider's signature, made as PHP makes it: without any nested `signature`."""
    signature = sign(_without_signatures(message), secret_key)
    if "project_id" in message:
        return json.dumps({**message, "signature": signature}, ensure_ascii=False).encode()
    return json.dumps({**message, "general": {**message["general"], "signature": signature}}).encode()


def _without_signatures(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_signatures(below) for key, below in value.items() if key != "signature"}
    return [_without_signatures(below) for below in value] if isinstance(value, list) else value


def genuine_bodies() -> list[bytes]:
    """Every message of this file and of the samples, signed."""
    return [
        sealed(make())
        for make in (
            sale_callback,
            redirect_callback,
            clarification_callback,
            status_answer,
            declined_callback,
            smallest_callback,
            odd_form_callback,
            many_operations,
            sealed_in_general,
        )
    ]
