"""DynamoDB Local itself: it is kept to this machine, ends with its block, and no other files run than those chosen."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import dynamodb_local

ELSEWHERE = ("192.0.2.1", 9)


def own_address() -> str:
    """An address of this machine that others may know it by; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            pytest.skip("this machine has no address but loopback")
        address: str = probe.getsockname()[0]
        return address


def answer_from(address: str, port: int) -> bytes:
    """The first bytes of the answer to an HTTP request; none when the connection is refused or closed."""
    try:
        with socket.create_connection((address, port), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(8)
    except ConnectionError:
        return b""


@pytest.mark.skipif(dynamodb_local.why_left_out() is not None, reason="no DynamoDB Local on this machine")
def test_nobody_outside_this_machine_is_answered(dynamodb_local_endpoint: str) -> None:
    port = urlsplit(dynamodb_local_endpoint).port or 0

    assert answer_from("127.0.0.1", port) == b"HTTP/1.1"
    assert answer_from(own_address(), port) == b""
    assert answer_from("127.0.0.1", port) == b"HTTP/1.1"


@pytest.mark.parametrize(
    ("variables", "commands", "reason"),
    [
        ({"DYNAMODB_LOCAL": "off"}, ["mvn", "java"], "DYNAMODB_LOCAL is off"),
        ({}, ["java"], "there is no mvn"),
        ({}, ["mvn"], "there is no java"),
        ({}, ["mvn", "java25"], "Java 25 is there and 17 to 23 is wanted"),
        ({}, ["mvn", "java"], None),
    ],
)
def test_why_a_machine_goes_without_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], commands: list[str], reason: str | None
) -> None:
    for command in commands:
        name = command.rstrip("0123456789")
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\necho 'openjdk version \"{command.removeprefix(name) or 21}.0.1\"' >&2\n")
        script.chmod(0o755)
    for name in ("DYNAMODB_LOCAL", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert uncached(dynamodb_local.why_left_out) == reason


def uncached(ask: Callable[[], str | None]) -> str | None:
    dynamodb_local.java_version.cache_clear()
    try:
        answer: str | None = ask.__wrapped__()  # type: ignore[attr-defined]  # a cached function keeps its own
    finally:
        dynamodb_local.java_version.cache_clear()
    return answer


def test_files_that_were_not_chosen_are_turned_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = tmp_path / "mvn"
    maven.write_text(
        '#!/bin/sh\nfor word in "$@"; do case $word in -DoutputDirectory=*) folder=${word#*=};; esac; done\n'
        '/bin/mkdir -p "$folder" && echo other >"$folder/DynamoDBLocal.jar"\n'
    )
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(dynamodb_local, "FOLDER", tmp_path / "engine")
    monkeypatch.setattr(dynamodb_local, "why_left_out", lambda: None)

    with (
        pytest.raises(dynamodb_local.EngineUnavailable, match="other files"),
        dynamodb_local.running_dynamodb_local(),
    ):
        pass
