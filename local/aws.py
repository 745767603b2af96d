"""The local AWS endpoint: moto's server behind a thin wrapper that makes it right for payments.

The wrapper answers Lambda's Invoke itself with our own handlers, lets one DynamoDB request through at a time (moto's
conditional writes are not atomic under threads), and tells when the table may have changed.
"""

import contextlib
import io
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.core.config import default_user_config
from moto.moto_api._internal import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.wrappers import Request, Response

from local.lambdas import LambdaHost, Outcome, UnknownFunction
from local.moto_corrections import corrected_moto
from local.moto_speed import quick_moto

INVOKE_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
# Whoever sends a message while another one is deleted would lose it: moto builds the queue anew for every deletion.
QUEUE_SCOPE = re.compile(r"/(?:sqs|sns|events)/aws4_request")
# Waits for messages, so it must not keep others from sending them; it takes nothing out of the queue.
RECEIVE_TARGET = "AmazonSQS.ReceiveMessage"
WRITE_TARGET = re.compile(r"DynamoDB_\w+\.(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems)")

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class AwsEndpoint:
    """A WSGI application that answers for every AWS service; `on_table_write` is called after each DynamoDB write."""

    def __init__(self, functions: LambdaHost, *, on_table_write: Callable[[], None]) -> None:
        self._functions = functions
        self._on_table_write = on_table_write
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._dynamodb = threading.Lock()
        self._queues = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._answer(environ, start_response)
        except Exception:
            # moto raises what it cannot do; the caller must hear of it as it would from AWS.
            logger.exception("moto failed on %s", environ.get("HTTP_X_AMZ_TARGET") or environ.get("PATH_INFO"))
            fault = {"__type": "InternalFailure", "message": "The local AWS endpoint failed; see aws.log."}
            return _json_response(500, fault, {"X-Amzn-ErrorType": "InternalFailure"})(environ, start_response)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        invocation = INVOKE_PATH.fullmatch(environ.get("PATH_INFO", ""))
        if invocation and environ["REQUEST_METHOD"] == "POST":
            return self._invoke(unquote(invocation[1]), Request(environ))(environ, start_response)
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        lock = self._lock_for(target, environ.get("HTTP_AUTHORIZATION", ""))
        if lock is None:
            return self._moto(environ, start_response)  # type: ignore[no-any-return]  # moto is untyped
        # The body is read before the lock is taken, so that a slow client holds up nobody.
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with lock:
            answer = list(self._moto(environ, start_response))
        if WRITE_TARGET.fullmatch(target):
            self._on_table_write()
        return answer

    def _lock_for(self, target: str, authorization: str) -> contextlib.AbstractContextManager[object] | None:
        """What makes this request one that no other can step into; None where moto needs no help."""
        if target.startswith(("DynamoDB_", "DynamoDBStreams_")):
            return self._dynamodb
        return self._queues if QUEUE_SCOPE.search(authorization) and target != RECEIVE_TARGET else None

    def _invoke(self, function_id: str, request: Request) -> Response:
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        try:
            event = json.loads(request.get_data() or b"{}")
            if kind == "Event":
                self._functions.invoke_later(function_id, event)
                return Response(b"", status=202, headers=_request_id_headers("event"))
            outcome = self._functions.invoke(function_id, event)
        except UnknownFunction:
            error = {"Type": "User", "Message": f"Function not found: {function_id}"}
            return _json_response(404, error, {"X-Amzn-ErrorType": "ResourceNotFoundException"})
        except ValueError:
            error = {"Type": "User", "Message": "Could not parse request body into json"}
            return _json_response(400, error, {"X-Amzn-ErrorType": "InvalidRequestContentException"})
        return _outcome_response(outcome)


def _outcome_response(outcome: Outcome) -> Response:
    headers = {**_request_id_headers(outcome.request_id), "X-Amz-Executed-Version": "$LATEST"}
    if outcome.failed:
        headers["X-Amz-Function-Error"] = "Unhandled"
    return Response(outcome.payload, status=200, content_type="application/json", headers=headers)


def _request_id_headers(request_id: str) -> dict[str, str]:
    # moto's interpreter fails with KeyError('RequestId') without it.
    return {"X-Amzn-RequestId": request_id}


def _json_response(status: int, body: dict[str, str], headers: dict[str, str]) -> Response:
    return Response(
        json.dumps(body),
        status=status,
        content_type="application/x-amz-json-1.0",
        headers={**_request_id_headers("local"), **headers},
    )


@contextlib.contextmanager
def running_moto(port: int) -> Iterator[None]:
    """Inside, moto is empty, corrected, and runs state machines, whose tasks call the endpoint at `port`."""
    before = default_user_config.get("stepfunctions", {})
    # The interpreter looks for the endpoint here and nowhere else.
    os.environ["MOTO_PORT"] = str(port)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    moto_api_backend.reset()
    try:
        with corrected_moto(), quick_moto():
            yield
            _stop_executions()
    finally:
        moto_api_backend.reset()
        default_user_config["stepfunctions"] = before


def _stop_executions() -> None:
    """Ends every running workflow, so that none goes on in the next system of this process."""
    for regions in stepfunctions_parser_backends.values():
        for backend in regions.values():
            for execution in backend._get_executions(ExecutionStatus.RUNNING):
                if execution.exec_worker.env is not None:
                    execution.stop(stop_date=datetime.now(UTC), error=None, cause=None)
