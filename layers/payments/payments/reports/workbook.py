"""The tables as one workbook: a sheet each, its cells typed, its headings frozen and filtered.

Rules of this file
  * Money is a number in the main unit, made from the minor units without a float in between and shown with as many
    digits as its currency has. Times are real times by the merchant's clock. Text stays text, whatever it begins with.
  * Rows are written out as they come, so the memory it takes does not grow with them.
  * A sheet holds 1 048 576 rows; what is more goes on in a second one.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from xlsxwriter import Workbook as Writer
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from payments.domain.money import Money, decimals
from payments.reports.tables import Cell, Table
from payments.reports.words import Words

_MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_WIDTHS = {"text": 22, "number": 12, "money": 15, "time": 20}
_TIME_FORM = "yyyy-mm-dd hh:mm:ss"


class Workbook:
    """A workbook written row by row; complete only after it was closed. Its rows lie beside it until then."""

    def __init__(self, path: Path, tables: tuple[Table, ...], *, words: Words, made_at: datetime) -> None:
        options = {"constant_memory": True, "tmpdir": str(path.parent), "default_date_format": _TIME_FORM}
        self._writer = Writer(str(path), options)
        self._writer.set_properties({"created": made_at.replace(tzinfo=None)})
        self._forms = _Forms(self._writer)
        self._sheets = {table.title: _Sheet(self._writer, table, words, self._forms) for table in tables}

    def add(self, table: Table, line: Any) -> None:
        """Write one more row of a table."""
        self._sheets[table.title].add(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for sheet in self._sheets.values():
            sheet.finish()
        self._writer.close()


class _Forms:
    """How cells look, each form made once."""

    def __init__(self, writer: Writer) -> None:
        self.heading: Format = writer.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.time: Format = writer.add_format({"num_format": _TIME_FORM})
        self._money = {
            places: writer.add_format({"num_format": f"#,##0{'.' + '0' * places if places else ''}"})
            for places in (0, 2, 3)
        }

    def money(self, currency: str) -> Format:
        return self._money[decimals(currency)]


class _Sheet:
    def __init__(self, writer: Writer, table: Table, words: Words, forms: _Forms) -> None:
        self._writer = writer
        self._table = table
        self._words = words
        self._forms = forms
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        title = self._words.text(self._table.title)
        self._sheet: Worksheet = self._writer.add_worksheet(title if self._number == 1 else f"{title} {self._number}")
        self._sheet.freeze_panes(1, 0)
        self._row = 1
        for place, column in enumerate(self._table.columns):
            self._sheet.set_column(place, place, _WIDTHS[column.kind])
            self._sheet.write_string(0, place, self._words.heading(column), self._forms.heading)

    def add(self, line: Any) -> None:
        if self._row == _MOST_ROWS:
            self.finish()
            self._begin()
        for place, column in enumerate(self._table.columns):
            self._write(place, column.value(line))
        self._row += 1

    def _write(self, place: int, cell: Cell) -> None:
        if isinstance(cell, Money):
            amount = Decimal(cell.amount).scaleb(-decimals(cell.currency))
            self._sheet.write_number(self._row, place, amount, self._forms.money(cell.currency))
        elif isinstance(cell, datetime):
            self._sheet.write_datetime(self._row, place, _by_clock(cell, self._words.zone), self._forms.time)
        elif isinstance(cell, int):
            self._sheet.write_number(self._row, place, cell)
        elif cell:
            self._sheet.write_string(self._row, place, _writable(cell))

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, self._row - 1, len(self._table.columns) - 1)


def _by_clock(at: datetime, zone: tzinfo) -> datetime:
    """The time as that zone's clocks show it: a spreadsheet knows no zones."""
    return at.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _writable(text: str) -> str:
    """The text as a cell can hold it: no half of a surrogate pair, and no longer than Excel reads."""
    return text.encode("utf-8", "replace").decode()[:_LONGEST_TEXT]
