"""A table as CSV for programs and spreadsheets alike.

Rules of this file
  * UTF-8 with a byte order mark, without which Excel would read it as something else; fields by comma, lines by CRLF,
    quoted as RFC 4180 says.
  * Amounts are written with a point and the digits of their currency, times as ISO 8601 with their offset.
  * A cell that a spreadsheet would take for a formula gets an apostrophe in front, whoever wrote it: text here may
    come from anybody, and a formula can send out what stands beside it.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from payments.domain.money import Money
from payments.reports.tables import Cell, Table
from payments.reports.words import Words

#: How a formula may begin, in letters of full width too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class CsvFile:
    """One table written line by line; complete only after it was closed."""

    def __init__(self, path: Path, table: Table, *, words: Words) -> None:
        self._table = table
        self._zone = words.zone
        self._file = path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(harmless(words.heading(each)) for each in table.columns)

    def add(self, line: Any) -> None:
        """Write one more line."""
        self._writer.writerow(self._text(column.value(line)) for column in self._table.columns)

    def _text(self, cell: Cell) -> str:
        if isinstance(cell, datetime):
            return cell.astimezone(self._zone).isoformat(timespec="seconds")
        if isinstance(cell, Money):
            return str(cell).split(" ", maxsplit=1)[0]
        return "" if cell is None else harmless(cell) if isinstance(cell, str) else str(cell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._file.close()


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
