"""The project's own files, as the structure tests read them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Folders that Python code may be imported from, as pyproject.toml has them.
IMPORT_ROOTS = ("layers/signing", "layers/payments", ".")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its name as imports spell it, where it is, and its text."""

    name: str
    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def project_files() -> Iterator[Path]:
    """Every file that belongs to the project; what tools have made stays out."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or not name.startswith((".", "__pycache__"))]
        yield from (Path(folder, name) for name in sorted(names) if not name.endswith(".pyc"))


def modules(*folders: str) -> list[Module]:
    """The Python files below these folders; all of them when none is named."""
    wanted = [ROOT / folder for folder in folders or (".",)]
    return [
        Module(module_name(path), path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in project_files()
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in wanted)
    ]


def module_name(path: Path) -> str:
    """`layers/payments/payments/domain/money.py` as `payments.domain.money`."""
    inside = path.relative_to(ROOT)
    root = next(root for root in IMPORT_ROOTS if root == "." or inside.is_relative_to(root))
    parts = inside.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(module: Module, *, lazy: bool = True) -> Iterator[tuple[str, int]]:
    """Every module this one imports, with the line; without those inside functions when ``lazy`` is false.

    `from payments.gate import messages` counts as `payments.gate.messages` where that is a module.
    """
    nodes = ast.walk(module.tree) if lazy else _at_import_time(module.tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _absolute(module, node)
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                yield (inner if is_module(inner) else origin), node.lineno


def is_module(name: str) -> bool:
    """Whether this is a module or package of the project."""
    return find_module(name) is not None


@cache
def find_module(name: str) -> Path | None:
    """The file of a module of the project."""
    for root in IMPORT_ROOTS:
        place = ROOT.joinpath(root, *name.split("."))
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return file
    return None


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".") if module.path.endswith("__init__.py") else module.name.split(".")[:-1]
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _at_import_time(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from _at_import_time(node)
