"""What the Data API is asked for, and its rows read into what our own rules understand.

Rules of this file
  * Its specification was not at hand word for word. Whatever is not certain stands here alone, and each place says so.
  * Times go both ways in UTC: in any other zone the hour that clocks are put back by has no clear place.
  * A row whose id, payment or time cannot be read is refused: a list that is half understood proves nothing.

Source: PROTOCOL §8.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.domain.errors import DataApiUnavailable
from payments.domain.methods import method_named
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.provider_state import NO_DATE
from payments.domain.reconciliation import Entry, Listed
from payments.gate.scalars import date_of, identifier_of, list_of, object_of, text_of, whole_of
from payments.gate.status_words import kind_of, outcome_of

#: The way to the operations of a time span (PROTOCOL §8, DOC).
OPERATIONS_PATH = "/v1/operations/get"
TIMEZONE = "UTC"
_TIME = "%Y-%m-%d %H:%M:%S"

#: The name of the list in the answer (PROTOCOL §8, not certain).
_ROWS = "operations"

#: What a row calls each value. The ids and the two times are documented (PROTOCOL §8, DOC), the others are not certain.
_OPERATION_ID, _PAYMENT_ID, _PROJECT_ID = "operation_id", "payment_id", "project_id"
_CREATED, _COMPLETED = "operation_created_at", "operation_completed_at"
_TYPE, _STATUS = "operation_type", "operation_status"
_AMOUNT, _CURRENCY = "operation_amount", "operation_currency"
_REQUEST_ID, _METHOD = "request_id", "payment_method"


def request_body(
    token: str,
    project_id: int,
    *,
    since: datetime,
    until: datetime,
    offset: int,
    limit: int,
    interval_keys: tuple[str, str],
) -> dict[str, Any]:
    """Ask for the operations of one project that ended in this time, ``limit`` of them behind the first ``offset``.

    ``interval_keys`` name start and end of the interval (PROTOCOL §8, not certain).
    """
    return {
        "token": token,
        "project_id": [project_id],
        "interval": {name: _written(at) for name, at in zip(interval_keys, (since, until), strict=True)},
        "timezone": TIMEZONE,
        "limit": limit,
        "offset": offset,
    }


def listed_operations(answer: Mapping[str, Any], project_id: int) -> tuple[Listed, ...]:
    """The rows of an answer; raises `DataApiUnavailable` when they cannot be read."""
    return tuple(_listed(object_of(row), project_id) for row in list_of(answer.get(_ROWS)))


def holds_rows(answer: Mapping[str, Any]) -> bool:
    """Whether an answer has a list of operations at all, be it an empty one."""
    return isinstance(answer.get(_ROWS), list)


def _listed(row: Mapping[str, Any], project_id: int) -> Listed:
    operation_id, payment_id = identifier_of(row.get(_OPERATION_ID)), identifier_of(row.get(_PAYMENT_ID))
    at = max(date_of(row.get(_COMPLETED)), date_of(row.get(_CREATED)))
    if not operation_id or not payment_id or at == NO_DATE:
        raise DataApiUnavailable("a row of the Data API has no operation id, no payment id, or no time")
    named = text_of(row.get(_METHOD))
    method = method_named(named)
    return Listed(
        key=PaymentKey(whole_of(row.get(_PROJECT_ID)) or project_id, payment_id),
        method=method.code if method else named,
        entry=Entry(
            operation_id=operation_id,
            kind=kind_of(text_of(row.get(_TYPE))),
            type=text_of(row.get(_TYPE)),
            status=text_of(row.get(_STATUS)),
            outcome=outcome_of(text_of(row.get(_STATUS))),
            money=_money(row),
            at=at,
            request_id=identifier_of(row.get(_REQUEST_ID)),
        ),
    )


def _money(row: Mapping[str, Any]) -> Money | None:
    amount, currency = whole_of(row.get(_AMOUNT)), text_of(row.get(_CURRENCY))
    return Money(amount, currency) if amount is not None and amount >= 0 and currency else None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_TIME)
