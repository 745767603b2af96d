"""Lists of payments, newest first: which index to ask, and the cursor between two pages.

Rules of this file:

* A cursor names the last row that was shown, so payments made meanwhile neither repeat nor hide one.
* A cursor comes back from outside: it has to be exactly one that this list could have given, or it is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from payments.aws.documents import Attribute, Item, time_text
from payments.aws.items import LISTED_IN, is_key_text
from payments.domain.errors import FieldError, InvalidRequest
from payments.ports import PaymentFilter

_LONGEST_CURSOR = 4096
#: ``created_order``: the time, the project, and the part of the key that stands for the payment id.
_PLACE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)#(?P<project>-?\d{1,18})(?P<name>#.*|-SHA256#[0-9a-f]{64})",
    re.ASCII | re.DOTALL,
)


def listing_query(wanted: PaymentFilter, cursor: str | None) -> dict[str, Any]:
    """The arguments of the Query that lists these payments; raises `InvalidRequest` for a cursor not ours."""
    index, attribute = _index(wanted)
    conditions = ["#index = :index"]
    values: Item = {":index": {"S": wanted.status or LISTED_IN}}
    if wanted.since is not None:
        values[":since"] = {"S": time_text(wanted.since)}
    if wanted.until is not None:
        values[":until"] = {"S": time_text(wanted.until)}
    if ":since" in values and ":until" in values:
        # Both ends are included, but no place is a bare time: its row would have to be without a project.
        conditions.append("created_order BETWEEN :since AND :until")
    elif ":since" in values:
        conditions.append("created_order >= :since")
    elif ":until" in values:
        conditions.append("created_order < :until")
    query: dict[str, Any] = {
        "IndexName": index,
        "KeyConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {"#index": attribute},
        "ExpressionAttributeValues": values,
        "ScanIndexForward": False,
    }
    if wanted.project_id is not None:
        query["FilterExpression"] = "sk = :payment"
        values[":payment"] = {"S": f"PAYMENT#{wanted.project_id}"}
    if cursor is not None:
        query["ExclusiveStartKey"] = _start(wanted, cursor)
    return query


def is_empty(wanted: PaymentFilter) -> bool:
    """Whether no payment can be in this span of time; DynamoDB refuses to be asked for one."""
    return wanted.since is not None and wanted.until is not None and wanted.since >= wanted.until


def cursor_after(row: Mapping[str, Attribute], wanted: PaymentFilter) -> str:
    """The cursor of what follows this row of an index."""
    text = json.dumps([wanted.status or LISTED_IN, row["created_order"]["S"]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _index(wanted: PaymentFilter) -> tuple[str, str]:
    return ("by_status", "status") if wanted.status else ("by_creation", "listed_in")


def _start(wanted: PaymentFilter, cursor: str) -> Item:
    """The key of the row the cursor names, in the index of this list and within its span."""
    place = _place(cursor, listed_in=wanted.status or LISTED_IN)
    if (
        place is None
        or (wanted.since is not None and place["time"] < time_text(wanted.since))
        or (wanted.until is not None and place["time"] >= time_text(wanted.until))
    ):
        raise InvalidRequest(FieldError("/cursor", "not a cursor of this list"))
    return {
        "pk": {"S": "PAYMENT" + place["name"]},
        "sk": {"S": f"PAYMENT#{place['project']}"},
        _index(wanted)[1]: {"S": wanted.status or LISTED_IN},
        "created_order": {"S": place[0]},
    }


def _place(cursor: str, *, listed_in: str) -> re.Match[str] | None:
    if len(cursor) > _LONGEST_CURSOR:
        return None
    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(content, list) or len(content) != 2 or content[0] != listed_in:
        return None
    if not isinstance(content[1], str) or not is_key_text(content[1]):
        return None
    return _PLACE.fullmatch(content[1])
