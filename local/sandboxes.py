"""Runs the built functions as Lambda does: each in processes of its own, under AWS's own runtime client.

A process gets the artifact, the variables that the template gives this very function, and nothing else of this
project. It takes one event at a time; a function that is busy gets a second process, and no third one here.
"""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from local.artifacts import Artifacts
from local.environment import process_environment
from local.function_output import FUNCTION_OUTPUT
from local.lambdas import LambdaHost, Outcome
from local.runtime_api import Answer, Invocation, NoAnswer, RuntimeApi
from local.template import Function

MOST_PROCESSES = 2


class Sandbox:
    """One process of a function, and the Runtime API that it alone talks to; `tell` gets every line it prints."""

    def __init__(
        self, command: list[str], folder: Path, environment: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        self._api = RuntimeApi()
        self._tell = tell
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": self._api.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_to_the_end, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it can take another event."""
        return self._process.poll() is None

    def invoke(self, invocation: Invocation) -> Answer:
        """What the process says to this event; `NoAnswer` when it does not in its time."""
        return self._api.invoke(invocation)

    def stop(self) -> None:
        """End the process; whoever waits for it hears that it ended."""
        self._process.kill()
        self._process.wait()
        self._api.close()
        self._reader.join()

    def _read_to_the_end(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._tell(line)
        status = self._process.wait()
        error = {"errorType": "Runtime.ExitError", "errorMessage": f"Runtime exited with status {status}"}
        self._api.fail(json.dumps(error))


class SandboxHost(LambdaHost):
    """A `LambdaHost` whose functions are the artifacts; `python` has AWS's runtime client and boto3 beside it."""

    def __init__(self, functions: Iterable[Function], artifacts: Artifacts, python: Path) -> None:
        chosen = list(functions)
        super().__init__(chosen)
        self._artifacts = artifacts
        self._python = python
        self._places = {each.logical_id: threading.Semaphore(MOST_PROCESSES) for each in chosen}
        self._idle: dict[str, list[Sandbox]] = {each.logical_id: [] for each in chosen}
        self._lock = threading.Lock()
        self.invoked: set[str] = set()

    def load_all(self) -> list[str]:
        """Nothing: a process starts when it is first needed, which is Lambda's cold start."""
        return []

    def stop(self) -> None:
        """End every process that waits for an event."""
        with self._lock:
            idle = [sandbox for waiting in self._idle.values() for sandbox in waiting]
            for waiting in self._idle.values():
                waiting.clear()
        for sandbox in idle:
            sandbox.stop()

    def start(self, function: Function) -> Sandbox:
        """A new process of the function."""
        task, name = self._artifacts.task(function.logical_id), function.logical_id

        def tell(line: str) -> None:
            with FUNCTION_OUTPUT.of_function(name):
                print(line, end="")

        return Sandbox(
            [str(self._python), "-m", "awslambdaric", function.handler],
            task,
            process_environment(function, task=task, opt=self._artifacts.opts[name]),
            tell,
        )

    def _run(self, function: Function, payload: str, request_id: str, deadline: float) -> Outcome:
        self.invoked.add(function.logical_id)
        with self._places[function.logical_id]:
            sandbox = self._take(function)
            invocation = Invocation(request_id, function.arn, payload, max(0.0, deadline - time.monotonic()))
            try:
                answer = sandbox.invoke(invocation)
            except NoAnswer:
                # Lambda ends the process, too; the caller was told by `invoke` already.
                sandbox.stop()
                return Outcome(request_id, "null", failed=True)
            self._give_back(function, sandbox)
        return Outcome(request_id, answer.payload, failed=answer.failed)

    def _take(self, function: Function) -> Sandbox:
        with self._lock:
            idle = self._idle[function.logical_id]
            if idle:
                return idle.pop()
        return self.start(function)

    def _give_back(self, function: Function, sandbox: Sandbox) -> None:
        if sandbox.is_running:
            with self._lock:
                self._idle[function.logical_id].append(sandbox)
        else:
            sandbox.stop()
