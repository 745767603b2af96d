"""An installation as it answers from outside: who may do what, a payment's life, the workflow behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
import requests
import yaml

from ecommpay_signing import sign
from payments.openapi import describe_api
from tests.e2e.target import TIMEOUT_S, Target
from tests.structure.sources import ROOT

AMOUNT, CURRENCY = 10000, "KES"
STATES = yaml.safe_load((ROOT / "statemachines/refund.asl.yaml").read_text(encoding="utf-8"))["States"]


def merchant_routes() -> Iterator[tuple[str, str]]:
    """Method and an address of every route that wants credentials."""
    for path, methods in describe_api()["paths"].items():
        for method, operation in methods.items():
            if operation.get("security") != []:
                yield method.upper(), path.replace("{payment_id}", "nobody").replace("{refund_id}", "nothing")


@pytest.mark.parametrize(("method", "path"), list(merchant_routes()))
def test_a_merchants_route_refuses_whoever_does_not_sign(target: Target, method: str, path: str) -> None:
    answer = target.stranger(method, path)

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_a_merchant_who_signs_is_let_in(target: Target) -> None:
    answer = target.merchant("GET", f"/payments/e2e-{uuid4().hex}")

    assert (answer.status_code, answer.json()["title"]) == (404, "Payment not found")


def test_a_merchants_name_without_the_key_is_refused(target: Target) -> None:
    credentials = target.session.get_credentials()
    assert credentials is not None
    session = boto3.session.Session(credentials.access_key, "not-the-key", region_name=target.session.region_name)

    answer = replace(target, session=session).merchant("GET", "/payments")

    assert answer.status_code == 403


def test_the_description_is_the_one_of_these_files(target: Target) -> None:
    answer = target.stranger("GET", "/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(describe_api()))


@pytest.mark.parametrize(
    ("body", "status", "title"),
    [
        (b"{", 400, "Malformed request"),
        (b"{}", 403, "Signature refused"),
        (b'{"project_id": 1, "payment": {"id": "e2e"}, "signature": "Zm9yZ2Vk"}', 403, "Signature refused"),
    ],
)
def test_a_callback_that_is_not_ecommpays_is_refused(target: Target, body: bytes, status: int, title: str) -> None:
    answer = target.call_back(body)

    assert (answer.status_code, answer.json()["title"]) == (status, title)


def test_a_guessed_page_is_not_found(target: Target) -> None:
    answer = target.stranger("GET", f"/checkout/{uuid4().hex}.{uuid4().hex}")

    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_a_payment_is_ordered_once_paid_once_and_shown(target: Target) -> None:
    if target.project_id is None or target.secret_key is None:
        pytest.skip("no callback may be signed here: production, or a secret that is empty or may not be read")
    order = order_for(target.project_id)
    path = f"/payments/{order['payment_id']}"

    first, again = target.merchant("POST", "/payments", order), target.merchant("POST", "/payments", order)
    other = target.merchant("POST", "/payments", {**order, "amount": AMOUNT + 1})
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 409]
    assert first.headers["location"] == path
    payment = first.json()
    told = {name: payment[name] for name in ("payment_id", "project_id", "status", "amount", "currency")}
    assert told == {**{name: order[name] for name in told if name != "status"}, "status": "created"}
    assert "signature=" in payment["payment_page_url"]

    page = requests.get(payment["checkout_url"], allow_redirects=False, timeout=TIMEOUT_S)
    assert (page.status_code, page.headers["location"]) == (302, payment["payment_page_url"])

    message = paid(order, target.secret_key)
    assert [target.call_back(message).status_code for _ in range(2)] == [200, 200]
    shown = target.merchant("GET", path).json()
    assert (shown["status"], shown["provider_status"]) == ("succeeded", "success")
    operations = [(each["type"], each["status"], each["amount"]) for each in shown["operations"]]
    assert operations == [("sale", "success", AMOUNT)]

    listed = target.merchant("GET", "/payments?limit=100").json()["items"]
    assert order["payment_id"] in [each["payment_id"] for each in listed]
    state = requests.get(f"{payment['checkout_url']}/state", timeout=TIMEOUT_S)
    assert (state.status_code, state.json()["status"], state.json()["action"]) == (200, "succeeded", "done")


def order_for(project_id: int) -> dict[str, Any]:
    """An order on the Payment Page, which asks nothing of ECommPay before a customer comes."""
    return {
        "payment_id": f"e2e-{uuid4().hex}",
        "project_id": project_id,
        "interface": "payment_page",
        "method": "card-partner",
        "amount": AMOUNT,
        "currency": CURRENCY,
        "customer": {"id": "e2e"},
    }


def paid(order: dict[str, Any], secret_key: str) -> bytes:
    """A callback as ECommPay would send it for this order, signed with the project's key."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    money = {"amount": order["amount"], "currency": order["currency"]}
    message: dict[str, Any] = {
        "project_id": order["project_id"],
        "payment": {
            "id": order["payment_id"],
            "type": "purchase",
            "status": "success",
            "date": now,
            "method": "Card partner",
            "sum": money,
        },
        "customer": {"id": "e2e"},
        "operation": {
            "id": time.time_ns(),
            "type": "sale",
            "status": "success",
            "date": now,
            "created_date": now,
            "sum_initial": money,
            "sum_converted": money,
            "code": "0",
            "message": "Success",
        },
    }
    return json.dumps({**message, "signature": sign(message, secret_key)}).encode()


def test_the_refund_workflow_is_the_one_of_these_files(target: Target) -> None:
    machine = target.connect("stepfunctions").describe_state_machine(stateMachineArn=target.workflow_arn)

    assert (machine["status"], machine["type"]) == ("ACTIVE", "STANDARD")
    assert set(json.loads(machine["definition"])["States"]) == set(STATES)


def test_a_refund_of_nothing_is_refused_by_name(target: Target) -> None:
    workflows = target.connect("stepfunctions")
    started = workflows.start_execution(
        stateMachineArn=target.workflow_arn, input=json.dumps({"payment_id": f"e2e-{uuid4().hex}"})
    )

    deadline = time.monotonic() + 60
    ended = workflows.describe_execution(executionArn=started["executionArn"])
    while ended["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.2)
        ended = workflows.describe_execution(executionArn=started["executionArn"])

    assert (ended["status"], ended["error"]) == ("FAILED", "PaymentNotFound")
