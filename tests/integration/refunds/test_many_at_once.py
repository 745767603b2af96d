"""Fifty executions of one refund at once, under names that the console invents, and API calls among them: QUALITY T13."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.faults.stage import came_true
from tests.integration.refunds.stage import RefundStage, refund_stage
from tests.support import dynamodb_local
from tests.support.measures import ENGINE, FIGURE

AT_ONCE = 50
ROUNDS = 20 if os.environ.get("SOAK") else 1
REFUSED = ("FAILED", "RefundInProgress")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefundStage]:
    """On AWS's own engine where this machine has it: races are for real there."""
    with contextlib.ExitStack() as stack:
        endpoint = None
        if dynamodb_local.why_left_out() is None:
            try:
                endpoint = stack.enter_context(dynamodb_local.running_dynamodb_local())
            except dynamodb_local.EngineUnavailable:
                # Java and Maven are there: a machine that checks for everybody must not pass without the engine.
                if os.environ.get("CI"):
                    raise
        yield stack.enter_context(refund_stage(tmp_path_factory.mktemp("run"), dynamodb_endpoint=endpoint))


@pytest.fixture(autouse=True)
def told_engine(stage: RefundStage, record_property: Callable[[str, object], None]) -> None:
    """Which engine it was stands at the end of the run."""
    record_property(ENGINE, dynamodb_local.NAME if stage.system.settings.dynamodb_endpoint else "moto")


def all_at_once(*acts: Callable[[], str]) -> list[str]:
    """Everything at the same moment; what each answered."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(act) for act in acts]]


def end_of(stage: RefundStage, execution: str) -> tuple[str, str]:
    end = stage.executions.end(execution)
    return end["status"], end.get("error", "") or end["output"]["status"]


def ask_api(stage: RefundStage, payment_id: str) -> str:
    """The ARN of the execution that the API promised, or the title of its refusal."""
    answer = stage.merchant.post(f"/payments/{payment_id}/refunds", {})
    assert answer.status_code in {202, 409}, answer.text
    return str(answer.json()["execution"] if answer.status_code == 202 else answer.json()["title"])


def the_one_that_waits(stage: RefundStage, payment_id: str) -> str:
    """The execution that is left when all others have ended, once Gate has taken its refund."""
    assert came_true(lambda: len(stage.executions.running()) == 1, patience_s=120)
    assert came_true(lambda: stage.accepted(payment_id) == 1, patience_s=60)
    [winner] = stage.executions.running()
    return winner


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_fifty_executions_one_refunds_and_the_others_say_so(
    stage: RefundStage, round_: int, record_property: Callable[[str, object], None]
) -> None:
    payment_id = f"fifty-{round_}"
    stage.paid_alike(payment_id, refund="stuck")

    executions = all_at_once(*[lambda: stage.executions.start(payment_id)] * AT_ONCE)
    winner = the_one_that_waits(stage, payment_id)
    stage.end_stuck_refund(payment_id)
    stage.wait_for_executions()

    ends = {execution: end_of(stage, execution) for execution in executions}
    assert ends.pop(winner) == ("SUCCEEDED", "succeeded")
    assert Counter(ends.values()) == {REFUSED: AT_ONCE - 1}
    assert stage.network.refunds_sent[payment_id] == stage.refunds(payment_id) == stage.accepted(payment_id) == 1
    assert stage.told_so_far(payment_id) == ("PaymentSucceeded", "RefundSucceeded")
    if round_ == ROUNDS - 1:
        record_property(FIGURE, f"refunds: {ROUNDS} x {AT_ONCE} executions at once, each time 1 request at Gate")


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_api_calls_and_executions_together_one_refunds(stage: RefundStage, round_: int) -> None:
    payment_id = f"mixed-{round_}"
    stage.paid_alike(payment_id, refund="stuck")

    acts = [lambda: ask_api(stage, payment_id), lambda: stage.executions.start(payment_id)]
    answers = all_at_once(*acts * (AT_ONCE // 2))
    the_one_that_waits(stage, payment_id)
    stage.end_stuck_refund(payment_id)
    stage.wait_for_executions()

    ends = Counter(end_of(stage, each) if each.startswith("arn:") else ("API", each) for each in answers)
    half = AT_ONCE // 2
    api_won = {("SUCCEEDED", "succeeded"): 1, ("API", "Refund in progress"): half - 1, REFUSED: half}
    console_won = {("SUCCEEDED", "succeeded"): 1, ("API", "Refund in progress"): half, REFUSED: half - 1}
    assert ends in (api_won, console_won)
    assert stage.network.refunds_sent[payment_id] == stage.refunds(payment_id) == stage.accepted(payment_id) == 1
    assert [each.status for each in stage.stored(payment_id).refunds] == ["succeeded"]
