"""R1 and R2: reading and verifying an ordinary callback, beside the official SDK and beside the least possible work.

The least possible work is Python's own `json.loads` and one HMAC-SHA-512 over a text that is given ready-made.
"""

import hmac
import importlib
import json
from typing import Any

from ecommpay_signing import loads, sign, string_to_sign, verify

from .rounds import Row, compare, measure_rounds

SECRET_KEY = "bench key"

#: The shape and size of a callback as it comes for every payment; the values are made up.
CALLBACK: dict[str, Any] = {
    "project_id": 4711,
    "payment": {
        "id": "order-77120",
        "type": "purchase",
        "status": "success",
        "date": "2026-11-21T17:52:20+0000",
        "method": "Card partner",
        "sum": {"amount": 250000, "currency": "KES"},
        "description": "Two tickets, row 7",
    },
    "customer": {"id": "buyer-9", "phone": "254700000001"},
    "operation": {
        "id": 50011,
        "type": "sale",
        "status": "success",
        "date": "2026-11-21T17:52:19+0000",
        "created_date": "2026-11-21T17:52:05+0000",
        "request_id": "5f0c2b7d91aa4e7c8d3e6b1f2a9c4d5e6f708-00000001",
        "sum_initial": {"amount": 250000, "currency": "KES"},
        "sum_converted": {"amount": 250000, "currency": "KES"},
        "code": "0",
        "message": "Success",
        "provider": {"id": 2377, "payment_id": "1606000000000B", "auth_code": ""},
    },
}


def measure_verification() -> list[Row]:
    """Return the rows R1 and R2."""
    callback_class = importlib.import_module("payment_page_sdk.callback").Callback
    handler_class = importlib.import_module("payment_page_sdk.signature_handler").SignatureHandler
    body = json.dumps({**CALLBACK, "signature": sign(CALLBACK, SECRET_KEY)}, separators=(",", ":")).encode()
    signed_text = string_to_sign(CALLBACK).encode()
    key = SECRET_KEY.encode()

    def run_ours() -> None:
        verify(loads(body), [SECRET_KEY])

    def run_floor() -> None:
        json.loads(body)
        hmac.digest(key, signed_text, "sha512")

    def run_official_sdk() -> None:
        callback_class(body.decode(), handler_class(SECRET_KEY))

    measured = measure_rounds({"ours": run_ours, "floor": run_floor, "sdk": run_official_sdk})
    return [
        Row("R1", "verify a callback: official Python SDK / ours", compare(measured, "sdk", "ours"), ">= 2.5"),
        Row("R2", "the same: ours / json.loads + one HMAC", compare(measured, "ours", "floor"), "<= 1.8"),
    ]
