"""The Data API's `/v1/operations/get`: the operations of a time span, newest first, for reconciliation (PROTOCOL §8).

The documentation does not print the names inside `interval` nor all columns; these are this platform's reading.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug.wrappers import Request, Response

from local.ecommpay.answers import json_response, refusal_response
from local.ecommpay.engine import Engine
from local.ecommpay.gate import read_json
from local.ecommpay.refusals import Refused
from local.ecommpay.settings import DataApiKey
from local.ecommpay.signature import matches, seal
from local.ecommpay.state import Operation, Payment

MOST_ROWS = 1000


def get_operations(engine: Engine, request: Request) -> Response:
    """Answer the operations that match, with a signature made with the token's key."""
    try:
        body = read_json(request.get_data())
        key, reachable = _authenticate(engine, body)
        rows = _rows(engine, body, reachable)
    except Refused as refusal:
        return refusal_response(refusal, engine.settings.refusal_http_status)
    return json_response(seal({"operations": rows, "signature": ""}, key.secret_key))


def _authenticate(engine: Engine, body: dict[str, Any]) -> tuple[DataApiKey, set[int]]:
    """Return the key of the token, and the projects that the token reaches."""
    reached = {
        project.project_id: project.data_api
        for project in engine.projects.values()
        if project.data_api and project.data_api.token == body.get("token")
    }
    if not reached:
        raise Refused("310", "token")
    key = next(iter(reached.values()))
    if not body.get("signature"):
        raise Refused("3262")
    if not matches(body, body["signature"], [key.secret_key]):
        raise Refused("3261")
    return key, set(reached)


def _rows(engine: Engine, body: dict[str, Any], reachable: set[int]) -> list[dict[str, Any]]:
    wanted = body.get("project_id")
    if wanted is not None and not isinstance(wanted, list):
        raise Refused("502", "project_id")
    projects = reachable if wanted is None else reachable & set(wanted)
    zone = _zone(body.get("timezone", "UTC"))
    start, end = _interval(body.get("interval"), zone)
    limit, offset = _count(body, "limit", MOST_ROWS), _count(body, "offset", 0)
    kinds = body.get("operation_type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    with engine.store.lock:
        found = [
            (operation.completed_at or operation.updated_at, _row(payment, operation, zone))
            for payment in engine.store.payments.values()
            for operation in payment.operations
            if payment.project_id in projects
            and start <= (operation.completed_at or operation.updated_at) < end
            and (kinds is None or operation.type in kinds)
        ]
    found.sort(key=lambda each: (each[0], each[1]["operation_id"]), reverse=True)
    rows = [row for _, row in found[offset : offset + min(limit, MOST_ROWS)]]
    fields = body.get("fields")
    return rows if fields is None else [{name: row[name] for name in row if name in fields} for row in rows]


def _row(payment: Payment, operation: Operation, zone: ZoneInfo) -> dict[str, Any]:
    completed = operation.completed_at
    return {
        "operation_id": operation.operation_id,
        "payment_id": payment.payment_id,
        "project_id": payment.project_id,
        "operation_type": operation.type,
        "operation_status": operation.status,
        "operation_amount": operation.amount,
        "operation_currency": operation.currency,
        "operation_code": operation.code,
        "operation_message": operation.message,
        "operation_created_at": _write(operation.created_at, zone),
        "operation_completed_at": _write(completed, zone) if completed else None,
        "payment_status": payment.status,
        "payment_method": payment.method.reported_as,
        "request_id": operation.request_id,
        "provider_payment_id": operation.provider_payment_id,
        "customer_id": payment.customer["id"],
    }


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise Refused("502", "timezone") from None


def _interval(interval: Any, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start (included) and end (excluded); texts without an offset are in the request's time zone."""
    if interval is None:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if not isinstance(interval, Mapping):
        raise Refused("502", "interval")
    try:
        start, end = (datetime.fromisoformat(interval[name]) for name in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        raise Refused("502", "interval") from None
    return tuple(moment if moment.tzinfo else moment.replace(tzinfo=zone) for moment in (start, end))  # type: ignore[return-value]  # two in, two out


def _count(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if type(value) is not int or value < 0:
        raise Refused("502", name)
    return value


def _write(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
