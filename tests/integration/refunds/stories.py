"""Stories of single refunds, played at the same time in one system, each with a payment of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.faults.stage import came_true
from tests.integration.refunds.executions import entered
from tests.integration.refunds.stage import RefundStage, refund_stage
from tests.support.faults import Plan, for_each_payment

ENDS = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}


@dataclass
class Scene:
    """What all stories share; a plan holds for the payment of its story."""

    stage: RefundStage
    plans: dict[str, Plan] = field(default_factory=dict)

    def begin(self, payment_id: str, word: str, *, impatient: bool = False) -> str:
        """An execution for a paid payment whose refund goes as `word` says; an impatient one soon gives up waiting."""
        if impatient:
            self.stage.impatient.add(payment_id)
        self.stage.paid_alike(payment_id, refund=word)
        return self.stage.executions.start(payment_id)

    def wait_until(self, ask: Callable[[], bool]) -> None:
        assert came_true(ask, patience_s=30)

    def wait_for_state(self, execution: str, state: str) -> None:
        self.wait_until(lambda: state in entered(self.stage.executions.history(execution)))

    def wait_for_refund(self, payment_id: str, status: str) -> None:
        self.wait_until(lambda: [each.status for each in self.stage.stored(payment_id).refunds] == [status])

    def wait_until_awaited(self, payment_id: str) -> None:
        """Gate has taken the refund, and its answer is noted."""
        self.wait_until(lambda: any(each.request_id for each in self.stage.stored(payment_id).refunds))

    def call_back_settled(self, payment_id: str) -> None:
        """The callback comes and is taken in; not by the way of a test's patience, for a function waits."""
        self.stage.end_stuck_refund(payment_id)
        self.wait_for_refund(payment_id, "succeeded")

    def end(self, execution: str) -> str:
        """How an execution ended, once."""
        end = self.stage.executions.end(execution)
        history = self.stage.executions.history(execution)
        assert sum(event["type"] in ENDS for event in history) == 1
        assert entered(history).count("RecordRefund") == 1
        return str(end.get("error") or end["output"]["status"])

    def told(self, payment_id: str) -> tuple[int, list[str], int]:
        """Refund requests sent, what was told of the payment, stale tokens swallowed."""
        told = self.stage.told_once(payment_id)
        return self.stage.network.refunds_sent[payment_id], told, self.stage.metrics[(payment_id, "StaleTaskToken")]


Story = Callable[[Scene, str], None]


@contextlib.contextmanager
def playing(
    stories: Sequence[Story], run_folder: Path, **changes: Any
) -> Iterator[tuple[Scene, dict[str, Future[None]]]]:
    """The scene, and by its name how each story went, once all are over; the name is its payment's id too."""
    with refund_stage(run_folder, **changes) as stage, ThreadPoolExecutor(len(stories)) as pool:
        scene = Scene(stage)
        with stage.faults.planned(for_each_payment(scene.plans)):
            told = {story.__name__: pool.submit(story, scene, story.__name__) for story in stories}
            # Between two tests pytest changes where functions print, so nothing may run on by then.
            wait(told.values())
        yield scene, told
