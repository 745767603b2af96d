"""The HTTP API: turns requests into API Gateway events of payload format 2.0 and function answers into responses.

Routes come from template.yaml. The paths of the demo shop and of the reports, which AWS has not, are theirs.
"""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from local.lambdas import InvocationPending, Outcome, UnknownFunction
from local.payload import MalformedAnswer, read_answer, write_event
from local.routing import RouteTable
from local.template import Route

# API Gateway's own limits.
BODY_LIMIT = 10 * 1024 * 1024
INTEGRATION_TIMEOUT_S = 30.0
# A request that is refused for its size is still read so far, or the client would see a broken connection.
DRAIN_LIMIT = 64 * 1024 * 1024
DRAIN_CHUNK = 64 * 1024

_TOKEN = re.compile("^/checkout/[^/]+")
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


class Invoke(Protocol):
    """How the gateway calls a function."""

    def __call__(self, function_id: str, event: Any, *, patience_s: float | None = None) -> Outcome: ...


class Gateway:
    """A WSGI application with the routes of the template; `say` gets one access line per request."""

    def __init__(
        self,
        routes: Iterable[Route],
        invoke: Invoke,
        *,
        shop: WsgiApplication | None = None,
        reports: WsgiApplication | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._routes = RouteTable(routes)
        self._invoke = invoke
        self._shop = shop
        self._reports = reports
        self._say = say

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if self._say is not None:
                # Without the query, which may hold what a customer typed, and without the customer's token.
                shown = _TOKEN.sub("/checkout/{token}", path)
                self._say(f"{method} {shown} {status[:3]} {(time.perf_counter() - started) * 1000:.0f} ms")
            return start_response(status, headers, *more)

        if self._shop is not None and (path in {"/", "/shop"} or path.startswith("/shop/")):
            return self._shop(environ, start)
        if self._reports is not None and (path == "/reports" or path.startswith("/reports/")):
            return self._reports(environ, start)
        return self._answer(Request(environ))(environ, start)

    def _answer(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        match = self._routes.match(request.method, _raw_path(request))
        if match is None:
            return _message(404, "Not Found", request_id)
        body = _read_body(request)
        if body is None:
            return _message(413, "Request Entity Too Large", request_id)
        event = write_event(request, body, match, request_id)
        try:
            outcome = self._invoke(match.route.function, event, patience_s=INTEGRATION_TIMEOUT_S)
        except (InvocationPending, UnknownFunction):
            return _message(503, "Service Unavailable", request_id)
        if outcome.failed:
            return _message(500, "Internal Server Error", request_id)
        try:
            response = read_answer(outcome.value())
        except MalformedAnswer:
            return _message(500, "Internal Server Error", request_id)
        response.headers["apigw-requestid"] = request_id
        return response


def _raw_path(request: Request) -> str:
    """The path as sent, still percent-encoded: a %2F inside a parameter must not look like a new segment."""
    target: str = request.environ["REQUEST_URI"]
    if not target.startswith("/"):
        target = "/" + target.split("://", 1)[-1].partition("/")[2]
    return target.partition("?")[0]


def _read_body(request: Request) -> bytes | None:
    """The body, or None when it is larger than API Gateway takes."""
    if (request.content_length or 0) <= BODY_LIMIT:
        body = request.stream.read(BODY_LIMIT + 1)
        if len(body) <= BODY_LIMIT:
            return body
    drained = 0
    while drained < DRAIN_LIMIT and (chunk := request.stream.read(DRAIN_CHUNK)):
        drained += len(chunk)
    return None


def _message(status: int, text: str, request_id: str) -> Response:
    return Response(
        json.dumps({"message": text}, separators=(",", ":")),
        status=status,
        content_type="application/json",
        headers={"apigw-requestid": request_id},
    )
