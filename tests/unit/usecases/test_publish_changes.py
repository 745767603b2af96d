"""What one write of the table tells the world: the same however often it is published, and nothing about a person."""

import json
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from payments.domain.errors import StoreUnavailable
from payments.domain.key_use import KeyUse
from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.usecases.publish_changes import publish_changes, publish_record
from tests.support.fakes import FakeEvents, FakeKeyUses, FakeOperators, FakeWorkflow
from tests.unit.domain.told import at, callback, enets_order, ordered, paid, refund, refund_callback, told

PROCESSING = ordered(version=2)
PAID = told(replace(PROCESSING, version=3), callback("success", seconds=60), seconds=65.4321)


@dataclass
class Outside:
    """Everybody who is told."""

    events: FakeEvents = field(default_factory=FakeEvents)
    operators: FakeOperators = field(default_factory=FakeOperators)
    workflow: FakeWorkflow = field(default_factory=FakeWorkflow)
    key_uses: FakeKeyUses = field(default_factory=FakeKeyUses)

    def publish(self, before: Payment | None, after: Payment) -> tuple[tuple[str, ...], int]:
        return publish_changes(
            events=self.events, operators=self.operators, workflow=self.workflow, before=before, after=after
        )


def with_refund(status: str, version: int = 5, **parts: Any) -> Payment:
    return replace(paid(), refunds=(refund(status, **parts),), version=version)


def test_a_paid_payment_is_one_event_with_these_words() -> None:
    outside = Outside()

    assert outside.publish(PROCESSING, PAID) == (("PaymentSucceeded",), 0)
    ((detail_type, detail),) = outside.events.published
    event_id = detail["metadata"].pop("event_id")
    assert detail_type == "PaymentSucceeded"
    assert detail == {
        "metadata": {"version": "1", "occurred_at": "2026-11-21T12:01:05.432Z"},
        "data": {
            "payment": {
                "payment_id": "order-1001",
                "project_id": 2924,
                "interface": "gate",
                "method": "card-partner",
                "status": "succeeded",
                "provider_status": "success",
                "amount": 10_000,
                "currency": "KES",
                "refunded_amount": 0,
                "refund_policy": "full",
                "created_at": "2026-11-21T12:00:00.000Z",
                "updated_at": "2026-11-21T12:01:05.432Z",
            }
        },
    }
    assert len(event_id) == 32
    assert int(event_id, 16)


def test_a_settled_refund_is_one_event_with_these_words_and_wakes_its_execution() -> None:
    outside = Outside(workflow=FakeWorkflow(waiting={"token-1"}))
    before = with_refund("sent", task_token="token-1", reason="Returned by Amina")
    after = told(replace(before, version=6), refund_callback(seconds=7203, request_id="r-1"), seconds=7205)

    assert outside.publish(before, after) == (("RefundSucceeded",), 0)
    ((_, detail),) = outside.events.published
    del detail["metadata"]["event_id"]
    assert detail == {
        "metadata": {"version": "1", "occurred_at": "2026-11-21T14:00:05.000Z"},
        "data": {
            "refund": {
                "refund_id": "rf-1",
                "payment_id": "order-1001",
                "project_id": 2924,
                "amount": 10_000,
                "currency": "KES",
                "status": "succeeded",
                "request_id": "r-1",
                "operation_type": "refund",
                "code": "0",
                "message": "Success",
                "created_at": "2026-11-21T14:00:00.000Z",
                "updated_at": "2026-11-21T14:00:05.000Z",
            }
        },
    }
    assert outside.workflow.woken == [("token-1", {"refund_id": "rf-1", "status": "succeeded"})]


def test_the_same_write_published_again_has_the_same_event_ids_and_wakes_nobody_twice() -> None:
    outside = Outside(workflow=FakeWorkflow(waiting={"token-1"}))
    before = with_refund("sent", task_token="token-1")
    after = told(replace(before, version=6), refund_callback(seconds=7203))

    ends = [outside.publish(before, after) for _ in range(3)]

    assert [stale for _, stale in ends] == [0, 1, 1]
    assert len({json.dumps(each, sort_keys=True) for each in outside.events.published}) == 1
    assert len(outside.events.published) == 3
    assert len(outside.workflow.woken) == 1


def test_event_ids_differ_by_payment_project_write_kind_and_refund() -> None:
    outside = Outside()
    project, payment_id = replace(PAID.key, project_id=198), replace(PAID.key, payment_id="order-1002")
    for after in (PAID, replace(PAID, version=4), replace(PAID, key=project), replace(PAID, key=payment_id)):
        outside.publish(PROCESSING, after)
    outside.publish(PROCESSING, told(PROCESSING, callback("decline", ("sale", "decline"))))
    for refund_id in ("rf-1", "rf-2"):
        outside.publish(None, with_refund("unknown", refund_id=refund_id))

    ids = {detail["metadata"]["event_id"] for _, detail in outside.events.published}

    # The last two writes tell of the paid payment as well, with one and the same id.
    assert (len(outside.events.published), len(ids)) == (9, 8)


def test_a_token_that_nobody_waits_with_is_swallowed_and_counted() -> None:
    before = with_refund("unknown", task_token="gone")

    assert Outside().publish(before, told(before, refund_callback())) == (("RefundSucceeded",), 1)


def test_operators_are_asked_to_write_to_support_and_to_look_what_nobody_knows() -> None:
    outside = Outside()
    enets = ordered(order=enets_order())
    waiting = replace(enets, refunds=(refund("awaiting_support", money=Money(4_000, "SGD")),))

    outside.publish(replace(enets, refunds=(refund("requested"),)), waiting)
    outside.publish(with_refund("sent"), with_refund("unknown"))

    assert [subject for subject, _ in outside.operators.told] == [
        "Refund rf-1: write to ECommPay support",
        "Refund rf-1: nobody knows how it ended",
    ]
    assert "please refund 40.00 SGD of the payment order-1001 in project 2924" in outside.operators.told[0][1]
    assert [kind for kind, _ in outside.events.published] == ["RefundSupportRequested", "RefundUnresolved"]


def test_operators_are_reminded_by_the_write_that_notes_it_and_by_no_other() -> None:
    outside = Outside()
    enets = ordered(order=enets_order())
    asked = replace(enets, refunds=(refund("awaiting_support", money=Money(4_000, "SGD")),))
    once = replace(asked, refunds=(replace(asked.refunds[0], reminded_at=at(300_000)),))
    twice = replace(asked, refunds=(replace(asked.refunds[0], reminded_at=at(600_000)),))

    for before, after in ((asked, once), (once, replace(once, checks=7)), (once, twice)):
        assert outside.publish(before, after) == ((), 0)

    assert [subject for subject, _ in outside.operators.told] == ["Refund rf-1: still waits for ECommPay support"] * 2
    assert [text.split(" for ECommPay", 1)[0] for _, text in outside.operators.told] == [
        "This refund has waited for 3 days",
        "This refund has waited for 6 days",
    ]


def test_a_doubt_about_a_refund_is_reported_by_the_write_that_makes_it_one() -> None:
    outside = Outside()
    enets = told(ordered(order=enets_order()), callback("success", seconds=60, currency="SGD"))
    enets = replace(enets, refunds=(refund("awaiting_support", money=Money(4_000, "SGD")),))
    parts: dict[str, Any] = {"amount": 4_000, "currency": "SGD", "payment": "success", "seconds": 7_300}
    first = told(enets, refund_callback("processing", **parts))
    second = told(first, refund_callback("decline", operation_id=392, **parts))
    third = told(second, refund_callback("decline", operation_id=393, **parts))
    reported: list[Any] = []

    for images in ((enets, first), (first, second), (second, third)):
        publish_record(
            events=outside.events,
            operators=outside.operators,
            workflow=outside.workflow,
            key_uses=outside.key_uses,
            images=images,
            report=lambda *told: reported.append(told[1:]),
        )

    assert reported == [((), 0, ()), (("RefundDeclined",), 0, ("rf-1",)), (("RefundDeclined",), 0, ())]
    assert [detail["data"]["refund"]["refund_id"] for _, detail in outside.events.published] == [
        "ecommpay-392",
        "ecommpay-393",
    ]


@pytest.mark.parametrize("where", ["events", "operators", "workflow"])
def test_what_was_not_taken_is_published_again_as_a_whole_with_the_same_ids(where: str) -> None:
    outside = Outside(workflow=FakeWorkflow(waiting={"token-1"}))
    getattr(outside, where).failures = deque([StoreUnavailable("down")])
    before = replace(
        paid(), refunds=(refund("sent", task_token="token-1"), refund("sent", refund_id="rf-2")), version=5
    )
    after = replace(
        before,
        refunds=(refund("succeeded", task_token="token-1"), refund("unknown", refund_id="rf-2")),
        version=6,
    )

    with pytest.raises(StoreUnavailable):
        outside.publish(before, after)
    assert outside.publish(before, after) == (("RefundSucceeded", "RefundUnresolved"), 0)

    assert len({json.dumps(each, sort_keys=True) for each in outside.events.published}) == 2
    assert outside.operators.told
    assert [token for token, _ in outside.workflow.woken] == ["token-1"]


def test_a_write_that_changes_nothing_for_the_merchant_tells_nobody_anything() -> None:
    outside = Outside()

    assert outside.publish(PAID, replace(PAID, version=4)) == ((), 0)
    assert outside.publish(None, ordered(order=None)) == ((), 0)
    assert (outside.events.published, outside.operators.told, outside.workflow.woken) == ([], [], [])


def test_what_a_record_of_the_stream_set_off_is_published_and_reported() -> None:
    outside = Outside(workflow=FakeWorkflow(waiting={"token-1"}))
    before = replace(paid(), refunds=(refund("sent", task_token="gone"),), version=5)
    after = told(replace(before, version=6), refund_callback())
    reported: list[Any] = []

    for images in ((PROCESSING, PAID), (before, after), (None, None), (PAID, None)):
        publish_record(
            events=outside.events,
            operators=outside.operators,
            workflow=outside.workflow,
            key_uses=outside.key_uses,
            images=images,
            report=lambda *told: reported.append(told),
        )

    assert reported == [(PAID, ("PaymentSucceeded",), 0, ()), (after, ("RefundSucceeded",), 1, ())]
    assert [detail_type for detail_type, _ in outside.events.published] == ["PaymentSucceeded", "RefundSucceeded"]


def test_what_was_not_taken_is_not_reported() -> None:
    outside = Outside(events=FakeEvents(failures=deque([StoreUnavailable("down")])))
    reported: list[Any] = []

    with pytest.raises(StoreUnavailable):
        publish_record(
            events=outside.events,
            operators=outside.operators,
            workflow=outside.workflow,
            key_uses=outside.key_uses,
            images=(PROCESSING, PAID),
            report=lambda *told: reported.append(told),
        )

    assert reported == []


def test_no_event_tells_of_a_person_or_opens_a_page() -> None:
    outside = Outside()
    before = with_refund("sent", task_token="token-1", reason="Returned by Amina")
    outside.publish(PROCESSING, PAID)
    outside.publish(before, told(before, refund_callback()))

    text = json.dumps(outside.events.published)
    for word in (
        "customer1",
        "192.0.2.7",
        "254700000001",
        "amina",
        "Amina",
        "Otieno",
        "checkout",
        "token",
        "shop.example",
    ):
        assert word not in text


def test_the_key_that_a_message_needed_is_noted_whenever_it_is_news() -> None:
    outside = Outside()
    first, second = KeyUse("aaaaaaaaaaaa", 1, at(65)), KeyUse("aaaaaaaaaaaa", 1, at(70))
    verified, again = replace(PAID, verified=first), replace(PAID, verified=second, version=4)

    def publish(before: Payment | None, after: Payment) -> tuple[KeyUse, ...]:
        outside.key_uses.uses.clear()
        publish_record(
            events=outside.events,
            operators=outside.operators,
            workflow=outside.workflow,
            key_uses=outside.key_uses,
            images=(before, after),
            report=lambda *_: None,
        )
        return outside.key_uses.listed(2924)

    assert publish(PROCESSING, PAID) == ()
    assert publish(PROCESSING, verified) == (first,)
    assert publish(None, verified) == (first,)
    assert publish(verified, again) == (second,)
    assert publish(verified, replace(verified, version=4)) == ()


def test_a_use_that_was_not_taken_brings_the_record_again_after_everything_else_is_out() -> None:
    outside = Outside(key_uses=FakeKeyUses(failures=deque([StoreUnavailable("throttled")])))

    with pytest.raises(StoreUnavailable):
        publish_record(
            events=outside.events,
            operators=outside.operators,
            workflow=outside.workflow,
            key_uses=outside.key_uses,
            images=(PROCESSING, replace(PAID, verified=KeyUse("aaaaaaaaaaaa", 0, at(65)))),
            report=lambda *_: None,
        )

    assert [detail_type for detail_type, _ in outside.events.published] == ["PaymentSucceeded"]
