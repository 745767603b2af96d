"""The two lives that are counted: a payment through Gate from order to success, and its refund through the workflow.

ECommPay's callbacks are sent from here, one after the other, so that every run counts the same. The customer's browser
asks as the waiting page's script does in some eight seconds, before the customer is sent on and after the return.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from ecommpay_signing import sign
from local.cost.counting import CountingHost
from local.cost.units import Units
from local.ecommpay import DeliverySettings
from local.settings import DEMO_PROJECTS, LocalSettings
from local.system import LocalSystem
from payments.aws import clients
from payments.aws.dynamodb import DynamoStore
from payments.domain.payment import Payment, PaymentKey

PROJECT_ID = 2924
QUESTIONS = 4
PATIENCE_S = 30.0
TIMEOUT_S = 30
RESTING_S = 3600.0
#: An amount that the pretend platform takes at once, without a customer.
MONEY = {"amount": 10001, "currency": "KES"}
CUSTOMER = {"id": "buyer-9", "ip_address": "192.0.2.9", "phone": "254700000009", "email": "buyer@example.com"}
REDIRECT = {"method": "POST", "url": "https://partner.example.com/pay", "body": {"session": "f0e1d2c3b4a5968778695a4b"}}


@dataclass
class Story:
    """One counted run."""

    system: LocalSystem
    host: CountingHost
    asked: dict[str, int]
    answered_bytes: int = 0
    told: int = 0
    payment_id: str = "order-1001"

    def ask(self, route: str, address: str, *, body: Any = None) -> requests.Response:
        """Send a request of this route, count it, and let everything that follows from it happen."""
        answer = requests.request(route.split(maxsplit=1)[0], address, json=body, timeout=TIMEOUT_S)
        assert answer.status_code < 400, answer.text
        self.asked[route] = self.asked.get(route, 0) + 1
        self.answered_bytes += len(answer.content) + sum(len(name) + len(text) for name, text in answer.headers.items())
        assert self.system.wait_until_delivered()
        return answer

    def stored(self) -> Payment:
        """The payment as it lies in the table, read past the functions."""
        store = DynamoStore(self.system.connect("dynamodb"), self.system.table_name)
        payment = store.read(PaymentKey(PROJECT_ID, self.payment_id))
        assert payment is not None
        return payment

    def call_back(self, status: str, operation: str, request_id: str, **more: Any) -> None:
        """Send a callback as ECommPay does, in the shape and size of its own; each is a second after the last."""
        self.told += 1
        date = (datetime.now(UTC) + timedelta(seconds=self.told)).strftime("%Y-%m-%dT%H:%M:%S+0000")
        kind, operation_status = operation.split(maxsplit=1)
        message: Mapping[str, Any] = {
            "project_id": PROJECT_ID,
            "payment": {
                "id": self.payment_id,
                "type": "purchase",
                "status": status,
                "date": date,
                "method": "Card partner",
                "sum": MONEY if status != "refunded" else {**MONEY, "amount": 0},
                "description": "Two tickets, row 7",
            },
            "customer": {"id": CUSTOMER["id"], "phone": CUSTOMER["phone"]},
            "operation": {
                "id": 50011 if kind == "sale" else 50012,
                "type": kind,
                "status": operation_status,
                "date": date,
                "created_date": date,
                "request_id": request_id,
                "sum_initial": MONEY,
                "sum_converted": MONEY,
                "code": "0",
                "message": "Success",
                "provider": {"id": 2377, "payment_id": "1606000000000B", "auth_code": ""},
            },
            **more,
        }
        key = DEMO_PROJECTS[str(PROJECT_ID)]["secret_keys"][0]
        body = {**message, "signature": sign(message, key)}
        self.ask("POST /callbacks/ecommpay", f"{self.system.url}/callbacks/ecommpay", body=body)

    def payment(self) -> dict[str, Any]:
        """The payment as the merchant sees it, counted."""
        answer = self.ask("GET /payments/{payment_id}", f"{self.system.url}/payments/{self.payment_id}")
        read: dict[str, Any] = answer.json()
        return read


def count_lives() -> dict[str, Any]:
    """What a payment takes, and what its refund takes on top."""
    with _running() as story:
        before = _taken(story)
        lives = {}
        for name, live in (("payment", _live), ("refund", _refund)):
            live(story)
            after = _taken(story)
            lives[name] = _difference(after, before)
            before = after
        return lives


def _live(story: Story) -> None:
    order = {
        "payment_id": story.payment_id,
        "project_id": PROJECT_ID,
        "interface": "gate",
        "method": "card-partner",
        "customer": CUSTOMER,
        "return_url": "https://shop.example.com/orders/1001",
        **MONEY,
    }
    page = story.ask("POST /payments", f"{story.system.url}/payments", body=order).json()["checkout_url"]
    request_id = story.stored().request_id
    story.call_back("processing", "sale processing", request_id)
    _look(story, page)
    story.call_back("awaiting redirect result", "sale awaiting redirect result", request_id, redirect_data=REDIRECT)
    story.ask("GET /checkout/{token}", page)
    _look(story, f"{page}?returned=1")
    story.call_back("success", "sale success", request_id)
    story.ask("GET /checkout/{token}", f"{page}?returned=1")
    assert story.payment()["status"] == "succeeded"


def _look(story: Story, page: str) -> None:
    """The page that waits, and its script's questions."""
    story.ask("GET /checkout/{token}", page)
    for _ in range(QUESTIONS):
        story.ask("GET /checkout/{token}/state", f"{page.partition('?')[0]}/state")


def _refund(story: Story) -> None:
    address = f"{story.system.url}/payments/{story.payment_id}/refunds"
    started = story.ask("POST /payments/{payment_id}/refunds", address, body={}).json()
    _wait(lambda: bool(story.stored().refunds[0].request_id))
    assert story.system.wait_until_delivered()
    story.call_back("refunded", "refund success", story.stored().refunds[0].request_id)
    workflow = story.system.connect("stepfunctions")
    _wait(lambda: workflow.describe_execution(executionArn=started["execution"])["status"] == "SUCCEEDED")
    assert story.system.wait_until_delivered()
    assert story.payment()["status"] == "refunded"


def _gate_requests(story: Story) -> int:
    answer = requests.get(f"{story.system.platform_url}/control/requests", timeout=TIMEOUT_S)
    return len(answer.json()["requests"])


def _transitions(story: Story) -> int:
    """How many states the workflow has entered."""
    workflow = story.system.connect("stepfunctions")
    executions = workflow.list_executions(stateMachineArn=story.system.state_machine_arn)["executions"]
    histories = (
        workflow.get_execution_history(executionArn=each["executionArn"], maxResults=1000) for each in executions
    )
    return sum(event["type"].endswith("StateEntered") for history in histories for event in history["events"])


def _taken(story: Story) -> dict[str, Any]:
    """Everything that was taken so far."""
    counts, units = story.host.counts, story.host.units
    log = story.system.settings.run_folder / "functions.log"
    return {
        "requests": dict(story.asked),
        "invocations": dict(counts.invocations),
        "calls": dict(counts.calls),
        "gate_requests": _gate_requests(story),
        "write_units": units.written,
        "read_units": units.read,
        "events": counts.events,
        "notifications": counts.notifications,
        "state_transitions": _transitions(story),
        "stored_bytes": units.stored_bytes,
        "answered_bytes": story.answered_bytes,
        "log_bytes": log.stat().st_size,
    }


def _difference(after: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What came in between, by name; nothing is told of what did not come."""
    found: dict[str, Any] = {}
    for name, value in after.items():
        if isinstance(value, Mapping):
            here = {each: count - before[name].get(each, 0) for each, count in sorted(value.items())}
            found[name] = {each: count for each, count in here.items() if count}
        else:
            found[name] = value - before[name]
    return found


def _wait(ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ask():
        if time.monotonic() > deadline:
            raise TimeoutError("the refund did not end")
        time.sleep(0.02)


@contextmanager
def _running() -> Iterator[Story]:
    hosts: list[CountingHost] = []

    def make_host(functions: Any) -> CountingHost:
        hosts.append(CountingHost(functions))
        return hosts[0]

    with tempfile.TemporaryDirectory() as folder:
        settings = LocalSettings(
            port=0, platform_port=0, aws_port=0, schedule_minute_s=RESTING_S, run_folder=Path(folder)
        )
        with LocalSystem(settings, delivery=DeliverySettings(lose_next=1000), make_host=make_host) as system:
            host = hosts[0]
            host.units = Units(system.template.tables[0].request["GlobalSecondaryIndexes"])
            for connect in (clients.dynamodb, clients.event_bridge, clients.sns, clients.step_functions):
                host.watch(connect())
            yield Story(system, host, {})
