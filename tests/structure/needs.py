"""What a function needs of AWS and of its environment, read from its code: from the handler down to the ports.

Rules of this file

* A node is one name at the top of a module: a function, a class, a constant. Its edges are the names it uses.
* A port is known by its name: whatever is called `store` is the store, whatever is called `gate` is Gate.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.structure.sources import Module, is_module, modules

PORTS = frozenset("store gate projects workflow events operators dead_letters key_uses reports data_api".split())
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")

Node = tuple[str, str]
"""Module and name."""


@dataclass(slots=True)
class Needs:
    """The methods of ports a piece of code may call, as ``store.read``, and the settings it may read."""

    calls: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)


def needs_of(entry: Module) -> Needs:
    """The needs of everything a handler can reach, itself included."""
    graph = {**_layers(), **_nodes(entry)}
    needs = Needs()
    seen: set[Node] = set()
    waiting: list[Node] = [(entry.name, "handler")]
    while waiting:
        node = waiting.pop()
        if node in seen or node not in graph:
            continue
        seen.add(node)
        body, names = graph[node]
        waiting.extend(_used(body, names, node[0]))
        called_settings = {"settings", *_names_of_settings(body)}
        for receiver, name in _attributes(body):
            if receiver in PORTS:
                needs.calls.add(f"{receiver}.{name}")
            if receiver in called_settings:
                needs.settings.add(name)
    return needs


def variables_of(settings: set[str]) -> set[str]:
    """The environment variables behind these fields and properties of `Settings`."""
    fields = {name for each in settings for name in _properties().get(each, {each})}
    return {variable for name in fields for variable in variables().get(name, set())}


@cache
def variables() -> dict[str, set[str]]:
    """Field of `Settings` → the environment variables it is made of."""
    tree = _settings().tree
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    reader = functions["read_settings"]
    local = {
        target.id: node.value
        for node in reader.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    made = next(node.value for node in reader.body if isinstance(node, ast.Return))
    assert isinstance(made, ast.Call)
    found: dict[str, set[str]] = {}
    for keyword in made.keywords:
        parts: list[ast.AST] = [keyword.value]
        for node in ast.walk(keyword.value):
            if isinstance(node, ast.Name):
                parts += [each[node.id] for each in (functions, local) if node.id in each]
        found[str(keyword.arg)] = {name for part in parts for name in _variables(part)}
    return found


@cache
def _properties() -> dict[str, set[str]]:
    """Property of `Settings` → the fields it looks at."""
    settings = next(
        node for node in _settings().tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    return {
        method.name: {name for receiver, name in _attributes(method) if receiver == "self"}
        for method in settings.body
        if isinstance(method, ast.FunctionDef)
    }


def _settings() -> Module:
    return next(module for module in modules("layers/payments") if module.name == "payments.settings")


def _variables(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and VARIABLE.fullmatch(part.value):
            yield part.value


@cache
def _layers() -> dict[Node, tuple[ast.AST, dict[str, str]]]:
    return {node: body for module in modules("layers/payments") for node, body in _nodes(module).items()}


def _nodes(module: Module) -> dict[Node, tuple[ast.AST, dict[str, str]]]:
    """Name at the top of a module → its code, and what the module's imports are called."""
    names: dict[str, str] = {}
    found: dict[Node, tuple[ast.AST, dict[str, str]]] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in module.tree.body:
        for name in _defined(node):
            found[module.name, name] = (node, names)
    return found


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _used(body: ast.AST, names: dict[str, str], module: str) -> Iterator[Node]:
    for node in ast.walk(body):
        if isinstance(node, ast.Name):
            origin, _, name = names.get(node.id, f"{module}.{node.id}").rpartition(".")
            yield origin, name
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = names.get(node.value.id, "")
            if owner and is_module(owner):
                yield owner, node.attr


def _names_of_settings(body: ast.AST) -> Iterator[str]:
    """What the settings are called here: `config` after `config = wiring.settings()`."""
    for node in ast.walk(body):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "wiring.settings()":
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _attributes(body: ast.AST) -> Iterator[tuple[str, str]]:
    """Every `receiver.name`, the receiver by its last word: `store`, `visit.store` and `wiring.store()` are `store`."""
    for node in ast.walk(body):
        if isinstance(node, ast.Attribute):
            receiver = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(receiver, ast.Name):
                yield receiver.id, node.attr
            elif isinstance(receiver, ast.Attribute):
                yield receiver.attr, node.attr
