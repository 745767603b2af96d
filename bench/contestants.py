"""The functions that run beside each other as processes: the built callback function, and its peers."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.stage import PROJECT_ID, RUNTIME_PYTHON, SECRET_KEY, TABLE, Stage
from bench.vendored import compile_all, vendor
from local.environment import process_environment
from local.runtime_api import Invocation, RuntimeApi

PEERS = Path(__file__).parent / "peers"
CALLBACK_FUNCTION = "CallbackFunction"
LONGEST_S = 60.0


@dataclass(frozen=True)
class Contestant:
    """One function: its folder, the folder of its layers, and its environment."""

    name: str
    task: Path
    environment: Mapping[str, str]
    handler: str = "app.handler"


@dataclass(frozen=True)
class Start:
    """What one cold start took, from the start of the process to its first answer."""

    wall_s: float
    cpu_s: float


class Process:
    """A running contestant."""

    def __init__(self, contestant: Contestant) -> None:
        self._api = RuntimeApi()
        self._began = time.perf_counter()
        self._running = subprocess.Popen(
            [str(RUNTIME_PYTHON), "-m", "awslambdaric", contestant.handler],
            cwd=contestant.task,
            env={**contestant.environment, "AWS_LAMBDA_RUNTIME_API": self._api.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer to an event; AssertionError when it is not a good one."""
        answer = self._api.invoke(Invocation("bench", "arn:aws:lambda:bench", json.dumps(event), LONGEST_S))
        said: dict[str, Any] = json.loads(answer.payload)
        assert not answer.failed, said
        assert said["statusCode"] == 200, said
        return said

    def end(self) -> Start:
        """End it; how long it has run, and how much processor time that took."""
        wall_s = time.perf_counter() - self._began
        self._running.kill()
        _, status, used = os.wait4(self._running.pid, 0)
        self._running.returncode = status
        self._api.close()
        return Start(wall_s, used.ru_utime + used.ru_stime)


def contestants(stage: Stage) -> dict[str, Contestant]:
    """Ours and its peers by the names of their folders; the layers of those that have any are made here."""
    signing, fastapi = stage.folder / "signing", stage.folder / "fastapi"
    if not fastapi.exists():
        shutil.copytree(stage.artifacts.template.parent / "SigningLayer", signing)
        shutil.copytree(signing, fastapi)
        vendor(["fastapi", "mangum"], fastapi / "python")
        compile_all(fastapi / "python", RUNTIME_PYTHON)
    nothing = stage.folder / "nothing"
    ours = Contestant(
        "ours",
        stage.artifacts.task(CALLBACK_FUNCTION),
        _environment(stage, stage.artifacts.task(CALLBACK_FUNCTION), stage.artifacts.opts[CALLBACK_FUNCTION]),
    )
    layers = {"bare": nothing, "minimal": signing, "two_calls": signing, "fastapi": fastapi}
    peers = {
        name: Contestant(name, PEERS / name, _environment(stage, PEERS / name, opt)) for name, opt in layers.items()
    }
    return {"ours": ours, **peers}


def timed(contestant: Contestant, stage: Stage) -> Contestant:
    """The same with `timed.py` beside it, in a folder of its own."""
    task = stage.folder / f"timed-{contestant.name}"
    shutil.copytree(contestant.task, task)
    shutil.copy(PEERS / "timed.py", task)
    return replace(contestant, task=task, handler="timed.handler")


def _environment(stage: Stage, task: Path, opt: Path) -> dict[str, str]:
    function = next(each for each in stage.system.template.functions if each.logical_id == CALLBACK_FUNCTION)
    return {
        **process_environment(function, task=task, opt=opt),
        "TABLE_NAME": TABLE,
        "SECRET_KEY": SECRET_KEY,
        "PROJECT_ID": str(PROJECT_ID),
    }
