"""Payments and refunds as the API and the events show them: the field names of the contract, and no secret."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from payments.domain.key_use import KeyUse
from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.provider_state import NO_DATE, Operation
from payments.domain.refund import Refund


def rfc3339(at: datetime) -> str:
    """A time in UTC to the millisecond, such as ``2026-11-21T17:52:00.123Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def payment_view(payment: Payment) -> dict[str, Any]:
    """A payment as ``GET /payments/{payment_id}`` answers it."""
    order = payment.order
    return {
        **event_payment(payment),
        "description": order.description if order else "",
        "customer": {"id": order.customer.id if order else ""},
        "checkout_url": f"{order.public_url}/checkout/{order.checkout_token}" if order else None,
        "expires_at": rfc3339(order.expires_at) if order and order.expires_at else None,
        "code": payment.code or None,
        "message": payment.message or None,
        "operations": [_operation_view(each) for each in payment.provider.joined],
        "refunds": [refund_view(payment, each) for each in payment.refunds],
        "timeline": [{"at": rfc3339(each.at), "source": each.source, "what": each.what} for each in payment.timeline],
    }


def refund_view(payment: Payment, refund: Refund) -> dict[str, Any]:
    """A refund as the API answers it."""
    return {
        **event_refund(payment, refund),
        "reason": refund.reason or None,
        "execution": refund.execution or None,
    }


def keys_view(uses: Iterable[KeyUse]) -> dict[str, Any]:
    """When each secret key of a project was last needed, as the API answers it."""
    keys = [{"key": use.key, "signed": use.place == 0, "last_needed_at": rfc3339(use.at)} for use in uses]
    return {"items": keys, "next_cursor": None}


def event_payment(payment: Payment) -> dict[str, Any]:
    """A payment as events carry it: nothing that tells of a person or opens a page."""
    order = payment.order
    money = order.money if order else Money(0, "")
    return {
        "payment_id": payment.key.payment_id,
        "project_id": payment.key.project_id,
        "interface": order.interface if order else None,
        "method": payment.method.code if payment.method else (order.method or None if order else None),
        "status": payment.status,
        "provider_status": payment.provider_status or None,
        "amount": money.amount,
        "currency": money.currency,
        "refunded_amount": payment.refunded_amount,
        "refund_policy": payment.refund_policy,
        "created_at": rfc3339(order.created_at) if order else None,
        "updated_at": rfc3339(payment.updated_at),
    }


def event_refund(payment: Payment, refund: Refund) -> dict[str, Any]:
    """A refund as events carry it."""
    return {
        "refund_id": refund.refund_id,
        "payment_id": payment.key.payment_id,
        "project_id": payment.key.project_id,
        "amount": refund.money.amount,
        "currency": refund.money.currency,
        "status": refund.status,
        "request_id": refund.request_id or None,
        "operation_type": refund.operation_type or None,
        "code": refund.code or None,
        "message": refund.message or None,
        "created_at": rfc3339(refund.created_at),
        "updated_at": rfc3339(refund.updated_at),
    }


def _operation_view(operation: Operation) -> dict[str, Any]:
    money = operation.money
    return {
        "operation_id": operation.operation_id or None,
        "type": operation.type,
        "status": operation.status,
        "amount": money.amount if money else None,
        "currency": money.currency if money else None,
        "code": operation.code or None,
        "message": operation.message or None,
        "request_id": operation.request_id or None,
        "at": rfc3339(operation.date) if operation.date != NO_DATE else None,
    }
