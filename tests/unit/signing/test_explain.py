"""The command that tells why a message does not verify."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ecommpay_signing import sign
from ecommpay_signing.__main__ import main
from ecommpay_signing.explain import explain
from ecommpay_signing.signature import hmac_signature

KEYS = {"CURRENT_KEY": "current test key", "PREVIOUS_KEY": "previous test key"}
MESSAGE: dict[str, Any] = {"payment": {"id": "order-1", "rrn": None, "paid": True}, "rate": 1.0, "a:b": 2}


def signature_of(text: str, key: str = "CURRENT_KEY") -> str:
    return hmac_signature(text.encode(), KEYS[key]).decode()


def test_a_message_that_verifies() -> None:
    explanation = explain({**MESSAGE, "signature": sign(MESSAGE, KEYS["PREVIOUS_KEY"])}, KEYS)
    assert explanation.verifies
    assert explanation.lines == (
        "Verifies with the key PREVIOUS_KEY.",
        "The signature was made with the key PREVIOUS_KEY, as PHP does.",
        "The text PHP signs, 5 lines joined by ';', values shortened:",
        "  a::b:2",
        "  payment:id:orde…",
        "  payment:paid:1",
        "  payment:rrn:",
        "  rate:1",
    )


@pytest.mark.parametrize(
    ("message", "text", "rule"),
    [
        ({"a": None}, "a:None", "null written None"),
        ({"a": None}, "a:null", "null written null"),
        ({"a": True, "b": False}, "a:True;b:False", "booleans written True and False"),
        ({"a": True, "b": False}, "a:true;b:false", "booleans written true and false"),
        ({"a": 1.0}, "a:1.0", "floats written in full, like 1.0 or 0.30000000000000004"),
        ({"a": 1.5}, "a:1", "floats cut to whole numbers"),
        ({"a": None, "b": 1.0}, "a:None;b:1.0", "null written None and floats in full"),
        ({"a:b": 1}, "a:b:1", "`:` in keys not doubled"),
        ({"a1": 1, "a": 2}, "a1:1;a:2", "whole lines in code-point order"),
        ({"b": {"x": 1}, "b-c": 2}, "b:x:1;b-c:2", "keys in order level by level, numbers first"),
        ({"a": [{"signature": "x"}]}, "a:0:signature:x", "nested keys `signature` signed as well"),
        (
            {"a": [{"signature": "x"}], "signature2": 1, "b": {"signature": "y"}},
            "a:0:signature:x;signature2:1",
            "keys `signature` inside lists signed as well",
        ),
        ({"a": {"signature": None}, "b": 1}, "b:1", "keys `signature` left out also where they are null"),
        (
            {"a:b": None, "a1": 1, "a": 2},
            "a1:1;a:2;a:b:None",
            "whole lines in code-point order; null written None; `:` in keys not doubled",
        ),
    ],
)
def test_names_the_rule_that_was_another(message: dict[str, Any], text: str, rule: str) -> None:
    explanation = explain({**message, "signature": signature_of(text)}, KEYS)
    assert explanation.lines[1] == f"The signature was made with the key CURRENT_KEY, with another rule: {rule}."
    assert explanation.verifies == rule.startswith("nested keys")  # the one of these rules that is accepted


def test_a_second_accepted_order_is_named() -> None:
    message = {f"p{n}": n for n in (1, 2, 10)}
    explanation = explain({**message, "signature": signature_of("p1:1;p10:10;p2:2", "PREVIOUS_KEY")}, KEYS)
    assert explanation.verifies
    assert explanation.lines[1].endswith("key PREVIOUS_KEY, with another rule: paths in code-point order.")


def test_a_message_with_a_number_for_a_key_is_named() -> None:
    message = {"0": {"a": 1}}
    explanation = explain({**message, "signature": signature_of("0:a:1")}, KEYS)
    assert explanation.lines[1].startswith("A top-level key is a number or empty.")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)


@pytest.mark.usefixtures("environment")
def test_the_command_never_shows_keys_signatures_or_whole_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = {"customer": {"email": "john@example.com", "name": "\x1b[2J;x"}, "signature": "A" * 88}
    file = tmp_path / "body.json"
    file.write_text(json.dumps(message))
    assert main(["explain", str(file), "--secret-env", "CURRENT_KEY", "--secret-env", "PREVIOUS_KEY"]) == 1
    assert capsys.readouterr().out == (
        "Does not verify. The signature was made with another key or for another message.\n"
        "No known rule gives this signature: another key made it, or the message was changed afterwards.\n"
        "The text PHP signs, 2 lines joined by ';', values shortened:\n"
        "  customer:email:john…\n"
        "  customer:name:\N{REPLACEMENT CHARACTER}[2J…\n"
    )


@pytest.mark.usefixtures("environment")
def test_the_command_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.dumps({"a": 1, "signature": sign({"a": 1}, KEYS["CURRENT_KEY"])}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert main(["explain", "-", "--secret-env", "CURRENT_KEY"]) == 0
    assert capsys.readouterr().out.startswith("Verifies with the key CURRENT_KEY.\n")


@pytest.mark.usefixtures("environment")
def test_a_message_without_signature_does_not_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "body.json").write_text('{"a": 1e300}')
    assert main(["explain", str(tmp_path / "body.json"), "--secret-env", "CURRENT_KEY"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "Does not verify. The message carries no signature.",
        "The text PHP signs, 1 lines joined by ';', values shortened:",
        "  a:1.0E…",
    ]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("content", "variable", "complaint"),
    [
        ("[]", "CURRENT_KEY", "The body is not a JSON object.\n"),
        (None, "CURRENT_KEY", "cannot be read: No such file or directory.\n"),
        ("{}", "NO_SUCH_KEY", "The environment variable NO_SUCH_KEY is not set.\n"),
    ],
)
def test_what_cannot_be_used_is_told_with_exit_code_two(
    content: str | None, variable: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "body.json"
    if content is not None:
        file.write_text(content)
    assert main(["explain", str(file), "--secret-env", variable]) == 2
    assert capsys.readouterr().err.endswith(complaint)
