"""Plays cells of the ambiguity matrix, all at the same time in one system, each with a payment of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.integration.faults.stage import came_true
from tests.integration.refunds.cells import Cell, Standing, unresolved
from tests.integration.refunds.stage import RefundStage, at_once, refund_stage
from tests.support.faults import Call, Fault, Killed, Record, for_each_payment
from tests.support.local_system import wait_for

#: ECommPay takes as long until it calls back: the workflow has begun to check by then, where it did not wait.
A_WHILE_S = 1.5
#: What the pretend platform does with the refund of a cell.
ENDS_AS = {"callback success": "success", "callback decline": "decline", "no callback": "stuck"}
REFUSES_BY = {"200 with an error body": "refuse_in_200", "4xx with an error body": "refuse"}


class TimedOut(Killed):
    """The function's time is over; Lambda ends it where it stands."""


TimedOut.__name__ = "Sandbox.Timedout"


@dataclass(frozen=True, slots=True)
class Played:
    """Cells after they were played; each test looks at its own."""

    stage: RefundStage
    ended: Mapping[Cell, Standing]
    settled: Mapping[Cell, Standing]
    """How the unresolved ones stood after a late callback."""
    record: Record
    seconds: float

    def died(self, cell: Cell) -> set[str]:
        """The functions that died at one of their calls to AWS."""
        return {call.function for call, _ in self.record.injected if call.payment_id == cell.payment_id}


class Machinery:
    """What happens right after a conversation with Gate, in the function's own thread."""

    def __init__(self, stage: RefundStage, pool: ThreadPoolExecutor) -> None:
        self._stage, self._pool = stage, pool
        self.redriven: dict[str, Future[str]] = {}

    def plan(self, cell: Cell) -> None:
        """Write down what is to happen in a cell."""
        self._stage.happenings[(cell.payment_id, "after", "refund")] = lambda: self._after_refund(cell)
        self._stage.happenings[(cell.payment_id, "after", "status")] = lambda: self._end_function(cell)

    def _after_refund(self, cell: Cell) -> None:
        if not cell.is_taken and cell.callback != "no callback":
            agenda, lane = self._stage.platform.agenda, ("dashboard", cell.payment_id)
            agenda.schedule(lambda: self._refund_in_dashboard(cell), lane=lane, after_s=A_WHILE_S)
        if cell.machinery == "redrive":
            execution = self._stage.stored(cell.payment_id).refunds[0].execution
            self._stage.executions.stop(execution)
            self.redriven[cell.payment_id] = self._pool.submit(self._stage.executions.redrive, execution)
        self._end_function(cell)

    def _end_function(self, cell: Cell) -> None:
        if cell.machinery == "Lambda time-out":
            raise TimedOut
        if cell.is_deadly:
            raise Killed

    def _refund_in_dashboard(self, cell: Cell) -> None:
        if cell.refusal_is_heard:
            wait_for(lambda: self._stage.stored(cell.payment_id).refunds[0].status == "failed")
        self._stage.merchant.provider_refunds(cell.payment_id, 2924, status=ENDS_AS[cell.callback])


def kill_each_other_function(call: Call) -> Fault | None:
    """ReserveRefund dies after it has reserved, RecordRefund before it has looked."""
    if call.invocation > 1:
        return None
    if call.function == "ReserveRefundFunction" and call.operation == "TransactWriteItems":
        return Fault.KILLED_AFTER
    return Fault.KILLED_BEFORE if (call.function, call.number) == ("RecordRefundFunction", 1) else None


@contextlib.contextmanager
def playing_matrix(cells: Sequence[Cell], run_folder: Path) -> Iterator[Played]:
    """These cells after they were played."""
    with (
        refund_stage(run_folder, step_s=A_WHILE_S) as stage,
        ThreadPoolExecutor(thread_name_prefix="machinery") as pool,
    ):
        begun = time.monotonic()
        machinery, late, executions = Machinery(stage, pool), unresolved(cells), dict[str, str]()
        stage.network.troubles |= {cell.payment_id: cell.network for cell in cells}
        stage.impatient |= {cell.payment_id for cell in cells if cell.callback == "no callback"}
        deaths = {cell.payment_id: kill_each_other_function for cell in cells if cell.is_deadly}
        with stage.faults.planned(for_each_payment(deaths)) as record:
            at_once(lambda cell: executions.update({cell.payment_id: begin(stage, machinery, cell)}), cells)
            stage.wait_for_executions()
            executions |= {payment_id: done.result() for payment_id, done in machinery.redriven.items()}
            stage.wait_for_executions()
        ended = standings(stage, cells, executions)
        at_once(lambda cell: call_back_late(stage, cell), late)
        came_true(lambda: all(stage.stored(each.payment_id).status == "refunded" for each in late), patience_s=20)
        settled = standings(stage, late, executions)
        yield Played(stage, ended, settled, record, time.monotonic() - begun)


def begin(stage: RefundStage, machinery: Machinery, cell: Cell) -> str:
    """The execution of a cell."""
    machinery.plan(cell)
    stage.paid_alike(cell.payment_id, refund=REFUSES_BY.get(cell.network) or ENDS_AS[cell.callback])
    return stage.executions.start(cell.payment_id)


def call_back_late(stage: RefundStage, cell: Cell) -> None:
    if cell.is_taken:
        stage.end_stuck_refund(cell.payment_id)
    else:
        stage.merchant.provider_refunds(cell.payment_id, 2924)


def standings(stage: RefundStage, cells: Iterable[Cell], executions: Mapping[str, str]) -> dict[Cell, Standing]:
    """How these cells stand, once everything that happened was told."""
    stage.told("")
    return {cell: standing(stage, cell, executions[cell.payment_id]) for cell in cells}


def standing(stage: RefundStage, cell: Cell, execution: str) -> Standing:
    end = stage.executions.end(execution)
    payment = stage.stored(cell.payment_id)
    return Standing(
        execution=end["output"]["status"] if end["status"] == "SUCCEEDED" else end.get("error", end["status"]),
        refunds=tuple(each.status for each in payment.refunds),
        payment=payment.status,
        events=stage.told_so_far(cell.payment_id),
        sent=stage.network.refunds_sent[cell.payment_id],
        received=stage.refunds(cell.payment_id),
        returns=stage.accepted(cell.payment_id),
        alarms=stage.metrics[(cell.payment_id, "RefundUnresolved")],
        letters=len(stage.letters_about(payment.refunds[0].refund_id)) if payment.refunds else 0,
    )
