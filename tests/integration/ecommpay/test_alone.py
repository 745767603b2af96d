"""The platform as a program of its own: it starts without the rest, and its page tells every setting, fault and address."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import local.ecommpay
from local.ecommpay.command_line import (
    GROUPS,
    ServerSettings,
    default_text,
    flag,
    meanings,
    read_command_line,
    variable,
)
from local.ecommpay.outcomes import AXES, CALLBACK_WORDS, OUTCOMES
from local.ecommpay.platform import ROUTES
from local.ecommpay.retry_calendar import TRIES, WITHIN_S, moments
from local.ecommpay.settings import DataApiKey, Project
from local.ecommpay.signature import sign
from tests.integration.ecommpay.merchant import DEADLINE_S
from tests.support.terminal import run

FOLDER = Path(local.ecommpay.__file__).parent
ROOT = FOLDER.parents[1]
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:3001"
KINDS = (ServerSettings, *GROUPS.values())


def fields(kind: Any) -> dict[str, Any]:
    """The settings of a class and their defaults."""
    return {name: field.default for name, field in kind.__dataclass_fields__.items()}


def rows(heading: str) -> list[tuple[str, ...]]:
    """The table below a heading of the page, without its head."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [line for line in part.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in table[1:]]


def includes(actual: Any, shown: Any) -> bool:
    """Whether an answer holds everything that the page shows of it; `…` stands for anything."""
    if isinstance(shown, dict):
        return isinstance(actual, dict) and all(
            name in actual and includes(actual[name], value) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return (
            isinstance(actual, list)
            and len(actual) >= len(shown)
            and all(includes(one, other) for one, other in zip(actual, shown, strict=False))
        )
    return bool(shown == "…" or actual == shown)


@pytest.fixture
def started() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The program on a free port, and its address."""
    command = [sys.executable, "-m", "local.ecommpay", "--port", "0", "--step-s", "0.01"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            ready = next(line for line in process.stdout if line.startswith("Ready: "))
            yield ready.split()[1].rstrip("/"), process
        finally:
            process.terminate()


def test_everything_the_page_tries_out_happens_as_it_shows(started: tuple[str, "subprocess.Popen[str]"]) -> None:
    shown = re.findall(r"^\$ (curl .*)\n(\{.*)\n", PAGE, re.MULTILINE)
    assert len(shown) == 8
    for command, output in shown:
        end = time.monotonic() + DEADLINE_S
        while not includes(actual := run(command.replace(ADDRESS, started[0])), json.loads(output)):
            assert " -d " not in command, f"{command}\n{actual}"
            assert time.monotonic() < end, f"{command}\n{actual}"
            time.sleep(0.05)


def test_the_signature_made_in_a_shell_is_the_platforms_own() -> None:
    ((text, key, signature),) = re.findall(r"printf %s '(.*?)' \| openssl .* -hmac (\S+) .*\n(.*)\n", PAGE)
    message = {"general": {"project_id": 2924, "payment_id": "order-1"}}
    assert (text, signature) == ("general:payment_id:order-1;general:project_id:2924", sign(message, key))


def test_it_ends_when_it_is_asked_to(started: tuple[str, "subprocess.Popen[str]"]) -> None:
    _, process = started
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE_S) == 0
    assert process.stdout
    assert process.stdout.read() == "Stopped.\n"


def test_it_starts_without_the_rest_of_the_project() -> None:
    program = "import sys, local.ecommpay.__main__; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    names = set(loaded.stdout.split())
    assert {"werkzeug", "jinja2", "urllib3"} <= names
    assert not {"boto3", "botocore", "moto", "requests", "payments", "ecommpay_signing", "functions"} & names
    assert [each for each in names if each.startswith("local.") and not each.startswith("local.ecommpay")] == []


def test_the_page_tells_every_setting_as_the_code_does() -> None:
    told = [
        (f"`{flag(name)}`", default_text(default), meanings(kind).get(name, "not told"))
        for kind in KINDS
        for name, default in fields(kind).items()
    ]
    assert rows("Settings") == told
    assert all(meaning.endswith(".") for _, _, meaning in told)


def test_help_tells_every_setting_with_its_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        read_command_line(["--help"], {})
    assert end.value.code == 0
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    for kind in KINDS:
        for name, default in fields(kind).items():
            value = "[VALUE]" if isinstance(default, bool) else "VALUE"
            assert f"{flag(name)} {value} {meanings(kind)[name]} Default {default_text(default)}." in shown


def test_the_page_tells_what_every_amount_and_every_word_makes_happen() -> None:
    assert rows("What an amount makes happen") == [(f"{end:02d}", each.summary) for end, each in OUTCOMES.items()]
    told = {word.strip("`"): set(re.findall(r"`(\w+)`", values)) for word, values in rows("Telling it what to do next")}
    assert told == {**AXES, "callbacks": {"lose", "duplicate", "delay", "reorder"} | CALLBACK_WORDS, "ending": set()}


def test_the_page_names_every_address() -> None:
    addresses = "\n".join(address + what for address, what in rows("Addresses"))
    for rule in ROUTES.iter_rules():
        path = re.sub(r"<(?:any\((.*?)\)|\w+):(\w+)>", lambda part: f"<{part[1] or part[2]}>", rule.rule)
        assert path in addresses, path


def test_the_page_tells_the_calendar_as_it_is() -> None:
    first = moments()[:8]
    assert first[:7] == [0, 10, 20, 30, 40, 50, 60]
    assert first[7] - 60 > 60
    assert (TRIES, WITHIN_S) == (120, 11 * 86400)
    assert 10 * 60 < moments()[-1] * 0.001 < 15 * 60


def test_a_flag_is_stronger_than_a_variable_and_both_than_the_default() -> None:
    environ = {"PLATFORM_STEP_S": "0.5", "PLATFORM_COPIES": "3", "PLATFORM_SILENT_WITHOUT_CONTACT": "true", "PORT": "1"}
    chosen = read_command_line(["--copies", "2", "--suffix-in-acknowledgement", "false", "--port", "0"], environ)
    assert chosen.server == ServerSettings(port=0)
    assert chosen.groups["delivery"] == GROUPS["delivery"](copies=2)
    assert chosen.groups["gate"] == GROUPS["gate"](
        step_s=0.5, silent_without_contact=True, suffix_in_acknowledgement=False
    )
    assert read_command_line(["--silent-without-contact"], {}).groups["gate"].silent_without_contact is True


def test_every_setting_can_be_a_variable() -> None:
    text = {str: "http://127.0.0.1:8080", bool: "true", int: "7", float: "7.5"}
    environ = {variable(name): text[type(default)] for kind in KINDS for name, default in fields(kind).items()}
    value = {str: "http://127.0.0.1:8080", bool: True, int: 7, float: 7.5}
    chosen = read_command_line([], environ)
    for made in (chosen.server, *chosen.groups.values()):
        assert made == type(made)(**{name: value[type(default)] for name, default in fields(type(made)).items()})


def test_projects_come_from_the_document_and_take_the_common_address_where_they_have_none() -> None:
    document = {
        "1": {"secret_keys": ["a", "b"], "data_api": {"token": "t", "secret_key": "s"}},
        "2": {"secret_keys": ["c"], "callback_url": "http://127.0.0.1:1/own"},
    }
    arguments = ["--callback-url", "http://127.0.0.1:2/all"]
    assert read_command_line(arguments, {"ECOMMPAY_PROJECTS": json.dumps(document)}).projects == {
        1: Project(1, ("a", "b"), "http://127.0.0.1:2/all", DataApiKey("t", "s")),
        2: Project(2, ("c",), "http://127.0.0.1:1/own"),
    }


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (["--port", "65536"], {}, "argument --port: a port from 0 to 65535"),
        (["--workers", "0"], {}, "argument --workers: at least 1"),
        (["--copies", "1.5"], {}, "argument --copies: a whole number"),
        (["--step-s", "-1"], {}, "argument --step-s: a number of seconds such as 0.5"),
        ([], {"PLATFORM_STEP_S": "-1"}, "argument --step-s: a number of seconds such as 0.5"),
        ([], {"PLATFORM_HANG_S": "nan"}, "argument --hang-s: a number of seconds such as 0.5"),
        (["--callback-url", "shop"], {}, "argument --callback-url: an address such as http://127.0.0.1:8080/callbacks"),
        (["--silent-without-contact", "1"], {}, "argument --silent-without-contact: true or false"),
        ([], {"ECOMMPAY_PROJECTS": "[]"}, 'ECOMMPAY_PROJECTS must be like {"2924": {"secret_keys": ["…"]}}'),
        ([], {"ECOMMPAY_PROJECTS": "{}"}, 'ECOMMPAY_PROJECTS must be like {"2924": {"secret_keys": ["…"]}}'),
        (
            [],
            {"ECOMMPAY_PROJECTS": '{"1": {"secret_keys": [""]}}'},
            'ECOMMPAY_PROJECTS must be like {"2924": {"secret_keys": ["…"]}}',
        ),
    ],
)
def test_what_cannot_be_used_ends_it_with_a_sentence(
    arguments: list[str], environ: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        read_command_line(arguments, environ)
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {told}\n")
