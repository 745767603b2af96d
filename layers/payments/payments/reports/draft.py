"""A report while it is made: lines are laid aside, what the page shows is counted, then the files are written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from payments.domain.period import Period
from payments.domain.reconciliation import Difference
from payments.domain.report_lines import OperationLine, PaymentLine, Waiting
from payments.look import Look
from payments.reports.csv_file import CsvFile
from payments.reports.page import render
from payments.reports.picture import Picture
from payments.reports.spool import Spool
from payments.reports.tables import DIFFERENCES, OPERATIONS, PAYMENTS, SHEETS, TOTALS, Table
from payments.reports.words import Words
from payments.reports.workbook import Workbook


class Draft:
    """`payments.ports.ReportDraft` in a folder of its own; use it with `drafting`."""

    def __init__(
        self,
        folder: Path,
        files: ExitStack,
        *,
        period: Period,
        words: Words,
        look: Look,
        made_at: datetime,
        templates: Path,
    ) -> None:
        self._folder = folder
        self._words = words
        self._made_at = made_at
        self._render = partial(render, period=period, words=words, look=look, made_at=made_at, templates=templates)
        self._picture = Picture(period.zone)
        self._payments: Spool[PaymentLine] = files.enter_context(Spool(folder / "payments"))
        self._operations: Spool[OperationLine] = files.enter_context(Spool(folder / "operations"))
        self._differences: Spool[Difference] = files.enter_context(Spool(folder / "differences"))

    def add_payment(self, line: PaymentLine) -> None:
        """One payment created in the period."""
        self._picture.add_payment(line)
        self._payments.add(line.created_at, line)

    def add_operation(self, line: OperationLine) -> None:
        """One operation of the period."""
        self._picture.add_operation(line)
        self._operations.add(line.at, line)

    def add_open_refund(self, waiting: Waiting) -> None:
        """One refund that has not ended by now."""
        self._picture.refunds.add(waiting)

    def add_overdue(self, waiting: Waiting) -> None:
        """One payment whose callback should have come by now."""
        self._picture.overdue.add(waiting)

    def not_all_awaited(self, looked_at: int) -> None:
        """Only so many payments that await something were looked at."""
        self._picture.awaited_looked_at = looked_at

    def compared(self, project_ids: Collection[int]) -> None:
        """These projects were compared with the provider's list on every day of the period."""
        self._picture.compared.update(project_ids)

    def add_difference(self, found: Difference) -> None:
        """One difference from the provider's list."""
        self._picture.add_difference(found)
        self._differences.add(found.at, found)

    def finish(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Every file by its name, the page last: whoever finds the page finds what it leads to."""
        path = self._folder / "report.xlsx"
        with Workbook(path, SHEETS, words=self._words, made_at=self._made_at) as workbook:
            for total in self._picture.totals.all():
                workbook.add(TOTALS, total)
            self._write(workbook, OPERATIONS, self._operations, "operations.csv")
            self._write(workbook, PAYMENTS, self._payments, "payments.csv")
            for found in self._differences.in_order():
                workbook.add(DIFFERENCES, found)
        (self._folder / "index.html").write_text(self._render(self._picture), "utf-8")
        for name in ("operations.csv", "payments.csv", "report.xlsx", "index.html"):
            with (self._folder / name).open("rb") as file:
                yield name, file

    def _write(self, workbook: Workbook, table: Table, lines: Spool[Any], name: str) -> None:
        with CsvFile(self._folder / name, table, words=self._words) as file:
            for line in lines.in_order():
                file.add(line)
                workbook.add(table, line)


@contextmanager
def drafting(*, period: Period, words: Words, look: Look, made_at: datetime, templates: Path) -> Iterator[Draft]:
    """A draft whose files are gone in the end, finished or not."""
    with TemporaryDirectory(prefix="report-") as folder, ExitStack() as files:
        yield Draft(Path(folder), files, period=period, words=words, look=look, made_at=made_at, templates=templates)
