"""Whoever reads a failed execution, in the console or by `get-execution-history`, learns what happened and what to do.

moto shows task tokens in the parameters of the tasks that hand them out, as AWS does by nature; nothing else secret and
nothing of a person stands in a history.

A function that fails for good where it only reads and writes the store ends the execution there, with AWS's own words:
so that a redrive goes on in that very state, which a Fail state would not let it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.refunds.executions import Event, entered
from tests.integration.refunds.stage import RefundStage, at_once, refund_stage
from tests.support.faults import Call, Fault, Plan, for_each_payment, on_first
from tests.support.leaks import leaks
from tests.support.local_system import start_execution, wait_for

A_TOKEN = "a task token"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to fail: the error's name, the words of the cause that say what to do next, and how it comes about."""

    name: str
    error: str
    next_step: str
    fail: Callable[[RefundStage, str], str]
    plan: Plan = field(default=lambda _: None)

    @property
    def payment_id(self) -> str:
        return self.name.replace(" ", "-")


def asking(**more: Any) -> Callable[[RefundStage, str], str]:
    """An execution for a payment that is paid."""

    def fail(stage: RefundStage, payment_id: str) -> str:
        stage.paid_alike(payment_id)
        return stage.executions.start(payment_id, **more)

    return fail


def giving(execution_input: Any) -> Callable[[RefundStage, str], str]:
    """An execution with an input that no payment is behind."""
    return lambda stage, _: start_execution(stage.system, execution_input)


def ending(word: str) -> Callable[[RefundStage, str], str]:
    """An execution whose refund goes as the pretend platform's word says."""

    def fail(stage: RefundStage, payment_id: str) -> str:
        stage.impatient.add(payment_id)
        stage.paid_alike(payment_id, refund=word)
        return stage.executions.start(payment_id)

    return fail


def in_two_projects(stage: RefundStage, payment_id: str) -> str:
    stage.paid_alike(payment_id, method="enets")
    return asking()(stage, payment_id)


def not_paid(stage: RefundStage, payment_id: str) -> str:
    stage.order_quietly(payment_id)
    return stage.executions.start(payment_id)


def refunded_before(stage: RefundStage, payment_id: str) -> str:
    stage.paid_alike(payment_id)
    stage.merchant.provider_refunds(payment_id, 2924)
    wait_for(lambda: stage.stored(payment_id).status == "refunded")
    return stage.executions.start(payment_id)


def refunded_in_part(stage: RefundStage, payment_id: str) -> str:
    stage.paid_alike(payment_id)
    stage.merchant.provider_refunds(payment_id, 2924, amount=1)
    wait_for(lambda: stage.stored(payment_id).refunds)
    return stage.executions.start(payment_id)


def under_way(stage: RefundStage, payment_id: str) -> str:
    """Its execution is stopped, so that it stays so for as long as anybody looks."""
    stage.paid_alike(payment_id, refund="stuck")
    first = stage.executions.start(payment_id)
    wait_for(lambda: [each.status for each in stage.stored(payment_id).refunds] == ["sent"])
    stage.executions.stop(first)
    return stage.executions.start(payment_id)


def unknown_by_now(stage: RefundStage, payment_id: str) -> str:
    ending("stuck")(stage, payment_id)
    wait_for(lambda: [each.status for each in stage.stored(payment_id).refunds] == ["unknown"], patience_s=60)
    return stage.executions.start(payment_id)


def naming_one_that_failed(stage: RefundStage, payment_id: str) -> str:
    ending("refuse")(stage, payment_id)
    wait_for(lambda: [each.status for each in stage.stored(payment_id).refunds] == ["failed"])
    return stage.executions.start(payment_id, refund_id=stage.stored(payment_id).refunds[0].refund_id)


def always(function: str, fault: Fault) -> Plan:
    def plan(call: Call) -> Fault | None:
        return fault if call.function == function else None

    return plan


NEVER_LEAVES = on_first("RequestRefundFunction", "GetItem", Fault.KILLED_BEFORE)
AN_EXAMPLE = re.escape('{"payment_id": "order-1001"}')

WAYS = [
    Way(
        "unknown payment",
        "PaymentNotFound",
        r"There is no payment nobody-ordered-this; check the id\.",
        giving({"payment_id": "nobody-ordered-this"}),
    ),
    Way("in two projects", "ProjectRequired", "projects 198, 2924; name one by project_id", in_two_projects),
    Way("not paid", "PaymentNotRefundable", "is processing; only a paid one can be refunded", not_paid),
    Way("refunded before", "PaymentNotRefundable", "is refunded; only a paid one can be refunded", refunded_before),
    Way("under way", "RefundInProgress", r"is sent; wait for its end\.", under_way),
    Way(
        "unknown by now",
        "RefundInProgress",
        r"Look the payment up in the ECommPay Dashboard, then start an execution with this refund_id",
        unknown_by_now,
    ),
    Way("only a part", "PartialRefundNotSupported", r"the whole amount \(100\.01 KES\)", asking(amount=10000)),
    Way("refunded in part", "PartialRefundNotSupported", "can only be refunded in the Dashboard", refunded_in_part),
    Way("too much", "AmountExceedsPayment", r"100\.01 KES is left of the payment", asking(amount=10002)),
    Way("no payment named", "InvalidRefundRequest", f"{AN_EXAMPLE}: /payment_id is required", giving({})),
    Way(
        "an unknown field", "InvalidRefundRequest", "/ammount is not a field", giving({"payment_id": "x", "ammount": 5})
    ),
    Way("no object", "InvalidRefundRequest", f"{AN_EXAMPLE}: the input has to be an object", giving([])),
    Way("an unknown refund", "InvalidRefundRequest", "leave refund_id out of the input", asking(refund_id="rf-1")),
    Way("naming one that failed", "InvalidRefundRequest", "start a new one", naming_one_that_failed),
    Way(
        "refused by Gate",
        "GateRejected",
        r"^ECommPay refused the refund \(code 3102\): .*\. Nothing was given back by it\.$",
        ending("refuse"),
    ),
    Way(
        "never sent",
        "GateRejected",
        "^The refund request never left. Nothing was given back; start the refund again.$",
        asking(),
        NEVER_LEAVES,
    ),
    Way("unresolved", "RefundUnresolved", "Look the payment up in the ECommPay Dashboard", ending("stuck")),
]


@dataclass
class Read:
    """All failed executions, by the name of the way in which they failed."""

    stage: RefundStage
    executions: dict[str, str] = field(default_factory=dict)

    def history(self, way: Way) -> list[Event]:
        return self.stage.executions.history(self.executions[way.name])


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    with refund_stage(tmp_path_factory.mktemp("run"), methods=("card-partner", "enets")) as stage:
        read = Read(stage)
        with stage.faults.planned(for_each_payment({way.payment_id: way.plan for way in WAYS})):
            at_once(lambda way: read.executions.update({way.name: way.fail(stage, way.payment_id)}), WAYS)
            stage.wait_for_executions()
        yield read


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_failure_has_a_name_and_a_plain_cause_that_says_what_to_do(read: Read, way: Way) -> None:
    end = read.stage.executions.end(read.executions[way.name])
    last = read.history(way)[-1]

    assert (end["status"], end["error"]) == ("FAILED", way.error)
    assert last["type"] == "ExecutionFailed"
    assert last["executionFailedEventDetails"] == {"error": end["error"], "cause": end["cause"]}
    assert "Traceback" not in end["cause"]
    assert "{" not in re.sub(AN_EXAMPLE, "", end["cause"])
    assert re.search(way.next_step, end["cause"])
    assert re.fullmatch(r"[A-Z0-9].*\.", end["cause"])


def test_every_error_that_the_workflow_names_is_read_here(read: Read) -> None:
    definition = json.loads(read.stage.system.template.state_machines[0].definition)
    explained = [each for state in definition["States"].values() for each in state.get("Catch", [])]
    errors = {error for each in explained if each["Next"] == "ExplainFailure" for error in each["ErrorEquals"]}

    assert errors - {way.error for way in WAYS} == set()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_no_history_holds_what_is_secret_or_a_person_s(read: Read, way: Way) -> None:
    history = read.history(way)
    found = {each["type"]: set(leaks(json.dumps(each, default=str))) for each in history}
    tokens = {kind for kind, what in found.items() if what}

    assert {leak for what in found.values() for leak in what} <= {A_TOKEN}
    assert tokens <= {"TaskScheduled"}


def test_moto_shows_a_token_where_aws_shows_it(read: Read) -> None:
    [unresolved] = [way for way in WAYS if way.name == "unresolved"]
    scheduled = [each["taskScheduledEventDetails"] for each in read.history(unresolved) if _is_scheduled(each)]
    with_token = [each["resource"] for each in scheduled if A_TOKEN in leaks(each["parameters"])]

    assert with_token == ["invoke.waitForTaskToken"]


def _is_scheduled(event: Event) -> bool:
    return bool(event["type"] == "TaskScheduled")


def test_one_stopped_by_hand_says_what_the_operator_said(read: Read) -> None:
    stage = read.stage
    stage.paid_alike("stopped", refund="stuck")
    execution = stage.executions.start("stopped")
    wait_for(lambda: any(each.request_id for each in stage.stored("stopped").refunds))

    stage.executions.stop(execution)

    assert stage.executions.end(execution) == {"status": "ABORTED", "error": "Stopped", "cause": "By hand."}


FAILING_FOR_GOOD = {
    "store away when it begins": ("ReserveRefundFunction", Fault.BROKEN, "StoreUnavailable", "ReserveRefund"),
    "store away when it ends": ("RecordRefundFunction", Fault.BROKEN, "StoreUnavailable", "RecordRefund"),
    "function that always dies": ("RecordRefundFunction", Fault.KILLED_BEFORE, "Runtime.ExitError", "RecordRefund"),
}


@pytest.mark.parametrize("name", FAILING_FOR_GOOD)
def test_one_whose_function_failed_for_good_is_redriven_where_it_stopped(read: Read, name: str) -> None:
    function, fault, error, state = FAILING_FOR_GOOD[name]
    stage, payment_id = read.stage, name.replace(" ", "-")
    stage.paid_alike(payment_id)

    with stage.faults.planned(always(function, fault)):
        execution = stage.executions.start_brief(payment_id)
        end = stage.executions.end(execution)
    redriven = stage.executions.redrive(execution)

    assert (end["status"], end["error"]) == ("FAILED", error)
    assert entered(stage.executions.history(execution))[-1] == entered(stage.executions.history(redriven))[0] == state
    assert stage.executions.end(redriven)["status"] == "SUCCEEDED"
    assert stage.accepted(payment_id) == 1
