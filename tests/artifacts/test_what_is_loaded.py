"""What a function's process loads: the artifact, Python, and what Lambda's image has beside it; nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from local.artifacts import Artifacts
from local.environment import aws_variables, changed_environment
from local.runtime_api import Invocation
from local.sandboxes import SandboxHost
from local.settings import PROJECT_FOLDER
from local.system import LocalSystem
from local.template import Function, read_template
from tests.support.artifacts import RUNTIME, RUNTIME_PYTHON

#: What no callback may have to wait for.
HEAVY = {"pydantic", "pydantic_core", "requests", "jinja2", "boto3", "aws_xray_sdk", "charset_normalizer"}


@dataclass(frozen=True)
class Loaded:
    """What the process of one function had loaded."""

    answer: Any
    path: list[str]
    packages: set[str]
    files: Mapping[str, str | None]
    """Every file and the byte code that belongs to it."""


def functions(template: Path) -> tuple[Function, ...]:
    return read_template(template, region="eu-west-1").functions


@pytest.fixture(scope="module")
def loaded(trial: Artifacts) -> Iterator[dict[str, Loaded]]:
    """By function, once its module stands."""
    variables = {name: value for each in functions(trial.template) for name, value in each.variables.items()}
    with changed_environment({**variables, **aws_variables("http://127.0.0.1:9", "eu-west-1")}):
        yield {each.logical_id: ask(each, trial) for each in functions(trial.template)}


def ask(function: Function, trial: Artifacts, event: object = None) -> Loaded:
    """What a new process of the function tells, after this event if there is one."""
    task = trial.task(function.logical_id)
    probe = task / "probe.py"
    shutil.copy(Path(__file__).with_name("probe.py"), probe)
    host = SandboxHost([function], trial, RUNTIME_PYTHON)
    sandbox = host.start(replace(function, handler="probe.handler"))
    try:
        question = json.dumps({"module": function.handler.rpartition(".")[0], "event": event})
        answer = sandbox.invoke(Invocation("probe", function.arn, question, 30))
    finally:
        sandbox.stop()
        probe.unlink()
    assert not answer.failed, answer.payload
    told = json.loads(answer.payload)
    return Loaded(
        told["answer"],
        told["path"],
        {name.partition(".")[0] for name in told["modules"]},
        {file: cached for file, cached in told["files"] if not file.endswith("/probe.py")},
    )


def test_a_function_finds_its_code_where_lambda_puts_it_and_nowhere_else(
    loaded: dict[str, Loaded], trial: Artifacts
) -> None:
    for name, each in loaded.items():
        own = [place for place in each.path if Path(place).is_relative_to(trial.tasks.parent)]
        assert own == [str(trial.task(name)), str(trial.opts[name] / "python")]


def test_no_file_of_the_project_is_loaded_but_the_artifacts(loaded: dict[str, Loaded], trial: Artifacts) -> None:
    for name, each in loaded.items():
        opt = trial.opts[name]
        files = [Path(file) for file in each.files]
        assert [
            file for file in files if file.is_relative_to(PROJECT_FOLDER) and not file.is_relative_to(RUNTIME)
        ] == []
        assert [place for place in each.path if Path(place).is_relative_to(PROJECT_FOLDER)] == [
            str(path) for path in RUNTIME.glob("lib/python*/site-packages")
        ]
        ours = {file.relative_to(opt / "python").parts[0] for file in files if file.is_relative_to(opt)}
        assert {"payments"} <= ours


def test_everything_of_the_layers_that_is_loaded_has_its_byte_code(loaded: dict[str, Loaded], trial: Artifacts) -> None:
    sources = {
        (file, cached)
        for name, each in loaded.items()
        for file, cached in each.files.items()
        if file.endswith(".py") and Path(file).is_relative_to(trial.opts[name])
    }
    assert len(sources) > 150
    assert sorted(file for file, cached in sources if cached is None or not Path(cached).is_file()) == []


def test_what_others_need_is_not_loaded_by_a_callback_that_is_stored(system: LocalSystem, trial: Artifacts) -> None:
    callback = next(each for each in functions(trial.template) if each.logical_id == "CallbackFunction")
    sample = json.loads((PROJECT_FOLDER / "events/callback/enets_sale_success.json").read_text(encoding="utf-8"))

    after = ask(callback, trial, sample)

    assert (after.answer["statusCode"], after.answer["body"]) == (200, '{"status":"stored"}')
    assert after.packages & HEAVY == set()
    assert {"botocore", "ecommpay_signing", "payments"} <= after.packages


def test_creating_a_payment_loads_pydantic_alone_of_them_and_nobody_boto3(loaded: dict[str, Loaded]) -> None:
    assert loaded["CreatePaymentFunction"].packages & HEAVY == {"pydantic", "pydantic_core"}
    assert all("boto3" not in each.packages and "aws_xray_sdk" not in each.packages for each in loaded.values())
