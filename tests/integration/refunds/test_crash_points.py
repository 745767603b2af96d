"""Each function of the workflow dies before and after each of its calls while its execution runs: QUALITY T4 on the ASL.

Step Functions does what the definition says about it, nobody else helps. All cells are played at the same time in one
system in which every invocation is a cold start, so that the secret is read too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from tests.integration.refunds.stage import RefundStage, at_once, refund_stage
from tests.support.faults import Fault, Killed, Record, for_each_payment, on_call
from tests.support.local_system import wait_for
from tests.support.measures import FIGURE

SECRET, GET, QUERY = "GetSecretValue", "GetItem", "Query"
BATCH, WRITE = "BatchGetItem", "TransactWriteItems"
#: Not a call to AWS: the conversation with ECommPay.
GATE = "Gate"
BY_SUPPORT = "awaits support"


@dataclass(frozen=True, slots=True)
class Way:
    """A way through the workflow on which a function makes these calls; `word` is what Gate does with the refund."""

    name: str
    function: str
    word: str
    calls: tuple[str, ...]
    end: str = "succeeded"
    method: str = "card-partner"
    conversation: Literal["refund", "status"] = "refund"


RESERVE = Way("ReserveRefund", "ReserveRefundFunction", "success", (QUERY, GET, WRITE))
REQUEST = Way("RequestRefund", "RequestRefundFunction", "success", (SECRET, GET, WRITE, GATE, GET, WRITE))
ASK = Way("AskSupport", "AskSupportFunction", BY_SUPPORT, (GET, WRITE), method="enets")
CHECK = Way(
    "CheckRefund",
    "CheckRefundFunction",
    "silent",
    (QUERY, SECRET, GATE, BATCH, WRITE, QUERY),
    conversation="status",
)
RECORD = Way("RecordRefund", "RecordRefundFunction", "success", (GET,))
GIVE_UP = Way("RecordRefund of an unknown end", "RecordRefundFunction", "stuck", (GET, WRITE), end="RefundUnresolved")
WAYS = (RESERVE, REQUEST, ASK, CHECK, RECORD, GIVE_UP)


@dataclass(frozen=True, slots=True)
class Cell:
    """A function dies before or after its call of this number, from 1; with the number 0 nobody dies."""

    way: Way
    number: int
    when: Literal["before", "after"] = "before"

    @property
    def name(self) -> str:
        if not self.number:
            return f"{self.way.name} undisturbed"
        return f"{self.way.name} dies {self.when} call {self.number}, {self.call}"

    @property
    def payment_id(self) -> str:
        return self.name.replace(", ", "_").replace(" ", "-")

    @property
    def call(self) -> str:
        return self.way.calls[self.number - 1]

    @property
    def is_at_gate(self) -> bool:
        return bool(self.number) and self.call == GATE


CALM = [Cell(way, 0) for way in WAYS]
DEADLY = [
    Cell(way, number, when) for way in WAYS for number in range(1, len(way.calls) + 1) for when in ("before", "after")
]
WRITES_SENT, ASKS_GATE = REQUEST.calls.index(WRITE) + 1, REQUEST.calls.index(GATE) + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the execution ended, what reached Gate, each refund of the payment, and what the world was told."""

    end: str
    sent: int
    refunds: tuple[str, ...]
    events: tuple[str, ...]


def what_must_hold(cell: Cell) -> Outcome:
    """Only a death of RequestRefund leaves a trace: it is never tried again, for the refund may have left."""
    if cell.way is ASK:
        return Outcome(
            "succeeded", 0, ("succeeded",), ("PaymentSucceeded", "RefundSucceeded", "RefundSupportRequested")
        )
    if cell.way is REQUEST and _has_happened(cell, WRITES_SENT) and not _has_happened(cell, ASKS_GATE):
        return Outcome("RefundUnresolved", 0, ("unknown",), ("PaymentSucceeded", "RefundUnresolved"))
    if cell.way is REQUEST and not _has_happened(cell, WRITES_SENT):
        return Outcome("GateRejected", 0, ("failed",), ("PaymentSucceeded", "RefundDeclined"))
    if cell.way is GIVE_UP:
        return Outcome("RefundUnresolved", 1, ("unknown",), ("PaymentSucceeded", "RefundUnresolved"))
    return Outcome("succeeded", 1, ("succeeded",), ("PaymentSucceeded", "RefundSucceeded"))


def _has_happened(cell: Cell, number: int) -> bool:
    """Whether the function of a cell still made its call of this number."""
    return not cell.number or cell.number > number or (cell.number == number and cell.when == "after")


#: Nothing left us, so the refund can simply be started once more.
STARTED_AGAIN = [cell for cell in DEADLY if what_must_hold(cell).end == "GateRejected"]


@dataclass
class Played:
    """All cells after they were played."""

    stage: RefundStage
    record: Record
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    again: dict[str, Outcome] = field(default_factory=dict)
    """The outcomes of `STARTED_AGAIN` after a second execution."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with refund_stage(tmp_path_factory.mktemp("run"), methods=("card-partner", "enets"), cold=True) as stage:
        cells = [*CALM, *DEADLY]
        unresolved = {cell.payment_id for cell in cells if what_must_hold(cell).end == "RefundUnresolved"}
        stage.impatient |= unresolved | {cell.payment_id for cell in cells if cell.way is CHECK}
        plans = {cell.payment_id: plan_of(cell) for cell in cells}
        with stage.faults.planned(for_each_payment(plans)) as record:
            played, executions = Played(stage, record), dict[str, str]()
            at_once(lambda cell: executions.update({cell.payment_id: begin(stage, cell)}), cells)
            at_once(lambda cell: refund_by_support(stage, cell), [cell for cell in cells if cell.way is ASK])
            stage.wait_for_executions()
        played.outcomes = {cell.payment_id: outcome(stage, cell, executions[cell.payment_id]) for cell in cells}
        second = {cell.payment_id: stage.executions.start(cell.payment_id) for cell in STARTED_AGAIN}
        stage.wait_for_executions()
        played.again = {cell.payment_id: outcome(stage, cell, second[cell.payment_id]) for cell in STARTED_AGAIN}
        yield played


def plan_of(cell: Cell) -> Any:
    if not cell.number or cell.is_at_gate:
        return lambda _: None
    # AWS's calls alone are counted there.
    number = cell.number - cell.way.calls[: cell.number].count(GATE)
    return on_call(cell.way.function, number, Fault.KILLED_BEFORE if cell.when == "before" else Fault.KILLED_AFTER)


def begin(stage: RefundStage, cell: Cell) -> str:
    """The execution of a cell."""
    if cell.is_at_gate:
        stage.happenings[(cell.payment_id, cell.when, cell.way.conversation)] = die
    stage.paid_alike(cell.payment_id, method=cell.way.method, refund=cell.way.word)
    return stage.executions.start(cell.payment_id)


def die() -> None:
    raise Killed


def refund_by_support(stage: RefundStage, cell: Cell) -> None:
    wait_for(lambda: [each.status for each in stage.stored(cell.payment_id).refunds] == ["awaiting_support"])
    stage.merchant.provider_refunds(cell.payment_id, 198)


def outcome(stage: RefundStage, cell: Cell, execution: str) -> Outcome:
    end = stage.executions.end(execution)
    return Outcome(
        end=end.get("error") or end["output"]["status"],
        sent=stage.network.refunds_sent[cell.payment_id],
        refunds=tuple(each.status for each in stage.stored(cell.payment_id).refunds),
        events=stage.told_so_far(cell.payment_id),
    )


@pytest.mark.parametrize("cell", CALM, ids=lambda cell: cell.name)
def test_a_function_makes_these_calls(played: Played, cell: Cell) -> None:
    mine = [each for each in played.record.calls if each.payment_id == cell.payment_id]
    calls = [each for each in mine if each.function == cell.way.function]
    first = [each.operation for each in calls if each.invocation == calls[0].invocation]

    assert first == [call for call in cell.way.calls if call != GATE]
    assert played.outcomes[cell.payment_id] == what_must_hold(cell)


@pytest.mark.parametrize("cell", DEADLY, ids=lambda cell: cell.name)
def test_a_function_that_dies_sends_nothing_twice_and_the_execution_ends_right(played: Played, cell: Cell) -> None:
    died = [call.operation for call, _ in played.record.injected if call.payment_id == cell.payment_id]

    assert died == ([] if cell.is_at_gate else [cell.call])
    assert (cell.payment_id, cell.when, cell.way.conversation) not in played.stage.happenings
    assert played.outcomes[cell.payment_id] == what_must_hold(cell)


@pytest.mark.parametrize("cell", STARTED_AGAIN, ids=lambda cell: cell.name)
def test_a_refund_that_never_left_is_simply_started_again(played: Played, cell: Cell) -> None:
    events = ("PaymentSucceeded", "RefundDeclined", "RefundSucceeded")

    assert played.again[cell.payment_id] == Outcome("succeeded", 1, ("failed", "succeeded"), events)


def test_how_many_deaths_were_played(record_property: Callable[[str, object], None]) -> None:
    assert len({cell.name for cell in DEADLY}) == len(DEADLY) == 40
    record_property(FIGURE, f"refunds: {len(DEADLY)} deaths of the workflow's functions while its executions run")
