"""The result of a reconciliation, as it lies among the reports.

    reconciliations/{project_id}/{first day}_{last day}/differences.jsonl
    reconciliations/{project_id}/{first day}_{last day}/summary.json

Each is written whole, the summary last: whoever finds one finds a result. A later run of the same days puts its own in
their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from payments.domain.reconciliation import Reason, Total
from payments.usecases.reconciliation_lines import plain_total

RESULTS = "reconciliations/"
_DIFFERENCES = re.compile(
    RESULTS + r"(?P<project>\d+)/(?P<first>\d{4}-\d\d-\d\d)_(?P<last>\d{4}-\d\d-\d\d)/differences\.jsonl", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many differences of one reason there are."""

    found: int = 0
    repaired: int = 0
    needs_a_person: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a reconciliation came to; both days are included, and begin at midnight in ``timezone``."""

    project_id: int
    first: date
    last: date
    timezone: str
    begun_at: datetime
    finished_at: datetime
    totals: tuple[Total, ...]
    counts: Mapping[Reason, Count]

    @property
    def needs_a_person(self) -> int:
        """How many differences somebody has to look at; where none explains them, how many sums differ."""
        explained = sum(each.needs_a_person for each in self.counts.values())
        return explained or sum(
            (each.ours, each.count_ours) != (each.theirs, each.count_theirs) for each in self.totals
        )


def summary_name(project_id: int, first: date, last: date) -> str:
    """Where the summary of these days is."""
    return f"{_folder(project_id, first, last)}/summary.json"


def differences_name(project_id: int, first: date, last: date) -> str:
    """Where the differences of these days are."""
    return f"{_folder(project_id, first, last)}/differences.jsonl"


def compared_days(names: Iterable[str]) -> Mapping[int, frozenset[tuple[date, date]]]:
    """The days that each project has results of, first and last, by the names of what lies among the reports."""
    found: dict[int, set[tuple[date, date]]] = {}
    for match in filter(None, map(_DIFFERENCES.fullmatch, names)):
        days = date.fromisoformat(match["first"]), date.fromisoformat(match["last"])
        found.setdefault(int(match["project"]), set()).add(days)
    return {project_id: frozenset(days) for project_id, days in found.items()}


def _folder(project_id: int, first: date, last: date) -> str:
    return f"{RESULTS}{project_id}/{first}_{last}"


def plain_summary(summary: Summary) -> dict[str, Any]:
    """A summary as JSON has it; it holds nothing about a person."""
    return {
        "project_id": summary.project_id,
        "from": summary.first.isoformat(),
        "to": summary.last.isoformat(),
        "timezone": summary.timezone,
        "begun_at": summary.begun_at.isoformat(),
        "finished_at": summary.finished_at.isoformat(),
        "totals": [plain_total(each) for each in summary.totals],
        "differences": {reason.value: asdict(count) for reason, count in summary.counts.items()},
    }
