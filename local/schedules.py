"""Runs the template's rate schedules, faster than AWS: a minute of the rate lasts `minute_s` seconds.

A cron expression is not run: what happens once a day is tried by invoking its function.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from local.cloudformation import ACCOUNT_ID
from local.template import Schedule


class Scheduler:
    """One thread per schedule; a run that takes longer than the pause delays the next, so runs never overlap."""

    def __init__(
        self, schedules: Iterable[Schedule], invoke: Callable[[str, Any], Any], *, minute_s: float, region: str
    ) -> None:
        self._invoke = invoke
        self._region = region
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run,
                args=(schedule, schedule.every_minutes * minute_s),
                name=f"schedule-{schedule.function}",
                daemon=True,
            )
            for schedule in schedules
            if schedule.every_minutes is not None
        ]

    def start(self) -> None:
        """Begins; the first run comes after the first pause."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Waits for runs that are under way, at most 5 seconds each."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self, schedule: Schedule, pause_s: float) -> None:
        while not self._stopped.wait(pause_s):
            self._invoke(schedule.function, dict(schedule.event) or self._scheduled_event())

    def _scheduled_event(self) -> dict[str, Any]:
        return {
            "version": "0",
            "source": "aws.events",
            "detail-type": "Scheduled Event",
            "account": ACCOUNT_ID,
            "region": self._region,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "resources": [],
            "detail": {},
        }
