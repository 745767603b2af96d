"""The Data API's `/v1/operations/get`: the operations of a time span, newest first, for reconciliation (PROTOCOL §8).

The documentation does not print the names inside `interval` nor all columns; these are this platform's reading. How
long it takes, how many rows it gives and what it tells wrongly is set in `DataApiSettings`.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug.wrappers import Request, Response

from local.ecommpay.answers import json_response, refusal_response
from local.ecommpay.engine import Engine
from local.ecommpay.gate import read_json
from local.ecommpay.refusals import Refused
from local.ecommpay.settings import DataApiKey, DataApiSettings
from local.ecommpay.signature import matches, seal
from local.ecommpay.state import Operation, Payment

#: What can be wrong with an operation in the list, in the order in which they take turns.
FAULTS = ("missing", "status", "amount", "currency", "duplicate")

Row = tuple[datetime, Payment, Operation]


def get_operations(engine: Engine, request: Request) -> Response:
    """Answer the operations that match, with a signature made with the token's key."""
    settings = engine.data_api
    engine.stopping.wait(settings.data_api_delay_s)
    with engine.store.lock:
        engine.data_api_asked += 1
        asked = engine.data_api_asked
    if asked <= settings.data_api_fail_first:
        return Response("<html><h1>502 Bad Gateway</h1></html>", status=502, content_type="text/html")
    try:
        body = read_json(request.get_data())
        key, reachable = _authenticate(engine, body)
        rows = _rows(engine, body, reachable)
    except Refused as refusal:
        return refusal_response(refusal, engine.settings.refusal_http_status)
    return json_response(seal({"operations": rows, "signature": ""}, key.secret_key))


def fault_of(operation: Operation, settings: DataApiSettings) -> str:
    """Return what is wrong with an operation in the list, a word of FAULTS; empty where it is told as it is.

    Every so many-th operation by its id has a fault; only money that moved is told twice.
    """
    every = settings.data_api_fault_every
    if not every or operation.operation_id % every:
        return ""
    word = FAULTS[operation.operation_id // every % len(FAULTS)]
    return "" if word == "duplicate" and operation.status != "success" else word


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
    most = engine.data_api.data_api_most_rows
    limit, offset = _count(body, "limit", most), _count(body, "offset", 0)
    kinds = body.get("operation_type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fields = body.get("fields")
    with engine.store.lock:
        found = [
            row
            for payment in engine.store.payments.values()
            if payment.project_id in projects
            for row in _told(payment, engine.data_api)
            if start <= row[0] < end and (kinds is None or row[2].type in kinds)
        ]
        found.sort(key=lambda row: (row[0], row[2].operation_id), reverse=True)
        rows = [_row(payment, operation, zone) for _, payment, operation in found[offset : offset + min(limit, most)]]
    return rows if fields is None else [{name: row[name] for name in row if name in fields} for row in rows]


def _told(payment: Payment, settings: DataApiSettings) -> Iterator[Row]:
    """Every operation of a payment as the list tells of it, with the moment that places it there."""
    for operation in payment.operations:
        at = operation.completed_at or operation.updated_at
        match fault_of(operation, settings):
            case "missing":
                continue
            case "status":
                other = "decline" if operation.status == "success" else "success"
                yield at, payment, dataclasses.replace(operation, status=other)
            case "amount":
                yield at, payment, dataclasses.replace(operation, amount=operation.amount + 1)
            case "currency":
                yield at, payment, dataclasses.replace(operation, currency="XTS")
            case "duplicate":
                yield at, payment, operation
                again = dataclasses.replace(operation, operation_id=operation.operation_id + 10**15, request_id="")
                yield at + timedelta(seconds=1), payment, again
            case _:
                yield at, payment, operation


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
