"""Read what reconciliations of a period found, as they left it among the reports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.period import Period
from payments.domain.reconciliation import Difference, Reason
from payments.ports import Reports

_NAME = re.compile(r"reconciliations/(?P<project>\d+)/(?P<first>[\d-]{10})_(?P<last>[\d-]{10})/differences\.jsonl")


def read_differences(*, reports: Reports, period: Period) -> tuple[Difference, ...] | None:
    """The differences of every project, earliest first; None unless each day was compared for some project.

    A reconciliation of the very period counts where there is one, else those of its single days.
    """
    spans: dict[str, dict[tuple[date, date], str]] = {}
    for name in reports.names("reconciliations/"):
        match = _NAME.fullmatch(name)
        if match:
            days = date.fromisoformat(match["first"]), date.fromisoformat(match["last"])
            spans.setdefault(match["project"], {})[days] = name
    chosen = [name for found in spans.values() for name in _chosen(found, period)]
    if not chosen:
        return None
    return tuple(sorted((each for name in chosen for each in _read(reports, name)), key=lambda each: each.at))


def _chosen(found: Mapping[tuple[date, date], str], period: Period) -> list[str]:
    whole = found.get((period.first, period.last))
    if whole is not None:
        return [whole]
    days = [period.first + timedelta(days=each) for each in range((period.last - period.first).days + 1)]
    names = [found.get((day, day)) for day in days]
    return [each for each in names if each is not None] if all(names) else []


def _read(reports: Reports, name: str) -> Iterator[Difference]:
    for line in (reports.get(name) or b"").splitlines():
        yield _difference(json.loads(line))


def _difference(told: Mapping[str, Any]) -> Difference:
    return Difference(
        reason=Reason(told["reason"]),
        key=PaymentKey(told["project_id"], told["payment_id"]),
        operation_id=told["operation_id"],
        at=datetime.fromisoformat(told["at"]),
        ours=told["ours"],
        theirs=told["theirs"],
        money=Money(told["amount"], told["currency"]) if told["currency"] else None,
        repaired=told["repaired"],
    )
