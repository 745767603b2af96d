"""Who may import whom: folders are named by what they touch, and this holds them to it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

import pytest

from tests.structure.sources import ROOT, Module, find_module, imports, is_module, module_name, modules

SIGNING = "ecommpay_signing"
DOMAIN = "payments.domain"

#: What a module may import beside the standard library. The longest name that fits a module is its rule, and a name
#: stands for everything below it.
MAY_IMPORT: dict[str, set[str]] = {
    SIGNING: {SIGNING},
    "payments": set(),
    "payments.domain": {DOMAIN},
    "payments.gate": {"payments.gate", DOMAIN, SIGNING},
    "payments.gate.client": {"payments.gate", "payments.ports", DOMAIN, SIGNING, "requests", "urllib3"},
    "payments.gate.data_api": {"payments.gate", "payments.ports", DOMAIN, SIGNING, "requests", "urllib3"},
    "payments.aws": {
        *("payments.aws", "payments.ports", DOMAIN, "boto3", "botocore"),
        "aws_lambda_powertools.utilities.parameters",
        *("mypy_boto3_dynamodb", "mypy_boto3_events", "mypy_boto3_s3", "mypy_boto3_secretsmanager", "mypy_boto3_sns"),
        "mypy_boto3_stepfunctions",
    },
    "payments.ports": {"payments.gate", DOMAIN},
    "payments.usecases": {"payments.usecases", "payments.ports", "payments.gate", "payments.views", DOMAIN, SIGNING},
    "payments.settings": {"pydantic", "payments.look"},
    "payments.look": set(),
    "payments.views": {DOMAIN},
    "payments.templates": {"jinja2"},
    "payments.pages": {"payments.pages", "payments.templates", "payments.look", DOMAIN, "jinja2", "markupsafe"},
    "payments.reports": {"payments.reports", "payments.pages.wording", "payments.look", DOMAIN},
    "payments.reports.page": {"payments.reports", "payments.templates", "payments.look", DOMAIN, "jinja2"},
    "payments.reports.workbook": {"payments.reports", DOMAIN, "xlsxwriter"},
    "payments.api_models": {"payments.ports", "payments.usecases", DOMAIN, "pydantic"},
    "payments.operator_inputs": {"payments.api_models", DOMAIN, "pydantic"},
    "payments.openapi": {"payments.openapi", "payments.api_models", DOMAIN, "pydantic"},
    "payments.web": {"payments.domain.errors", SIGNING},
    "payments.browser": {"payments.pages", "payments.look", "payments.web", DOMAIN},
    "payments.observability": {"payments.usecases", DOMAIN, "aws_lambda_powertools"},
    "payments.wiring": {"payments"},
    "functions": {
        *("payments.usecases", "payments.wiring", "payments.web", "payments.observability", "payments.ports"),
        "payments.operator_inputs",
        *("payments.views", "payments.browser", "payments.api_models", "payments.openapi", DOMAIN),
    },
}

#: Allowed by the folder, and refused all the same: the provider's pure half does no I/O, and its HTTP clients are
#: known to the wiring alone.
NEVER: dict[str, set[str]] = {
    "payments.gate": {"payments.gate.client", "payments.gate.data_api"},
    "payments.ports": {"payments.gate.client", "payments.gate.data_api"},
    "payments.usecases": {"payments.gate.client", "payments.gate.data_api"},
    "payments.wiring": {"payments.observability"},
}

#: The clock, chance, the machine and its files: nothing a rule of ours may depend on.
IMPURE = {"io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "tempfile", "time"}
PURE = (DOMAIN, SIGNING)

SHIPPED = modules("layers", "functions")
#: A command for people, run by hand: it reads a file and prints.
COMMAND_LINE = {f"{SIGNING}.__main__"}


def within(name: str, parents: Iterable[str]) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def rule_of(name: str, rules: Iterable[str]) -> str | None:
    return max((rule for rule in rules if within(name, [rule])), key=len, default=None)


def forbidden_imports(module: Module) -> Iterator[str]:
    rule = rule_of(module.name, MAY_IMPORT)
    if rule is None:
        yield f"{module.path}: no import rule covers {module.name}"
        return
    never = NEVER.get(rule_of(module.name, NEVER) or "", set()) - {module.name}
    if module.name in never or rule in ("payments.gate.client", "payments.gate.data_api"):
        never = set()
    for imported, line in imports(module):
        allowed = imported.split(".")[0] in sys.stdlib_module_names or within(imported, MAY_IMPORT[rule])
        if not allowed or within(imported, never):
            yield f"{module.path}:{line} may not import {imported}"


def impurities(module: Module) -> Iterator[str]:
    for imported, line in imports(module):
        if imported.split(".")[0] in IMPURE:
            yield f"{module.path}:{line} imports {imported}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "uuid4", "environ"}:
            yield f"{module.path}:{node.lineno} uses {node.attr}"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "print", "input"}
        ):
            yield f"{module.path}:{node.lineno} calls {node.func.id}"


def environment_reads(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
            yield f"{module.path}:{node.lineno} reads the environment"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (
                f"{module.path}:{node.lineno} reads the environment"
                for alias in node.names
                if alias.name in {"environ", "getenv", "environb"}
            )


def log_lines(module: Module) -> Iterator[str]:
    for imported, line in imports(module):
        if within(imported, ["logging", "payments.observability", "aws_lambda_powertools.logging"]):
            yield f"{module.path}:{line} imports {imported}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{module.path}:{node.lineno} prints"


def loaded_at_start(entry: Module) -> set[str]:
    """Every module that is loaded when this one is imported, as far as it is ours to say."""
    seen: set[str] = set()
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        for imported, _ in imports(module, lazy=False):
            # Importing a.b.c runs a and a.b first.
            parts = imported.split(".")
            for name in (".".join(parts[: end + 1]) for end in range(len(parts))):
                if name not in seen:
                    seen.add(name)
                    file = find_module(name)
                    if file is not None:
                        waiting.append(Module(module_name(file), str(file), file.read_text(encoding="utf-8")))
    return seen


@pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.path)
def test_a_module_imports_only_what_its_folder_may_touch(module: Module) -> None:
    assert list(forbidden_imports(module)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("payments.domain.money", "import pydantic"),
        ("payments.domain.money", "from payments import gate"),
        ("payments.domain.money", "import ecommpay_signing"),
        ("payments.domain.money", "def amount():\n    import boto3"),
        ("payments.gate.messages", "import requests"),
        ("payments.gate.messages", "from payments.gate.client import GateClient"),
        ("payments.gate.client", "import boto3"),
        ("payments.gate.client", "from payments.usecases import create_payment"),
        ("payments.aws.secrets", "import requests"),
        ("payments.aws.secrets", "from payments.gate import messages"),
        ("payments.usecases.create_payment", "from payments.aws import dynamodb"),
        ("payments.usecases.create_payment", "from payments.gate.client import GateClient"),
        ("payments.usecases.create_payment", "from payments.settings import Settings"),
        ("payments.usecases.create_payment", "import aws_lambda_powertools"),
        ("payments.web", "from payments.usecases import create_payment"),
        ("payments.settings", "from payments.domain import money"),
        ("functions.callback.app", "import boto3"),
        ("functions.callback.app", "from payments.aws import dynamodb"),
        ("functions.refund_workflow.request", "import reserve"),
        ("functions.refund_workflow.request", "from functions.refund_workflow import reserve"),
        ("ecommpay_signing.core", "import yaml"),
        ("ecommpay_signing.core", "from payments.domain import money"),
        ("somewhere.new", ""),
    ],
)
def test_the_import_rule_sees_what_it_forbids(name: str, text: str) -> None:
    assert list(forbidden_imports(Module(name, "snippet.py", text)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("payments.domain.money", "import decimal\nfrom payments.domain.errors import CheckoutError"),
        ("payments.gate.client", "import requests\nfrom payments.gate import requests as bodies"),
        ("payments.aws.dynamodb", "import boto3\nfrom botocore.exceptions import ClientError"),
        ("functions.callback.app", "from payments import observability, web, wiring"),
    ],
)
def test_the_import_rule_lets_pass_what_it_should(name: str, text: str) -> None:
    assert list(forbidden_imports(Module(name, "snippet.py", text))) == []


@pytest.mark.parametrize("module", [m for m in SHIPPED if within(m.name, PURE)], ids=lambda module: module.path)
def test_rules_and_signatures_know_no_clock_no_environment_and_no_files(module: Module) -> None:
    if module.name not in COMMAND_LINE:
        assert list(impurities(module)) == []


@pytest.mark.parametrize(
    "text", ["import os", "from datetime import datetime\ndatetime.now()", "open('x')", "import uuid\nuuid.uuid4()"]
)
def test_the_purity_rule_sees_what_it_forbids(text: str) -> None:
    assert list(impurities(Module("payments.domain.money", "snippet.py", text)))


def test_only_settings_read_the_environment() -> None:
    free = COMMAND_LINE | {"payments.settings"}
    assert [read for module in SHIPPED if module.name not in free for read in environment_reads(module)] == []


@pytest.mark.parametrize("text", ["import os\nos.environ['A']", "from os import environ", "import os\nos.getenv('A')"])
def test_the_environment_rule_sees_what_it_forbids(text: str) -> None:
    assert list(environment_reads(Module("payments.web", "snippet.py", text)))


def test_only_functions_log() -> None:
    free = COMMAND_LINE | {"payments.observability"}
    layers = [module for module in SHIPPED if not within(module.name, ["functions"]) and module.name not in free]
    assert [line for module in layers for line in log_lines(module)] == []


@pytest.mark.parametrize("text", ["import logging", "from payments import observability", "print('paid')"])
def test_the_logging_rule_sees_what_it_forbids(text: str) -> None:
    assert list(log_lines(Module("payments.usecases.create_payment", "snippet.py", text)))


def test_only_the_wiring_imports_inside_functions() -> None:
    lazy = {
        f"{module.path}:{line} {imported}"
        for module in SHIPPED
        if module.name != "payments.wiring"
        for imported, line in set(imports(module)) - set(imports(module, lazy=False))
    }
    assert lazy == set()


def test_a_callback_is_answered_without_loading_what_it_does_not_need() -> None:
    entry = ROOT / "functions/callback/app.py"
    loaded = loaded_at_start(Module("functions.callback.app", str(entry), entry.read_text(encoding="utf-8")))
    heavy = {"pydantic", "requests", "jinja2", "boto3", "payments.gate.client", "payments.pages", "payments.api_models"}
    assert loaded & heavy == set()


def test_what_a_module_loads_is_followed_through_other_modules() -> None:
    loaded = loaded_at_start(
        Module("snippet", "snippet.py", "from payments import pages\ndef f():\n    import requests")
    )
    assert {"payments.pages", "jinja2", "payments.domain.targets"} <= loaded
    assert "requests" not in loaded


def test_every_rule_is_about_something_that_exists() -> None:
    optional = {"functions", "payments.gate.data_api"}
    assert [rule for rule in {*MAY_IMPORT, *NEVER} - optional if not is_module(rule)] == []
