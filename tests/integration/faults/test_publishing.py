"""The stream's function dies or fails at each of its calls, and the stream brings the batch again: QUALITY T4, T5."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from payments import wiring
from tests.integration.faults.stage import EVENTS, Stage, came_true, sample_for
from tests.support.faults import Fault, on_call, on_first

PUBLISHER = "PublishChangesFunction"
MET = (
    Fault.KILLED_BEFORE,
    Fault.KILLED_AFTER,
    Fault.THROTTLED,
    Fault.BROKEN_ONCE,
    Fault.TIMED_OUT,
    Fault.ANSWER_LOST,
    Fault.ANSWER_LOST_ONCE,
)


def is_paid(stage: Stage, payment_id: str) -> list[str]:
    """A callback tells of the payment."""
    stage.order_quietly(payment_id)
    assert stage.deliver(sample_for("card_partner_sale_success", payment_id)) == 200
    return ["PaymentSucceeded"]


def is_paid_with_a_key_not_noted_yet(stage: Stage, payment_id: str) -> list[str]:
    """The same, in an execution environment that has not noted the key in this hour."""
    wiring.key_uses.cache_clear()
    return is_paid(stage, payment_id)


def is_left_to_support(stage: Stage, payment_id: str) -> list[str]:
    """A refund that support has to carry out; the operators get their letter."""
    stage.paid_already(payment_id, "enets")
    started = stage.merchant.post(f"/payments/{payment_id}/refunds", {}).json()
    assert came_true(lambda: stage.stored(payment_id).refunds[0].status == "awaiting_support", patience_s=20)
    stage.wait_for_letter(started["refund_id"])
    return ["PaymentSucceeded", "RefundSupportRequested"]


def is_refunded(stage: Stage, payment_id: str) -> list[str]:
    """An execution waits for its callback and is woken, or has waited long enough and looks for itself."""
    stage.paid_already(payment_id)
    assert stage.merchant.refund(payment_id)["output"]["status"] == "succeeded"
    return ["PaymentSucceeded", "RefundSucceeded"]


@pytest.mark.parametrize("fault", MET, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize(
    ("operation", "happens"),
    [
        ("PutEvents", is_paid),
        ("Publish", is_left_to_support),
        ("SendTaskSuccess", is_refunded),
        ("UpdateItem", is_paid_with_a_key_not_noted_yet),
    ],
    ids=["PutEvents", "Publish", "SendTaskSuccess", "UpdateItem"],
)
def test_a_change_is_told_under_one_id_however_often_its_telling_failed(
    stage: Stage, operation: str, happens: Callable[[Stage, str], list[str]], fault: Fault
) -> None:
    payment_id = f"{operation}-{fault.name.lower()}"

    with stage.faults.planned(on_first(PUBLISHER, operation, fault)) as record:
        expected = happens(stage, payment_id)
        told = stage.told_once(payment_id)

    assert [(each.operation, what) for each, what in record.injected] == [(operation, fault)]
    assert told == expected


def test_the_first_record_that_fails_is_named_and_the_rest_comes_again_under_the_same_ids(stage: Stage) -> None:
    sample = (EVENTS / "publish_changes/payment_succeeded.json").read_text()
    records = [json.loads(sample.replace("order-1002", f"batch-{number}"))["Records"][0] for number in range(3)]
    for number, record in enumerate(records):
        record["dynamodb"]["SequenceNumber"] = f"10{number}"

    with stage.faults.planned(on_call(PUBLISHER, 2, Fault.ANSWER_LOST)):
        first = stage.invoke(PUBLISHER, {"Records": records})
        second = stage.invoke(PUBLISHER, {"Records": records[1:]})

    assert first.value() == {"batchItemFailures": [{"itemIdentifier": "101"}]}
    assert second.value() == {"batchItemFailures": []}
    assert [stage.told_once(f"batch-{number}") for number in range(3)] == [["PaymentSucceeded"]] * 3
