"""The routes: one operation each, with what it takes and every answer it may give."""

from __future__ import annotations

from payments.api_models import CreatePayment, ListQuery, ProjectPath, ProjectQuery
from payments.openapi import examples
from payments.openapi.answers import SCHEMAS, Json, ref
from payments.openapi.requests import body_schemas, field_schema, parameter, query_parameters

VERSION = "1.0.0"

_JSON, _PROBLEM, _HTML = "application/json", "application/problem+json", "text/html"
_FORM = "application/x-www-form-urlencoded"


def describe_api() -> Json:
    """The whole description, ready to be sent as JSON."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ECommPay checkout",
            "version": VERSION,
            "description": "Payments through ECommPay: create, follow and refund them. Amounts are in minor units.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "payments", "description": "For the merchant's systems."},
            {"name": "refunds", "description": "For the merchant's systems."},
            {"name": "keys", "description": "For whoever changes a secret key."},
            {"name": "checkout", "description": "For the customer's browser; the token is the permission."},
            {"name": "callbacks", "description": "For ECommPay; the signature is the permission."},
            {"name": "description", "description": "For whoever writes a client."},
        ],
        "paths": {**_merchant_paths(), **_public_paths()},
        "components": {
            "securitySchemes": {
                "iam": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                    "description": "AWS Signature Version 4, by credentials that may invoke this API.",
                }
            },
            "schemas": {**body_schemas(), **SCHEMAS},
            "responses": {_NAMES[status]: response for status, response in _PROBLEMS.items()},
        },
    }


def _merchant_paths() -> Json:
    payment_id = parameter("path", "payment_id", field_schema(CreatePayment, "payment_id"), "The merchant's own id.")
    refund_id = parameter("path", "refund_id", _NOT_EMPTY, "As it was answered when the refund began.")
    key = parameter(
        "header", "Idempotency-Key", _KEY, "However often it comes with a body, one thing is made; empty is none."
    )
    project = query_parameters(ProjectQuery)
    project_id = parameter("path", "project_id", field_schema(ProjectPath, "project_id"), "As ECommPay gave it.")
    one_refund = "/payments/{payment_id}/refunds/{refund_id}"
    return {
        "/payments": {
            "post": _operation(
                "createPayment",
                "Create a payment; the same request again finds the one it made.",
                {
                    "200": _answer("The payment this request made before.", _EITHER, examples.PAGE_PAYMENT, **_MADE),
                    "201": _answer("To be paid on Payment Page.", ref("PagePayment"), examples.PAGE_PAYMENT, **_MADE),
                    "202": _answer("Passed to Gate.", ref("Payment"), examples.GATE_PAYMENT, **_MADE),
                },
                problems="400 403 409 413 422 503",
                parameters=[key, *project],
                body=_body(_JSON, ref("CreatePayment"), examples.NEW_PAYMENT),
            ),
            "get": _operation(
                "listPayments",
                "List payments, newest first.",
                {"200": _answer("It may be shorter than asked for and still go on.", ref("PaymentList"), _LIST)},
                problems="403 422 503",
                parameters=query_parameters(ListQuery),
            ),
        },
        "/payments/{payment_id}": {
            "get": _operation(
                "getPayment",
                "One payment with its operations, refunds and timeline.",
                {"200": _answer("The payment.", ref("Payment"), examples.PAID)},
                problems="403 404 409 422 503",
                parameters=[payment_id, *project],
            )
        },
        "/payments/{payment_id}/refunds": {
            "post": _operation(
                "startRefund",
                "Start a refund of all that is left, or of a part.",
                {
                    "200": _answer("The refund that this key began before.", ref("Refund"), examples.REFUND, **_BEGUN),
                    "202": _answer(
                        "It has begun; how it ends is told later.", ref("Refund"), examples.REFUND, **_BEGUN
                    ),
                },
                problems="400 403 404 409 413 422 503",
                parameters=[payment_id, key, *project],
                body=_body(_JSON, ref("StartRefund"), examples.NEW_REFUND, required=False),
                tag="refunds",
            ),
            "get": _operation(
                "listRefunds",
                "The refunds of one payment, those that nobody here started too.",
                {"200": _answer("All of them, oldest first.", ref("RefundList"), _REFUNDS)},
                problems="403 404 409 422 503",
                parameters=[payment_id, *project],
                tag="refunds",
            ),
        },
        one_refund: {
            "get": _operation(
                "getRefund",
                "One refund.",
                {"200": _answer("The refund.", ref("Refund"), examples.REFUND)},
                problems="403 404 409 422 503",
                parameters=[payment_id, refund_id, *project],
                tag="refunds",
            )
        },
        "/projects/{project_id}/keys": {
            "get": _operation(
                "listKeys",
                "When each secret key of a project was last needed; keys that never were are not in it.",
                {"200": _answer("All of them, the latest needed first.", ref("KeyList"), examples.KEYS)},
                problems="403 422 503",
                parameters=[project_id],
                tag="keys",
            )
        },
    }


def _public_paths() -> Json:
    token = parameter("path", "token", _NOT_EMPTY, "The last part of checkout_url.")
    returned = parameter("query", "returned", {"type": "string"}, "1 when the customer comes back from the provider.")
    embed = parameter(
        "query",
        "embed",
        {"type": "string"},
        "1 opens Payment Page by ECommPay's widget on our page, while it is unpaid.",
    )
    any_form: Json = {"type": "object", "additionalProperties": {"type": "string"}}
    page = {_HTML: {"schema": {"type": "string"}}}
    return {
        "/callbacks/ecommpay": {
            "post": _operation(
                "receiveCallback",
                "Take in what ECommPay says of a payment.",
                {"200": _answer("Verified and stored, also a repeated one.", ref("Stored"), {"status": "stored"})},
                problems="400 403* 413 503",
                body=_body(_JSON, ref("Callback"), examples.CALLBACK),
                tag="callbacks",
            )
        },
        "/checkout/{token}": {
            "get": _operation(
                "showCheckout",
                "The customer's page: sends on, waits, asks for data, or shows the result.",
                {
                    "200": {"description": "A page for the customer.", "content": page},
                    "302": {"description": "On to where the customer pays.", "headers": _LOCATION},
                    "404": {"description": "No page behind this address; why is never said.", "content": page},
                },
                problems="503",
                parameters=[token, returned, embed],
                tag="checkout",
            )
        },
        "/checkout/{token}/state": {
            "get": _operation(
                "tellCheckoutState",
                "What the page's script asks for.",
                {"200": _answer("What the page is for now.", ref("CheckoutState"), examples.CHECKOUT_STATE)},
                problems="404 503",
                parameters=[token, returned, embed],
                tag="checkout",
            )
        },
        "/checkout/{token}/clarification": {
            "post": _operation(
                "clarifyPayment",
                "The customer's missing data: the fields that were asked for; others are passed over.",
                {
                    "200": {"description": "Taken, or not asked for any more: the page waits.", "content": page},
                    "404": {"description": "No page behind this address; why is never said.", "content": page},
                    "422": {"description": "Not taken: the page again, with the reason.", "content": page},
                },
                problems="400 413 503",
                parameters=[token],
                body=_body(_FORM, any_form, examples.CLARIFICATION),
                tag="checkout",
            )
        },
        "/openapi.json": {
            "get": _operation(
                "describeApi",
                "This description.",
                {"200": {"description": "OpenAPI 3.1.", "content": {_JSON: {"schema": {"type": "object"}}}}},
                tag="description",
            )
        },
    }


def _operation(
    operation_id: str,
    summary: str,
    answers: Json,
    *,
    problems: str = "",
    parameters: list[Json] | None = None,
    body: Json | None = None,
    tag: str = "payments",
) -> Json:
    """One operation; faults and throttling may meet every one of them."""
    refused = {each[:3]: {"$ref": f"#/components/responses/{_NAMES[each]}"} for each in f"{problems} 429 500".split()}
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "security": [{"iam": []}] if tag in {"payments", "refunds", "keys"} else [],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": dict(sorted({**answers, **refused}.items())),
    }


def _answer(description: str, schema: Json, example: Json, **more: Json) -> Json:
    return {"description": description, **more, "content": {_JSON: {"schema": schema, "example": example}}}


def _body(kind: str, schema: Json, example: Json, *, required: bool = True) -> Json:
    return {"required": required, "content": {kind: {"schema": schema, "example": example}}}


def _link(operation_id: str, *names: str) -> Json:
    places = {"payment_id": "path", "refund_id": "path", "project_id": "query"}
    found = {f"{places[name]}.{name}": f"$response.body#/{name}" for name in (*names, "project_id")}
    return {"operationId": operation_id, "parameters": found}


def _problem(description: str, example: Json | None = None, *, gateway: bool = False) -> Json:
    """A refusal; ``gateway`` where API Gateway may give the same answer before we are asked."""
    content: Json = {_PROBLEM: {"schema": ref("Problem"), **({"example": example} if example else {})}}
    return {"description": description, "content": {**content, **(_FROM_GATEWAY if gateway else {})}}


_NOT_EMPTY: Json = {"type": "string", "minLength": 1}
_KEY: Json = {"type": "string", "maxLength": 255, "pattern": "^([!-~]([ -~]*[!-~])?)?$"}
_EITHER: Json = {"oneOf": [ref("Payment"), ref("PagePayment")]}
_LIST: Json = {"items": [examples.PAID], "next_cursor": None}
_REFUNDS: Json = {"items": [examples.REFUND], "next_cursor": None}
_LOCATION: Json = {"Location": {"required": True, "schema": {"type": "string"}}}
_MADE: Json = {
    "headers": _LOCATION,
    "links": {each: _link(each, "payment_id") for each in ("getPayment", "startRefund")},
}
_BEGUN: Json = {"headers": _LOCATION, "links": {"getRefund": _link("getRefund", "payment_id", "refund_id")}}

_FROM_GATEWAY: Json = {_JSON: {"schema": ref("GatewayMessage")}}
_RETRY_AFTER: Json = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}

#: ``403`` is API Gateway's, ``403*`` our own for a callback.
_NAMES = {
    "400": "Malformed",
    "403": "NotPermitted",
    "403*": "NotFromECommPay",
    "404": "NotFound",
    "409": "Conflict",
    "413": "TooLarge",
    "422": "Invalid",
    "429": "TooMany",
    "500": "Fault",
    "503": "Unavailable",
}
_PROBLEMS: Json = {
    "400": _problem("The body is not the JSON object (or the form) it should be."),
    "403": {"description": "The credentials do not allow it; from API Gateway.", "content": _FROM_GATEWAY},
    "403*": _problem("No signature, a wrong one, a project nobody knows here, or an address that is not listed."),
    "404": _problem("Not found."),
    "409": _problem("It contradicts what is there already, or the project has to be named."),
    "413": _problem("The body is too large.", gateway=True),
    "422": _problem("Understood and refused; errors name the fields, code is ECommPay's.", examples.INVALID),
    "429": {"description": "Too many requests; from API Gateway.", "content": _FROM_GATEWAY},
    "500": {
        "description": "Our fault; the request id finds it in the log.",
        "content": {_PROBLEM: {"schema": ref("Fault"), "example": examples.FAULT}, **_FROM_GATEWAY},
    },
    "503": {**_problem("Try again in a moment.", gateway=True), "headers": _RETRY_AFTER},
}
