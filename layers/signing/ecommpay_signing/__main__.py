"""`python -m ecommpay_signing explain FILE --secret-env NAME` tells whether a message verifies, and if not, why.
`python -m ecommpay_signing fingerprints --projects-env NAME` tells by which names keys are stored and shown.

FILE is the JSON body as received, or a Payment Page address; `-` is standard input. Keys are read from environment
variables, so that they stay out of the shell's history: `--secret-env` names one that holds a key, `--projects-env` one
that holds the document of all projects, `{"2924": {"secret_keys": ["current", "previous"]}}`. Exit code 0: it verifies;
1: it does not; 2: the arguments or the body cannot be used.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from .errors import MalformedMessage
from .explain import NamedKey, explain
from .fingerprint import key_fingerprint
from .strict_json import loads

_NUMBERS = ("first", "second", "third")


class _Unusable(Exception):
    """What was given cannot be used; says why, and quotes no part of a key."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ecommpay_signing", description="Looks into signed ECommPay messages."
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("explain", help="tell whether a message verifies, and if not, why")
    command.add_argument("file", metavar="FILE", help="the JSON body as received, or an address; - for standard input")
    command.set_defaults(run=_explain)
    other = commands.add_parser("fingerprints", help="tell by which names keys are stored and shown")
    other.set_defaults(run=_tell_fingerprints)
    for each in (command, other):
        each.add_argument("--secret-env", metavar="NAME", action="append", default=[], help="variable that holds a key")
        each.add_argument(
            "--projects-env",
            metavar="NAME",
            action="append",
            default=[],
            help='variable that holds the projects: {"2924": {"secret_keys": ["current", "previous"]}}',
        )
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options, list(_keys(options.secret_env, options.projects_env)))
    except _Unusable as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    return code


def _explain(options: argparse.Namespace, keys: Sequence[NamedKey]) -> int:
    explanation = explain(_read_message(options.file), keys)
    sys.stdout.write("".join(f"{line}\n" for line in explanation.lines))
    return 0 if explanation.verifies else 1


def _tell_fingerprints(_options: argparse.Namespace, keys: Sequence[NamedKey]) -> int:
    sys.stdout.write("".join(f"{key_fingerprint(key.secret)}  {key.name}\n" for key in keys))
    return 0


def _read_message(file: str) -> Mapping[str, object]:
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise _Unusable(f"{file} cannot be read: {error.strerror}.") from None
    address = body.strip()
    if address.startswith((b"https://", b"http://")) and address.isascii():
        return dict(parse_qsl(urlsplit(address.decode("ascii")).query, keep_blank_values=True))
    try:
        return loads(body)
    except MalformedMessage as error:
        raise _Unusable(str(error)) from None


def _keys(secrets: Sequence[str], documents: Sequence[str]) -> Iterator[NamedKey]:
    if not secrets and not documents:
        raise _Unusable("Name the variable that holds a key (--secret-env), or the projects (--projects-env).")
    for name in (*secrets, *documents):
        if not os.environ.get(name):
            raise _Unusable(f"The environment variable {name} is not set.")
    yield from (NamedKey(f"key {name}", os.environ[name]) for name in secrets)
    for name in documents:
        try:
            found = list(_keys_of_projects(json.loads(os.environ[name])))
        except (ValueError, TypeError, KeyError, AttributeError):
            found = []
        if not all(isinstance(key.secret, str) and key.secret for key in found) or not found:
            raise _Unusable(f'{name} does not hold projects: {{"2924": {{"secret_keys": ["current", "previous"]}}}}.')
        yield from found


def _keys_of_projects(projects: Mapping[str, Mapping[str, object]]) -> Iterator[NamedKey]:
    for project_id, project in projects.items():
        secrets = project["secret_keys"]
        if not isinstance(secrets, list):
            raise TypeError("secret_keys is a list")
        for number, secret in enumerate(secrets, start=1):
            called = _NUMBERS[number - 1] if number <= len(_NUMBERS) else f"{number}th"
            yield NamedKey(f"{called} key of project {project_id}", secret, int(project_id))
        if isinstance(data_api := project.get("data_api"), Mapping):
            secret = data_api["secret_key"]
            yield NamedKey(f"Data API key of project {project_id}", secret, int(project_id), verifies=False)


if __name__ == "__main__":
    sys.exit(main())
