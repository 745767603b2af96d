"""How far a reconciliation has come: kept after every step, so that a run that was killed goes on from the last one.

    progress/runs/{project_id}/{first day}_{last day}.json                   how far it has come
    progress/{project_id}/{first day}_{last day}/{begun}/theirs/{day}/…      pages of the provider's list
    progress/{project_id}/{first day}_{last day}/{begun}/ours/{day}/…        our payments with operations of that day
    progress/{project_id}/{first day}_{last day}/{begun}/found/{day}/…       what was found by comparing them

Several calls may work on one run at once. Each keeps its steps over the version it went on from, so that one is let
through and the others stop; nothing is locked, and a call that was killed holds up nobody. A step writes its page
before it is kept, under a name of its call alone: no call ever writes over what another one counts on. A page whose
step was never kept is read beside that of the repetition, and has the same rows or those of a moment before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from payments.domain.errors import StoreConflict
from payments.domain.reconciliation import Difference, Reason, Span, Total
from payments.ports import Reports
from payments.usecases.reconciliation_lines import plain_total, read_total
from payments.usecases.reconciliation_result import Count, Summary

RUNS = "progress/runs/"

Stage = Literal["theirs", "ours", "compare", "tell", "done"]


@dataclass(frozen=True, slots=True)
class Run:
    """One reconciliation of a project's days, both ends included, and the step that comes next."""

    project_id: int
    first: date
    last: date
    timezone: str
    begun_at: datetime
    stage: Stage
    day: date
    """The day at work while the provider's list is read and while days are compared."""
    offset: int = 0
    """Rows of the day's list behind which the next page begins."""
    seam: tuple[str, ...] = ()
    """Operation ids at the end of the last page; the next one has to begin among them."""
    attempt: int = 1
    """Counts the beginnings of this day's list."""
    changed_on: date | None = None
    """The day of UTC whose changes of our payments are read next; None before the first and behind the last."""
    after: str | None = None
    """The last payment of the day that was compared."""
    piece: str = ""
    """What was found and kept, and is being brought in where it is missing here."""
    put_off: int = 0
    """Calls that stopped because Gate did not answer."""
    totals: tuple[Total, ...] = ()
    counts: Mapping[Reason, Count] = field(default_factory=dict)
    pieces: tuple[str, ...] = ()
    """The names of what was found and settled so far."""
    finished_at: datetime | None = None
    """When its last day was compared: a result that is told twice is told alike."""
    call: str = ""
    """The call that took the last step. It makes what two calls keep differ, also where both took the same step."""
    worked_at: datetime | None = None
    """When a call last began to work on it; None before the first one."""

    @property
    def name(self) -> str:
        """Where it is kept."""
        return run_name(self.project_id, self.first, self.last)

    @property
    def begun(self) -> str:
        """When it began, as it stands in names."""
        return self.begun_at.strftime("%Y%m%dT%H%M%S%f")

    @property
    def span(self) -> Span:
        """All its days."""
        return Span(self.span_of(self.first).since, self.span_of(self.last).until)

    def span_of(self, day: date) -> Span:
        """From midnight to midnight, where the merchant is."""
        zone = _zone(self.timezone)
        ends = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
        return Span(*ends)

    def day_of(self, at: datetime) -> date:
        """The day of a moment, where the merchant is."""
        return at.astimezone(_zone(self.timezone)).date()

    def work(self, part: Literal["theirs", "ours", "found"], day: date) -> str:
        """Where what was collected, or found, for a day begins."""
        return f"progress/{self.project_id}/{self.first}_{self.last}/{self.begun}/{part}/{day}/"

    def page(self, part: Literal["theirs", "ours", "found"], day: date, name: str) -> str:
        """Where the call at work writes a page of that."""
        return f"{self.work(part, day)}{name}-{self.call}.jsonl"

    def with_piece(self, name: str, found: Iterable[Difference]) -> Run:
        """The run with one more piece of what was found."""
        counts = dict(self.counts)
        for each in found:
            known = counts.get(each.reason, Count())
            counts[each.reason] = Count(
                found=known.found + 1,
                repaired=known.repaired + each.repaired,
                needs_a_person=known.needs_a_person + each.needs_a_person,
            )
        ordered = {reason: counts[reason] for reason in Reason if reason in counts}
        return replace(self, counts=ordered, pieces=(*self.pieces, name))

    def summary(self, *, at: datetime) -> Summary:
        """What it came to."""
        return Summary(
            project_id=self.project_id,
            first=self.first,
            last=self.last,
            timezone=self.timezone,
            begun_at=self.begun_at,
            finished_at=self.finished_at or at,
            totals=self.totals,
            counts=self.counts,
        )


def begin(project_id: int, first: date, last: date, *, timezone: str, at: datetime, call: str) -> Run:
    """A run that has not done anything yet."""
    return Run(project_id, first, last, timezone, begun_at=at, stage="theirs", day=first, call=call)


def run_name(project_id: int, first: date, last: date) -> str:
    """Where the run of these days is kept."""
    return f"{RUNS}{project_id}/{first}_{last}.json"


def save(reports: Reports, run: Run, *, version: str) -> str:
    """Keep how far it has come over this version of it, empty for none; the version it has now.

    Raises `StoreConflict` when another call has kept it since, and `StoreUnavailable`.
    """
    plain = {
        **{name: getattr(run, name) for name in Run.__slots__},
        "totals": [plain_total(each) for each in run.totals],
        "counts": {reason.value: asdict(count) for reason, count in run.counts.items()},
    }
    content = json.dumps(plain, default=lambda moment: moment.isoformat()).encode()
    try:
        return reports.put_over(run.name, content, version=version)
    except StoreConflict:
        raise StoreConflict("another call goes on with this run") from None


def load(reports: Reports, name: str) -> tuple[Run, str] | None:
    """The run of this name as it was last kept, and its version."""
    kept = reports.get_with_version(name)
    if kept is None:
        return None
    plain: dict[str, Any] = json.loads(kept[0])
    for part in ("first", "last", "day", "changed_on"):
        plain[part] = date.fromisoformat(plain[part]) if plain[part] else None
    for part in ("begun_at", "finished_at", "worked_at"):
        plain[part] = datetime.fromisoformat(plain[part]) if plain.get(part) else None
    for part in ("seam", "pieces"):
        plain[part] = tuple(plain[part])
    plain["totals"] = tuple(read_total(each) for each in plain["totals"])
    plain["counts"] = {Reason(reason): Count(**count) for reason, count in plain["counts"].items()}
    return Run(**plain), kept[1]


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
