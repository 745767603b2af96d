"""The result of a reconciliation, as it lies among the reports.

    reconciliations/{project_id}/{first day}_{last day}/summary.json
    reconciliations/{project_id}/{first day}_{last day}/differences/{begun}-{day}-{number}.jsonl

The summary is written last and names its files, so whoever finds one finds a whole result: of the same days there may
be files of an earlier run, or of one that has not ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from payments.domain.errors import StoreUnavailable
from payments.domain.reconciliation import Difference, Reason, Total
from payments.ports import Reports
from payments.usecases.reconciliation_lines import plain_total, read_difference, read_lines, read_total


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
    files: tuple[str, ...]
    """Names of the files with the differences, in order."""

    @property
    def needs_a_person(self) -> int:
        """How many differences somebody has to look at."""
        return sum(each.needs_a_person for each in self.counts.values())


def folder(project_id: int, first: date, last: date) -> str:
    """Where the results of these days lie."""
    return f"reconciliations/{project_id}/{first}_{last}"


def read_summary(reports: Reports, project_id: int, first: date, last: date) -> Summary | None:
    """The result of the newest finished run of exactly these days; None when there is none."""
    content = reports.get(f"{folder(project_id, first, last)}/summary.json")
    return summary_of(json.loads(content)) if content is not None else None


def read_differences(reports: Reports, summary: Summary) -> Iterator[Difference]:
    """The differences of a result, file by file."""
    for name in summary.files:
        content = reports.get(name)
        if content is None:
            raise StoreUnavailable(f"{name} is not among the reports any more.")
        yield from read_lines(content, read_difference)


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
        "files": list(summary.files),
    }


def summary_of(plain: Mapping[str, Any]) -> Summary:
    """The summary that was written so."""
    return Summary(
        project_id=plain["project_id"],
        first=date.fromisoformat(plain["from"]),
        last=date.fromisoformat(plain["to"]),
        timezone=plain["timezone"],
        begun_at=datetime.fromisoformat(plain["begun_at"]),
        finished_at=datetime.fromisoformat(plain["finished_at"]),
        totals=tuple(read_total(each) for each in plain["totals"]),
        counts={Reason(name): Count(**count) for name, count in plain["differences"].items()},
        files=tuple(plain["files"]),
    )
