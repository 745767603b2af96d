"""The command that tells why a message does not verify."""

import base64
import hmac
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from ecommpay_signing import sign
from ecommpay_signing.__main__ import main
from ecommpay_signing.explain import Explanation, NamedKey
from ecommpay_signing.explain import explain as explain_with
from ecommpay_signing.signature import hmac_signature

KEYS = {"CURRENT_KEY": "current test key", "PREVIOUS_KEY": "previous test key"}
PROJECTS = {
    "2924": {"secret_keys": ["new of 2924", "old of 2924"], "data_api": {"token": "t", "secret_key": "data of 2924"}},
    "198": {"secret_keys": ["one of 198", "two of 198", "three of 198", "four of 198"]},
}
MESSAGE: dict[str, Any] = {"payment": {"id": "order-1", "rrn": None, "paid": True}, "rate": 1.0, "a:b": 2}


def explain(message: dict[str, Any], keys: dict[str, str]) -> Explanation:
    return explain_with(message, [NamedKey(f"key {name}", key) for name, key in keys.items()])


def signature_of(text: str, key: str = "CURRENT_KEY") -> str:
    return hmac_signature(text.encode(), KEYS[key]).decode()


def test_a_message_that_verifies() -> None:
    explanation = explain({**MESSAGE, "signature": sign(MESSAGE, KEYS["PREVIOUS_KEY"])}, KEYS)
    assert explanation.verifies
    assert explanation.lines == (
        "Verifies with the key PREVIOUS_KEY.",
        (
            "It is stored and not believed all the same: with `;` in it, `:` in a key or an empty key, the text has several "
            "readings."
        ),
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
        (
            {"a": None, "b": 1.0},
            "a:None;b:1.0",
            "null written None; floats written in full, like 1.0 or 0.30000000000000004",
        ),
        (
            {"a": 100.0, "b": 0.1 + 0.2},
            "a:100;b:0.30000000000000004",
            "floats written in full, but whole ones without .0",
        ),
        ({"a": 0.1}, "a:0.10000000000000001", "floats with 17 digits, like 0.10000000000000001"),
        ({"a": 1.0}, "a:1.00", "floats with two places, like 1.00"),
        ({"a": 2**64}, "a:18446744073709551616", "integers beyond 64 bits in full"),
        ({"a": False, "b": 1}, "a:;b:1", "false written as nothing"),
        ({"a": True, "b": 2}, "1;b:2", "the line of a boolean a mere 1"),
        ({"a:b": 1, "c": {"d:e": 2}}, "a::b:1;c:d:e:2", "`:` doubled in top-level keys only"),
        ({"b": 1, "C": 2}, "b:1;C:2", "capital and small letters in one order"),
        ({"b": 1, "a": 2}, "b:1;a:2", "lines left in the order of the message"),
        ({"a": 1, "frame_mode": "popup"}, "a:1;frame_mode:popup", "keys `frame_mode` signed as well"),
        (
            {"a": {"frame_mode": 1}, "frame_mode": "popup"},
            "a:frame_mode:1",
            "nested keys `frame_mode` signed as well",
        ),
        ({"_plugin_version": "5", "a": 1}, "a:1", "top-level keys that begin with `_` left out"),
        ({"a": None, "b": 1}, "b:1", "nulls left out"),
        ({"a": "", "b": 1}, "b:1", "empty texts left out"),
        ({"a": [], "b": 1}, "a:;b:1", "empty lists and objects signed as an empty text"),
        ({"a": " x "}, "a:x", "texts without the white space around them"),
        ({"a": "e\u0301"}, "a:\u00e9", "texts in composed Unicode (NFC)"),
        ({"a": "\u00e9"}, "a:e\u0301", "texts in decomposed Unicode (NFD)"),
        ({"a": "x/y"}, "a:x\\/y", "`/` in texts written `\\/`"),
        ({"a": 1}, "a:1;signature:", "the place of the signature signed as an empty text"),
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
            "whole lines in code-point order; `:` in keys not doubled; null written None",
        ),
    ],
)
def test_names_the_rule_that_was_another(message: dict[str, Any], text: str, rule: str) -> None:
    explanation = explain({**message, "signature": signature_of(text)}, KEYS)
    assert explanation.lines[1] == f"The signature was made with the key CURRENT_KEY, with another rule: {rule}."
    assert explanation.verifies == rule.startswith("nested keys `signature`")  # the one of these rules that is accepted


def test_the_text_that_was_signed_is_shown_beside_the_one_php_signs() -> None:
    signed = "a::b:2;payment:id:order-1;payment:paid:1;payment:rrn:None;rate:1"
    assert explain({**MESSAGE, "signature": signature_of(signed)}, KEYS).lines == (
        "Does not verify. The signature was made with another key or for another message.",
        "The signature was made with the key CURRENT_KEY, with another rule: null written None.",
        "The text PHP signs (-) and the one that was signed (+), lines joined by ';', values shortened:",
        "  a::b:2",
        "  payment:id:orde…",
        "  payment:paid:1",
        "- payment:rrn:",
        "+ payment:rrn:None",
        "  rate:1",
    )


SIGNED = hmac.digest(b"current test key", b"a:1", "sha512")


@pytest.mark.parametrize(
    ("signature", "difference"),
    [
        (f" {base64.b64encode(SIGNED).decode()}\n", "white space around the signature"),
        (SIGNED.hex(), "the signature in hex instead of base64"),
        (
            base64.b64encode(SIGNED.hex().encode()).decode(),
            "base64 of the digest's hex text instead of its bytes",
        ),
        (base64.b64encode(SIGNED).decode().rstrip("="), "the signature without its `=` at the end"),
        (
            base64.urlsafe_b64encode(SIGNED).decode(),
            "the signature in the alphabet of addresses (`-` and `_`)",
        ),
        (
            base64.b64encode(SIGNED).decode().replace("+", " "),
            "a `+` of the signature turned into a space, as by decoding an address once too often",
        ),
        (
            base64.b64encode(hmac.digest(b"current test key", b"a:1", "sha256")).decode(),
            "HMAC-SHA-256 instead of HMAC-SHA-512",
        ),
    ],
)
def test_names_how_the_signature_was_written(signature: str, difference: str) -> None:
    explanation = explain({"a": 1, "signature": signature}, KEYS)
    assert not explanation.verifies
    assert explanation.lines[1] == f"The signature was made with the key CURRENT_KEY, with another rule: {difference}."


@pytest.mark.parametrize(
    ("ours", "theirs", "difference"),
    [
        ("secret\n", b"secret", "the key without the white space around it"),
        ("secret", b"secret\n", "the key with a line break behind it"),
        ('"secret"', b"secret", "the key without the quotation marks around it"),
        ("00ff10", b"\x00\xff\x10", "the key decoded from hex"),
        ("c2VjcmV0", b"secret", "the key decoded from base64"),
    ],
)
def test_names_how_the_key_was_taken(ours: str, theirs: bytes, difference: str) -> None:
    signature = base64.b64encode(hmac.digest(theirs, b"a:1", "sha512")).decode()
    explanation = explain({"a": 1, "signature": signature}, {"KEY": ours})
    assert not explanation.verifies
    assert explanation.lines[1] == f"The signature was made with the key KEY, with another rule: {difference}."
    assert "secret" not in "".join(explanation.lines)


def test_a_signature_at_another_level_is_named() -> None:
    message = {"general": {"project_id": 1, "signature": signature_of("general:project_id:1")}, "signature": "A" * 88}
    explanation = explain(message, KEYS)
    assert not explanation.verifies
    assert explanation.lines[1] == (
        "The signature was made with the key CURRENT_KEY, with another rule: the signature at `general:signature`."
    )
    nested = {"data": {"signature": signature_of("a:1")}, "a": 1}
    assert explain(nested, KEYS).lines[:2] == (
        "Does not verify. The message carries no signature.",
        "The signature was made with the key CURRENT_KEY, with another rule: the signature at `data:signature`.",
    )


def test_a_message_that_verifies_and_is_not_believed_is_told() -> None:
    message = {"payment": {"id": "x;payment:status:success"}}
    explanation = explain({**message, "signature": sign(message, KEYS["CURRENT_KEY"])}, KEYS)
    assert explanation.verifies
    assert explanation.lines[1].startswith("It is stored and not believed all the same: with `;` in it")


def test_a_long_message_nobody_can_explain_is_given_up_soon() -> None:
    message: dict[str, Any] = {
        f"k{n}:{n}": {"x": [None, True, 1.5, 2**70, " é/", "", []], "frame_mode": n, "signature": None}
        for n in range(20)
    }
    start = time.monotonic()
    explanation = explain({**message, "_a": 1, "signature": "A" * 88}, KEYS)
    assert explanation.lines[1].startswith("No known rule gives this signature")
    assert time.monotonic() - start < 60


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


def written_in(tmp_path: Path, message: dict[str, Any]) -> str:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(message))
    return str(file)


@pytest.mark.parametrize(
    ("project_id", "key", "code", "told"),
    [
        (
            2924,
            "old of 2924",
            0,
            ["Verifies with the second key of project 2924.", "with the second key of project 2924, as PHP does."],
        ),
        (
            2924,
            "four of 198",
            1,
            [
                "Does not verify. The signature was made with another key or for another message.",
                "with the 4th key of project 198, as PHP does.",
                "The wrong project: the message names project 2924, whose keys alone may verify it.",
            ],
        ),
        (
            77,
            "one of 198",
            1,
            [
                "Does not verify. The signature was made with another key or for another message.",
                "The message names project 77, and there is no key for that.",
                "with the first key of project 198, as PHP does.",
                "The wrong project: the message names project 77, whose keys alone may verify it.",
            ],
        ),
        (
            2924,
            "data of 2924",
            1,
            [
                "Does not verify. The signature was made with another key or for another message.",
                "with the Data API key of project 2924, as PHP does.",
                "That key is for another purpose and verifies no message of this kind.",
            ],
        ),
    ],
)
@pytest.mark.parametrize("level", ["top", "general"])
def test_the_document_of_the_projects_tells_whose_key_it_was(
    level: str,
    project_id: int,
    key: str,
    code: int,
    told: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PROJECTS", json.dumps(PROJECTS))
    message: dict[str, Any] = {"project_id": project_id} if level == "top" else {"general": {"project_id": project_id}}
    file = written_in(tmp_path, {**message, "signature": sign(message, key)})

    assert main(["explain", file, "--projects-env", "PROJECTS"]) == code
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix("The signature was made ") for line in lines[: len(told)]] == told
    assert lines[len(told)] == "The text PHP signs, 1 lines joined by ';', values shortened:"


@pytest.mark.usefixtures("environment")
def test_a_payment_page_address_is_explained_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "address.txt"
    signature = signature_of("payment_id:order 1;project_id:2924").replace("+", "%2B").replace("=", "%3D")
    address = f"https://paymentpage.ecommpay.com/payment?project_id=2924&payment_id=order+1&signature={signature}\n"
    file.write_text(address)
    assert main(["explain", str(file), "--secret-env", "CURRENT_KEY"]) == 0
    assert capsys.readouterr().out.startswith("Verifies with the key CURRENT_KEY.\n")


@pytest.mark.parametrize(
    "document", ["[]", "{}", "secret", '{"1": {}}', '{"1": {"secret_keys": "abc"}}', '{"1": {"secret_keys": [""]}}']
)
def test_a_document_that_holds_no_projects_is_refused_without_quoting_it(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROJECTS", document)
    assert main(["explain", written_in(tmp_path, {}), "--projects-env", "PROJECTS"]) == 2
    told = capsys.readouterr().err
    assert told == 'PROJECTS does not hold projects: {"2924": {"secret_keys": ["current", "previous"]}}.\n'


def test_without_any_key_it_says_how_to_name_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", written_in(tmp_path, {})]) == 2
    assert capsys.readouterr().err.startswith("Name the variable that holds a key")


@pytest.mark.usefixtures("environment")
def test_a_number_that_no_signed_text_can_hold_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written_in(tmp_path, {"a": 10**400, "signature": "A" * 88})
    assert main(["explain", file, "--secret-env", "CURRENT_KEY"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "Does not verify. The message holds something that no signature can cover.",
        "There is no text to sign. A number is beyond what JSON can carry.",
    ]
