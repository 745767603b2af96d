"""A function's process as Lambda has it: kept while it works, ended when it does not, never shared by two events."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.artifacts import Artifacts
from local.environment import aws_variables, changed_environment
from local.sandboxes import MOST_PROCESSES, SandboxHost
from local.template import Function
from tests.support.artifacts import RUNTIME_PYTHON

CODE = """
import os, sys, time

def handler(event, context):
    match event["do"]:
        case "raise":
            raise LookupError("nothing there")
        case "exit":
            os._exit(7)
        case "sleep":
            time.sleep(event["seconds"])
    return {"pid": os.getpid(), "variables": {n: os.environ.get(n) for n in ("MINE", "ANOTHERS")}, "id": context.aws_request_id}
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SandboxHost]:
    """A host with two functions: one that obeys, and one that cannot be loaded."""
    for name, code in (("Obeys", CODE), ("Broken", "import nothing_of_the_kind")):
        (tmp_path / "tasks" / name).mkdir(parents=True)
        (tmp_path / "tasks" / name / "app.py").write_text(code, encoding="utf-8")
    opts = dict.fromkeys(("Obeys", "Broken"), tmp_path / "opt")
    artifacts = Artifacts(tmp_path / "template.yaml", tmp_path / "tasks", opts, layers_of={}, layers={}, functions={})
    with changed_environment({**aws_variables("http://127.0.0.1:9", "eu-west-1"), "MINE": "1", "ANOTHERS": "2"}):
        made = SandboxHost([function("Obeys"), function("Broken")], artifacts, RUNTIME_PYTHON)
        yield made
        made.stop()


def function(name: str) -> Function:
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"
    return Function(name, name, arn, Path(name), "app.handler", 5.0, 512, {"MINE": ""})


def test_a_process_serves_one_event_after_the_other_with_its_own_variables(host: SandboxHost) -> None:
    first, second = (host.invoke("Obeys", {"do": "answer"}) for _ in range(2))

    assert first.value() == {
        "pid": second.value()["pid"],
        "variables": {"MINE": "1", "ANOTHERS": None},
        "id": first.request_id,
    }
    assert first.request_id != second.request_id


def test_an_error_is_told_as_lambda_tells_it_and_the_process_goes_on(host: SandboxHost) -> None:
    before = host.invoke("Obeys", {"do": "answer"}).value()["pid"]
    failed = host.invoke("Obeys", {"do": "raise"})

    assert failed.failed
    assert (failed.value()["errorType"], failed.value()["errorMessage"]) == ("LookupError", "nothing there")
    assert host.invoke("Obeys", {"do": "answer"}).value()["pid"] == before


def test_a_process_that_ends_is_followed_by_a_new_one(host: SandboxHost) -> None:
    before = host.invoke("Obeys", {"do": "answer"}).value()["pid"]
    ended = host.invoke("Obeys", {"do": "exit"})

    assert (ended.failed, ended.value()["errorType"]) == (True, "Runtime.ExitError")
    assert host.invoke("Obeys", {"do": "answer"}).value()["pid"] != before


def test_a_function_that_cannot_be_loaded_says_so(host: SandboxHost) -> None:
    outcome = host.invoke("Broken", {})

    assert outcome.failed
    assert "nothing_of_the_kind" in outcome.value()["errorMessage"]


def test_a_function_that_takes_too_long_is_ended(host: SandboxHost) -> None:
    before = host.invoke("Obeys", {"do": "answer"}).value()["pid"]
    outcome = host.invoke("Obeys", {"do": "sleep", "seconds": 60})

    assert (outcome.failed, outcome.value()["errorType"]) == (True, "Sandbox.Timedout")
    assert host.invoke("Obeys", {"do": "answer"}).value()["pid"] != before


def test_events_at_once_get_processes_of_their_own_up_to_a_limit(host: SandboxHost) -> None:
    def ask(_: Any) -> int:
        pid: int = host.invoke("Obeys", {"do": "sleep", "seconds": 0.3}).value()["pid"]
        return pid

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == MOST_PROCESSES
