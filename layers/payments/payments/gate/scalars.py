"""Single values out of a provider's message, whatever is really there: a wrong type reads as missing, never as a fault.

A message that verifies must not be refused for its shape, so nothing here raises.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from ecommpay_signing import string_to_sign
from payments.domain.money import Money
from payments.domain.provider_state import NO_DATE

#: Longest identifier the provider knows (PROTOCOL §5.3); a longer one cannot be anybody's.
MAX_IDENTIFIER = 255

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_INT64 = 2**63


def object_of(value: object) -> dict[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object, limit: int = MAX_IDENTIFIER) -> str:
    """A text or number as text, cut to ``limit`` characters; anything else is empty."""
    if isinstance(value, str):
        return value[:limit]
    return printed(value)[:limit] if isinstance(value, (bool, int, float)) else ""


def identifier_of(value: object) -> str:
    """An id as text; empty when it is longer than any id can be, because a cut one would be another's."""
    text = text_of(value, MAX_IDENTIFIER + 1)
    return text if len(text) <= MAX_IDENTIFIER else ""


def printed(value: object) -> str:
    """A scalar as the provider itself prints it: true is ``1``, null is empty (PROTOCOL §1.2)."""
    if isinstance(value, (int, float)) and not -_INT64 <= value < _INT64:
        return ""  # also the numbers that are none: JSON cannot carry them
    return string_to_sign({"value": value}).removeprefix("value:")


def whole_of(value: object) -> int | None:
    """A whole number of at most 64 bits, also one written as text; None for anything else, fractions included.

    It is read from its signed text: ``10000``, ``10000.0`` and ``"10000"`` carry the same signature, so whoever repeats
    a message in another spelling must not make it say something else.
    """
    text = value if isinstance(value, str) else text_of(value)
    return int(text) if _WHOLE.fullmatch(text) else None


def money_of(value: object) -> Money | None:
    """``{amount, currency}`` as money; None unless both can be read and the amount is not negative."""
    parts = object_of(value)
    amount, currency = whole_of(parts.get("amount")), parts.get("currency")
    if amount is None or amount < 0 or not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return None
    return Money(amount, currency)


def flag_of(value: object) -> bool:
    """Whether the value says yes: ``true``, ``1`` or the text of either."""
    return value is True or text_of(value).strip().lower() in {"1", "true"}


def date_of(value: object) -> datetime:
    """A date such as ``2020-08-26T15:03:20+0000`` in UTC; `NO_DATE` when it cannot be read.

    One without an offset is taken as UTC: every date the provider was seen to write is (PROTOCOL §6.3).
    """
    if not isinstance(value, str):
        return NO_DATE
    try:
        date = datetime.fromisoformat(value.strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return NO_DATE
