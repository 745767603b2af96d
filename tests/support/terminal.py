"""Runs the commands that the demo shop shows: as they are written, or by reading them and doing the same from Python.

Both give what the command prints, read as JSON; None where it prints nothing.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from typing import Any

import boto3
import requests
from botocore import xform_name

TIMEOUT_S = 60
_ASSIGNMENT = re.compile(r"[A-Z_]+=(.*)")
#: What a machine may have set for itself must not change what a command does here.
_OWN = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "AWS_CONFIG_FILE": os.devnull, "AWS_PAGER": ""}


def run(command: str) -> Any:
    """As it is written, in a shell; where its tool is not installed, as `play` does it."""
    words, _ = _words(command)
    if shutil.which(words[0]) is None:
        return play(command)
    done = subprocess.run(
        ["/bin/sh", "-c", command], check=True, capture_output=True, text=True, timeout=TIMEOUT_S, env=os.environ | _OWN
    )
    return _read(done.stdout)


def play(command: str) -> Any:
    """What the command does, done by requests or boto3; AssertionError for one that cannot be read."""
    words, keys = _words(command)
    return {"curl": _curl, "aws": _aws}[words[0]](words[1:], keys)


def _words(command: str) -> tuple[list[str], list[str]]:
    """The words of a command from its tool's name on, and the values of the variables set before it."""
    words = shlex.split(command.replace("\\\n", " "))
    keys = []
    while match := _ASSIGNMENT.fullmatch(words[0]):
        keys.append(match[1])
        words.pop(0)
    return words, keys


def _curl(words: list[str], _keys: list[str]) -> Any:
    given: dict[str, str | None] = {"-X": None, "-d": None}
    addresses = []
    waiting = iter(words)
    for word in waiting:
        if word in given:
            given[word] = next(waiting)
        elif word != "-s":
            addresses.append(word)
    (address,) = addresses
    method = given["-X"] or ("GET" if given["-d"] is None else "POST")
    with requests.Session() as session:
        session.trust_env = False
        # As curl says of a body given with -d.
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = session.request(method, address, data=given["-d"], headers=headers, timeout=TIMEOUT_S)
    return _read(answer.text)


def _aws(words: list[str], keys: list[str]) -> Any:
    placed = dict(zip(words[0:4:2], words[1:4:2], strict=True))
    assert set(placed) == {"--endpoint-url", "--region"}
    service, operation = words[4:6]
    session: Any = boto3.session.Session(keys[0], keys[1], region_name=placed["--region"])
    client = session.client(service, endpoint_url=placed["--endpoint-url"])
    name = operation.replace("-", "_")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name]).input_shape
    members = {f"--{xform_name(member, '-')}": member for member in shape.members}
    options = dict(zip(words[6::2], words[7::2], strict=True))
    values = {
        members[option]: int(value) if shape.members[members[option]].type_name == "integer" else value
        for option, value in options.items()
    }
    return getattr(client, name)(**values)


def _read(text: str) -> Any:
    return json.loads(text) if text.strip() else None
