"""The Lambda Runtime API as one process of a function sees it: it asks for the next event and hands in the answer.

AWS describes it at https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. One process, one port, one event at
a time, as in Lambda.
"""

import queue
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from local.wsgi_server import LoopbackServer, bind_port

NEXT = "/2018-06-01/runtime/invocation/next"
INIT_ERROR = "/2018-06-01/runtime/init/error"
ANSWER = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


class NoAnswer(TimeoutError):
    """The process did not answer in time; what it says later is not waited for any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process said to one event: a JSON payload, and whether it tells of an error."""

    request_id: str
    """Empty when the process never came so far as to take the event."""
    payload: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way to the process."""

    request_id: str
    function_arn: str
    payload: str
    timeout_s: float


class RuntimeApi:
    """Serves one process from the moment it is made until `close`."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._server = LoopbackServer(bind_port(0, "the port"), self._serve)
        self._server.start()

    @property
    def address(self) -> str:
        """Host and port, as the variable AWS_LAMBDA_RUNTIME_API names them."""
        return self._server.url.removeprefix("http://")

    def invoke(self, invocation: Invocation) -> Answer:
        """Hand the event to the process and wait for what it says; raises `NoAnswer` when its time is over."""
        deadline = time.monotonic() + invocation.timeout_s
        self._events.put(invocation)
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise NoAnswer(invocation.request_id) from None
            if answer.request_id in {invocation.request_id, ""}:
                return answer

    def fail(self, payload: str) -> None:
        """Answer the event that waits in the place of a process that cannot."""
        self._answers.put(Answer("", payload, failed=True))

    def close(self) -> None:
        """Let the process go without a further event, and free the port."""
        self._events.put(None)
        self._server.stop()

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        response = self._next() if request.path == NEXT else self._take(request)
        return response(environ, start_response)

    def _next(self) -> Response:
        invocation = self._events.get()
        if invocation is None:
            return Response(status=410)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.timeout_s) * 1000)),
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
        }
        return Response(invocation.payload, content_type="application/json", headers=headers)

    def _take(self, request: Request) -> Response:
        payload = request.get_data(as_text=True)
        if answered := ANSWER.fullmatch(request.path):
            self._answers.put(Answer(answered[1], payload, failed=answered[2] == "error"))
        elif request.path == INIT_ERROR:
            self.fail(payload)
        else:
            return Response(status=404)
        return Response('{"status": "OK"}', status=202, content_type="application/json")
