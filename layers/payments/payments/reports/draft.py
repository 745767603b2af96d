"""A report while it is made: every line goes to its files at once, and what the page shows is counted on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from payments.domain.period import Period
from payments.domain.reconciliation import Difference
from payments.domain.report_lines import OperationLine, PaymentLine, Waiting
from payments.look import Look
from payments.reports.csv_file import CsvFile
from payments.reports.page import render
from payments.reports.picture import Picture
from payments.reports.tables import DIFFERENCES, OPERATIONS, PAYMENTS, SHEETS, TOTALS
from payments.reports.words import Words
from payments.reports.workbook import Workbook


class Draft:
    """`payments.ports.ReportDraft` in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        period: Period,
        words: Words,
        made_at: datetime,
        render_page: Callable[[Picture], str],
    ) -> None:
        self._folder = folder
        self._render_page = render_page
        self._picture = Picture(period.zone)
        self._files = ExitStack()
        enter = self._files.enter_context
        self._payments = enter(CsvFile(folder / "payments.csv", PAYMENTS, words=words))
        self._operations = enter(CsvFile(folder / "operations.csv", OPERATIONS, words=words))
        self._workbook = enter(Workbook(folder / "report.xlsx", SHEETS, words=words, made_at=made_at))

    def add_payment(self, line: PaymentLine) -> None:
        """One payment created in the period."""
        self._picture.add_payment(line)
        self._payments.add(line)
        self._workbook.add(PAYMENTS, line)

    def add_operation(self, line: OperationLine) -> None:
        """One operation of the period."""
        self._picture.add_operation(line)
        self._operations.add(line)
        self._workbook.add(OPERATIONS, line)

    def add_open_refund(self, waiting: Waiting) -> None:
        """One refund that has not ended by now."""
        self._picture.refunds.add(waiting)

    def add_overdue(self, waiting: Waiting) -> None:
        """One payment whose callback should have come by now."""
        self._picture.overdue.add(waiting)

    def compared(self) -> None:
        """The period was compared with the provider's list; every difference follows."""
        self._picture.compared()

    def add_difference(self, found: Difference) -> None:
        """One difference from the provider's list."""
        self._picture.add_difference(found)
        self._workbook.add(DIFFERENCES, found)

    def finish(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Every file by its name, the page last: whoever finds the page finds what it leads to."""
        for total in self._picture.totals.all():
            self._workbook.add(TOTALS, total)
        self._files.close()
        (self._folder / "index.html").write_text(self._render_page(self._picture), "utf-8")
        for name in ("operations.csv", "payments.csv", "report.xlsx", "index.html"):
            with (self._folder / name).open("rb") as file:
                yield name, file

    def give_up(self) -> None:
        """Close what is open still."""
        self._files.close()


@contextmanager
def drafting(*, period: Period, words: Words, look: Look, made_at: datetime, templates: Path) -> Iterator[Draft]:
    """A draft whose files are gone in the end, finished or not."""

    def render_page(picture: Picture) -> str:
        return render(picture, period=period, words=words, look=look, made_at=made_at, templates=templates)

    with TemporaryDirectory(prefix="report-") as folder:
        draft = Draft(Path(folder), period=period, words=words, made_at=made_at, render_page=render_page)
        try:
            yield draft
        finally:
            draft.give_up()
