"""A stand-in for the public API and for the platform's control API: it answers what the test gave it to answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response


def payment(**differs: Any) -> dict[str, Any]:
    """A paid card payment as the API tells it, changed where the test says."""
    return {
        "payment_id": "shop-1",
        "project_id": 2924,
        "interface": "payment_page",
        "method": "card-partner",
        "status": "succeeded",
        "provider_status": "success",
        "amount": 245000,
        "currency": "KES",
        "refunded_amount": 0,
        "description": "Highland coffee",
        "customer": {"id": "visitor-shop-1"},
        "checkout_url": "http://127.0.0.1:3000/checkout/t0ken",
        "created_at": "2026-11-21T17:52:00.123Z",
        "updated_at": "2026-11-21T17:53:00.000Z",
        "expires_at": "2026-11-22T17:52:00.123Z",
        "refund_policy": "full",
        "operations": [
            {
                "operation_id": "77",
                "type": "sale",
                "status": "success",
                "amount": 245000,
                "currency": "KES",
                "code": "0",
                "message": "Success",
                "request_id": "r-1",
                "at": "2026-11-21T17:53:00.000Z",
            }
        ],
        "refunds": [],
        "timeline": [{"at": "2026-11-21T17:52:00.123Z", "source": "api", "what": "Payment created"}],
        **differs,
    }


def refund(**differs: Any) -> dict[str, Any]:
    """A refund that waits for ECommPay's support."""
    return {
        "refund_id": "rf-1",
        "payment_id": "shop-1",
        "project_id": 198,
        "amount": 1250,
        "currency": "SGD",
        "status": "awaiting_support",
        "reason": "Asked for in the demo shop",
        "request_id": None,
        "operation_type": None,
        "code": None,
        "message": None,
        "execution": "arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:rf-1",
        "created_at": "2026-11-21T17:54:00.000Z",
        "updated_at": "2026-11-21T17:54:00.000Z",
        **differs,
    }


def set_at_platform(**differs: Any) -> dict[str, Any]:
    """What the platform tells of its wishes: nothing is set, but for what the test says."""
    untouched = {"lose": 0, "duplicate": 0, "delay": 0, "reorder": 0}
    return {"sale": {}, "refund": "", "callbacks": untouched, "seconds": 0.0, **differs}


def delivery(**differs: Any) -> dict[str, Any]:
    """A callback that the platform sent and the merchant took."""
    return {
        "delivery_id": 1,
        "project_id": 2924,
        "payment_id": "shop-1",
        "what": "sale success",
        "url": "http://127.0.0.1:3000/callbacks/ecommpay",
        "body": {},
        "at": "2026-11-21T17:53:00+00:00",
        "state": "delivered",
        "tries": [{"at": "2026-11-21T17:53:00+00:00", "answer": 200}],
        **differs,
    }


@dataclass
class StandIn:
    """Answers by method and path; remembers method, path, query and JSON body of every request."""

    url: str
    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        body = json.loads(request.get_data() or b"null")
        self.asked.append((request.method, request.path, request.args.to_dict(), body))
        status, said = self.answers.get((request.method, request.path), (404, {"title": "Not found", "detail": "No."}))
        text = said if isinstance(said, str) else json.dumps(said)
        return Response(text, status, content_type="application/json")


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A stand-in on a port of its own."""

    def application(environ: Any, start: Any) -> Any:
        return served.answer(Request(environ))(environ, start)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    served = StandIn(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
