"""Reconcile our ledger with the provider's: last night's day by itself, and any days that a person asks for.

Every call does as much as its time allows and keeps how far it has come; the next one goes on from there, whoever
makes it. A run that was begun is finished by the schedule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from payments.domain.errors import DataApiUnavailable, GateUnavailable, StoreConflict, StoreUnavailable
from payments.ports import DataApi, Events, Gate, Projects, Reports, Store
from payments.usecases.collect_operations import take_page, take_payments
from payments.usecases.compare_ledgers import Ledger, compare_days
from payments.usecases.reconciliation_result import Summary, differences_name, plain_summary, summary_name
from payments.usecases.reconciliation_run import RUNS, Run, begin, load, run_name, save
from payments.views import rfc3339

#: A day is reconciled so long after its end: what ended at its last moment has to be in the provider's list by then.
SETTLES_AFTER = timedelta(hours=3)
#: Nights that are made up for when nothing ran in them.
NIGHTS = 3

#: The longest that one page of the provider's list may take; none is begun with less time than that.
LONGEST_PAGE = timedelta(seconds=350)
#: The same for a piece of any other work, and for one question to Gate.
LONGEST_PIECE = timedelta(seconds=120)

#: A run that has not ended by then begins anew: the bucket forgets soon after what it would go on from.
FRESH = timedelta(days=25)

EVENT = "ReconciliationFinished"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come in this call; ``trouble`` says why it went no further, where it was not the time."""

    project_id: int
    first: date
    last: date
    stage: str
    trouble: str = ""
    summary: str = ""
    """Name of the result, once there is one."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one call did; ``left_out`` are the projects that have no token of the Data API."""

    runs: tuple[Progress, ...]
    left_out: tuple[int, ...]
    failure: StoreUnavailable | None = None
    """AWS failed a run. The others went on, and the caller is to raise it: such a call must not look healthy."""

    def plain(self) -> dict[str, Any]:
        """As JSON has it; ``done`` says that there is nothing left to go on with."""
        runs = [
            {
                "project_id": each.project_id,
                "from": each.first.isoformat(),
                "to": each.last.isoformat(),
                "stage": each.stage,
                "trouble": each.trouble,
                "summary": each.summary,
            }
            for each in self.runs
        ]
        done = all(each.stage == "done" for each in self.runs)
        return {"runs": runs, "left_out": list(self.left_out), "done": done}


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a reconciliation works with; ``report`` is told every result, once more after a crash at that moment."""

    store: Store
    gate: Gate
    data_api: DataApi
    reports: Reports
    events: Events
    report: Callable[[Summary], None]
    ends: datetime
    """When this call has to be over."""
    clock: Callable[[], datetime]
    call: str
    """Names this call; no two have the same name, and later ones sort behind."""


def reconcile(
    *, desk: Desk, projects: Projects, days: tuple[date, date] | None, project_id: int | None, zone: tzinfo
) -> Reconciled:
    """Begin what is due, or the ``days`` asked for, both included, and go on with it as long as there is time.

    Without days that is every run that was begun and has not ended. What was not worked on for longest goes first, so
    that no run is kept waiting by others that always take all the time. Days may be asked for of one project alone.
    Raises `StoreUnavailable` when it cannot even be read what there is to do.
    """
    asked = projects.ids() if project_id is None else (project_id,)
    reached = [each for each in asked if desk.data_api.reaches(each)]
    runs = _due(desk, reached, zone) if days is None else _wanted(desk, reached, days, zone)
    turns = sorted(runs, key=_waiting_longest)
    for turn in turns:
        _go_on(turn)
    return Reconciled(
        runs=tuple(turn.progress for turn in turns),
        left_out=tuple(sorted(set(asked) - set(reached))),
        failure=next((turn.failure for turn in turns if turn.failure), None),
    )


@dataclass(slots=True)
class _Turn:
    """One run in this call, as it was last kept, and what stopped it for now."""

    desk: Desk
    run: Run
    version: str = ""
    """Of what it goes on from; empty where there is nothing yet."""
    trouble: str = ""
    failure: StoreUnavailable | None = None

    def keep(self, run: Run) -> None:
        """Keep how far it has come; raises `StoreConflict` and `StoreUnavailable`."""
        self.version = save(self.desk.reports, run, version=self.version)
        self.run = run

    @contextmanager
    def told(self) -> Iterator[None]:
        """Inside, whatever stops the run for now becomes its trouble, so that the others can go on."""
        try:
            yield
        except (DataApiUnavailable, GateUnavailable, StoreConflict) as error:
            self.trouble = str(error)
        except StoreUnavailable as error:
            self.trouble, self.failure = str(error), error

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        run = self.run
        summary = summary_name(run.project_id, run.first, run.last) if run.stage == "done" else ""
        return Progress(run.project_id, run.first, run.last, run.stage, self.trouble, summary)


def _waiting_longest(turn: _Turn) -> tuple[datetime, datetime, str]:
    """The order of turns; what was never worked on is before everything that was."""
    run = turn.run
    return run.worked_at or datetime.min.replace(tzinfo=UTC), run.begun_at, run.name


def _due(desk: Desk, project_ids: Iterable[int], zone: tzinfo) -> Iterator[_Turn]:
    """Every run that has not ended, and one for each day that is over and was never begun."""
    begun = set(desk.reports.names(RUNS))
    for name in sorted(begun):
        kept = load(desk.reports, name)
        if kept is None or kept[0].stage == "done":
            continue
        run, version = kept
        if not desk.data_api.reaches(run.project_id):
            continue  # a project that is not ours any more would be told as stuck for ever
        if desk.clock() - run.begun_at <= FRESH:
            yield _Turn(desk, run, version)
        else:
            yield _begun(desk, run.project_id, (run.first, run.last), zone, version)
    settled = (desk.clock() - SETTLES_AFTER).astimezone(zone).date()
    for project_id in project_ids:
        for night in range(NIGHTS, 0, -1):
            day = settled - timedelta(days=night)
            if run_name(project_id, day, day) not in begun:
                yield _begun(desk, project_id, (day, day), zone)


def _wanted(desk: Desk, project_ids: Iterable[int], days: tuple[date, date], zone: tzinfo) -> Iterator[_Turn]:
    """The runs of these days: those that have not ended, and new ones in the place of those that have."""
    for project_id in project_ids:
        run, version = load(desk.reports, run_name(project_id, *days)) or (None, "")
        yield (
            _Turn(desk, run, version) if run and run.stage != "done" else _begun(desk, project_id, days, zone, version)
        )


def _begun(desk: Desk, project_id: int, days: tuple[date, date], zone: tzinfo, version: str = "") -> _Turn:
    """A new run in the place of this version, kept at once: the schedule goes on with it whatever becomes of us."""
    turn = _Turn(desk, begin(project_id, *days, timezone=str(zone), at=desk.clock(), call=desk.call), version)
    with turn.told():
        turn.keep(turn.run)
    return turn


def _go_on(turn: _Turn) -> None:
    """Take the run as far as the time allows; that it was its turn is kept first, for this call may be killed."""
    desk = turn.desk
    if turn.trouble or not _has_time(desk, turn.run):
        return
    with turn.told():
        turn.keep(replace(turn.run, call=desk.call, worked_at=desk.clock()))
        for further in _steps(desk, turn.run):
            begun_anew = further.attempt > turn.run.attempt
            turn.keep(further)
            if begun_anew:
                turn.trouble = f"rows moved while the list of {further.day} was read, which begins anew"
                return


def _has_time(desk: Desk, run: Run) -> bool:
    """Whether the run's next step may be begun."""
    longest = {"theirs": LONGEST_PAGE, "tell": timedelta(0)}.get(run.stage, LONGEST_PIECE)
    return desk.clock() + longest <= desk.ends


def _steps(desk: Desk, run: Run) -> Iterator[Run]:
    """The run after each step that there is time for."""
    while run.stage == "theirs" and _has_time(desk, run):
        run = take_page(data_api=desk.data_api, reports=desk.reports, run=run)
        yield run
    while run.stage == "ours" and _has_time(desk, run):
        run = take_payments(store=desk.store, reports=desk.reports, run=run, now=desk.clock())
        yield run
    if run.stage == "compare" and _has_time(desk, run):
        ledger = Ledger(desk.store, desk.gate, desk.clock)
        for further in compare_days(ledger=ledger, reports=desk.reports, run=run, ends=desk.ends - LONGEST_PIECE):
            run = further
            yield run
    if run.stage == "tell":
        yield _told(desk, run)


def _told(desk: Desk, run: Run) -> Run:
    """The run after its result was written and told; done again after a crash, under the same id."""
    summary = run.summary(at=desk.clock())
    days = (run.project_id, run.first, run.last)
    found = b"".join(desk.reports.get(piece) or b"" for piece in run.pieces)
    desk.reports.put(differences_name(*days), found)
    desk.reports.put(summary_name(*days), json.dumps(plain_summary(summary), indent=2).encode())
    desk.events.publish([(EVENT, _event_detail(run, summary))])
    desk.report(summary)
    return replace(run, stage="done")


def _event_detail(run: Run, summary: Summary) -> dict[str, Any]:
    identity = f"{run.name}|{run.begun}|{EVENT}"
    return {
        "metadata": {
            "event_id": hashlib.sha256(identity.encode()).hexdigest()[:32],
            "version": "1",
            "occurred_at": rfc3339(summary.finished_at.astimezone(UTC)),
        },
        "data": {
            "reconciliation": {
                **plain_summary(summary),
                "summary": summary_name(run.project_id, run.first, run.last),
            }
        },
    }
