"""The answers: what a payment, a refund and a problem look like from outside."""

from __future__ import annotations

from typing import Any, get_args

from payments.domain.methods import METHODS, RefundPolicy
from payments.domain.payment import Interface, Source, Status
from payments.domain.refund import RefundStatus

Json = dict[str, Any]


def ref(name: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(description: str, properties: Json, *, optional: tuple[str, ...] = ()) -> Json:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _one_of(words: Any, description: str = "") -> Json:
    return {"type": "string", "enum": list(get_args(words)), **({"description": description} if description else {})}


def _text(description: str = "") -> Json:
    return {"type": "string", **({"description": description} if description else {})}


def _text_or_null(description: str = "") -> Json:
    return {**_text(description), "type": ["string", "null"]}


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}


_NUMBER: Json = {"type": "integer"}
_MINOR_UNITS: Json = {"type": "integer", "description": "Minor units: 1000 is 10.00."}
_URI: Json = {"type": "string", "format": "uri"}
_TIME: Json = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}

_OPERATION = _object(
    "What the provider did.",
    {
        "operation_id": _text_or_null(),
        "type": _text("The provider's word, such as sale, refund or reversal."),
        "status": _text("The provider's word."),
        "amount": {"type": ["integer", "null"], "description": "Minor units."},
        "currency": _text_or_null(),
        "code": _text_or_null(),
        "message": _text_or_null(),
        "request_id": _text_or_null(),
        "at": _TIME_OR_NULL,
    },
)
_REFUND = _object(
    "Money given back, or on its way.",
    {
        "refund_id": _text(),
        "payment_id": _text(),
        "project_id": _NUMBER,
        "amount": _MINOR_UNITS,
        "currency": _text(),
        "status": _one_of(RefundStatus),
        "reason": _text_or_null(),
        "request_id": _text_or_null(),
        "operation_type": _text_or_null("refund, or reversal where the provider chose that."),
        "code": _text_or_null(),
        "message": _text_or_null(),
        "execution": _text_or_null("ARN of the workflow execution that carries it out."),
        "created_at": _TIME,
        "updated_at": _TIME,
    },
)
_PAYMENT = _object(
    "A payment and all that became of it.",
    {
        "payment_id": _text(),
        "project_id": _NUMBER,
        "interface": _one_of(Interface),
        "method": {"enum": [*METHODS, None], "description": "null until the customer has chosen."},
        "status": _one_of(Status),
        "provider_status": _text_or_null("The provider's own word."),
        "amount": _MINOR_UNITS,
        "currency": _text(),
        "refunded_amount": _MINOR_UNITS,
        "description": _text(),
        "customer": _object("Who pays.", {"id": _text()}),
        "checkout_url": {**_URI, "description": "Where to send the customer."},
        "created_at": _TIME,
        "updated_at": _TIME,
        "expires_at": {**_TIME_OR_NULL, "description": "Until when Payment Page takes it."},
        "code": _text_or_null("Why Gate refused it."),
        "message": _text_or_null(),
        "refund_policy": _one_of(RefundPolicy, "full: all or nothing. support: any part, by the provider's support."),
        "operations": _list_of(ref("Operation")),
        "refunds": _list_of(ref("Refund")),
        "timeline": _list_of(ref("TimelineEntry")),
    },
)

SCHEMAS: Json = {
    "Payment": _PAYMENT,
    "PagePayment": _object(
        "A payment that is paid on Payment Page, and the signed way there.",
        {
            **_PAYMENT["properties"],
            "payment_page_url": _URI,
            "payment_page_params": {
                "type": "object",
                "description": "For EPayWidget.run, signature included.",
                "additionalProperties": {"type": ["string", "integer"]},
            },
        },
    ),
    "Operation": _OPERATION,
    "Refund": _REFUND,
    "TimelineEntry": _object("One line of its story.", {"at": _TIME, "source": _one_of(Source), "what": _text()}),
    "PaymentList": _object("Newest first.", {"items": _list_of(ref("Payment")), "next_cursor": _text_or_null()}),
    "RefundList": _object(
        "Oldest first, all of them.", {"items": _list_of(ref("Refund")), "next_cursor": {"type": "null"}}
    ),
    "Key": _object(
        "A secret key that was needed to believe ECommPay.",
        {
            "key": {
                "type": "string",
                "pattern": "^[0-9a-f]{12}$",
                "description": "Its fingerprint; `python -m ecommpay_signing fingerprints` tells those of your keys.",
            },
            "signed": {
                "type": "boolean",
                "description": "Whether it stood first in the project's list then, and so signed our own requests.",
            },
            "last_needed_at": {
                **_TIME,
                "description": "When it last verified something new, to within an hour. Twelve days later, which is "
                "longer than ECommPay repeats a callback, it can go.",
            },
        },
    ),
    "KeyList": _object(
        "Latest needed first, all of them.", {"items": _list_of(ref("Key")), "next_cursor": {"type": "null"}}
    ),
    "CheckoutState": _object(
        "What the customer's page is for at the moment.",
        {
            "status": _one_of(Status),
            "action": {"type": "string", "enum": ["wait", "redirect", "clarify", "done"]},
            "reload": {"type": "boolean", "description": "Whether to load the page again."},
        },
    ),
    "Callback": {
        "type": "object",
        "description": "As ECommPay sends it; fields that nobody knows do not matter.",
        "properties": {"project_id": _NUMBER, "signature": _text("Base64 of HMAC-SHA-512; may stand deeper.")},
    },
    "Stored": _object("Stored for good.", {"status": {"const": "stored"}}),
    "Problem": _object(
        "RFC 9457.",
        {
            "type": _text(),
            "title": _text(),
            "status": _NUMBER,
            "detail": _text(),
            "errors": _list_of(ref("FieldError")),
            "code": _text("Gate's code."),
            "message": _text("Gate's message."),
        },
        optional=("errors", "code", "message"),
    ),
    "FieldError": _object("One broken field.", {"pointer": _text("JSON pointer."), "detail": _text()}),
    "Fault": _object("Our fault.", {"type": _text(), "title": _text(), "status": _NUMBER, "request_id": _text()}),
    "GatewayMessage": _object("From API Gateway itself.", {"message": _text()}),
}
