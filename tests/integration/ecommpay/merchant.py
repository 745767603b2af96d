"""The merchant's side for these tests: a server that takes callbacks, and a hand that signs and posts."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from werkzeug.test import Client, TestResponse

from local.ecommpay import Platform
from local.ecommpay.signature import matches, sign

SECRETS = {2924: "local-secret-2924", 198: "local-secret-198"}
DEADLINE_S = 10.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Sink:
    """A server that keeps the bodies it is sent; `answers` are the statuses to give, then 200 for ever."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.answers: list[int] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                sink.raw.append(raw)
                sink.bodies.append(json.loads(raw))
                self.send_response(sink.answers.pop(0) if sink.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the method it replaces
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/callbacks"

    def statuses(self) -> list[str]:
        """Return `type status` of the operation in every body so far."""
        return [f"{body['operation']['type']} {body['operation']['status']}" for body in list(self.bodies)]

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Return the bodies once there are `count` of them."""
        until(lambda: len(self.bodies) >= count, lambda: f"{self.statuses()}, wanted {count}")
        return self.bodies

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def until(condition: Callable[[], Any], what: Callable[[], str] = lambda: "the condition") -> None:
    """Poll until the condition holds, or fail at the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"in vain: {what()}"
        time.sleep(0.005)


class Merchant:
    """A merchant with a server for callbacks, in front of one platform."""

    def __init__(self, platform: Platform, sink: Sink, clock: Clock) -> None:
        self.platform = platform
        self.sink = sink
        self.clock = clock
        self.client = Client(platform.wsgi)

    def post(self, path: str, body: dict[str, Any], *, key: str | None = None) -> TestResponse:
        """Post a body to Gate, signed in `general` or at the top."""
        place = body.get("general", body)
        bare = {**body, "general": dict(place)} if "general" in body else dict(body)
        signature = sign(bare, key or SECRETS[place["project_id"]])
        bare.get("general", bare)["signature"] = signature
        return self.client.post(f"/v2/payment/{path}", json=bare)

    def general(self, payment_id: str, project_id: int = 2924) -> dict[str, Any]:
        return {"project_id": project_id, "payment_id": payment_id, "merchant_callback_url": self.sink.url}

    def kes_sale(self, payment_id: str = "order-1", amount: int = 10000, **changes: Any) -> dict[str, Any]:
        """Return the body of a card-partner sale; changes replace whole objects."""
        return {
            "general": self.general(payment_id),
            "customer": {"id": "c-1", "ip_address": "1.2.3.4", "phone": "254700000001", "email": "ann@shop.example"},
            "payment": {"amount": amount, "currency": "KES", "description": "Order 1"},
            **changes,
        }

    def sgd_sale(self, payment_id: str = "order-1", amount: int = 10000, **changes: Any) -> dict[str, Any]:
        """Return the body of an enets sale."""
        names = {"first_name": "Ann", "last_name": "Lee", "email": "ann@shop.example"}
        return {
            "general": self.general(payment_id, 198),
            "customer": {"id": "c-1", "ip_address": "1.2.3.4", **names},
            "payment": {"amount": amount, "currency": "SGD"},
            **changes,
        }

    def sell(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post a sale that must be acknowledged."""
        response = self.post(path, body)
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def known(self, payment_id: str = "order-1", project_id: int = 2924) -> dict[str, Any]:
        """Return the payment as the control API shows it."""
        return dict(self.client.get(f"/control/payments/{project_id}/{payment_id}").json or {})

    def wait_for_status(self, status: str, payment_id: str = "order-1", project_id: int = 2924) -> dict[str, Any]:
        """Return the payment once it has the status."""
        until(lambda: self.known(payment_id, project_id).get("status") == status, lambda: str(self.known(payment_id)))
        return self.known(payment_id, project_id)

    def decide(self, outcome: str, payment_id: str = "order-1", project_id: int = 2924) -> TestResponse:
        """Do what the person does on the partner's or the bank's page, once the platform has sent them there."""
        address = self.wait_for_status("awaiting redirect result", payment_id, project_id)["decide_url"]
        return self.client.post(address.removeprefix("http://platform.local"), data={"outcome": outcome})

    def paid(self, amount: int = 10000, payment_id: str = "order-1") -> None:
        """Have a card-partner payment paid."""
        self.sell("card-partner/sale", self.kes_sale(payment_id, amount))
        self.decide("success", payment_id)

    def refund(self, payment_id: str = "order-1", **changes: Any) -> TestResponse:
        return self.post("card-partner/refund", {"general": self.general(payment_id), **changes})

    def status(self, payment_id: str = "order-1", project_id: int = 2924) -> dict[str, Any]:
        """Return the payment's status as Gate tells it, its signature checked."""
        response = self.post("status", {"general": self.general(payment_id, project_id)})
        body = dict(response.json or {})
        assert response.status_code == 200, body
        assert matches(body, body["signature"], [SECRETS[project_id]])
        return body

    def operations(self, payment_id: str = "order-1") -> list[str]:
        """Return `type status` of every operation that the status shows."""
        return [f"{each['type']} {each['status']}" for each in self.status(payment_id)["operations"]]
