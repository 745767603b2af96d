"""The projects and their secret keys, from one document in Secrets Manager.

    {"2924": {"secret_keys": ["current", "previous"], "data_api": {"token": "...", "secret_key": "..."}},
     "198": {"secret_keys": ["only"]}}

Rules of this file:

* The first key signs, every key verifies. ``data_api`` is there for reconciliation and may be missing; one of a wrong
  form counts as missing, because callbacks must not suffer for it. Other members of a project are not looked at.
* No error and no representation holds any part of the document, for any part may be a key that was put wrongly.
* The document is kept. It is read again when it is old, so that a retired key stops to verify, and when a caller has
  met a signature that no key explains, but then at most once in a while: bad signatures cost nothing to send.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from payments.aws.failures import unavailable_when_failing
from payments.domain.errors import StoreUnavailable, UnknownProject
from payments.ports import DataApiKey

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_PROJECT_ID = re.compile("[1-9][0-9]{0,17}")


class InvalidProjects(ValueError):
    """The document of the projects is not what it should be; says where, never what stands there."""


class SecretProjects:
    """`payments.ports.Projects` on one secret of Secrets Manager."""

    def __init__(
        self,
        client: SecretsManagerClient,
        secret_id: str,
        *,
        refresh_interval_s: float = 30,
        longest_use_s: float = 300,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` counts seconds and never goes back."""
        self._client = client
        self._secret_id = secret_id
        self._refresh_interval_s = refresh_interval_s
        self._longest_use_s = longest_use_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Mapping[int, tuple[str, ...]] | None = None
        self._data_api: Mapping[int, DataApiKey] = {}
        self._tried_at = 0.0

    def ids(self) -> tuple[int, ...]:
        """All project ids."""
        return tuple(self._projects())

    def secret_keys(self, project_id: int) -> tuple[str, ...]:
        """The keys of a project, the signing one first; raises `UnknownProject`."""
        keys = self._projects().get(project_id)
        if keys is None:
            raise UnknownProject(f"Project {project_id} is not configured here.")
        return keys

    def data_api_key(self, project_id: int) -> DataApiKey | None:
        """Token and key of the project's Data API; None where none was given, or not in a form that can be used."""
        self._projects()
        return self._data_api.get(project_id)

    def refreshed(self) -> bool:
        """Read the secret again, unless that was tried a moment ago; whether it was read.

        Raises `StoreUnavailable` when it could not be read: then nobody knows whether a signature is wrong.
        """
        with self._lock:
            if self._known is not None and self._clock() - self._tried_at < self._refresh_interval_s:
                return False
            self._read()
            return True

    def _projects(self) -> Mapping[int, tuple[str, ...]]:
        with self._lock:
            if self._known is None:
                return self._read()
            if self._clock() - self._tried_at < self._longest_use_s:
                return self._known
            try:
                return self._read()
            except (StoreUnavailable, InvalidProjects):
                return self._known  # what was right a moment ago serves better than nothing

    def _read(self) -> Mapping[int, tuple[str, ...]]:
        self._tried_at = self._clock()
        with unavailable_when_failing("GetSecretValue"):
            answer = self._client.get_secret_value(SecretId=self._secret_id)
        document = answer.get("SecretString", "")
        self._known = read_projects(document)
        self._data_api = read_data_api_keys(document)
        return self._known


def read_projects(document: str) -> Mapping[int, tuple[str, ...]]:
    """The secret keys by project id, in the order of the document; raises `InvalidProjects`."""
    projects = _parsed(document)
    read: dict[int, tuple[str, ...]] = {}
    for number, (name, project) in enumerate(projects.items(), start=1):
        if not _PROJECT_ID.fullmatch(name):
            raise InvalidProjects(f"the name of project no. {number} in the document is not a project id, digits only")
        read[int(name)] = _keys(project, name)
    return read


def read_data_api_keys(document: str) -> Mapping[int, DataApiKey]:
    """Token and key of the Data API by project id, of a document that `read_projects` takes."""
    given = {int(name): project.get("data_api") for name, project in _parsed(document).items()}
    return {
        project_id: DataApiKey(each["token"], each["secret_key"])
        for project_id, each in given.items()
        if isinstance(each, dict) and all(_is_key(each.get(name)) for name in ("token", "secret_key"))
    }


def _parsed(document: str) -> dict[str, Any]:
    try:
        projects = json.loads(document, object_pairs_hook=_object_of)
    except (ValueError, RecursionError):
        projects = None
    # Raised outside of the handler: the parser's error carries the whole document.
    if not isinstance(projects, dict):
        raise InvalidProjects("the projects are not one JSON object with each name in it once")
    return projects


def _object_of(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    if len(made) != len(members):
        raise ValueError("a name stands twice")
    return made


def _keys(project: object, name: str) -> tuple[str, ...]:
    keys = project.get("secret_keys") if isinstance(project, dict) else None
    if not isinstance(keys, list) or not keys or not all(_is_key(key) for key in keys):
        raise InvalidProjects(f"project {name} has no secret_keys, a list of at least one text that is not empty")
    return tuple(keys)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(value)
