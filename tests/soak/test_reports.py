"""A report of a hundred thousand operations: it comes out whole, in memory that does not grow with them."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.period import Period
from payments.usecases.make_report import MadeReport, make_report
from tests.support.fakes import FakeReports, FakeStore
from tests.support.measures import FIGURE
from tests.support.report_samples import draft
from tests.unit.domain.told import NOON, callback, order, ordered, told

FEW, MANY = 10_000, 100_000
MEGABYTE = 1024 * 1024
#: Of the 1769 MB that the function has; Python, boto3 and what else is loaded take about 150.
MOST = 200 * MEGABYTE
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), UTC)


class Month(FakeStore):
    """A ledger that makes each payment when it is read, as the table gives them: never all at once."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._model = told(ordered(), callback("success", seconds=60), seconds=60)

    def changed_on(self, day: date) -> Iterator[Payment]:
        """Every thirtieth of the payments, on each day of the month."""
        for number in range(self._count) if NOVEMBER.first <= day <= NOVEMBER.last else ():
            if number % 30 == day.day - 1:
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
    """Keeps how large the files were, and of the workbook how many rows its sheets have."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, int] = {}
        self.lines = 0

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        assert not isinstance(content, bytes)
        self.sizes[name.rpartition("/")[2]] = content.seek(0, 2)
        content.seek(0)
        if name.endswith("operations.csv"):
            self.lines = sum(1 for _ in content)
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(content) as book:
                assert book.testzip() is None


def made(count: int) -> tuple[MadeReport, Sizes, int]:
    """The report of so many payments, and the most memory it took, in bytes."""
    kept = Sizes()
    tracemalloc.start()
    try:
        report = make_report(
            store=Month(count),
            reports=kept,
            drafting=lambda period, _: draft(period=period),
            period=NOVEMBER,
            clock=lambda: NOON + timedelta(days=30),
        )
        return report, kept, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_hundred_thousand_operations_fit_into_the_function(record_property: Any) -> None:
    report, kept, most = made(MANY)
    _, _, most_of_few = made(FEW)

    assert (report.payments, report.operations, kept.lines) == (MANY, MANY, MANY + 1)
    per_line = (most - most_of_few) / (2 * (MANY - FEW))
    sizes = ", ".join(f"{name} {size / MEGABYTE:.1f} MB" for name, size in kept.sizes.items())
    record_property(
        FIGURE,
        f"report of {MANY} payments and as many operations: {most / MEGABYTE:.0f} MB of Python's memory at most "
        f"({most_of_few / MEGABYTE:.0f} MB of {FEW}, {per_line:.0f} bytes a line); {sizes}",
    )
    assert most < MOST
