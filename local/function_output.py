"""Keeps what functions print apart from what the local system says: it goes to a file, warnings also to the console.

Functions run in threads of one process and print to the one `sys.stdout`, so the thread decides where a line goes.
There is one such output per process because there is one `sys.stdout`; loggers made while it stands keep hold of it.
"""

import contextlib
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

SHOWN_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
LINE_LIMIT = 300


class FunctionOutput(io.TextIOBase):
    """Stands in for `sys.stdout`: a function's thread writes to the log file, every other thread to the console."""

    def __init__(self) -> None:
        super().__init__()
        self._console: TextIO = sys.stdout
        self._file: TextIO | None = None
        self._function = threading.local()
        self._lock = threading.Lock()
        self._shows_warnings = False

    def open(self, path: Path, *, show_warnings: bool) -> None:
        """Begins a new log file at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._file = path.open("w", encoding="utf-8", buffering=1)
            self._shows_warnings = show_warnings
        self._take_over_loggers()

    def close_file(self) -> None:
        """Ends the log file and gives `sys.stdout` back."""
        with self._lock:
            if sys.stdout is self:
                sys.stdout = self._console
            if self._file is not None:
                self._file.close()
                self._file = None

    def _take_over_loggers(self) -> None:
        """Loggers of modules that were imported before, and so hold the real stdout, write here from now on."""
        for logger in logging.Logger.manager.loggerDict.values():
            for handler in getattr(logger, "handlers", ()):
                if isinstance(handler, logging.StreamHandler) and handler.stream in {sys.stdout, sys.__stdout__}:
                    handler.setStream(self)

    @contextlib.contextmanager
    def of_function(self, name: str) -> Iterator[None]:
        """Inside, what this thread prints belongs to the function."""
        # Test runners put their own stdout back between tests, so standing in is renewed at every invocation.
        with self._lock:
            if sys.stdout is not self:
                self._console = sys.stdout
                sys.stdout = self
        self._function.name = name
        self._function.rest = ""
        try:
            yield
        finally:
            if self._function.rest:
                self._keep(self._function.rest)
            self._function.name = None

    def write(self, text: str, /) -> int:
        if getattr(self._function, "name", None) is None:
            return self._outside().write(text)
        *lines, self._function.rest = (self._function.rest + text).split("\n")
        for line in lines:
            self._keep(line)
        return len(text)

    def flush(self) -> None:
        if getattr(self._function, "name", None) is None:
            self._outside().flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._console.isatty()

    def _outside(self) -> TextIO:
        """Where other threads write: a logger may hold on to this output when somebody else stands in already."""
        return self._console if sys.stdout is self else sys.stdout

    def _keep(self, line: str) -> None:
        with self._lock:
            if self._file is not None:
                self._file.write(line + "\n")
            shown = _short_warning(self._function.name, line) if self._shows_warnings else None
        if shown is not None:
            self._console.write(shown + "\n")
            self._console.flush()


def _short_warning(function: str, line: str) -> str | None:
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("level") not in SHOWN_LEVELS:
        return None
    return f"  {entry['level'].lower()} in {function}: {entry.get('message')}"[:LINE_LIMIT]


FUNCTION_OUTPUT = FunctionOutput()
