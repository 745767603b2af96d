"""How Gate gives an answer: properly, or in one of the ways in which answers go wrong (outcomes.GATE_WORDS)."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Response

from local.ecommpay.delivery import Delivery
from local.ecommpay.engine import Engine
from local.ecommpay.refusals import Refused

#: What Gate does before it answers; returns the answer's body and the callbacks that went out on the way.
Act = Callable[[], tuple[dict[str, Any], list[Delivery]]]

CALLBACK_FIRST_S = 5.0


def json_response(body: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(json.dumps(body), status=status, content_type="application/json")


def refusal_response(refusal: Refused, status: int) -> Response:
    """Return the error acknowledgement: exactly status, code and message (PROTOCOL §5.4)."""
    return json_response({"status": "error", "code": refusal.code, "message": refusal.message}, status)


def give(engine: Engine, word: str, act: Act) -> Response:
    """Do what was asked and answer, in the order and the shape that `word` asks for."""
    if word == "refuse":
        raise Refused("3102")
    if word in INSTEAD:
        return INSTEAD[word](engine)
    body, deliveries = act()
    if word == "after_callbacks":
        _wait_for_a_try(engine, deliveries)
    return AFTERWARDS[word](engine, body) if word in AFTERWARDS else json_response(body)


def _internal_error(_engine: Engine, _body: dict[str, Any] | None = None) -> Response:
    return Response("<html><h1>500 Internal Server Error</h1></html>", status=500, content_type="text/html")


def _hang(engine: Engine, _body: dict[str, Any] | None = None) -> Response:
    """Say nothing for so long that the client gives up."""
    engine.stopping.wait(engine.settings.hang_s)
    return Response("<html><h1>504 Gateway Time-out</h1></html>", status=504, content_type="text/html")


def _refuse_in_200(_engine: Engine) -> Response:
    return refusal_response(Refused("3102"), 200)


def _garble(_engine: Engine, _body: dict[str, Any]) -> Response:
    return Response("<html><title>Welcome to nginx</title></html>", content_type="text/html")


def _cut_off(_engine: Engine, body: dict[str, Any]) -> Response:
    """Announce the whole answer and send half of it."""
    text = json.dumps(body)
    response = Response([text[: len(text) // 2]], content_type="application/json")
    response.headers["Content-Length"] = str(len(text))
    return response


def _wait_for_a_try(engine: Engine, deliveries: list[Delivery]) -> None:
    until = time.monotonic() + CALLBACK_FIRST_S
    while time.monotonic() < until and not engine.stopping.is_set():
        with engine.store.lock:
            if all(delivery.tries or delivery.state != "waiting" for delivery in deliveries):
                return
        engine.stopping.wait(0.02)


#: Answers that are given without doing anything, and answers that hide that all was done.
INSTEAD: Mapping[str, Callable[[Engine], Response]] = {
    "refuse_in_200": _refuse_in_200,
    "error_before": _internal_error,
    "hang_before": _hang,
}
AFTERWARDS: Mapping[str, Callable[[Engine, dict[str, Any]], Response]] = {
    "error_after": _internal_error,
    "hang_after": _hang,
    "garbled": _garble,
    "cut_off": _cut_off,
}
