"""The published vectors: their form, the runner that asks a command in any language, and what its page promises."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from playwright._impl._driver import compute_driver_executable  # the browser tests' own node, on every machine

from conformance.run import FILES, FOLDER, main, read

ROOT = FOLDER.parent
SCHEMA = json.loads((FOLDER / "vectors.schema.json").read_text())
PAGE = (FOLDER / "README.md").read_text()
NODE = compute_driver_executable()[0]


def ran(*arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines of the runner, started as its page says."""
    done = subprocess.run(
        [sys.executable, "conformance/run.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def adapter(tmp_path: Path, body: str) -> list[str]:
    """A command that answers every question by this expression of `asked`."""
    file = tmp_path / "adapter.py"
    file.write_text(f"import json, sys\nfor line in sys.stdin:\n    asked = json.loads(line)\n    {body}\n")
    return [sys.executable, str(file)]


@pytest.mark.parametrize("file", FILES)
def test_every_file_has_the_form_that_the_schema_describes_and_names_nothing_twice(file: str) -> None:
    content = json.loads((FOLDER / file).read_text())
    assert [str(error.message) for error in Draft202012Validator(SCHEMA).iter_errors(content)] == []
    assert len({vector["name"] for vector in content["vectors"]}) == len(content["vectors"])


@pytest.mark.parametrize(
    "change",
    [
        {"do": "guess"},
        {"name": "Has Spaces"},
        {"given": {"message": "{}"}},
        {"given": {"message": {}, "secret": "x"}},
        {"expect": {"signature": "short"}},
        {"expect": {"key": 0}},
        {"remark": "not a field"},
    ],
)
def test_the_schema_refuses_what_is_no_vector(change: dict[str, Any]) -> None:
    vector = read("random_signatures.json")[0]
    schema = Draft202012Validator(SCHEMA)
    assert schema.is_valid({"$schema": "vectors.schema.json", "about": "x", "vectors": [vector]})
    assert not schema.is_valid({"$schema": "vectors.schema.json", "about": "x", "vectors": [{**vector, **change}]})


def test_every_file_beside_the_page_is_published() -> None:
    assert {file.name for file in FOLDER.glob("*.json")} == {*FILES, "vectors.schema.json"}


def test_the_commands_of_the_page_print_what_it_shows() -> None:
    shown = re.findall(r"^\$ python conformance/run\.py (.*)\n((?:(?!\$|```).*\n)+)", PAGE, re.MULTILINE)
    assert len(shown) == 2
    for arguments, output in shown:
        words = [{"python": sys.executable, "node": NODE}.get(word, word) for word in arguments.split()]
        assert ran(*words) == (0, output.splitlines())


def test_wrong_answers_are_told_one_by_one(tmp_path: Path) -> None:
    code, told = ran("--do", "compare", "--", *adapter(tmp_path, "print(json.dumps({'sign': 0}))"))
    ties = sum(vector["expect"] == {"sign": 0} for vector in read("natural_order.json"))
    assert code == 1
    assert told[0] == "wrong: natural_order.json pair_001: sign is 0, right is -1"
    assert told[-1] == f"{ties} right, {250 - ties} wrong, 0 against advice, 0 passed over"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("print('nonsense')", "the command answered a line that is no JSON object"),
        ("pass", "the command answered nothing (exit code 0)"),
        ("sys.exit(3)", "the command answered nothing (exit code 3)"),
        ("print('{}')", "the answer has no paths: {}"),
    ],
)
def test_a_command_that_does_not_answer_is_wrong_throughout(body: str, told: str, tmp_path: Path) -> None:
    code, lines = ran("--do", "order", "natural_order.json", "--", *adapter(tmp_path, body))
    assert code == 1
    assert lines == [
        *(f"wrong: natural_order.json list_{number}: {told}" for number in range(1, 7)),
        "0 right, 6 wrong, 0 against advice, 0 passed over",
    ]


def test_true_is_not_taken_for_one(tmp_path: Path) -> None:
    body = "print(json.dumps({'key': True}))"
    code, told = ran("--do", "verify", "signatures.json", "--", *adapter(tmp_path, body))
    assert (code, told[-1]) == (1, "0 right, 17 wrong, 0 against advice, 0 passed over")


def test_who_passes_everything_over_has_shown_nothing(tmp_path: Path) -> None:
    code, told = ran("--do", "order", "--", *adapter(tmp_path, "print(json.dumps({'pass': 'later'}))"))
    assert (code, told) == (1, ["0 right, 0 wrong, 0 against advice, 6 passed over"])


def test_what_cannot_be_used_is_told_with_exit_code_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--do", "order"]) == 2
    assert main(["--do", "order", "--", "no-such-command"]) == 2
    assert capsys.readouterr().err.endswith("no-such-command cannot be started: No such file or directory.\n")
