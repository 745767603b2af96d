"""The reports and the provider's list of operations in memory, for reconciliations; the rest is in `fakes`."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from payments.domain.errors import StoreConflict, StoreUnavailable
from payments.domain.reconciliation import Listed
from tests.support.fakes import Step, take_step

#: What each function does in which folders of the bucket. Names are made when they are needed, so its code does not tell
#: where a permission ends: the template is held against this, and so is what the use cases do.
FOLDERS = {
    "ReconcileFunction": {"s3:PutObject": {"progress", "reconciliations"}, "s3:GetObject": {"progress"}},
    "ReportFunction": {"s3:PutObject": {"reports"}, "s3:GetObject": {"reconciliations"}},
}


@dataclass
class FakeReports:
    """The reports by name; ``failures`` is what the next writes raise, ``asked`` the folders that were written and read."""

    kept: dict[str, bytes] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)
    failures: deque[StoreUnavailable] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """Write a report."""
        if self.failures:
            raise self.failures.popleft()
        self._ask("s3:PutObject", name)
        self.kept[name] = content if isinstance(content, bytes) else content.read()

    def put_over(self, name: str, content: bytes, *, version: str) -> str:
        """Write over this version alone, or where nothing is when it is empty; the version written."""
        with self._lock:
            known = self.get_with_version(name)
            if (known[1] if known else "") != version and (known is None or known[0] != content):
                raise StoreConflict(f"{name} was written by somebody else.")
            self.put(name, content)
            return _version_of(content)

    def get(self, name: str) -> bytes | None:
        """A whole report; None when there is none of that name."""
        self._ask("s3:GetObject", name)
        return self.kept.get(name)

    def get_with_version(self, name: str) -> tuple[bytes, str] | None:
        """A whole report and its version; as in S3, the same content is the same version."""
        content = self.get(name)
        return None if content is None else (content, _version_of(content))

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names that begin so, in their order."""
        return tuple(sorted(name for name in self.kept if name.startswith(prefix)))

    def _ask(self, action: str, name: str) -> None:
        self.asked.setdefault(action, set()).add(name.partition("/")[0])


@dataclass
class FakeDataApi:
    """The provider's list of operations, by project; a project without a list has no token.

    ``before_page`` holds steps, and each page takes one of them: a step may raise, or change the lists.
    """

    lists: dict[int, list[Listed]] = field(default_factory=dict)
    before_page: deque[Step] = field(default_factory=deque)
    asked: list[tuple[int, datetime, datetime, int]] = field(default_factory=list)

    def reaches(self, project_id: int) -> bool:
        """Whether there is a token for the project."""
        return project_id in self.lists

    def operations(
        self, project_id: int, *, since: datetime, until: datetime, offset: int, limit: int
    ) -> tuple[Listed, ...]:
        """A page of the operations that ended in this time, the latest first."""
        take_step(self.before_page)
        self.asked.append((project_id, since, until, offset))
        found = [each for each in self.lists[project_id] if since <= each.entry.at < until]
        found.sort(key=lambda each: (each.entry.at, each.entry.operation_id), reverse=True)
        return tuple(found[offset : offset + limit])


def _version_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
