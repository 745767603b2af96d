"""The name of a key: always the same for the same key, and of no use to whoever wants the key or a signature."""

import base64
import hashlib
import hmac
import json

import pytest

from ecommpay_signing import key_fingerprint, sign
from ecommpay_signing.__main__ import main

KEYS = ["local-secret-2924", "local-secret-198", "local-secret-2924 ", "ключ", "x" * 1000]


def test_a_fingerprint_stays_the_same_for_good() -> None:
    # Rows of the table are named so: another algorithm would make every key a new one.
    text = b"fingerprint of a secret key, version 1"
    expected = hmac.new(b"local-secret-2924", text, hashlib.sha256).hexdigest()[:12]
    assert key_fingerprint("local-secret-2924") == expected == "8f990603c152"


def test_every_key_has_one_of_its_own() -> None:
    assert len({key_fingerprint(key) for key in KEYS}) == len(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_it_holds_no_part_of_the_key_and_begins_no_signature(key: str) -> None:
    fingerprint = key_fingerprint(key)
    signature = base64.b64decode(sign({"fingerprint of a secret key, version 1": ""}, key))
    assert bytes.fromhex(fingerprint) != signature[:6]
    assert bytes.fromhex(fingerprint) != hashlib.sha256(key.encode()).digest()[:6]
    assert not any(key[at : at + 4] in fingerprint for at in range(len(key) - 3))


def test_the_command_tells_which_key_is_which_and_none_of_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    projects = {"2924": {"secret_keys": ["new", "old"], "data_api": {"token": "t", "secret_key": "d"}}}
    monkeypatch.setenv("PROJECTS", json.dumps(projects))
    monkeypatch.setenv("KEY", "one more")
    assert main(["fingerprints", "--projects-env", "PROJECTS", "--secret-env", "KEY"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{key_fingerprint('one more')}  key KEY",
        f"{key_fingerprint('new')}  first key of project 2924",
        f"{key_fingerprint('old')}  second key of project 2924",
        f"{key_fingerprint('d')}  Data API key of project 2924",
    ]


def test_the_command_without_keys_says_how_to_name_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fingerprints"]) == 2
    assert capsys.readouterr().err.startswith("Name the variable that holds a key")
