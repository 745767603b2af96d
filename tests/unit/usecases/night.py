"""The morning after the day of the tests: everything a reconciliation meets, in memory."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import Outcome
from payments.domain.reconciliation import Entry, Listed
from payments.gate.messages import report
from payments.usecases.reconcile import Desk, Reconciled, reconcile
from payments.usecases.reconciliation_result import Summary
from tests.support.fake_ledgers import FakeDataApi, FakeReports
from tests.support.fakes import FakeEvents, FakeProjects
from tests.unit.domain.told import KEY, NOON, callback, operation_parts, order
from tests.unit.usecases.world import Clock, World, signed

DAY = NOON.date()
NIGHT = datetime(2026, 11, 22, 4, tzinfo=UTC)
FOLDER = f"reconciliations/2924/{DAY}_{DAY}"
RUN = f"progress/runs/2924/{DAY}_{DAY}.json"
SALE = Listed(
    KEY, "card-partner", Entry("389", "sale", "sale", "success", Outcome.SUCCEEDED, Money(10_000, "KES"), NOON, "")
)


def listed(number: int, **entry: Any) -> Listed:
    """A paid sale of another payment, as the provider lists it."""
    parts = {"operation_id": str(1000 + number), "at": NOON + timedelta(seconds=number), **entry}
    return Listed(PaymentKey(2924, f"order-{number:04}"), "card-partner", replace(SALE.entry, **parts))


def told(number: int, status: str = "success") -> dict[str, Any]:
    """The callback about it."""
    said = callback(status, ("sale", status), seconds=number, operation_id=1000 + number)
    return {**said, "payment": {**said["payment"], "id": f"order-{number:04}"}}


@dataclass
class Night:
    """Everything a reconciliation meets, at four in the morning after the day of the tests."""

    world: World = field(default_factory=lambda: World(clock=Clock(NIGHT)))
    data_api: FakeDataApi = field(default_factory=lambda: FakeDataApi({2924: []}))
    reports: FakeReports = field(default_factory=FakeReports)
    events: FakeEvents = field(default_factory=FakeEvents)
    reported: list[Summary] = field(default_factory=list)
    seconds: float = 900
    calls: int = 0

    def paid(self, *numbers: int) -> None:
        """Payments that were ordered, paid and told of."""
        for number in numbers:
            key, at = PaymentKey(2924, f"order-{number:04}"), NOON + timedelta(seconds=number)
            said = report(told(number), digest=f"digest of {number}")
            ordered = Payment(key=key, order=order(), updated_at=NOON, submission="acknowledged")
            self.world.store.save(ordered.told(said, at=at, source="callback", what="paid"))

    def gate_says(self, *answers: bytes | Exception) -> None:
        """What Gate answers to questions for a status, one after the other."""
        self.world.gate.answers["status"] = deque(answers)

    def run(self, *days: date, project_id: int | None = None, zone: tzinfo = UTC) -> Reconciled:
        """One call of the function: for these days, or for whatever is due."""
        self.calls += 1
        desk = Desk(
            store=self.world.store,
            gate=self.world.gate,
            data_api=self.data_api,
            reports=self.reports,
            events=self.events,
            report=self.reported.append,
            ends=self.world.clock.now + timedelta(seconds=self.seconds),
            clock=self.world.clock,
            call=f"call-{self.calls:04}",
        )
        wanted = (days[0], days[-1]) if days else None
        return reconcile(desk=desk, projects=FakeProjects(), days=wanted, project_id=project_id, zone=zone)

    def differences(self, folder: str = FOLDER) -> list[dict[str, Any]]:
        """What it found."""
        return [json.loads(line) for line in self._report(f"{folder}/differences.jsonl").splitlines()]

    def reasons(self) -> list[tuple[str, str, bool]]:
        """Reason, operation and whether it was repaired."""
        return [(each["reason"], each["operation_id"], each["repaired"]) for each in self.differences()]

    def summary(self, folder: str = FOLDER) -> dict[str, Any]:
        """What it came to."""
        read: dict[str, Any] = json.loads(self._report(f"{folder}/summary.json"))
        return read

    def _report(self, name: str) -> bytes:
        content = self.reports.get(name)
        assert content is not None, name
        return content


def answer(*operations: tuple[str, str, int], status: str = "success", payment_id: str = "order-0001") -> bytes:
    """A status answer of Gate with these operations: type, status, id."""
    said = callback(status, None)
    parts = [operation_parts((kind, word), operation_id=number) for kind, word, number in operations]
    return signed({**said, "payment": {**said["payment"], "id": payment_id}, "operations": parts})
