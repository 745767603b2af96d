"""What a reconciliation writes down as lines of JSON, and reads back to go on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.provider_state import Outcome
from payments.domain.reconciliation import Account, Attempt, Difference, Entry, Listed, Reason, Total

Value = TypeVar("Value")
Plain = dict[str, Any]


def lines_of(values: Iterable[Value], plain: Callable[[Value], Plain]) -> bytes:
    """One JSON object a line."""
    return b"".join(json.dumps(plain(each), separators=(",", ":")).encode() + b"\n" for each in values)


def read_lines(content: bytes, read: Callable[[Mapping[str, Any]], Value]) -> Iterator[Value]:
    """What `lines_of` wrote."""
    return (read(json.loads(line)) for line in content.splitlines())


def plain_difference(difference: Difference) -> Plain:
    """A difference as it stands in the result."""
    money = difference.money
    return {
        "reason": difference.reason.value,
        **_plain_key(difference.key),
        "operation_id": difference.operation_id,
        "at": difference.at.isoformat(),
        "ours": difference.ours,
        "theirs": difference.theirs,
        "amount": money.amount if money else None,
        "currency": money.currency if money else None,
        "repaired": difference.repaired,
    }


def read_difference(plain: Mapping[str, Any]) -> Difference:
    """The difference that was written so."""
    return Difference(
        reason=Reason(plain["reason"]),
        key=_read_key(plain),
        operation_id=plain["operation_id"],
        at=datetime.fromisoformat(plain["at"]),
        ours=plain["ours"],
        theirs=plain["theirs"],
        money=Money(plain["amount"], plain["currency"]) if plain["currency"] else None,
        repaired=plain["repaired"],
    )


def plain_total(total: Total) -> Plain:
    """A total, and by how much the two sides differ in minor units."""
    return {
        "method": total.method,
        "currency": total.currency,
        "ours": total.ours,
        "theirs": total.theirs,
        "difference": total.ours - total.theirs,
        "count_ours": total.count_ours,
        "count_theirs": total.count_theirs,
    }


def read_total(plain: Mapping[str, Any]) -> Total:
    """The total that was written so."""
    return Total(**{name: content for name, content in plain.items() if name != "difference"})


def plain_listed(listed: Listed) -> Plain:
    """A row of the provider's list."""
    return {**_plain_key(listed.key), "method": listed.method, "entry": _plain_entry(listed.entry)}


def read_listed(plain: Mapping[str, Any]) -> Listed:
    """The row that was written so."""
    return Listed(_read_key(plain), plain["method"], _read_entry(plain["entry"]))


def plain_account(account: Account) -> Plain:
    """What our ledger says of a payment."""
    return {
        **_plain_key(account.key),
        "method": account.method,
        "entries": [_plain_entry(each) for each in account.entries],
        "started_here": sorted(account.started_here),
        "attempts": [_plain_attempt(each) for each in account.attempts],
    }


def read_account(plain: Mapping[str, Any]) -> Account:
    """The account that was written so."""
    return Account(
        key=_read_key(plain),
        method=plain["method"],
        entries=tuple(_read_entry(each) for each in plain["entries"]),
        started_here=frozenset(plain["started_here"]),
        attempts=tuple(_read_attempt(each) for each in plain.get("attempts", ())),
    )


def _plain_key(key: PaymentKey) -> Plain:
    return {"project_id": key.project_id, "payment_id": key.payment_id}


def _read_key(plain: Mapping[str, Any]) -> PaymentKey:
    return PaymentKey(plain["project_id"], plain["payment_id"])


def _plain_attempt(attempt: Attempt) -> Plain:
    return {
        "money": [attempt.money.amount, attempt.money.currency],
        "sent_at": attempt.sent_at.isoformat(),
        "request_id": attempt.request_id,
        "exact": attempt.exact,
    }


def _read_attempt(plain: Mapping[str, Any]) -> Attempt:
    return Attempt(**{**plain, "money": Money(*plain["money"]), "sent_at": datetime.fromisoformat(plain["sent_at"])})


def _plain_entry(entry: Entry) -> Plain:
    return {
        "operation_id": entry.operation_id,
        "kind": entry.kind,
        "type": entry.type,
        "status": entry.status,
        "outcome": entry.outcome.name,
        "money": [entry.money.amount, entry.money.currency] if entry.money else None,
        "at": entry.at.isoformat(),
        "request_id": entry.request_id,
    }


def _read_entry(plain: Mapping[str, Any]) -> Entry:
    return Entry(
        **{
            **plain,
            "outcome": Outcome[plain["outcome"]],
            "money": Money(*plain["money"]) if plain["money"] else None,
            "at": datetime.fromisoformat(plain["at"]),
        }
    )
