"""What the operators' page shows of a period, counted while its lines are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from payments.domain.reconciliation import Difference
from payments.domain.report_lines import OperationLine, PaymentLine, Waiting
from payments.reports.totals import Totals

#: So many lines of each list are on the page; the workbook has them all, or the API.
SHOWN = 20


@dataclass(slots=True)
class List:
    """The first of many, and how many there are."""

    shown: list[Waiting] = field(default_factory=list)
    count: int = 0

    def add(self, waiting: Waiting) -> None:
        """Count one more, and show it where there is room."""
        self.count += 1
        if self.count <= SHOWN:
            self.shown.append(waiting)

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


@dataclass(slots=True)
class Hour:
    """Payments created in one hour of the day, and how many of them are paid."""

    created: int = 0
    paid: int = 0


class Picture:
    """Grows by every line; ``compared`` are the projects that were compared with ECommPay's own list."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.totals = Totals()
        self.statuses: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.hours = [Hour() for _ in range(24)]
        self.operations = 0
        self._projects: set[int] = set()
        self.refunds = List()
        self.overdue = List()
        self.awaited_looked_at: int | None = None  # where there may be more of both
        self.compared: set[int] = set()
        self.reasons: Counter[str] = Counter()
        self.differences: list[Difference] = []

    def add_payment(self, line: PaymentLine) -> None:
        """One payment created in the period."""
        self.totals.add_payment(line)
        self._projects.add(line.project_id)
        self.statuses[line.status] += 1
        self.methods[line.method] += 1
        hour = self.hours[line.created_at.astimezone(self._zone).hour]
        hour.created += 1
        hour.paid += line.paid.amount > 0

    def add_operation(self, line: OperationLine) -> None:
        """One operation of the period."""
        self.totals.add_operation(line)
        self._projects.add(line.project_id)
        self.operations += 1

    def add_difference(self, found: Difference) -> None:
        """One difference from ECommPay's own list."""
        self.reasons[str(found.reason)] += 1
        if len(self.differences) < SHOWN:
            self.differences.append(found)

    @property
    def payments(self) -> int:
        """Payments created in the period."""
        return sum(self.statuses.values())

    @property
    def paid(self) -> int:
        """How many of them are paid."""
        return sum(hour.paid for hour in self.hours)

    @property
    def not_listed(self) -> int:
        """Differences that the page has no room for."""
        return self.reasons.total() - len(self.differences)

    @property
    def not_compared(self) -> set[int]:
        """The projects of this report of which nobody can say whether both lists agree."""
        return self._projects - self.compared


def ranked(counts: Counter[str]) -> Sequence[tuple[str, int]]:
    """Most frequent first, and by name among equals."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
