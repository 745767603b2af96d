"""What SnapStart takes a snapshot of: code that is loaded, and nothing that two environments must not share.

A function that starts from a snapshot wakes up with everything that its imports made, again and again and side by side.
So imports make nothing: no connection, no key, no id, no time. Chance comes from the machine, which is fresh after waking.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.structure.cloud import functions, template
from tests.structure.sources import IMPORT_ROOTS, ROOT, Module, modules

SHIPPED = modules("layers", "functions")
#: What differs from one moment or place to the next.
FRESH = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "uuid1", "uuid4", "urandom", "create_client"}
FRESH |= {"token_bytes", "token_hex", "token_urlsafe", "random", "randint", "choice", "uniform", "Session", "socket"}

IMPORTS_AN_ENTRY_POINT = """
import runpy, socket, sys
def refuse(*arguments, **named):
    raise AssertionError("a connection is made while importing")
socket.socket.connect = refuse
runpy.run_path(sys.argv[1], run_name="entry")
from payments import wiring
from payments.aws import clients
parts = [each for each in vars(wiring).values() if hasattr(each, "cache_info")]
parts += [clients._session, clients._made]
assert len(parts) > 5, parts
made = [each.__name__ for each in parts if each.cache_info().currsize]
assert made == [], made
"""


def made_at_import(module: Module) -> Iterator[str]:
    for node in _run_at_import(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in FRESH:
            yield f"{module.path}:{node.lineno} {ast.unparse(node)}"


def _run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything outside of functions, and the defaults of their arguments."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            for default in (*node.args.defaults, *(each for each in node.args.kw_defaults if each)):
                yield default
                yield from _run_at_import(default)
        else:
            yield node
            yield from _run_at_import(node)


def shared_chance(module: Module) -> Iterator[str]:
    """Uses of the generator that a snapshot would hold the state of."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (f"{module.path}:{node.lineno} random" for each in node.names if each.name == "random")
        if isinstance(node, ast.ImportFrom) and node.module == "random":
            yield from (
                f"{module.path}:{node.lineno} {each.name}" for each in node.names if each.name != "SystemRandom"
            )


def test_importing_makes_nothing_that_is_true_only_once() -> None:
    assert [found for module in SHIPPED for found in made_at_import(module)] == []


def test_chance_is_the_machines_own() -> None:
    assert [found for module in SHIPPED for found in shared_chance(module)] == []


@pytest.mark.parametrize(
    "text",
    [
        "STARTED = datetime.now()",
        "TOKEN = uuid4().hex",
        "def f(at=time.time()): ...",
        "class A:\n    key = urandom(16)",
    ],
)
def test_something_made_at_import_is_seen(text: str) -> None:
    assert list(made_at_import(Module("payments.snippet", "snippet.py", text)))


def test_something_made_when_called_is_no_harm() -> None:
    text = "def clock():\n    return datetime.now()\ndef f(clock=time.monotonic): ..."
    assert list(made_at_import(Module("payments.snippet", "snippet.py", text))) == []


@pytest.mark.parametrize("text", ["import random", "from random import uniform"])
def test_chance_that_a_snapshot_would_hold_is_seen(text: str) -> None:
    assert list(shared_chance(Module("payments.snippet", "snippet.py", text)))


#: A customer or ECommPay waits for these; of a snapshot for the others nobody would see anything but the bill.
WAITED_FOR = {"CreatePaymentFunction", "CheckoutFunction", "CallbackFunction"}


def test_snapshots_are_a_choice_and_for_those_that_somebody_waits_for() -> None:
    chosen = {name: each["SnapStart"] for name, each in functions(template()).items() if "SnapStart" in each}
    assert chosen == {name: {"ApplyOn": {"Ref": "SnapStart"}} for name in WAITED_FOR}
    parameter = template()["Parameters"]["SnapStart"]
    assert (parameter["AllowedValues"], parameter["Default"]) == (["None", "PublishedVersions"], "None")


@pytest.mark.parametrize("function", sorted(WAITED_FOR))
def test_an_entry_point_wakes_up_without_connections_keys_or_settings(function: str) -> None:
    path = ROOT / functions(template())[function]["CodeUri"] / "app.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in IMPORT_ROOTS)}
    command = [sys.executable, "-c", IMPORTS_AN_ENTRY_POINT, str(path)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
