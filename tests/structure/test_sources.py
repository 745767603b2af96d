"""What every file of the project keeps to: size, names, a first sentence, and no word of the machine it was made on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.sources import ROOT, Module, modules, project_files

LONGEST_FILE = 400
#: Words that name nothing. `data_api` is the provider's own name of one of its services.
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "data", "info", "my", "misc", "stuff"}
PROPER_NAMES = ("data_api", "DataApi", "redirect_data", "RedirectData")

TEXT_SUFFIXES = {
    ".py",
    ".yaml",
    ".yml",
    ".toml",
    ".md",
    ".json",
    ".html",
    ".js",
    ".css",
    ".in",
    ".txt",
    ".lock",
    ".sh",
    "",
}
#: Written by tools: long, and nobody's prose.
GENERATED = {".lock"}
HOME = re.compile(r"/(?:root|home/\w+|Users/\w+)/")
UNFINISHED = re.compile(r"\b(?:TO-?DO|FIX-?ME|XX-?X)\b")
BARE_SILENCER = re.compile(r"#\s*(?:noqa(?!: [A-Z]+\d+(?:,? ?[A-Z]+\d+)*\s+\S)|type: ignore(?!\[[^]]+\]\s+#))")
NAMED_DOCUMENT = re.compile(r"(?<![\w/*.-])((?:[\w-]+/)*[\w-]+\.md)\b")

MODULES = modules()
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in project_files()
    if path.suffix in TEXT_SUFFIXES
}


def words(name: str) -> list[str]:
    for proper in PROPER_NAMES:
        name = name.replace(proper, "")
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def empty_names(module: Module) -> Iterator[str]:
    names = [*Path(module.path).with_suffix("").parts]
    names += [node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    yield from (f"{module.path}: {name}" for name in names if EMPTY_WORDS & set(words(name)))


def marks_of_the_workshop(text: str) -> Iterator[str]:
    """Traces of where and how a file was made, which help nobody who reads it elsewhere."""
    yield from HOME.findall(text)
    yield from UNFINISHED.findall(text)
    if len(ROOT.parts) > 2:
        yield from re.findall(re.escape(f"{ROOT}/"), text)


def first_sentence(module: Module) -> str:
    return (ast.get_docstring(module.tree) or "").split("\n\n")[0].rstrip()


def test_every_module_begins_with_a_sentence() -> None:
    assert [each.path for each in MODULES if not first_sentence(each).endswith((".", ":", "!", "?"))] == []


def test_every_file_can_be_read_in_one_go() -> None:
    assert [each.path for each in MODULES if len(each.text.splitlines()) > LONGEST_FILE] == []


def test_names_say_something() -> None:
    assert [name for module in MODULES for name in empty_names(module)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("layers/payments/payments/utils.py", ""),
        ("layers/payments/payments/date_helpers.py", ""),
        ("layers/payments/payments/dates.py", "class PaymentManager: ..."),
        ("layers/payments/payments/dates.py", "class BaseStore: ..."),
    ],
)
def test_an_empty_name_is_seen(path: str, text: str) -> None:
    assert list(empty_names(Module("payments.snippet", path, text)))


def test_no_file_bears_a_mark_of_the_workshop() -> None:
    assert [f"{name}: {mark}" for name, text in TEXTS.items() for mark in marks_of_the_workshop(text)] == []


def test_a_mark_of_the_workshop_is_seen() -> None:
    assert len(list(marks_of_the_workshop("see /" + "root/notes, TO" + "DO tomorrow"))) == 2


def test_a_silenced_checker_has_its_reason_beside_it() -> None:
    silenced = [(each, line) for each in MODULES for line in each.text.splitlines() if BARE_SILENCER.search(line)]
    assert [f"{module.path}: {line.strip()}" for module, line in silenced] == []


def test_a_checker_silenced_without_a_reason_is_seen() -> None:
    assert BARE_SILENCER.search("x = 1  # no" + "qa: S101")
    assert BARE_SILENCER.search("x = 1  # type" + ": ignore[arg-type]")
    assert not BARE_SILENCER.search("x = 1  # no" + "qa: S101  # the test is meant to fail here")
    assert not BARE_SILENCER.search("x = 1  # type" + ": ignore[arg-type]  # the stub is wrong")


def test_every_document_that_is_named_is_there() -> None:
    named = {(name, document) for name, text in TEXTS.items() for document in NAMED_DOCUMENT.findall(text)}
    assert sorted(f"{where}: {what}" for where, what in named if not there(where, what)) == []


def there(where: str, document: str) -> bool:
    return (ROOT / document).is_file() or (ROOT / where).parent.joinpath(document).is_file()
