"""The bodies the platform sends about a payment, with the fields and the order of the documents' samples."""

import json
from datetime import datetime
from typing import Any

from local.ecommpay.methods import CARD_PARTNER
from local.ecommpay.signature import seal
from local.ecommpay.state import Operation, Payment


def callback_body(payment: Payment, operation: Operation) -> dict[str, Any]:
    """Return the callback that tells about the operation, with an empty place for the signature."""
    body: dict[str, Any] = {
        "project_id": payment.project_id,
        "payment": payment_part(payment),
        "customer": customer_part(payment),
        "operation": operation_part(payment, operation),
    }
    if operation.merchant_refund_id:
        body["payment"]["merchant_refund_id"] = operation.merchant_refund_id
    if payment.redirect and operation.status == "awaiting redirect result":
        body["redirect_data"] = payment.redirect.data
    if operation.status == "awaiting clarification":
        body["clarification_fields"] = payment.clarification_fields
    body["signature"] = ""
    if payment.method is not CARD_PARTNER and operation.status == "decline":
        # The documents show it behind the signature, in declined eNETS payments only.
        body["format_id"] = 1
    return body


def status_body(payment: Payment, errors: list[dict[str, str]], operations: list[Operation]) -> dict[str, Any]:
    """Return the answer to a status request: operations as a list (PROTOCOL §5.6), with a place for the signature."""
    body: dict[str, Any] = {
        "project_id": payment.project_id,
        "payment": payment_part(payment),
        "customer": customer_part(payment),
        "operations": [operation_part(payment, operation) for operation in operations],
        "errors": errors,
    }
    if payment.status == "awaiting redirect result" and payment.redirect:
        body["redirect_data"] = payment.redirect.data
    if payment.status == "awaiting clarification":
        body["clarification_fields"] = payment.clarification_fields
    body["signature"] = ""
    return body


def payment_part(payment: Payment) -> dict[str, Any]:
    """Return the `payment` object."""
    cascade = {"cascading_with_redirect": True} if payment.cascaded else {}
    return {
        "id": payment.payment_id,
        "type": "purchase",
        "status": payment.status,
        "date": platform_time(payment.updated_at),
        "method": payment.method.reported_as,
        "sum": {"amount": payment.balance, "currency": payment.currency},
        "description": payment.description,
        **cascade,
    }


def customer_part(payment: Payment) -> dict[str, str]:
    """Return the `customer` object: only the phone for card-partner, only the id for enets, as in the samples."""
    phone = payment.customer.get("phone")
    if payment.method is CARD_PARTNER and phone:
        return {"phone": phone}
    return {"id": payment.customer["id"]}


def operation_part(payment: Payment, operation: Operation) -> dict[str, Any]:
    """Return the `operation` object; for enets the provider stands before the code and has a date."""
    total = {"amount": operation.amount, "currency": operation.currency}
    part: dict[str, Any] = {
        "id": operation.operation_id,
        "type": operation.type,
        "status": operation.status,
        "date": platform_time(operation.updated_at),
        "created_date": platform_time(operation.created_at),
        "request_id": operation.request_id,
        "sum_initial": total,
        "sum_converted": dict(total),
    }
    words = {"code": operation.code, "message": operation.message}
    provider: dict[str, Any] = {"id": payment.method.provider_id, "payment_id": operation.provider_payment_id}
    if payment.method is CARD_PARTNER:
        return {**part, **words, "provider": {**provider, "auth_code": ""}}
    provider |= {"date": platform_time(operation.created_at), "auth_code": ""}
    return {**part, "provider": provider, **words}


def platform_time(moment: datetime) -> str:
    """Write a time as the platform does: whole seconds, offset without a colon."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def encode(body: dict[str, Any], secret_key: str) -> bytes:
    """Sign the body and write it as PHP's encoder would: ASCII, slashes escaped."""
    text = json.dumps(seal(body, secret_key), ensure_ascii=True, separators=(",", ":"))
    return text.replace("/", "\\/").encode()
