"""A table as CSV for programs and spreadsheets alike.

Rules of this file
  * UTF-8 with a byte order mark, without which Excel would read it as something else; fields by comma, lines by CRLF,
    quoted as RFC 4180 says, and also where a semicolon or a tab is in them: LibreOffice splits at all three.
  * Amounts are written with a point and the digits of their currency, times as ISO 8601 with their offset.
  * Whatever a spreadsheet could take for a formula gets an apostrophe in front, whoever wrote it: text here may come
    from anybody, and a formula can send out what stands beside it.
  * That goes for the middle of a text too. Where a comma is the decimal sign, Excel splits at semicolons, and one that
    does so takes our quotes for letters: it begins a cell behind every semicolon, tab and line break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from payments.domain.money import Money
from payments.reports.tables import Cell, Table
from payments.reports.words import Words

#: Where a formula could begin: at the start of a cell or behind what may separate cells, with nothing before its sign
#: that is seen. Signs of full width count as well, and so do a tab and a line break, which lead up to a formula. No
#: character is of both kinds that are not seen (0x1c to 0x1f are blanks): each one that is would double the time.
_FORMULA = re.compile(
    r"""
    ^(?=[\t\r\n])
    | (?:^|[,;\t\r\n]) (?:["\0-\x08\x0e-\x1b]|[^\S\t\r\n])* (?=[=+\-@\t\uff1d\uff0b\uff0d\uff20])
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r'[",;\t\r\n]')


class CsvFile:
    """One table written line by line; complete only after it was closed."""

    def __init__(self, path: Path, table: Table, *, words: Words) -> None:
        self._table = table
        self._zone = words.zone
        self._file = path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._write(harmless(words.heading(each)) for each in table.columns)

    def add(self, line: Any) -> None:
        """Write one more line."""
        self._write(self._text(column.value(line)) for column in self._table.columns)

    def _write(self, cells: Iterable[str]) -> None:
        self._file.write(",".join(map(_quoted, cells)) + "\r\n")

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
    """The text as a cell that no spreadsheet takes for a formula, nor any part of it."""
    return _FORMULA.sub(r"\g<0>'", text)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell
