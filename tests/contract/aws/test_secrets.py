"""The projects as they are read from Secrets Manager, kept and read again."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.secrets import InvalidProjects, SecretProjects, read_data_api_keys, read_projects
from payments.domain.errors import StoreUnavailable, UnknownProject
from payments.ports import DataApiKey
from tests.contract.aws.conftest import make_client

DOCUMENT = {
    "2924": {"secret_keys": ["current", "previous"], "data_api": {"token": "t", "secret_key": "d"}},
    "198": {"secret_keys": ["only"]},
}


class Clock:
    """Seconds, as a test sets them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Secret:
    """One secret in moto, and how often it was read."""

    def __init__(self, client: Any, document: str) -> None:
        self.client = client
        self.arn = client.create_secret(Name="ecommpay-projects", SecretString=document)["ARN"]
        self.reads = 0
        client.meta.events.register("before-call.secrets-manager.GetSecretValue", self._count)

    def put(self, document: object) -> None:
        text = document if isinstance(document, str) else json.dumps(document)
        self.client.put_secret_value(SecretId=self.arn, SecretString=text)

    def _count(self, **_: Any) -> None:
        self.reads += 1


@pytest.fixture
def secret(aws: Callable[[str], Any]) -> Secret:
    return Secret(aws("secretsmanager"), json.dumps(DOCUMENT))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def projects(secret: Secret, clock: Clock) -> SecretProjects:
    return SecretProjects(secret.client, secret.arn, refresh_interval_s=30, longest_use_s=300, clock=clock)


def test_projects_and_their_keys_are_read_once(projects: SecretProjects, secret: Secret) -> None:
    assert secret.reads == 0
    assert projects.ids() == (2924, 198)
    assert projects.secret_keys(2924) == ("current", "previous")
    assert projects.secret_keys(198) == ("only",)
    with pytest.raises(UnknownProject):
        projects.secret_keys(1)
    assert secret.reads == 1


def test_a_secret_is_found_by_its_name_too(secret: Secret, clock: Clock) -> None:
    projects = SecretProjects(secret.client, "ecommpay-projects", refresh_interval_s=30, clock=clock)

    assert projects.ids() == (2924, 198)


def test_new_keys_are_seen_after_a_refresh_and_that_comes_once_in_a_while(
    projects: SecretProjects, secret: Secret, clock: Clock
) -> None:
    assert projects.secret_keys(198) == ("only",)
    secret.put({"198": {"secret_keys": ["new", "only"]}})

    clock.now += 29.9
    assert projects.refreshed() is False
    assert projects.secret_keys(198) == ("only",)

    clock.now += 0.1
    assert projects.refreshed() is True
    assert projects.secret_keys(198) == ("new", "only")
    assert projects.refreshed() is False
    assert secret.reads == 2


def test_a_refresh_before_anything_was_read_reads(projects: SecretProjects, secret: Secret) -> None:
    assert projects.refreshed() is True
    assert projects.ids() == (2924, 198)
    assert secret.reads == 1


def test_a_retired_key_stops_to_verify_before_long(projects: SecretProjects, secret: Secret, clock: Clock) -> None:
    assert projects.secret_keys(2924) == ("current", "previous")
    secret.put({"2924": {"secret_keys": ["current"]}})

    clock.now += 299
    assert projects.secret_keys(2924) == ("current", "previous")
    clock.now += 1
    assert projects.secret_keys(2924) == ("current",)
    assert secret.reads == 2


def test_known_keys_outlive_a_secret_that_cannot_be_read(
    projects: SecretProjects, secret: Secret, clock: Clock
) -> None:
    projects.ids()
    secret.put("not JSON")
    clock.now += 300

    assert projects.secret_keys(198) == ("only",)
    assert projects.secret_keys(198) == ("only",)
    assert secret.reads == 2

    clock.now += 30
    with pytest.raises(InvalidProjects):
        projects.refreshed()
    assert projects.refreshed() is False
    assert projects.secret_keys(198) == ("only",)


def test_many_threads_read_the_secret_once(projects: SecretProjects, secret: Secret, clock: Clock) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: projects.secret_keys(198), range(16))) == {("only",)}
        assert secret.reads == 1
        clock.now += 30
        assert sorted(pool.map(lambda _: projects.refreshed(), range(16))) == [False] * 15 + [True]
    assert secret.reads == 2


@pytest.mark.parametrize("code", ["ThrottlingException", "ResourceNotFoundException", "AccessDeniedException"])
def test_a_secret_that_is_not_answered_is_unavailable(code: str, clock: Clock) -> None:
    client = make_client("secretsmanager")
    projects = SecretProjects(client, "ecommpay-projects", refresh_interval_s=30, clock=clock)
    with Stubber(client) as stubber:
        for _ in range(2):
            stubber.add_client_error("get_secret_value", code)
        with pytest.raises(StoreUnavailable, match=f"GetSecretValue: {code}"):
            projects.secret_keys(198)
        with pytest.raises(StoreUnavailable):
            projects.refreshed()


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("", "the projects are not one JSON object with each name in it once"),
        ("top-secret", "the projects are not one JSON object with each name in it once"),
        ('{"198": {"secret_keys": ["top-secret"]}', "the projects are not one JSON object with each name in it once"),
        ('["top-secret"]', "the projects are not one JSON object with each name in it once"),
        ('"top-secret"', "the projects are not one JSON object with each name in it once"),
        ("null", "the projects are not one JSON object with each name in it once"),
        ("[" * 100_000, "the projects are not one JSON object with each name in it once"),
        (
            '{"198": {"secret_keys": ["top-secret"]}, "198": {"secret_keys": ["top-secret"]}}',
            "the projects are not one JSON object with each name in it once",
        ),
        (
            '{"198": {"secret_keys": ["a"], "secret_keys": ["top-secret"]}}',
            "the projects are not one JSON object with each name in it once",
        ),
        (
            '{"198": {"secret_keys": ["a"]}, "top-secret": {"secret_keys": ["a"]}}',
            "the name of project no. 2 in the document is not a project id, digits only",
        ),
        (
            '{"0198": {"secret_keys": ["top-secret"]}}',
            "the name of project no. 1 in the document is not a project id, digits only",
        ),
        (
            '{"٣": {"secret_keys": ["top-secret"]}}',
            "the name of project no. 1 in the document is not a project id, digits only",
        ),
        ('{"198": "top-secret"}', "project 198 has no secret_keys, a list of at least one text that is not empty"),
        ('{"198": ["top-secret"]}', "project 198 has no secret_keys, a list of at least one text that is not empty"),
        (
            '{"198": {"secret_keys": "top-secret"}}',
            "project 198 has no secret_keys, a list of at least one text that is not empty",
        ),
        (
            '{"198": {"secret_keys": []}}',
            "project 198 has no secret_keys, a list of at least one text that is not empty",
        ),
        (
            '{"198": {"secret_keys": ["top-secret", ""]}}',
            "project 198 has no secret_keys, a list of at least one text that is not empty",
        ),
        (
            '{"198": {"secret_keys": ["top-secret", 1]}}',
            "project 198 has no secret_keys, a list of at least one text that is not empty",
        ),
        (
            '{"198": {"secret_key": "top-secret"}}',
            "project 198 has no secret_keys, a list of at least one text that is not empty",
        ),
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_a_wrong_document_is_refused_without_a_word_of_it(document: str, problem: str) -> None:
    with pytest.raises(InvalidProjects) as refusal:
        read_projects(document)

    assert str(refusal.value) == problem
    assert refusal.value.__context__ is None
    assert "top-secret" not in "".join(traceback.format_exception_only(refusal.value))


def test_an_installation_may_begin_without_projects() -> None:
    assert read_projects("{}") == {}


def test_no_key_shows_in_a_representation(projects: SecretProjects) -> None:
    projects.ids()

    assert "current" not in repr(projects)


def test_a_project_may_have_a_key_of_the_data_api(projects: SecretProjects) -> None:
    assert projects.data_api_key(2924) == DataApiKey("t", "d")
    assert projects.data_api_key(198) is None
    assert projects.data_api_key(1) is None
    assert repr(projects.data_api_key(2924)) == "DataApiKey()"


@pytest.mark.parametrize(
    "data_api",
    [None, "token", ["token"], {}, {"token": "t"}, {"token": "", "secret_key": "d"}, {"token": 1, "secret_key": "d"}],
)
def test_a_key_of_the_data_api_in_a_wrong_form_counts_as_missing_and_callbacks_do_not_suffer(data_api: Any) -> None:
    document = json.dumps({"198": {"secret_keys": ["only"], "data_api": data_api}})

    assert (read_data_api_keys(document), read_projects(document)) == ({}, {198: ("only",)})
