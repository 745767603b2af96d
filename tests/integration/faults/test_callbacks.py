"""Callbacks that come again, at once, early, wrongly addressed or with another amount: QUALITY T1, T6, T7 and T5."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.faults.stage import (
    EVENTS,
    HEAVIER,
    Stage,
    message_row,
    redeliver,
    sample_body,
    sample_for,
    signed,
)
from tests.support.faults import TROUBLES, Fault, at_random, on_call

IN_A_ROW = 100
AT_ONCE = 32
CALLBACK = "CallbackFunction"


#: sample → method, project and amount of the order, status in the end, events told.
SAMPLES: dict[str, tuple[str, int, int, str, list[str]]] = {
    "card_partner_redirect_post": ("card-partner", 2924, 1000, "awaiting_redirect", []),
    "card_partner_sale_success": ("card-partner", 2924, 1000, "succeeded", ["PaymentSucceeded"]),
    "card_partner_sale_decline": ("card-partner", 2924, 11300, "declined", ["PaymentDeclined"]),
    "card_partner_refund_success": ("card-partner", 2924, 1000, "refunded", ["PaymentSucceeded", "RefundSucceeded"]),
    "card_partner_refund_decline": ("card-partner", 2924, 61900, "succeeded", ["PaymentSucceeded", "RefundDeclined"]),
    "enets_redirect_get": ("enets", 198, 1000, "awaiting_redirect", []),
    "enets_sale_success": ("enets", 198, 1000, "succeeded", ["PaymentSucceeded"]),
    "enets_sale_decline": ("enets", 198, 100, "declined", ["PaymentDeclined"]),
}


def test_every_callback_sample_but_the_forged_one_is_delivered_here() -> None:
    assert {each.stem for each in (EVENTS / "callback").iterdir()} - SAMPLES.keys() == {"forged"}


def ordered(stage: Stage, name: str, payment_id: str) -> bytes:
    """A payment that fits a sample is ordered; the sample about it."""
    method, _, amount, _, _ = SAMPLES[name]
    stage.order_quietly(payment_id, method, amount)
    return sample_for(name, payment_id)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_callback_a_hundred_times_in_a_row_is_one_row_one_change_and_one_event(stage: Stage, name: str) -> None:
    *_, status, events = SAMPLES[name]
    body = ordered(stage, name, f"row-{name}")

    first = stage.deliver(body)
    after_one = stage.rows(f"row-{name}")
    answers = {first, *(stage.deliver(body) for _ in range(IN_A_ROW - 1))}

    assert answers == {200}
    assert stage.rows(f"row-{name}") == after_one
    assert len(stage.message_rows(f"row-{name}")) == 1
    assert stage.merchant.payment(f"row-{name}")["status"] == status
    assert stage.told_once(f"row-{name}") == events


@pytest.mark.parametrize("name", SAMPLES)
def test_a_callback_32_times_at_once_is_one_row_one_change_and_one_event(stage: Stage, name: str) -> None:
    *_, status, events = SAMPLES[name]
    body = ordered(stage, name, f"once-{name}")
    before = len(stage.merchant.payment(f"once-{name}")["timeline"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = set(pool.map(stage.deliver, [body] * AT_ONCE))

    assert answers == {200}
    assert len(stage.message_rows(f"once-{name}")) == 1
    payment = stage.merchant.payment(f"once-{name}")
    assert (payment["status"], len(payment["timeline"])) == (status, before + 1)
    assert stage.told_once(f"once-{name}") == events


@pytest.mark.parametrize(("rate", "payments"), [(1, 4), (5, 2), (30, 2)], ids=["1%", "5%", "30%"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_callback_is_never_answered_200_before_it_is_stored_whatever_fails(
    stage: Stage, name: str, rate: int, payments: int
) -> None:
    _, project_id, _, status, events = SAMPLES[name]
    for seed in range(payments * HEAVIER):
        payment_id = f"fails-{rate}-{seed}-{name}"
        body = ordered(stage, name, payment_id)
        with stage.faults.planned(at_random(payment_id, rate)):
            stage.deliver_until_stored(body, message_row(project_id, payment_id, body))
            stage.deliver_until_stored(body, message_row(project_id, payment_id, body))

            assert len(stage.message_rows(payment_id)) == 1
            assert stage.told_once(payment_id) == events
        assert stage.merchant.payment(payment_id)["status"] == status


EVERY_TROUBLE = [
    pytest.param(number, operation, fault, id=f"{operation}-{fault.name.lower()}")
    for number, operation in enumerate(("BatchGetItem", "TransactWriteItems"), start=1)
    for fault in TROUBLES
    if fault.fits(operation)
]


@pytest.mark.parametrize(("number", "operation", "fault"), EVERY_TROUBLE)
def test_each_trouble_at_each_call_of_a_callback_ends_in_one_row(
    stage: Stage, number: int, operation: str, fault: Fault
) -> None:
    payment_id = f"trouble-{number}-{fault.name.lower()}"
    body = ordered(stage, "card_partner_sale_success", payment_id)

    with stage.faults.planned(on_call(CALLBACK, number, fault)) as record:
        deliveries = stage.deliver_until_stored(body, message_row(2924, payment_id, body))

    assert [(each.operation, what) for each, what in record.injected] == [(operation, fault)]
    # Botocore's own repetition is enough where only one try fails, and ours where somebody else was faster.
    unseen = fault.name.endswith("_ONCE") or fault is Fault.CONFLICT
    assert deliveries == (1 if unseen else 2)
    assert len(stage.message_rows(payment_id)) == 1
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def test_a_callback_that_overtakes_our_own_write_is_joined_and_nothing_is_sold_again(stage: Stage) -> None:
    payment_id = "overtaken"
    body = sample_for("card_partner_sale_success", payment_id)
    answers: list[int] = []

    with stage.faults.planned(on_call("CreatePaymentFunction", 3, lambda: answers.append(stage.deliver(body)))) as seen:
        created = stage.merchant.order(amount=1000, payment_id=payment_id)

    assert seen.operations("CreatePaymentFunction")[:3] == ["GetItem", "GetItem", "TransactWriteItems"]
    assert answers == [200]
    assert (created.status_code, created.json()["status"]) == (202, "succeeded")
    assert stage.sales(payment_id) == 0
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def test_a_callback_that_comes_between_the_sale_and_our_note_of_it_is_kept(stage: Stage) -> None:
    payment_id = "overtaken-note"
    body = sample_for("card_partner_sale_success", payment_id)
    stage.wish(callbacks="none")
    answers: list[int] = []

    with stage.faults.planned(on_call("CreatePaymentFunction", 5, lambda: answers.append(stage.deliver(body)))) as seen:
        created = stage.merchant.order(amount=1000, payment_id=payment_id)

    assert seen.operations("CreatePaymentFunction")[3:5] == ["GetItem", "TransactWriteItems"]
    assert answers == [200]
    assert (created.status_code, created.json()["status"]) == (202, "succeeded")
    assert stage.sales(payment_id) == 1
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def test_a_callback_for_an_unknown_payment_is_stored_flagged_and_told_to_nobody_until_it_is_ordered(
    stage: Stage,
) -> None:
    body = sample_for("card_partner_sale_success", "unknown")

    assert stage.deliver(body) == 200

    flags = [row.get("document") for row in stage.rows("unknown") if row["sk"]["S"].startswith("MESSAGE#")]
    assert "unknown_payment" in json.dumps(flags)
    assert stage.merchant.get("/payments/unknown").status_code == 404
    assert stage.told_once("unknown") == []
    assert stage.merchant.order(amount=1000, payment_id="unknown").json()["status"] == "succeeded"
    assert stage.told_once("unknown") == ["PaymentSucceeded"]


def test_a_callback_of_another_project_never_touches_the_payment(stage: Stage) -> None:
    stage.order_quietly("neighbour")
    paid = sample_body("card_partner_sale_success")
    told = {**paid, "payment": {**paid["payment"], "id": "neighbour"}}

    honest = stage.deliver(signed({**told, "project_id": 198}))
    forged = stage.deliver(signed(told, project_id=198))

    assert (honest, forged) == (200, 403)
    assert [row["sk"]["S"].split("#")[:2] for row in stage.rows("neighbour")] == [
        ["MESSAGE", "198"],
        ["PAYMENT", "198"],
        ["PAYMENT", "2924"],
    ]
    assert stage.merchant.payment("neighbour")["status"] == "processing"
    assert stage.told_once("neighbour") == []


@pytest.mark.parametrize(
    ("named", "money"),
    [
        ("one-less", {"amount": 999, "currency": "KES"}),
        ("one-more", {"amount": 1001, "currency": "KES"}),
        ("currency", {"amount": 1000, "currency": "UGX"}),
    ],
)
def test_a_success_with_other_money_is_stored_flagged_and_never_paid(
    stage: Stage, named: str, money: dict[str, Any]
) -> None:
    payment_id = f"other-money-{named}"
    stage.order_quietly(payment_id)
    body = sample_body("card_partner_sale_success")
    body["payment"] |= {"id": payment_id, "sum": money}
    body["operation"] |= {"sum_initial": money, "sum_converted": money}

    assert stage.deliver(signed(body)) == 200

    assert len(stage.message_rows(payment_id)) == 1
    assert stage.merchant.payment(payment_id)["status"] == "needs_review"
    assert stage.told_once(payment_id) == ["PaymentNeedsReview"]
    refused = stage.merchant.post(f"/payments/{payment_id}/refunds", {})
    assert refused.status_code == 409


def test_old_callbacks_replayed_after_the_end_change_nothing_and_are_counted(stage: Stage) -> None:
    payment_id = "ended"
    stage.paid(payment_id)
    assert stage.merchant.refund(payment_id)["status"] == "SUCCEEDED"
    events = stage.told_once(payment_id)
    bodies = [each.body for each in stage.platform.store.delivery_log if each.key == (2924, payment_id)]
    ended = stage.rows(payment_id)
    counted = stage.counted("CallbackRepeated")

    answers = [stage.deliver(body) for body in (*bodies, *reversed(bodies))]

    assert len(bodies) == 3
    assert answers == [200] * 6
    assert stage.rows(payment_id) == ended
    assert events == stage.told_once(payment_id) == ["PaymentSucceeded", "RefundSucceeded"]
    logged = (stage.system.settings.run_folder / "functions.log").read_text().splitlines()
    mine = [json.loads(line) for line in logged if f'"{payment_id}"' in line and '"repeated"' in line]
    assert [each["repeated"] for each in mine] == [False] * 3 + [True] * 6
    assert stage.counted("CallbackRepeated") - counted == 6


def test_a_forged_callback_is_refused_also_while_the_keys_cannot_be_read(stage: Stage) -> None:
    stage.order_quietly("forged")
    body = signed({**sample_body("card_partner_sale_success"), "payment": {"id": "forged"}}, project_id=198)

    with stage.faults.planned(at_random("forged", 50)):
        answers = {stage.deliver(body) for _ in range(20)}

    assert answers <= {403, 503}
    assert stage.message_rows("forged") == []
    assert redeliver(lambda _: stage.deliver(body) == 403) == 1
