"""Every handler with its trigger: what it asks of AWS, how it comes again, and what must hold however often it died."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import requests

from payments import wiring
from payments.domain.payment import PaymentKey
from payments.domain.provider_state import NOTHING_SAID
from tests.integration.faults.stage import (
    EVENTS,
    PAID_AT_ONCE,
    Stage,
    message_row,
    redeliver,
    sample_body,
    sample_for,
    signed,
)
from tests.support.faults import Plan, Record, ahead, start_cold
from tests.support.local_system import wait_for
from tests.support.merchant import CUSTOMER, TIMEOUT_S

SECRET, GET, QUERY = "GetSecretValue", "GetItem", "Query"
KEEP, KEPT, LISTED = "PutObject", "GetObject", "ListObjectsV2"
BATCH, WRITE, UPDATE = "BatchGetItem", "TransactWriteItems", "UpdateItem"
DEAD_LETTERS = "ecommpay-dead-letter-bucket"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One handler at work for one payment.

    ``calls`` are its AWS calls in a fresh execution environment when nothing fails. ``act`` is one delivery by the
    trigger and tells whether the trigger is content; its last argument counts the deliveries from 1.
    """

    name: str
    function: str
    calls: tuple[str, ...]
    act: Callable[[Stage, str, int], bool]
    check: Callable[[Stage, str], None]
    prepare: Callable[[Stage, str], object] = lambda stage, payment_id: None


def play(stage: Stage, scenario: Scenario, payment_id: str, plan: Plan, *, most: int) -> Record:
    """The scenario under a plan, in a fresh execution environment, held to what must hold in the end."""
    scenario.prepare(stage, payment_id)
    start_cold()
    with stage.faults.planned(plan) as record:
        redeliver(lambda attempt: scenario.act(stage, payment_id, attempt), most=most)
    scenario.check(stage, payment_id)
    return record


def _order(stage: Stage, payment_id: str, _: int) -> bool:
    answer = stage.merchant.order(amount=PAID_AT_ONCE, payment_id=payment_id)
    return answer.status_code in {200, 202}


def _sold_at_most_once(stage: Stage, payment_id: str) -> None:
    sales = stage.sales(payment_id)
    assert sales <= 1
    if sales:
        stage.wait_for(payment_id, "succeeded")
        assert stage.told_once(payment_id) == ["PaymentSucceeded"]
        return
    assert stage.merchant.payment(payment_id)["status"] == "processing"
    assert stage.settle(payment_id)["status"] == "failed"
    assert stage.told_once(payment_id) == ["PaymentDeclined"]


def _order_on_page(stage: Stage, payment_id: str, _: int) -> bool:
    answer = stage.merchant.order(interface="payment_page", payment_id=payment_id)
    return answer.status_code in {200, 201} and answer.json()["payment_page_url"].startswith("http")


def _created(stage: Stage, payment_id: str) -> None:
    payment = stage.merchant.payment(payment_id)
    assert (payment["status"], len(payment["timeline"])) == ("created", 1)
    assert requests.get(payment["checkout_url"], timeout=TIMEOUT_S, allow_redirects=False).status_code == 302
    assert stage.told_once(payment_id) == []


def _order_by_key(stage: Stage, case: str, _: int) -> bool:
    body = {
        "project_id": 2924,
        "interface": "gate",
        "method": "card-partner",
        "amount": PAID_AT_ONCE,
        "currency": "KES",
        "customer": {**CUSTOMER, "id": case},
    }
    return stage.merchant.post("/payments", body, **{"Idempotency-Key": case}).status_code in {200, 202}


def _ordered_once(stage: Stage, case: str) -> None:
    listed = stage.merchant.get("/payments?limit=100").json()["items"]
    shown = [stage.merchant.payment(each["payment_id"]) for each in listed[:3]]
    mine = [each["payment_id"] for each in shown if each["customer"]["id"] == case]
    assert len(mine) == 1
    _sold_at_most_once(stage, mine[0])


def _deliver(stage: Stage, payment_id: str, _: int) -> bool:
    body = sample_for("card_partner_sale_success", payment_id)
    if stage.deliver(body) != 200:
        return False
    assert stage.is_stored(*message_row(2924, payment_id, body)), "200 without a durable write"
    return True


def _told_paid(stage: Stage, payment_id: str) -> None:
    assert stage.merchant.payment(payment_id)["status"] == "succeeded"
    assert len(stage.message_rows(payment_id)) == 1
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def _joined(stage: Stage, payment_id: str) -> None:
    assert len(stage.message_rows(payment_id)) == 1
    assert stage.told_once(payment_id) == []
    assert stage.merchant.order(amount=1000, payment_id=payment_id).json()["status"] == "succeeded"
    assert stage.sales(payment_id) == 0
    _told_paid(stage, payment_id)


def _unplaced(case: str) -> bytes:
    body = sample_body("card_partner_sale_success")
    nameless = {name: value for name, value in body["payment"].items() if name != "id"}
    return signed({**body, "payment": {**nameless, "description": case}})


def _deliver_unplaced(stage: Stage, case: str, _: int) -> bool:
    return stage.deliver(_unplaced(case)) == 200


def _kept(stage: Stage, case: str) -> None:
    assert stage.is_stored(*message_row(2924, "", _unplaced(case)))


def _order_that_asks(stage: Stage, payment_id: str) -> None:
    stage.merchant.order(amount=10010, payment_id=payment_id)
    stage.wait_for(payment_id, "awaiting_clarification")


def _clarify(stage: Stage, payment_id: str, attempt: int) -> bool:
    address = stage.merchant.payment(payment_id)["checkout_url"] + "/clarification"
    answers = {"customer.email": "amina@example.com", "customer.phone": "254700000007"}
    # An answer that was lost with its function counts as on its way for a minute.
    with ahead(timedelta(seconds=61 * (attempt - 1))):
        sent = requests.post(address, data=answers, timeout=TIMEOUT_S, allow_redirects=False)
    return sent.status_code == 200 or stage.merchant.payment(payment_id)["status"] == "awaiting_redirect"


def _paid_in_the_end(stage: Stage, payment_id: str) -> None:
    paid = stage.merchant.pay(stage.merchant.payment(payment_id))
    assert (paid["status"], stage.sales(payment_id)) == ("succeeded", 1)
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def _order_that_leads_on(stage: Stage, payment_id: str) -> None:
    stage.merchant.order(payment_id=payment_id)
    stage.wait_for(payment_id, "awaiting_redirect")


def _look(stage: Stage, payment_id: str, _: int) -> bool:
    address = stage.merchant.payment(payment_id)["checkout_url"]
    return requests.get(address, timeout=TIMEOUT_S, allow_redirects=False).status_code in {200, 302}


def _pay_untold(stage: Stage, payment_id: str) -> None:
    """The customer pays and comes back, and no callback tells of it."""
    stage.wish(callbacks="no_final")
    stage.merchant.order(payment_id=payment_id)
    stage.wait_for(payment_id, "awaiting_redirect")
    requests.get(stage.merchant.payment(payment_id)["checkout_url"] + "?returned=1", timeout=TIMEOUT_S)
    known = requests.get(f"{stage.system.platform_url}/control/payments/2924/{payment_id}", timeout=TIMEOUT_S).json()
    requests.post(known["decide_url"], data={"outcome": "success"}, timeout=TIMEOUT_S, allow_redirects=False)


def _come_back(stage: Stage, payment_id: str, attempt: int) -> bool:
    address = stage.merchant.payment(payment_id)["checkout_url"] + "/state?returned=1"
    with ahead(timedelta(seconds=31 * attempt)):
        told = requests.get(address, timeout=TIMEOUT_S)
    return told.status_code == 200 and told.json()["action"] == "done"


def _found_paid(stage: Stage, payment_id: str) -> None:
    assert stage.merchant.payment(payment_id)["status"] == "succeeded"
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def _prepare_untold(stage: Stage, payment_id: str) -> None:
    stage.wish(callbacks="none", sale="success")
    stage.merchant.order(payment_id=payment_id)
    wait_for(lambda: stage.provider_says(2924, payment_id) == "success")


def _run_schedule(stage: Stage, payment_id: str, attempt: int) -> bool:
    outcome = stage.run_schedule(later=timedelta(seconds=15) if attempt == 1 else timedelta(hours=5 * attempt))
    return not outcome.failed and stage.merchant.payment(payment_id)["status"] == "succeeded"


def _prepare_damaged(stage: Stage, payment_id: str) -> None:
    stage.paid_already(payment_id)
    store, key = wiring.store(), PaymentKey(2924, payment_id)
    whole = store.read(key)
    assert whole is not None
    store.save(replace(whole, provider=NOTHING_SAID))


def _replay(stage: Stage, _: str, attempt: int) -> bool:
    return not stage.invoke("ReplayFunction", {"limit": 1, "repair": True}).failed


def _repaired(stage: Stage, payment_id: str) -> None:
    assert stage.differences(limit=1) == []
    payment = stage.merchant.payment(payment_id)
    assert (payment["status"], payment["operations"][0]["status"]) == ("succeeded", "success")


def _prepare_given_up(stage: Stage, payment_id: str) -> None:
    event = (EVENTS / "publish_changes/payment_succeeded.json").read_text().replace("order-1002", payment_id)
    letter = json.dumps({"payload": event}).encode()
    stage.system.connect("s3").put_object(Bucket=DEAD_LETTERS, Key=payment_id, Body=letter)


def _redrive(stage: Stage, _: str, attempt: int) -> bool:
    outcome = stage.invoke("RedriveFunction", {})
    return not outcome.failed and outcome.value()["kept"] == []


def _redriven(stage: Stage, payment_id: str) -> None:
    assert stage.system.connect("s3").list_objects_v2(Bucket=DEAD_LETTERS)["KeyCount"] == 0
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def _prepare_person(stage: Stage, payment_id: str) -> None:
    customer = {**CUSTOMER, "id": f"person-{payment_id}", "phone": "12345678900"}
    stage.order_quietly(payment_id, customer=customer, description="for Amina")
    assert stage.deliver(sample_for("card_partner_sale_success", payment_id)) == 200


def _erase(stage: Stage, payment_id: str, _: int) -> bool:
    page = {"customer_id": f"person-{payment_id}", "limit": 1}
    return not stage.invoke("EraseCustomerFunction", page).failed


def _erased(stage: Stage, payment_id: str) -> None:
    text = str(stage.rows(payment_id))
    words = (*CUSTOMER.values(), f"person-{payment_id}", "12345678900", "for Amina")
    assert [word for word in words if word in text] == []
    payment = stage.merchant.payment(payment_id)
    assert (payment["status"], payment["operations"][0]["status"]) == ("succeeded", "success")
    assert [each["what"] for each in payment["timeline"]].count("personal data erased") == 1
    assert stage.told_once(payment_id) == ["PaymentSucceeded"]


def _prepare_unheard(stage: Stage, payment_id: str) -> None:
    """A payment of the project that no other scenario is about, paid without a word."""
    stage.wish(callbacks="none", sale="success")
    stage.merchant.order("enets", payment_id=payment_id)
    wait_for(lambda: stage.provider_says(198, payment_id) == "success")


def _reconcile(stage: Stage, payment_id: str, attempt: int) -> bool:
    """An operator calls, and calls again unless the run has ended: that would begin a new one."""
    today = datetime.now(UTC).date()
    days = {"from": today.isoformat(), "to": (today + timedelta(days=1)).isoformat()}
    kept = wiring.reports().get(f"progress/runs/198/{days['from']}_{days['to']}.json") if attempt > 1 else None
    if kept and json.loads(kept)["stage"] == "done" and stage.stored(payment_id).status == "succeeded":
        return True
    outcome = stage.invoke("ReconcileFunction", {**days, "project_id": 198})
    return not outcome.failed and bool(outcome.value()["done"])


def _brought_in(stage: Stage, payment_id: str) -> None:
    _told_paid(stage, payment_id)
    payment = stage.merchant.payment(payment_id)
    assert [each["source"] for each in payment["timeline"] if "success" in each["what"]] == ["reconciliation"]
    s3, bucket = stage.system.connect("s3"), "ecommpay-report-bucket"
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix="reconciliations/198/")["Contents"]]
    found = [name for name in names if name.endswith("differences.jsonl")]
    lines = [line for name in found for line in s3.get_object(Bucket=bucket, Key=name)["Body"].read().splitlines()]
    mine = [each for each in map(json.loads, lines) if each["payment_id"] == payment_id]
    assert [(each["reason"], each["repaired"]) for each in mine] == [("missing_here", True)]


CREATE, CHECK = "CreatePaymentFunction", "CheckPendingFunction"
_SOLD = (GET, WRITE)

PAYMENT_SCENARIOS = (
    Scenario("order", CREATE, (SECRET, GET, GET, WRITE, *_SOLD), _order, _sold_at_most_once),
    Scenario("order-on-page", CREATE, (SECRET, GET, GET, WRITE), _order_on_page, _created),
    Scenario("order-by-key", CREATE, (SECRET, GET, GET, WRITE, *_SOLD), _order_by_key, _ordered_once),
    Scenario(
        "callback", "CallbackFunction", (SECRET, BATCH, WRITE), _deliver, _told_paid, lambda s, p: s.order_quietly(p)
    ),
    Scenario("callback-early", "CallbackFunction", (SECRET, BATCH, WRITE), _deliver, _joined),
    Scenario("callback-unplaced", "CallbackFunction", (SECRET, "PutItem"), _deliver_unplaced, _kept),
    Scenario("page", "CheckoutFunction", (SECRET, GET, GET, WRITE), _look, _paid_in_the_end, _order_that_leads_on),
    Scenario(
        "page-come-back-to",
        "CheckoutFunction",
        (SECRET, GET, GET, WRITE, BATCH, WRITE, GET),
        _come_back,
        _found_paid,
        _pay_untold,
    ),
    Scenario(
        "clarification",
        "CheckoutFunction",
        (SECRET, GET, GET, GET, WRITE, GET, WRITE, GET),
        _clarify,
        _paid_in_the_end,
        _order_that_asks,
    ),
    Scenario(
        "check-pending",
        CHECK,
        (QUERY, BATCH, GET, SECRET, BATCH, WRITE, GET, WRITE),
        _run_schedule,
        _told_paid,
        _prepare_untold,
    ),
    Scenario(
        "replay",
        "ReplayFunction",
        (QUERY, BATCH, QUERY, GET, GET, QUERY, WRITE),
        _replay,
        _repaired,
        _prepare_damaged,
    ),
    Scenario(
        "erase",
        "EraseCustomerFunction",
        (QUERY, BATCH, GET, WRITE, QUERY, UPDATE, QUERY, GET, WRITE),
        _erase,
        _erased,
        _prepare_person,
    ),
    Scenario(
        "reconcile",
        "ReconcileFunction",
        (
            *(SECRET, KEPT, KEEP, KEEP),  # how far it has come, that it begins, and that it is its turn
            *(KEEP, KEEP) * 2,  # the provider's list of each day
            *(QUERY, QUERY, BATCH, KEEP, KEEP),  # our payments, by the day of their change
            *(LISTED, KEPT, LISTED, KEPT, GET, KEEP, KEEP),  # the first day compared, and what was found
            *(KEPT, GET, BATCH, WRITE, GET, KEEP, KEEP, KEEP),  # brought in, where it is still missing
            *(LISTED, KEPT, LISTED, KEEP),  # the second day
            *(KEPT, KEEP, KEEP, "PutEvents", KEEP),  # the result, and that it was told
        ),
        _reconcile,
        _brought_in,
        _prepare_unheard,
    ),
    Scenario(
        "redrive",
        "RedriveFunction",
        ("ListObjectsV2", "GetObject", "PutEvents", "DeleteObject"),
        _redrive,
        _redriven,
        _prepare_given_up,
    ),
)
