"""The command line of the platform run alone: every setting is a flag and a variable, told by its own comment.

A setting `step_s` is the flag `--step-s` and the variable `PLATFORM_STEP_S`; the flag wins. What it means is read from
the `#:` comment above the field, so that `--help` and the code cannot part.
"""

import argparse
import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from local.ecommpay.settings import (
    DEMO_PROJECTS,
    DataApiSettings,
    DeliverySettings,
    GateSettings,
    Project,
    read_projects,
)

PROJECTS_VARIABLE = "ECOMMPAY_PROJECTS"
#: The groups of settings, by the name that `Platform` takes each under.
GROUPS: Mapping[str, Any] = {"delivery": DeliverySettings, "gate": GateSettings, "data_api": DataApiSettings}
#: Settings that make no sense at zero.
AT_LEAST_ONE = frozenset({"workers", "copies", "data_api_most_rows"})


@dataclasses.dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the platform is and whom it calls."""

    #: The address to listen at. Whoever reaches it may drive the platform: there is no password.
    host: str = "127.0.0.1"
    #: The port to listen at; 0 takes a free one.
    port: int = 3001
    #: The address others reach it at, where that is not host and port: behind a tunnel or in a container.
    public_url: str = ""
    #: Where callbacks go of requests that name no address, and of projects that have none.
    callback_url: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """Everything the command was told."""

    server: ServerSettings
    projects: Mapping[int, Project]
    groups: Mapping[str, Any]


def read_command_line(arguments: Sequence[str], environ: Mapping[str, str]) -> Chosen:
    """Read the flags, else the variables, else the defaults; ends the process, exit code 2, when one cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m local.ecommpay",
        usage="%(prog)s [--SETTING VALUE]...",
        description="ECommPay as a merchant meets it, on this machine; no money moves and nothing is kept. "
        "Every flag has a variable: --step-s is PLATFORM_STEP_S. local/ecommpay/README.md tells the rest.",
        epilog=f'{PROJECTS_VARIABLE} holds other projects than the two demo ones: {{"2924": {{"secret_keys": ["first '
        'signs", "each verifies"], "callback_url": "http://…", "data_api": {"token": "…", "secret_key": "…"}}}.',
    )
    for kind in (ServerSettings, *GROUPS.values()):
        group = parser.add_argument_group(f"{(inspect.getdoc(kind) or '').split('.')[0]}")
        for field in dataclasses.fields(kind):
            _add_setting(group, field, meanings(kind).get(field.name, ""), environ)
    given = vars(parser.parse_args(arguments))
    server = _made(ServerSettings, given)
    try:
        projects = _projects(environ.get(PROJECTS_VARIABLE, ""), server.callback_url)
    except (ValueError, TypeError, KeyError, AttributeError):
        parser.error(f'{PROJECTS_VARIABLE} must be like {{"2924": {{"secret_keys": ["…"]}}}}')
    return Chosen(server, projects, {name: _made(kind, given) for name, kind in GROUPS.items()})


def meanings(kind: Any) -> dict[str, str]:
    """What each setting of a class means: the text of the `#:` comment above it."""
    told = re.findall(r"((?:^ +#: .*\n)+)^ +(\w+):", inspect.getsource(kind), re.MULTILINE)
    return {name: " ".join(re.findall(r"#: (.*)", comment)) for comment, name in told}


def flag(name: str) -> str:
    """The flag of a setting."""
    return f"--{name.replace('_', '-')}"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"PLATFORM_{name.upper()}"


def default_text(default: str | float) -> str:
    """A default as people read it: no `.0`, six digits, and a word for nothing and for yes and no."""
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, str):
        return default or "none"
    return f"{default:g}"


def _add_setting(group: Any, field: Any, meaning: str, environ: Mapping[str, str]) -> None:
    default = environ.get(variable(field.name), "").strip() or field.default
    told = f"{meaning} Default {default_text(field.default)}.".replace("%", "%%")
    # A switch may stand alone and then means yes.
    switch = {"nargs": "?", "const": True} if isinstance(field.default, bool) else {}
    reader = _reader(field.name, type(field.default))
    group.add_argument(flag(field.name), type=reader, default=default, metavar="VALUE", help=told, **switch)


def _reader(name: str, kind: type) -> Callable[[str], Any]:
    """What reads the text of a setting; argparse tells its ArgumentTypeError beside the flag's name."""

    def read(text: str) -> Any:
        if kind is str:
            return _address(text) if name.endswith("_url") else text
        if kind is bool:
            if text.lower() not in {"true", "false"}:
                raise argparse.ArgumentTypeError("true or false")
            return text.lower() == "true"
        if not re.fullmatch(r"[0-9]+" if kind is int else r"[0-9]+(\.[0-9]+)?|\.[0-9]+", text):
            raise argparse.ArgumentTypeError("a whole number" if kind is int else "a number of seconds such as 0.5")
        number = kind(text)
        if name in AT_LEAST_ONE and number < 1:
            raise argparse.ArgumentTypeError("at least 1")
        if name == "port" and number > 65535:
            raise argparse.ArgumentTypeError("a port from 0 to 65535")
        return number

    return read


def _address(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise argparse.ArgumentTypeError("an address such as http://127.0.0.1:8080/callbacks")
    return text


def _made(kind: Any, given: Mapping[str, Any]) -> Any:
    return kind(**{field.name: given[field.name] for field in dataclasses.fields(kind)})


def _projects(document: str, callback_url: str) -> Mapping[int, Project]:
    projects = read_projects(document) if document.strip() else dict(DEMO_PROJECTS)
    if not projects or not all(key and isinstance(key, str) for each in projects.values() for key in each.secret_keys):
        raise ValueError("a project needs a key")
    return {
        project_id: dataclasses.replace(project, callback_url=project.callback_url or callback_url)
        for project_id, project in projects.items()
    }
