"""Entry points stay thin: a file of at most 40 lines, a handler of at most 12, and the trigger in the first line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.structure.cloud import entry_point, functions, template
from tests.structure.sources import ROOT, Module, modules

LONGEST_FILE, LONGEST_HANDLER = 40, 12
ENTRY_POINTS = modules("functions")


def lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def thick_parts(module: Module) -> Iterator[str]:
    if lines(module.text) > LONGEST_FILE:
        yield f"{module.path} has {lines(module.text)} lines"
    handlers = [node for node in module.tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler"]
    if len(handlers) != 1 or len(handlers[0].args.args) != 2:
        yield f"{module.path} has no single handler(event, context)"
    for handler in handlers:
        length = lines(ast.get_source_segment(module.text, handler) or "")
        if length > LONGEST_HANDLER:
            yield f"{module.path}: the handler has {length} lines"
    if not ast.get_docstring(module.tree):
        yield f"{module.path} does not say what triggers it"


@pytest.mark.parametrize("module", ENTRY_POINTS, ids=lambda module: module.path)
def test_an_entry_point_is_thin(module: Module) -> None:
    assert list(thick_parts(module)) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""A trigger."""\ndef handler(event, context):\n' + "    event = event\n" * 12,
        '"""A trigger."""\n' + "A = 1\n" * 38 + "def handler(event, context):\n    return event\n",
        '"""A trigger."""\ndef handle(event, context):\n    return event\n',
        "def handler(event, context):\n    return event\n",
    ],
)
def test_a_thick_entry_point_is_seen(text: str) -> None:
    assert len(list(thick_parts(Module("functions.a.app", "snippet.py", text)))) == 1


def test_every_entry_point_is_deployed_and_every_deployed_one_exists() -> None:
    deployed = {entry_point(each).path for each in functions(template()).values()}
    assert deployed == {module.path for module in ENTRY_POINTS}


def test_no_function_has_dependencies_of_its_own() -> None:
    assert list((ROOT / "functions").rglob("requirements*")) == []
