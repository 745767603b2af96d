"""The provider's messages without what they tell of a person: what is left says to our own readers what it said before.

Rules of this file
  * Only what `report` and `message_key` read is kept, and of it only what they can use: ids, words, money, dates, codes
    and what the provider says of an operation. Customer, account, signatures and whatever else there is are dropped.
  * Where to send the customer and what to ask are placeholders: that it was told still counts, what it was does not.
  * Of an operation without any id the five values stay as they are by whose hash it is known.
  * Redacting twice gives the same as redacting once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from ecommpay_signing import MalformedMessage, loads, signed_view
from payments.domain.errors import MessageNotRedactable
from payments.domain.provider_state import NO_DATE, Outcome, Report
from payments.gate.messages import MESSAGE_LENGTH, WORD_LENGTH, message_key, report
from payments.gate.scalars import date_of, flag_of, identifier_of, list_of, money_of, object_of, text_of, whole_of

#: Stands for the customer's address at the provider; it leads nowhere, and no browser is ever sent there.
ERASED = "erased"

_SUMS = ("sum_initial", "sum", "sum_converted")
#: What an operation without any id is told apart by.
_HASHED = ("type", "date", "created_date", "sum_initial", "sum")


def redacted(body: bytes) -> bytes:
    """The message as JSON without its personal data; raises `MessageNotRedactable` unless it then says the same."""
    try:
        view = signed_view(loads(body))
        key, said = message_key(view), report(view, digest="")
        kept = json.dumps(signed_view(_redacted(view, said)), ensure_ascii=False, separators=(",", ":")).encode()
        again = signed_view(loads(kept))
        if (message_key(again), report(again, digest="")) != (key, said):
            raise MessageNotRedactable("The message would not say the same without its personal data.")
    except MalformedMessage as error:
        raise MessageNotRedactable("The message cannot be read.") from error
    return kept


def _redacted(view: Mapping[str, Any], said: Report) -> dict[str, Any]:
    general = object_of(view.get("general"))
    declined = any(each.outcome is Outcome.DECLINED for each in said.operations)
    return _given(
        project_id=_project_id(view.get("project_id")),
        general=_given(
            project_id=_project_id(general.get("project_id")), payment_id=_identifier(general.get("payment_id"))
        ),
        payment=_payment(object_of(view.get("payment"))),
        operation=_operation(object_of(view.get("operation"))),
        operations=[_operation(object_of(each)) for each in list_of(view.get("operations"))],
        # The first error is the reason of a declined operation; beside any other it is not read.
        errors=[_error(object_of(each)) for each in list_of(view.get("errors"))[:1] if declined],
        redirect_data={"url": ERASED} if said.redirect else None,
        clarification_fields=True if said.question else None,
    )


def _payment(parts: Mapping[str, Any]) -> dict[str, Any]:
    # A date that cannot be read is not the same as none: see how `report` dates the payment's word.
    unreadable = "" if parts.get("date") is not None else None
    return _given(
        id=_identifier(parts.get("id")),
        status=_text(parts.get("status"), WORD_LENGTH),
        date=_date(parts.get("date")) or unreadable,
        method=_text(parts.get("method"), WORD_LENGTH),
        sum=_money(parts.get("sum")),
        is_new_attempts_available=flag_of(parts.get("is_new_attempts_available")) or None,
        merchant_refund_id=_identifier(parts.get("merchant_refund_id")),
    )


def _operation(parts: Mapping[str, Any]) -> dict[str, Any]:
    """What is read of one operation; empty where it is told neither a type nor a status."""
    if not any(text_of(parts.get(name), WORD_LENGTH).strip() for name in ("type", "status")):
        return {}
    kept = _given(
        id=_identifier(parts.get("id")),
        request_id=_identifier(parts.get("request_id")),
        type=_text(parts.get("type"), WORD_LENGTH),
        status=_text(parts.get("status"), WORD_LENGTH),
        date=_date(parts.get("date")),
        created_date=_date(parts.get("created_date")),
        code=_text(parts.get("code"), WORD_LENGTH),
        message=_text(parts.get("message"), MESSAGE_LENGTH),
        **_sum(parts),
    )
    if "id" in kept or "request_id" in kept:
        return kept
    return {**kept, **{name: parts[name] for name in _HASHED if name in parts}}


def _sum(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The one sum that counts, under its own name; none where that one is broken."""
    told = ((name, parts[name]) for name in _SUMS if parts.get(name) is not None)
    return {name: money for name, value in islice(told, 1) if (money := _money(value))}


def _error(parts: Mapping[str, Any]) -> dict[str, Any]:
    return _given(code=_text(parts.get("code"), WORD_LENGTH), message=_text(parts.get("message"), MESSAGE_LENGTH))


def _money(value: object) -> dict[str, Any] | None:
    parts = object_of(value)
    return {"amount": parts["amount"], "currency": parts["currency"]} if money_of(value) else None


def _date(value: Any) -> str | None:
    return value.strip() if date_of(value) != NO_DATE else None


def _identifier(value: Any) -> Any:
    return value if identifier_of(value) else None


def _project_id(value: Any) -> Any:
    return value if whole_of(value) is not None else None


def _text(value: Any, limit: int) -> Any:
    """A text or number as it was, no longer than it is read."""
    return value[:limit] if isinstance(value, str) else value if text_of(value) else None


def _given(**parts: Any) -> dict[str, Any]:
    """The parts that are there."""
    return {name: value for name, value in parts.items() if value not in (None, {}, [])}
