"""One payment's life through an outage, on a clock that jumps: the provider's whole retry calendar in no time.

The provider accepts the sale at noon and decides it later. It then tries its callback by the calendar of
`local.ecommpay.retry_calendar`; the schedule looks after pending payments every minute. Either can be out of order for a
while, and the provider's answers to status requests as well.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from local.ecommpay.retry_calendar import moments
from payments.domain.errors import GateUnavailable
from tests.unit.domain.told import at, callback, order, ordered
from tests.unit.usecases.world import World, signed

DAY = 86_400
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Span:
    """From and until when something is out of order, in seconds after noon; ``until`` works again."""

    since: float = 0
    until: float = 0

    def __contains__(self, moment: float) -> bool:
        return self.since <= moment < self.until


NEVER = Span()


@dataclass
class Life:
    """What happens; `live` lets it happen and fills in what came of it."""

    decided_at: float = MINUTE
    endpoint_down: Span = NEVER
    schedule_down: Span = NEVER
    gate_down: Span = NEVER
    page_open_for: float = 0
    """How long the Payment Page is open, seconds; 0 for a sale through Gate."""

    world: World = field(default_factory=World)
    tries: int = 0
    polls: int = 0
    overdue: int = 0
    known_at: float | None = None

    def live(self, days: float) -> Life:
        """Go on for so many days, from one thing that happens to the next."""
        end = days * DAY
        tries = deque(self.decided_at + moment for moment in moments())
        page = {"interface": "payment_page", "expires_at": at(self.page_open_for)} if self.page_open_for else {}
        submitted = {"submission": "none", "request_id": ""} if page else {}
        payment = ordered(order=order(**page), **submitted)
        self.world.put(replace(payment, check_at=at(self.page_open_for + 120 if page else 10)))
        while self.known_at is None:
            try_at = tries[0] if tries else end
            check_at = max(self._next_check(), self._now)
            if min(try_at, check_at) >= end:
                break
            if try_at <= check_at:
                self._try(tries.popleft())
            else:
                self._check(check_at)
        return self

    @property
    def status(self) -> str:
        return self.world.payment().status

    @property
    def _now(self) -> float:
        return (self.world.clock() - at(0)).total_seconds()

    def _next_check(self) -> float:
        """The schedule's first run that works and finds the payment due; infinite when it never will be."""
        check_at = self.world.payment().check_at
        if check_at is None:
            return float("inf")
        due = (check_at - at(0)).total_seconds()
        run = -(-due // MINUTE) * MINUTE
        return -(-self.schedule_down.until // MINUTE) * MINUTE if run in self.schedule_down else run

    def _try(self, moment: float) -> None:
        self.world.clock.now = at(moment)
        self.tries += 1
        if moment not in self.endpoint_down:
            self.world.receive(callback("success", seconds=self.decided_at, request_id="sale-1"))
            self._note()

    def _check(self, moment: float) -> None:
        self.world.clock.now = at(moment)
        self.polls += 1
        self.world.gate.answers["status"] = deque([self._status_answer(moment)])
        self.overdue += self.world.check_pending().overdue
        self._note()

    def _status_answer(self, moment: float) -> bytes | GateUnavailable | None:
        if moment in self.gate_down:
            return GateUnavailable("down")
        if moment >= self.decided_at:
            return signed(callback("success", seconds=self.decided_at, request_id="sale-1"))
        # Of a page the provider knows nothing until the customer confirms, while it is open.
        if self.page_open_for and moment < min(self.decided_at, self.page_open_for):
            return None
        return signed(callback("processing", ("sale", "processing")))

    def _note(self) -> None:
        if self.status == "succeeded":
            self.known_at = self._now
