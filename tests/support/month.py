"""A month of many payments, made while they are read, and the report of it: as a program, so that its memory can be told.

python -m tests.support.month 100000        prints how many lines were written, the sizes of the files and the
                                            most memory that the whole process took
"""

from __future__ import annotations

import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.period import Period
from payments.usecases.make_report import make_report
from tests.support.fake_ledgers import FakeReports
from tests.support.fakes import FakeStore
from tests.support.report_samples import draft
from tests.unit.domain.told import NOON, callback, order, ordered, told

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), UTC)
DAYS = 30


class Month(FakeStore):
    """A ledger of so many paid payments, never all of them in memory."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._model = told(ordered(), callback("success", seconds=60), seconds=60)

    def changed_on(self, day: date) -> Iterator[Payment]:
        """Every thirtieth of the payments, on each day of the month."""
        if NOVEMBER.first <= day <= NOVEMBER.last:
            for number in range(day.day - 1, self._count, DAYS):
                yield self._payment(number, datetime(day.year, day.month, day.day, number % 24, tzinfo=UTC))

    def _payment(self, number: int, at: datetime) -> Payment:
        provider = self._model.provider
        (sale,) = provider.operations
        money = Money(1_000 + number, "KES")
        moved = replace(sale, operation_id=str(number), money=money, date=at + timedelta(seconds=number % 3_000))
        return replace(
            self._model,
            key=PaymentKey(2924, f"order-{number:08}"),
            order=order(money=money, created_at=at),
            provider=replace(provider, operations=(moved,)),
        )


class Sizes(FakeReports):
    """Keeps how large the files were and how many lines they had, and not the files."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, int] = {}
        self.lines: dict[str, int] = {}

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """Look at a file and let it go."""
        assert not isinstance(content, bytes)
        short = name.rpartition("/")[2]
        self.sizes[short] = content.seek(0, 2)
        content.seek(0)
        if short.endswith(".xlsx"):
            with zipfile.ZipFile(content) as book:
                assert book.testzip() is None
        else:
            self.lines[short] = sum(1 for _ in content)


def measured(count: int) -> dict[str, Any]:
    """The report of so many payments: lines and bytes by file."""
    kept = Sizes()
    made = make_report(
        store=Month(count),
        reports=kept,
        drafting=lambda period, _: draft(period=period),
        period=NOVEMBER,
        clock=lambda: NOON + timedelta(days=DAYS),
    )
    return {"payments": made.payments, "operations": made.operations, "sizes": kept.sizes, "lines": kept.lines}


def most_kilobytes() -> int:
    """The most memory this program took; what getrusage tells begins with the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (most,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(most)


if __name__ == "__main__":
    counted = measured(int(sys.argv[1]))
    sys.stdout.write(json.dumps({**counted, "megabytes": most_kilobytes() / 1024}) + "\n")
