"""Lines laid aside in a file until all are there, then told in the order of time.

The ledger gives payments in the order it keeps them, which says nothing to a reader. Only the times are sorted in
memory; a hundred thousand of them take a few megabytes.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

Line = TypeVar("Line")


class Spool(Generic[Line]):
    """Takes lines in any order and gives them back oldest first; those of one moment as they came."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._places: list[tuple[datetime, int]] = []

    def add(self, at: datetime, line: Line) -> None:
        """Lay a line aside."""
        self._places.append((at, self._file.tell()))
        pickle.dump(line, self._file)

    def in_order(self) -> Iterator[Line]:
        """Every line."""
        for _, place in sorted(self._places):
            self._file.seek(place)
            yield pickle.load(self._file)  # noqa: S301  # written by this very object

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._file.close()
