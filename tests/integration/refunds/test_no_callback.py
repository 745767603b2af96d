"""A refund of which nobody calls back: asked about ever rarer, then left to a person, never sent again: QUALITY T16.

The stories are played at the same time, each with a payment of its own; each test hears how its story went.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from local.settings import LocalSettings
from local.template import read_template
from payments.usecases.check_refund import CheckPlan
from tests.integration.refunds.executions import entered, inputs_of
from tests.integration.refunds.stories import Scene, Story, playing
from tests.support.faults import Fault

UNRESOLVED = ["PaymentSucceeded", "RefundUnresolved"]


def the_status_tells_it_when_it_is_first_asked_for(scene: Scene, payment_id: str) -> None:
    scene.stage.ask_once_refunded(payment_id)
    execution = scene.begin(payment_id, "silent", impatient=True)

    assert scene.end(execution) == "succeeded"
    assert pauses(scene, execution) == [1]
    assert scene.stage.network.status_asked[payment_id] == 1
    assert scene.told(payment_id)[:2] == (1, ["PaymentSucceeded", "RefundSucceeded"])


def nobody_ever_tells_it(scene: Scene, payment_id: str) -> None:
    stage = scene.stage
    execution = scene.begin(payment_id, "stuck", impatient=True)

    assert scene.end(execution) == "RefundUnresolved"
    assert pauses(scene, execution) == [1, 2, 4]
    assert stage.network.status_asked[payment_id] == 3
    [refund] = stage.stored(payment_id).refunds
    assert (refund.status, scene.told(payment_id)) == ("unknown", (1, UNRESOLVED, 0))
    assert stage.metrics[(payment_id, "RefundUnresolved")] == 1
    assert stage.letters_about(refund.refund_id) == [f"Refund {refund.refund_id}: nobody knows how it ended"]


def another_execution_is_refused_as_long_as_it_is_unknown(scene: Scene, payment_id: str) -> None:
    scene.end(scene.begin(payment_id, "stuck", impatient=True))
    refund_id = scene.stage.stored(payment_id).refunds[0].refund_id

    refused = scene.stage.executions.end(scene.stage.executions.start(payment_id))

    assert (refused["status"], refused["error"]) == ("FAILED", "RefundInProgress")
    assert f"Refund {refund_id} of this payment is unknown" in refused["cause"]
    assert scene.told(payment_id) == (1, UNRESOLVED, 0)


def an_execution_that_names_it_asks_once_more(scene: Scene, payment_id: str) -> None:
    stage = scene.stage
    scene.end(scene.begin(payment_id, "stuck", impatient=True))
    refund_id = stage.stored(payment_id).refunds[0].refund_id
    asked = stage.network.status_asked[payment_id]
    with stage.platform.store.lock:
        stage.platform.store.payments[(2924, payment_id)].operations[-1].callbacks = "none"
    stage.end_stuck_refund(payment_id)

    execution = stage.executions.start(payment_id, refund_id=refund_id)

    assert scene.end(execution) == "succeeded"
    assert "RequestRefund" not in entered(stage.executions.history(execution))
    assert stage.network.status_asked[payment_id] == asked + 1
    assert scene.told(payment_id)[:2] == (1, ["PaymentSucceeded", "RefundSucceeded", "RefundUnresolved"])


def its_failed_execution_redriven_fails_as_before(scene: Scene, payment_id: str) -> None:
    """AWS enters the Fail state again."""
    execution = scene.begin(payment_id, "stuck", impatient=True)
    scene.end(execution)

    redriven = scene.stage.executions.redrive(execution)

    assert scene.stage.executions.end(redriven) == scene.stage.executions.end(execution)
    assert entered(scene.stage.executions.history(redriven)) == ["RefundFailed"]
    assert scene.told(payment_id) == (1, UNRESOLVED, 0)


def its_execution_stopped_while_it_waits_for_the_callback_is_redriven(scene: Scene, payment_id: str) -> None:
    execution = scene.begin(payment_id, "stuck")
    scene.wait_until_awaited(payment_id)
    scene.stage.executions.stop(execution)
    scene.stage.impatient.add(payment_id)

    redriven = scene.stage.executions.redrive(execution)

    assert scene.end(redriven) == "RefundUnresolved"
    states = entered(scene.stage.executions.history(redriven))
    assert states[:3] == ["RequestRefund", "WaitBeforeCheck", "CheckRefund"]
    assert pauses(scene, redriven) == [1, 2, 4]
    assert scene.told(payment_id) == (1, UNRESOLVED, 0)


def its_execution_stopped_in_a_pause_is_redriven_from_that_pause(scene: Scene, payment_id: str) -> None:
    execution = scene.begin(payment_id, "stuck", impatient=True)
    scene.wait_until(lambda: pauses(scene, execution)[:2] == [1, 2])
    scene.stage.executions.stop(execution)
    begun = len(pauses(scene, execution))
    # A busy machine may have gone on to the check behind the pause.
    over = entered(scene.stage.executions.history(execution))[-1] != "WaitBeforeCheck"

    redriven = scene.stage.executions.redrive(execution)

    assert scene.end(redriven) == "RefundUnresolved"
    assert pauses(scene, redriven) == [1, 2, 4][begun if over else begun - 1 :]
    assert scene.told(payment_id) == (1, UNRESOLVED, 0)


def its_execution_that_could_not_record_the_end_is_redriven(scene: Scene, payment_id: str) -> None:
    """The store is away for longer than RecordRefund is tried again."""
    away = [Fault.BROKEN] * 2
    scene.plans[payment_id] = lambda call: away.pop() if away and call.function == "RecordRefundFunction" else None
    scene.stage.impatient.add(payment_id)
    scene.stage.paid_alike(payment_id, refund="stuck")
    execution = scene.stage.executions.start_brief(payment_id)
    assert scene.stage.executions.end(execution)["error"] == "StoreUnavailable"
    assert scene.stage.stored(payment_id).refunds[0].status == "sent"

    redriven = scene.stage.executions.redrive(execution)

    assert scene.end(redriven) == "RefundUnresolved"
    assert entered(scene.stage.executions.history(redriven))[0] == "RecordRefund"
    assert scene.told(payment_id) == (1, UNRESOLVED, 0)


def its_callback_comes_under_another_request(scene: Scene, payment_id: str) -> None:
    """The money is back, and nothing proves by which refund: ours is over only once a person has said whose it is."""
    stage = scene.stage
    execution = scene.begin(payment_id, "stuck", impatient=True)
    scene.wait_until_awaited(payment_id)
    with stage.platform.store.lock:
        stage.platform.store.payments[(2924, payment_id)].operations[-1].request_id = "another-request"
    stage.end_stuck_refund(payment_id)
    scene.wait_until(lambda: stage.stored(payment_id).status == "refunded")

    assert scene.end(execution) == "RefundUnresolved"
    ours, theirs = stage.stored(payment_id).refunds
    assert (ours.status, theirs.status) == ("unknown", "succeeded")
    assert scene.told(payment_id)[:2] == (1, ["PaymentSucceeded", "RefundSucceeded", "RefundUnresolved"])
    assert stage.metrics[(payment_id, "DoubtfulRefundMatch")] == stage.metrics[(payment_id, "RefundUnresolved")] == 1

    said = {"payment_id": payment_id, "refund_id": ours.refund_id, "status": "succeeded", "reason": "it was ours"}
    stage.system.functions.invoke("CloseRefundFunction", said).value()
    refunds = [(each.refund_id, each.status, each.operation_key) for each in stage.stored(payment_id).refunds]
    assert refunds == [(ours.refund_id, "succeeded", theirs.operation_key)]


STORIES = [
    the_status_tells_it_when_it_is_first_asked_for,
    nobody_ever_tells_it,
    another_execution_is_refused_as_long_as_it_is_unknown,
    an_execution_that_names_it_asks_once_more,
    its_failed_execution_redriven_fails_as_before,
    its_execution_stopped_while_it_waits_for_the_callback_is_redriven,
    its_execution_stopped_in_a_pause_is_redriven_from_that_pause,
    its_execution_that_could_not_record_the_end_is_redriven,
    its_callback_comes_under_another_request,
]


def pauses(scene: Scene, execution: str) -> list[int]:
    """The seconds that an execution waited before each check."""
    history = scene.stage.executions.history(execution)
    return [each["check"]["wait_s"] for each in inputs_of("WaitBeforeCheck", history)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[None]]]:
    with playing(STORIES, tmp_path_factory.mktemp("run")) as (_, told):
        yield told


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.replace("_", " "))
def test_a_refund_without_a_callback_is_never_sent_again(told: dict[str, Future[None]], story: Story) -> None:
    told[story.__name__].result()


def test_what_is_deployed_asks_first_after_half_a_minute_and_then_ever_rarer() -> None:
    functions = {
        each.logical_id: each for each in read_template(LocalSettings().template, region="eu-west-1").functions
    }
    variables = functions["CheckRefundFunction"].variables
    plan = CheckPlan(int(variables["STATUS_POLL_ATTEMPTS"]), int(variables["STATUS_POLL_DELAY_S"]))

    assert [plan.wait_before(number) for number in range(plan.attempts)] == [30, 60, 120, 240, 480, 960, 1920, 3600]
