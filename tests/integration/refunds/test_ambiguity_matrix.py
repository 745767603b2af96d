"""Whatever network, ECommPay and machinery do to a refund, it is paid once or not at all, and told right: QUALITY T14."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.integration.faults.stage import came_true
from tests.integration.refunds.cells import (
    CELLS,
    REFUSED,
    Cell,
    Standing,
    after_a_late_callback,
    when_it_ends,
)
from tests.integration.refunds.stage import RefundStage, at_once, refund_stage
from tests.support.faults import Call, Fault, Killed, Record, for_each_payment
from tests.support.local_system import wait_for
from tests.support.measures import FIGURE

UNRESOLVED = [cell for cell in CELLS if when_it_ends(cell).refunds == ("unknown",)]
DEADLY = [cell for cell in CELLS if cell.machinery == "Lambda killed and retried"]
#: ECommPay takes as long until it calls back: the workflow has begun to check by then, where it did not wait.
A_WHILE_S = 1.5
#: What the pretend platform does with the refund of a cell.
ENDS_AS = {"callback success": "success", "callback decline": "decline", "no callback": "stuck"}
REFUSES_BY = {"200 with an error body": "refuse_in_200", "4xx with an error body": "refuse"}


class TimedOut(Killed):
    """The function's time is over; Lambda ends it where it stands."""


TimedOut.__name__ = "Sandbox.Timedout"


@dataclass
class Played:
    """The whole matrix after it was played; each test looks at its own cell."""

    stage: RefundStage
    record: Record = field(default_factory=Record)
    seconds: float = 0.0
    executions: dict[str, str] = field(default_factory=dict)
    """By payment id; of one that was redriven, the execution that went on."""
    ended: dict[str, Standing] = field(default_factory=dict)
    settled: dict[str, Standing] = field(default_factory=dict)
    """How the unresolved ones stood after a late callback."""


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
        if cell.machinery == "Lambda killed and retried":
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


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """All cells, played at the same time in one system."""
    with (
        refund_stage(tmp_path_factory.mktemp("run"), step_s=A_WHILE_S) as stage,
        ThreadPoolExecutor(thread_name_prefix="machinery") as pool,
    ):
        begun = time.monotonic()
        played, machinery = Played(stage), Machinery(stage, pool)
        stage.impatient |= {cell.payment_id for cell in CELLS if cell.callback == "no callback"}
        for cell in CELLS:
            machinery.plan(cell)
        stage.network.troubles |= {cell.payment_id: cell.network for cell in CELLS}
        deaths = for_each_payment({cell.payment_id: kill_each_other_function for cell in DEADLY})
        with stage.faults.planned(deaths) as played.record:
            at_once(lambda cell: begin(played, cell), CELLS)
            stage.wait_for_executions()
            played.executions |= {payment_id: done.result() for payment_id, done in machinery.redriven.items()}
            stage.wait_for_executions()
        played.ended = standings(played, CELLS)
        at_once(lambda cell: call_back_late(stage, cell), UNRESOLVED)
        late = [cell.payment_id for cell in UNRESOLVED]
        came_true(lambda: all(stage.stored(each).status == "refunded" for each in late), patience_s=20)
        played.settled = standings(played, UNRESOLVED)
        played.seconds = time.monotonic() - begun
        yield played


def begin(played: Played, cell: Cell) -> None:
    word = REFUSES_BY.get(cell.network) or ENDS_AS[cell.callback]
    played.stage.paid_alike(cell.payment_id, refund=word)
    played.executions[cell.payment_id] = played.stage.executions.start(cell.payment_id)


def call_back_late(stage: RefundStage, cell: Cell) -> None:
    if cell.is_taken:
        stage.end_stuck_refund(cell.payment_id)
    else:
        stage.merchant.provider_refunds(cell.payment_id, 2924)


def standings(played: Played, cells: list[Cell]) -> dict[str, Standing]:
    """How the payments of these cells stand, by payment id, once everything that happened was told."""
    played.stage.told("")
    return {cell.payment_id: standing(played, cell) for cell in cells}


def standing(played: Played, cell: Cell) -> Standing:
    end = played.stage.executions.end(played.executions[cell.payment_id])
    payment = played.stage.stored(cell.payment_id)
    return Standing(
        execution=end["output"]["status"] if end["status"] == "SUCCEEDED" else end.get("error", end["status"]),
        refunds=tuple(each.status for each in payment.refunds),
        payment=payment.status,
        events=played.stage.told_so_far(cell.payment_id),
    )


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_refund_is_paid_once_or_not_at_all_and_told_right(played: Played, cell: Cell) -> None:
    assert played.ended[cell.payment_id] == when_it_ends(cell)
    assert played.stage.network.refunds_sent[cell.payment_id] == 1
    assert played.stage.refunds(cell.payment_id) == (1 if cell.is_taken or cell.network in REFUSED else 0)


@pytest.mark.parametrize("cell", UNRESOLVED, ids=lambda cell: cell.name)
def test_what_nobody_knows_calls_a_person_and_a_late_callback_still_settles_it(played: Played, cell: Cell) -> None:
    stage, payment_id = played.stage, cell.payment_id
    refund_id = stage.stored(payment_id).refunds[0].refund_id

    assert played.settled[payment_id] == after_a_late_callback(cell)
    assert stage.metrics[(payment_id, "RefundUnresolved")] == 1
    assert stage.letters_about(refund_id) == [f"Refund {refund_id}: nobody knows how it ended"]
    assert (stage.network.refunds_sent[payment_id], stage.accepted(payment_id)) == (1, 1)


def test_every_trouble_has_happened(played: Played) -> None:
    """What is played around the refund request is tried by each cell; deaths elsewhere are looked up one by one."""
    died = {cell.payment_id: set[str]() for cell in DEADLY}
    for call, _ in played.record.injected:
        died[call.payment_id].add(call.function)

    assert all(functions == {"ReserveRefundFunction", "RecordRefundFunction"} for functions in died.values())
    assert [moment for moment in played.stage.happenings if moment[2] == "refund"] == []
    assert len(played.executions) == len({cell.name for cell in CELLS}) == 108


def test_the_alarm_s_metric_is_logged_once_for_each_unresolved_refund(
    played: Played, record_property: Callable[[str, object], None]
) -> None:
    assert played.stage.counted("RefundUnresolved") == len(UNRESOLVED)
    record_property(FIGURE, f"refunds: {len(CELLS)} cells of the ambiguity matrix in {played.seconds:.0f} s")
