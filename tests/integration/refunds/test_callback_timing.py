"""A callback at every moment of a refund, and twice: the workflow ends once and right, no stale token harms: QUALITY T15.

The stories are played at the same time, each with a payment of its own; each test hears how its story went.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.integration.refunds.executions import entered
from tests.integration.refunds.stage import RefundStage
from tests.integration.refunds.stories import Scene, Story, playing
from tests.support.faults import on_first

REFUNDED = ["PaymentSucceeded", "RefundSucceeded"]


def before_the_token_is_stored(scene: Scene, payment_id: str) -> None:
    """Somebody refunds in the Dashboard after ours was reserved: ours is not sent any more."""

    def refund_in_dashboard() -> None:
        scene.stage.merchant.provider_refunds(payment_id, 2924)
        scene.wait_until(lambda: scene.stage.stored(payment_id).status == "refunded")

    scene.plans[payment_id] = on_first("RequestRefundFunction", "TransactWriteItems", refund_in_dashboard)
    execution = scene.begin(payment_id, "success")

    assert scene.end(execution) == "GateRejected"
    assert [each.status for each in scene.stage.stored(payment_id).refunds] == ["failed", "succeeded"]
    assert scene.told(payment_id) == (0, ["PaymentSucceeded", "RefundDeclined", "RefundSucceeded"], 0)


def before_gate_has_answered(scene: Scene, payment_id: str) -> None:
    """The pretend platform answers when its callback was answered."""
    execution = scene.begin(payment_id, "after_callbacks")

    assert scene.end(execution) == "succeeded"
    assert scene.told(payment_id) == (1, REFUNDED, 0)


def before_the_answer_is_noted(scene: Scene, payment_id: str) -> None:
    """The token is used while the function that handed it out still runs."""
    scene.stage.happenings[(payment_id, "after", "refund")] = lambda: scene.call_back_settled(payment_id)
    execution = scene.begin(payment_id, "stuck")

    assert scene.end(execution) == "succeeded"
    assert "CheckRefund" not in entered(scene.stage.executions.history(execution))
    assert scene.told(payment_id) == (1, REFUNDED, 0)


def while_the_execution_waits(scene: Scene, payment_id: str) -> None:
    execution = scene.begin(payment_id, "stuck")
    scene.wait_until_awaited(payment_id)
    scene.stage.end_stuck_refund(payment_id)

    assert scene.end(execution) == "succeeded"
    assert "CheckRefund" not in entered(scene.stage.executions.history(execution))
    assert scene.told(payment_id) == (1, REFUNDED, 0)


def after_the_time_out(scene: Scene, payment_id: str) -> None:
    execution = scene.begin(payment_id, "stuck", impatient=True)
    scene.wait_for_state(execution, "WaitBeforeCheck")
    scene.stage.end_stuck_refund(payment_id)

    assert scene.end(execution) == "succeeded"
    assert scene.told(payment_id) == (1, REFUNDED, 1)


def after_the_last_check(scene: Scene, payment_id: str) -> None:
    """RecordRefund believes the store and not what the checks had found."""
    callback = on_first("RecordRefundFunction", "GetItem", lambda: scene.call_back_settled(payment_id))
    scene.plans[payment_id] = callback
    execution = scene.begin(payment_id, "stuck", impatient=True)

    assert scene.end(execution) == "succeeded"
    assert scene.told(payment_id) == (1, REFUNDED, 1)


def after_the_execution_has_given_up(scene: Scene, payment_id: str) -> None:
    execution = scene.begin(payment_id, "stuck", impatient=True)
    assert scene.end(execution) == "RefundUnresolved"

    scene.call_back_settled(payment_id)

    assert scene.end(execution) == "RefundUnresolved"
    assert scene.stage.stored(payment_id).status == "refunded"
    assert scene.told(payment_id) == (1, [*REFUNDED, "RefundUnresolved"], 1)


def twice(scene: Scene, payment_id: str) -> None:
    execution = scene.begin(payment_id, "doubled")
    assert scene.end(execution) == "succeeded"

    scene.wait_until(lambda: deliveries_of_refund(scene.stage, payment_id) == ["delivered", "delivered"])
    assert scene.told(payment_id) == (1, REFUNDED, 0)


def after_a_status_request_has_told_it(scene: Scene, payment_id: str) -> None:
    """What the callback says is known by then; its token is nobody's any more."""
    execution = scene.begin(payment_id, "silent", impatient=True)
    assert scene.end(execution) == "succeeded"
    assert scene.told(payment_id) == (1, REFUNDED, 1)

    [suppressed] = [each for each in scene.stage.platform.store.delivery_log if is_about_refund(each, payment_id)]
    assert scene.stage.deliver(suppressed.body) == 200

    assert scene.end(execution) == "succeeded"
    assert scene.told(payment_id) == (1, REFUNDED, 1)


def after_a_redrive(scene: Scene, payment_id: str) -> None:
    """The token of the first try was replaced, and the task that has the second one ended: both are no use."""
    execution = scene.begin(payment_id, "stuck")
    scene.wait_until_awaited(payment_id)
    first = scene.stage.stored(payment_id).refunds[0].task_token
    scene.stage.executions.stop(execution)
    redriven = scene.stage.executions.redrive(execution)
    scene.wait_for_state(redriven, "WaitBeforeCheck")
    assert scene.stage.stored(payment_id).refunds[0].task_token not in {"", first}

    scene.stage.end_stuck_refund(payment_id)

    assert scene.end(redriven) == "succeeded"
    assert scene.stage.executions.end(execution)["status"] == "ABORTED"
    assert scene.told(payment_id) == (1, REFUNDED, 1)


def after_a_redrive_of_the_reservation(scene: Scene, payment_id: str) -> None:
    """What was stopped while it reserved goes on as the same execution, so it finds its own reservation."""
    begun: list[str] = []

    def stop() -> None:
        scene.wait_until(lambda: bool(begun))
        scene.stage.executions.stop(begun[0])

    scene.plans[payment_id] = on_first("ReserveRefundFunction", "TransactWriteItems", stop)
    begun.append(scene.begin(payment_id, "success"))
    scene.wait_for_refund(payment_id, "requested")
    redriven = scene.stage.executions.redrive(begun[0])

    assert scene.end(redriven) == "succeeded"
    assert entered(scene.stage.executions.history(redriven))[0] == "ReserveRefund"
    assert scene.told(payment_id) == (1, REFUNDED, 0)


def between_stop_and_redrive(scene: Scene, payment_id: str) -> None:
    """The execution that goes on finds its refund settled, and has nothing to wait for."""
    execution = scene.begin(payment_id, "stuck")
    scene.wait_until_awaited(payment_id)
    scene.stage.executions.stop(execution)
    scene.call_back_settled(payment_id)
    redriven = scene.stage.executions.redrive(execution)

    assert scene.end(redriven) == "succeeded"
    assert entered(scene.stage.executions.history(redriven)) == ["RequestRefund", "RecordRefund"]
    assert scene.told(payment_id) == (1, REFUNDED, 1)


def is_about_refund(delivery: object, payment_id: str) -> bool:
    key, what = getattr(delivery, "key", None), str(getattr(delivery, "what", ""))
    return key == (2924, payment_id) and what.startswith("refund")


def deliveries_of_refund(stage: RefundStage, payment_id: str) -> list[str]:
    """What became of the callbacks about a refund that were tried."""
    mine = [each for each in stage.platform.store.delivery_log if is_about_refund(each, payment_id)]
    return [each.state for each in mine if each.tries]


STORIES = [
    before_the_token_is_stored,
    before_gate_has_answered,
    before_the_answer_is_noted,
    while_the_execution_waits,
    after_the_time_out,
    after_the_last_check,
    after_the_execution_has_given_up,
    twice,
    after_a_status_request_has_told_it,
    after_a_redrive,
    after_a_redrive_of_the_reservation,
    between_stop_and_redrive,
]


Played = tuple[Scene, dict[str, Future[None]]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with playing(STORIES, tmp_path_factory.mktemp("run")) as played:
        yield played


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.replace("_", " "))
def test_a_callback_ends_the_workflow_once_and_right(played: Played, story: Story) -> None:
    played[1][story.__name__].result()


def test_every_stale_token_is_counted_for_cloudwatch(played: Played) -> None:
    scene, _ = played
    counted = sum(count for (_, metric), count in scene.stage.metrics.items() if metric == "StaleTaskToken")

    assert scene.stage.counted("StaleTaskToken") == counted > 0
