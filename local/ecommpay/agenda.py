"""Things to do later, in background threads: each at its moment, those of one lane one after the other.

The clock here is the monotonic one: waiting has nothing to do with what time it is.
"""

import heapq
import itertools
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing to do; entries are ordered by moment, then by when they were put down."""

    due: float
    number: int
    lane: Hashable = field(compare=False)
    action: Callable[[], None] = field(compare=False)


class Agenda:
    """A list of things to do, worked off by a few threads between `start` and `stop`."""

    def __init__(self, *, workers: int) -> None:
        self._condition = threading.Condition()
        self._waiting: list[Entry] = []
        self._parked: dict[Hashable, list[Entry]] = defaultdict(list)
        self._busy: set[Hashable] = set()
        self._numbers = itertools.count()
        self._running = False
        self._threads: list[threading.Thread] = []
        self._workers = workers

    def schedule(self, action: Callable[[], None], *, lane: Hashable, after_s: float = 0.0) -> None:
        """Put down an action for `after_s` seconds from now."""
        with self._condition:
            entry = Entry(time.monotonic() + after_s, next(self._numbers), lane, action)
            heapq.heappush(self._waiting, entry)
            self._condition.notify()

    def start(self) -> None:
        """Start working; what was put down before is done now."""
        with self._condition:
            if self._running:
                return
            self._running = True
        self._threads = [
            threading.Thread(target=self._work, name=f"ecommpay-agenda-{number}", daemon=True)
            for number in range(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after what is being done at the moment; the rest stays undone."""
        with self._condition:
            self._running = False
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _work(self) -> None:
        while (entry := self._take()) is not None:
            try:
                entry.action()
            except Exception:
                log.exception("a step of the pretend platform failed")
            finally:
                self._release(entry.lane)

    def _take(self) -> Entry | None:
        with self._condition:
            while self._running:
                now = time.monotonic()
                while self._waiting and self._waiting[0].due <= now:
                    entry = heapq.heappop(self._waiting)
                    if entry.lane in self._busy:
                        self._parked[entry.lane].append(entry)
                        continue
                    self._busy.add(entry.lane)
                    return entry
                self._condition.wait(self._waiting[0].due - now if self._waiting else None)
            return None

    def _release(self, lane: Hashable) -> None:
        with self._condition:
            self._busy.discard(lane)
            for entry in self._parked.pop(lane, ()):
                heapq.heappush(self._waiting, entry)
            self._condition.notify()
