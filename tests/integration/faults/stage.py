"""Where the fault tests play: a running system, what happens to it, and what it must hold against all that."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

import requests

from ecommpay_signing import loads, signed_view
from local.ecommpay.callbacks import callback_body, encode
from local.ecommpay.engine import Engine
from local.lambdas import Outcome
from local.settings import DEMO_PROJECTS, PROJECT_FOLDER
from local.system import LocalSystem
from payments import wiring
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import NOTHING_SAID
from payments.gate.messages import report
from payments.ports import Message
from tests.support.faults import Faults, ahead
from tests.support.local_system import counted, received_messages
from tests.support.measures import SOAK
from tests.support.merchant import PROJECTS, TIMEOUT_S, Merchant

EVENTS = PROJECT_FOLDER / "events"
CALLBACK_EVENT = json.loads((EVENTS / "callback/card_partner_sale_success.json").read_text())
#: `make soak` sets SOAK=1: the same tests with so many times the seeds.
HEAVIER = 5 if SOAK else 1
PAID_AT_ONCE = 10001
PAUSE_S = 0.05
MOST_DELIVERIES = 200

#: (detail type, refund id or "") → the event ids it was told with.
Told = dict[tuple[str, str], set[str]]


def sample_body(name: str) -> dict[str, Any]:
    """The body of a callback sample, signature included."""
    body: dict[str, Any] = json.loads(json.loads((EVENTS / f"callback/{name}.json").read_text())["body"])
    return body


def signed(body: dict[str, Any], *, project_id: int | None = None) -> bytes:
    """The body as the platform sends it, signed by its own project or by another one."""
    return encode(body, DEMO_PROJECTS[str(project_id or body["project_id"])]["secret_keys"][0])


def sample_for(name: str, payment_id: str) -> bytes:
    """A callback sample about another payment."""
    body = sample_body(name)
    return signed({**body, "payment": {**body["payment"], "id": payment_id}})


def redeliver(act: Callable[[int], bool], *, most: int = MOST_DELIVERIES) -> int:
    """Do what a trigger does until it is content, at most so often; how often it took."""
    for attempt in range(1, most + 1):
        if act(attempt):
            return attempt
    raise AssertionError(f"not content after {most} deliveries")


@dataclass
class Stage:
    """One system under faults, and everybody who meets it."""

    system: LocalSystem
    faults: Faults
    merchant: Merchant
    models: dict[str, Payment] = field(default_factory=dict)
    """A payment of each method that was paid over the API."""
    _told: dict[str, Told] = field(default_factory=dict)

    def invoke(self, function: str, event: Any) -> Outcome:
        """What becomes of one invocation."""
        return self.system.functions.invoke(function, event)

    def deliver(self, body: bytes) -> int:
        """The HTTP status by which one delivery of a callback is answered."""
        outcome = self.invoke("CallbackFunction", {**CALLBACK_EVENT, "body": body.decode()})
        return 500 if outcome.failed else int(outcome.value()["statusCode"])

    def deliver_until_stored(self, body: bytes, row: tuple[str, str]) -> int:
        """Deliver a callback until exactly 200, and find its row there right after; how often it took."""
        deliveries = redeliver(lambda _: self.deliver(body) == 200)
        assert self.is_stored(*row), "200 without a durable write"
        return deliveries

    def order_quietly(self, payment_id: str, method: str = "card-partner", amount: int = 1000, **more: Any) -> Any:
        """A Gate payment of which the platform tells nothing by itself."""
        self.wish(callbacks="none")
        answer = self.merchant.order(method, amount=amount, payment_id=payment_id, **more)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def paid(self, payment_id: str, method: str = "card-partner") -> dict[str, Any]:
        """A payment that is paid, and all that follows from it done."""
        answer = self.merchant.order(method, amount=PAID_AT_ONCE, payment_id=payment_id)
        assert answer.status_code == 202, answer.text
        payment = self.wait_for(payment_id, "succeeded")
        assert self.system.wait_until_delivered()
        return payment

    def paid_alike(self, payment_id: str, *, method: str = "card-partner", refund: str = "success") -> None:
        """A payment that is paid, on both sides, like the first one of its method, in one write instead of its whole life.

        `refund` is what Gate does with one, in the words of the pretend platform: success, decline, stuck, silent, …
        """
        project_id, model_id = PROJECTS[method], f"model-{method}"
        if method not in self.models:
            self.paid(model_id, method)
            self.models[method] = self.stored(model_id)
        with self.platform.store.lock:
            theirs = self.platform.store.payments[(project_id, model_id)]
            twin = replace(
                theirs,
                payment_id=payment_id,
                operations=[replace(each) for each in theirs.operations],
                outcome=replace(theirs.outcome, refund=refund),
                handles=[],
            )
            self.platform.store.add(twin)
            body = signed(callback_body(twin, twin.operations[0]))
        now, key, digest = wiring.clock(), PaymentKey(project_id, payment_id), hashlib.sha256(body).hexdigest()
        said = report(signed_view(loads(body)), digest=digest)
        model = self.models[method]
        assert model.order is not None
        order = replace(model.order, created_at=now)
        fresh = replace(model, key=key, order=order, provider=NOTHING_SAID, timeline=(), version=0)
        paid = fresh.told(said, at=now, source="callback", what="paid")
        wiring.store().save(paid, message=Message(key, digest, body, received_at=now, source="callback"))

    def paid_already(self, payment_id: str, method: str = "card-partner") -> None:
        """As `paid`, for whoever does not care how it was paid."""
        self.paid_alike(payment_id, method=method)
        assert self.system.wait_until_delivered()

    def wish(self, **wishes: str) -> None:
        """Tell the platform what to do next."""
        answer = requests.post(f"{self.system.platform_url}/control/next", json=wishes, timeout=TIMEOUT_S)
        assert answer.status_code == 200, answer.text

    def run_schedule(self, *, later: timedelta) -> Outcome:
        """One run of the schedule, so much later."""
        with ahead(later):
            return self.invoke("CheckPendingFunction", {})

    def rows(self, payment_id: str) -> list[dict[str, Any]]:
        """What the table holds of a payment, read past all our code; messages first."""
        return self._query(f"PAYMENT#{payment_id}")

    def message_rows(self, payment_id: str) -> list[str]:
        """The digests of the stored messages of a payment."""
        keys = [row["sk"]["S"] for row in self.rows(payment_id)]
        return [key.rpartition("#")[2] for key in keys if key.startswith("MESSAGE#")]

    def is_stored(self, partition: str, sort_key: str) -> bool:
        """Whether the table holds this row."""
        return sort_key in {row["sk"]["S"] for row in self._query(partition)}

    def _query(self, partition: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.system.connect("dynamodb").query(
            TableName=self.system.table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )["Items"]
        return rows

    def told(self, payment_id: str) -> Told:
        """The events about a payment, once every write is published."""
        assert self.system.wait_until_delivered(timeout_s=60)
        queues, url = self.system.connect("sqs"), self._events_url
        while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            read = [{"Id": str(place), "ReceiptHandle": each["ReceiptHandle"]} for place, each in enumerate(messages)]
            queues.delete_message_batch(QueueUrl=url, Entries=read)
            for message in messages:
                self._note(json.loads(message["Body"]))
        return self._told.get(payment_id, {})

    @cached_property
    def _events_url(self) -> str:
        return str(self.system.connect("sqs").get_queue_url(QueueName="ecommpay-events")["QueueUrl"])

    def _note(self, event: dict[str, Any]) -> None:
        part = next(iter(event["detail"]["data"].values()))
        if "payment_id" not in part:  # what is told of days, and not of a payment
            return
        told = self._told.setdefault(part["payment_id"], {})
        kind = (event["detail-type"], part.get("refund_id", ""))
        told.setdefault(kind, set()).add(event["detail"]["metadata"]["event_id"])

    def told_once(self, payment_id: str) -> list[str]:
        """The kinds of events about a payment, after checking that each change has exactly one id."""
        told = self.told(payment_id)
        assert {kind: len(ids) for kind, ids in told.items()} == dict.fromkeys(told, 1)
        return sorted(detail_type for detail_type, _ in told)

    def wait_for_letter(self, refund_id: str) -> None:
        """Until the operators have a letter about this refund; letters may come twice, and late ones lie before it."""
        while not any(refund_id in each for each in received_messages(self.system, "ecommpay-operators-inbox", 1)):
            continue

    def differences(self, limit: int = 100) -> list[Any]:
        """What the replay of the newest payments finds."""
        found: list[Any] = self.invoke("ReplayFunction", {"limit": limit}).value()["differences"]
        return found

    def counted(self, metric: str) -> float:
        """How often the functions have counted this."""
        return sum(counted(self.system, metric))

    def sales(self, payment_id: str) -> int:
        """How many sale requests reached Gate."""
        return self._requests(payment_id, "/sale")

    def refunds(self, payment_id: str) -> int:
        """How many refund requests reached Gate."""
        return self._requests(payment_id, "/refund")

    def _requests(self, payment_id: str, ending: str) -> int:
        bodies = [each["body"] for each in self.platform.store.gate_log if each["path"].endswith(ending)]
        return sum(body["general"]["payment_id"] == payment_id for body in bodies)

    @property
    def platform(self) -> Engine:
        """The insides of the pretend platform, which runs in this process."""
        assert self.system.platform is not None
        return self.system.platform.engine

    def provider_says(self, project_id: int, payment_id: str) -> str:
        """The platform's own word for a payment, empty where it does not know it."""
        payment = self.platform.store.find(project_id, payment_id)
        return payment.status if payment else ""

    def settle(self, payment_id: str) -> dict[str, Any]:
        """Let the schedule run, ever later, until nothing of the payment is on its way; the payment as it then stands."""

        def act(attempt: int) -> bool:
            self.run_schedule(later=timedelta(minutes=2) if attempt == 1 else timedelta(hours=26 * attempt))
            # An execution that runs meanwhile gets the time that its waits and repetitions take.
            came_true(lambda: not self._awaits_refund(payment_id), patience_s=6 if attempt == 1 else 0)
            return not self._awaits_refund(payment_id) and self.stored(payment_id).status != "processing"

        redeliver(act, most=30)
        return self.merchant.payment(payment_id)

    def _awaits_refund(self, payment_id: str) -> bool:
        return any(each.status in {"requested", "sent"} for each in self.stored(payment_id).refunds)

    def stored(self, payment_id: str) -> Payment:
        """The payment as it is stored."""
        return wiring.store().find(payment_id)[0]

    def wait_for(self, payment_id: str, status: str) -> dict[str, Any]:
        """The payment once it has this status."""
        assert came_true(lambda: self.stored(payment_id).status == status, patience_s=20), self.stored(
            payment_id
        ).status
        return self.merchant.payment(payment_id)


def came_true(ask: Callable[[], bool], *, patience_s: float) -> bool:
    """Whether it comes true in time; asked rarely, for a test that waits for two threads should leave them the CPU."""
    deadline = time.monotonic() + patience_s
    while not ask():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True


def message_row(project_id: int, payment_id: str, body: bytes) -> tuple[str, str]:
    """Where a callback has to be in the table."""
    partition = f"PAYMENT#{payment_id}" if payment_id else f"UNPLACED#{project_id}"
    return partition, f"MESSAGE#{project_id}#{hashlib.sha256(body).hexdigest()}"
