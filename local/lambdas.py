"""Runs the Lambda handlers inside this process, as AWS Lambda would call them.

Modules are loaded under names of their own, so two functions may both have an `app.py`. Several invocations may run at
once, each in its own thread. A thread cannot be stopped: a function that exceeds its time-out is answered for in time,
as in AWS, but its thread goes on to its end.
"""

import importlib.util
import json
import queue
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.function_output import FUNCTION_OUTPUT
from local.template import Function

MODULE_PREFIX = "local_functions"
ARN_PARTS_WITH_ALIAS = 8


class UnknownFunction(LookupError):
    """No function has this name or ARN."""


class InvocationPending(TimeoutError):
    """The caller's patience ended before the function's time-out did."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation came to: the JSON payload, and whether it describes an error of the function."""

    request_id: str
    payload: str
    failed: bool

    def value(self) -> Any:
        """The payload as Python values."""
        return json.loads(self.payload)


@dataclass(frozen=True, slots=True)
class Context:
    """The second argument of a handler."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    log_group_name: str
    deadline: float
    log_stream_name: str = "local"
    function_version: str = "$LATEST"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's time-out, never below 0."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass(slots=True)
class _Loaded:
    lock: threading.Lock = field(default_factory=threading.Lock)
    handler: Callable[[Any, Context], Any] | None = None


class LambdaHost:
    """The functions of one template, ready to be invoked by logical id, name or ARN."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._functions: dict[str, Function] = {}
        self._loaded: dict[str, _Loaded] = {}
        for function in functions:
            for key in (function.logical_id, function.name, function.arn):
                self._functions[key] = function
            self._loaded[function.logical_id] = _Loaded()

    def arn_of(self, function_id: str) -> str:
        """The ARN of a function. Raises UnknownFunction."""
        return self._find(function_id).arn

    def stop(self) -> None:
        """Nothing here: handlers live and end with this process."""

    def load_all(self) -> list[str]:
        """Loads every handler ahead of its first call; one sentence for each that cannot be loaded."""
        problems = []
        for function in {function.logical_id: function for function in self._functions.values()}.values():
            try:
                with FUNCTION_OUTPUT.of_function(function.logical_id):
                    self._handler_of(function)
            except Exception as error:  # noqa: BLE001 -- a module may fail in any way while it loads
                problems.append(f"{function.logical_id} cannot be loaded: {type(error).__name__}: {error}")
        return problems

    def invoke(self, function_id: str, event: Any, *, patience_s: float | None = None) -> Outcome:
        """Calls the function and waits for its answer, for an error, or for its time-out.

        Raises UnknownFunction, and InvocationPending when `patience_s` passes first.
        """
        function = self._find(function_id)
        request_id = str(uuid.uuid4())
        answers: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        payload = json.dumps(event)
        deadline = time.monotonic() + function.timeout_s

        def run() -> None:
            answers.put(self._run(function, payload, request_id, deadline))

        threading.Thread(target=run, name=f"{function.logical_id}-{request_id}", daemon=True).start()
        patience_ends_first = patience_s is not None and patience_s < function.timeout_s
        try:
            return answers.get(timeout=patience_s if patience_ends_first else function.timeout_s)
        except queue.Empty:
            if patience_ends_first:
                raise InvocationPending(function.logical_id) from None
        message = f"RequestId: {request_id} Error: Task timed out after {function.timeout_s:.2f} seconds"
        with FUNCTION_OUTPUT.of_function(function.logical_id):
            return _failure(request_id, "Sandbox.Timedout", message, [])

    def invoke_later(self, function_id: str, event: Any) -> None:
        """Calls the function and does not wait. Unlike AWS it is not tried again when it fails."""
        self._find(function_id)
        threading.Thread(target=self.invoke, args=(function_id, event), daemon=True).start()

    def _find(self, function_id: str) -> Function:
        parts = function_id.split(":")
        # An alias or version is the same code here: `name:live` and `arn:…:function:name:live`.
        if len(parts) in {2, ARN_PARTS_WITH_ALIAS}:
            function_id = function_id.rsplit(":", 1)[0]
        try:
            return self._functions[function_id]
        except KeyError:
            raise UnknownFunction(function_id) from None

    def _handler_of(self, function: Function) -> Callable[[Any, Context], Any]:
        loaded = self._loaded[function.logical_id]
        with loaded.lock:
            if loaded.handler is None:
                loaded.handler = _load_handler(function)
            return loaded.handler

    def _run(self, function: Function, payload: str, request_id: str, deadline: float) -> Outcome:
        with FUNCTION_OUTPUT.of_function(function.logical_id):
            return self._call(function, payload, request_id, deadline)

    def _call(self, function: Function, payload: str, request_id: str, deadline: float) -> Outcome:
        context = Context(
            function_name=function.name,
            invoked_function_arn=function.arn,
            memory_limit_in_mb=function.memory_mb,
            aws_request_id=request_id,
            log_group_name=f"/aws/lambda/{function.name}",
            deadline=deadline,
        )
        try:
            handler = self._handler_of(function)
        except Exception as error:  # noqa: BLE001 -- a module may fail in any way while it loads
            module = function.handler.rsplit(".", 1)[0]
            return _failure(request_id, "Runtime.ImportModuleError", f"Unable to import module '{module}': {error}", [])
        try:
            result = handler(json.loads(payload), context)
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- whatever a handler raises becomes Lambda's error answer
            stack = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
            return _failure(request_id, type(error).__name__, str(error), stack)
        try:
            return Outcome(request_id, json.dumps(result, ensure_ascii=False), failed=False)
        except (TypeError, ValueError) as error:
            return _failure(request_id, "Runtime.MarshalError", f"Unable to marshal response: {error}", [])


def _failure(request_id: str, kind: str, message: str, stack: list[str]) -> Outcome:
    error = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": stack}
    entry = {"timestamp": datetime.now(UTC).isoformat(), "level": "ERROR", "message": f"{kind}: {message}", **error}
    print(json.dumps(entry, ensure_ascii=False))
    return Outcome(request_id, json.dumps(error, ensure_ascii=False), failed=True)


def _load_handler(function: Function) -> Callable[[Any, Context], Any]:
    module_name, _, attribute = function.handler.rpartition(".")
    path = function.code_folder / (module_name.replace(".", "/") + ".py")
    # One file may serve several functions, each with a module of its own as in AWS.
    name = f"{MODULE_PREFIX}.{function.logical_id}.{module_name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ModuleNotFoundError(f"No file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    handler: Callable[[Any, Context], Any] = getattr(module, attribute)
    return handler
