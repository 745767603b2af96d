"""A secret key is replaced in four phases while callbacks and their retries are on the way.

The provider signs with the old key until it is told to take the new one; what it signed before is repeated for days
with the signature it had. Time here is the clock that the secret's reader is given: it moves when the test says so.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Self

import pytest
import requests

from ecommpay_signing import SignatureMismatch, key_fingerprint, sign
from local.ecommpay import DeliverySettings
from local.settings import PROJECT_FOLDER
from local.system import LocalSystem
from payments import wiring
from payments.aws import clients
from payments.aws.secrets import SecretProjects
from payments.ports import DataApiKey
from payments.usecases.receive_callback import receive_callback
from tests.support.fakes import FakeStore
from tests.support.local_system import running_system, wait_for
from tests.support.merchant import TIMEOUT_S, Merchant
from tests.unit.gate.samples import sale_callback

PROJECT, OTHER_PROJECT = 2924, 198
OLD, NEW, OTHERS = "local-secret-2924", "new-secret-2924", "local-secret-198"
REFRESH_S, LONGEST_USE_S = 30, 300
SENDERS = 8
#: On a busy machine a callback takes a second, and the stream follows when it can.
PATIENCE_S = 120.0


@dataclass
class Seconds:
    """A clock that the secret's reader counts with."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Rotation:
    """The installation, its secret, and callbacks of the project signed by any key."""

    system: LocalSystem
    clock: Seconds
    made: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, *keys: str) -> None:
        """Write the keys into the secret, the signing one first."""
        document = {str(PROJECT): {"secret_keys": list(keys)}, str(OTHER_PROJECT): {"secret_keys": [OTHERS]}}
        self.system.connect("secretsmanager").put_secret_value(
            SecretId="ecommpay-projects", SecretString=json.dumps(document)
        )

    def signs_with(self, key: str) -> None:
        """Tell the provider which key to sign its next callbacks with; it goes on to accept both."""
        platform = self.system.platform
        assert platform is not None
        projects = platform.engine.projects
        assert isinstance(projects, dict)
        projects[PROJECT] = replace(projects[PROJECT], secret_keys=(key, *({OLD, NEW} - {key})))

    def callbacks(self, key: str, number: int, project_id: int = PROJECT) -> list[bytes]:
        """Callbacks that nobody has sent yet, signed by this key."""
        bodies = []
        for _ in range(number):
            with self.lock:
                self.made += 1
                name = f"rotated-{id(self)}-{self.made}"
            message = sale_callback() | {"project_id": project_id}
            message["payment"]["id"] = name
            bodies.append(json.dumps({**message, "signature": sign(message, key)}).encode())
        return bodies

    def send(self, bodies: Sequence[bytes]) -> Counter[int]:
        """The answers to these callbacks, sent by several connections at once."""
        with ThreadPoolExecutor(SENDERS) as pool:
            return Counter(pool.map(self._status, bodies))

    def _status(self, body: bytes) -> int:
        return requests.post(f"{self.system.url}/callbacks/ecommpay", data=body, timeout=TIMEOUT_S).status_code


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system whose platform repeats quickly what was refused."""
    with running_system(tmp_path_factory.mktemp("run"), delivery=DeliverySettings(retry_second_s=0.005)) as system:
        yield system


@pytest.fixture
def rotation(system: LocalSystem, monkeypatch: pytest.MonkeyPatch) -> Rotation:
    """That system with nothing but the old key, and its secret read by a clock of the test."""
    clock = Seconds()

    @cache
    def projects() -> SecretProjects:
        return SecretProjects(
            clients.secrets_manager(),
            wiring.settings().projects_secret_id,
            refresh_interval_s=REFRESH_S,
            longest_use_s=LONGEST_USE_S,
            clock=clock,
        )

    monkeypatch.setattr(wiring, "projects", projects)
    rotation = Rotation(system, clock)
    rotation.put(OLD)
    rotation.signs_with(OLD)
    return rotation


def test_a_rotation_in_four_phases_refuses_nothing_valid_and_takes_nothing_retired(rotation: Rotation) -> None:
    in_flight = rotation.callbacks(OLD, 40)

    # Old only.
    assert rotation.send([*in_flight[:10], *rotation.callbacks(OLD, 10)]) == {200: 20}
    assert rotation.send([*rotation.callbacks(NEW, 5), *rotation.callbacks(OTHERS, 5)]) == {403: 10}

    # Both, old first: the provider changes over, its retries still bear the old signature.
    rotation.put(OLD, NEW)
    rotation.clock.now += REFRESH_S
    assert rotation.send([*in_flight[10:20], *rotation.callbacks(NEW, 10), *rotation.callbacks(OLD, 10)]) == {200: 30}
    assert rotation.send(rotation.callbacks(OTHERS, 5)) == {403: 5}

    # Both, new first: now we sign with the new one too.
    rotation.put(NEW, OLD)
    rotation.clock.now += LONGEST_USE_S
    assert rotation.send([*in_flight[20:30], *rotation.callbacks(NEW, 20)]) == {200: 30}
    assert rotation.send(rotation.callbacks(OTHERS, 5)) == {403: 5}

    # New only: the old one verifies until the secret is read again, and never after.
    rotation.put(NEW)
    rotation.clock.now += LONGEST_USE_S - 1
    assert rotation.send(in_flight[30:35]) == {200: 5}
    rotation.clock.now += 1
    assert rotation.send([*in_flight[30:], *rotation.callbacks(OLD, 10)]) == {403: 20}
    assert rotation.send(rotation.callbacks(NEW, 20)) == {200: 20}
    assert rotation.send(rotation.callbacks(OTHERS, 5)) == {403: 5}
    for _ in range(5):
        rotation.clock.now += REFRESH_S
        assert rotation.send(rotation.callbacks(OLD, 4)) == {403: 4}


@dataclass
class Load:
    """Callbacks that come in without a pause, signed by the key that the provider signs with at the moment."""

    rotation: Rotation
    key: str
    answers: Counter[int] = field(default_factory=Counter)
    rounds: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def go_on_for_a_while(self) -> None:
        """Return once a round is through that has begun since."""
        enough = self.rounds + 2
        wait_for(lambda: self.rounds >= enough, patience_s=PATIENCE_S)

    def _go_on(self) -> None:
        while not self._over.is_set():
            self.answers += self.rotation.send(self.rotation.callbacks(self.key, 3))
            self.rounds += 1


def test_the_guide_changes_a_key_under_load_and_the_api_tells_when_the_old_one_can_go(
    rotation: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (PROJECT_FOLDER / "README.md").read_text().split("**Changing a key**")[1].split("**Replay**")[0]
    # Keys that no other test has needed.
    named = {"old": "the old key of the guide", "new": "the new key of the guide"}
    old, new = named.values()
    lists = [[named[key] for key in json.loads(each)] for each in re.findall(r'`(\["[^`]+\])`', guide)]
    assert lists == [[old, new], [new, old], [new]]
    today = datetime.now(UTC)
    monkeypatch.setattr(wiring, "clock", lambda: today)

    def pass_days(days: int) -> None:
        nonlocal today
        today += timedelta(days=days)

    def make(keys: list[str]) -> None:
        rotation.put(*keys)
        rotation.clock.now += LONGEST_USE_S

    def needed() -> dict[str, tuple[bool, int]]:
        """Whether each key signed, and how many days ago it was needed, as the API tells."""
        listed = requests.get(f"{rotation.system.url}/projects/{PROJECT}/keys", timeout=TIMEOUT_S).json()["items"]
        names = {key_fingerprint(key): name for name, key in named.items()}
        return {
            names[each["key"]]: (each["signed"], (today - datetime.fromisoformat(each["last_needed_at"])).days)
            for each in listed
            if each["key"] in names
        }

    make([old])
    in_flight = rotation.callbacks(old, 3)
    with Load(rotation, key=old) as load:
        load.go_on_for_a_while()
        wait_for(lambda: needed() == {"old": (True, 0)}, patience_s=PATIENCE_S)

        make(lists[0])
        load.go_on_for_a_while()
        load.key = new
        load.go_on_for_a_while()
        wait_for(lambda: needed() == {"old": (True, 0), "new": (False, 0)}, patience_s=PATIENCE_S)

        make(lists[1])
        pass_days(1)
        load.go_on_for_a_while()
        wait_for(lambda: needed() == {"new": (True, 0), "old": (True, 1)}, patience_s=PATIENCE_S)

        # What was signed before comes last of all after ten more days.
        pass_days(10)
        assert rotation.send(in_flight[:1]) == {200: 1}
        wait_for(lambda: needed().get("old") == (False, 0), patience_s=PATIENCE_S)
        pass_days(12)
        load.go_on_for_a_while()
        wait_for(lambda: needed() == {"new": (True, 0), "old": (False, 12)}, patience_s=PATIENCE_S)

        make(lists[2])
        load.go_on_for_a_while()
        assert rotation.send(in_flight[1:2]) == {403: 1}
        load.go_on_for_a_while()
    assert set(load.answers) == {200}
    assert load.rounds >= 14
    log = (rotation.system.settings.run_folder / "functions.log").read_text().splitlines()
    used = [json.loads(line) for line in log if '"KeyUsed":' in line]
    assert {(each["project_id"], each["key"]) for each in used} >= {
        (str(PROJECT), key_fingerprint(old)),
        (str(PROJECT), key_fingerprint(new)),
    }
    (declared,) = {json.dumps(each["_aws"]["CloudWatchMetrics"][0]["Dimensions"]) for each in used}
    assert set(json.loads(declared)[0]) == {"service", "project_id", "key"}


def test_a_bad_signature_makes_a_retired_key_stop_at_once_and_never_brings_it_back(rotation: Rotation) -> None:
    rotation.put(NEW, OLD)
    assert rotation.send(rotation.callbacks(OLD, 1)) == {200: 1}
    rotation.put(NEW)
    rotation.clock.now += REFRESH_S

    assert rotation.send(rotation.callbacks(OTHERS, 1)) == {403: 1}
    assert rotation.send(rotation.callbacks(OLD, 1)) == {403: 1}


def test_a_key_opens_its_own_project_only_whatever_the_message_says(rotation: Rotation) -> None:
    assert rotation.send(rotation.callbacks(OTHERS, 3, OTHER_PROJECT)) == {200: 3}
    assert rotation.send([*rotation.callbacks(OLD, 3, OTHER_PROJECT), *rotation.callbacks(OTHERS, 3)]) == {403: 6}
    in_both = sale_callback() | {"general": {"project_id": OTHER_PROJECT, "payment_id": "theirs"}}
    sealed = json.dumps({**in_both, "signature": sign(in_both, OTHERS)}).encode()
    assert rotation.send([sealed]) == {403: 1}


class ReadMeanwhile:
    """Projects whose secret another thread reads between our look at the keys and our wish to read it again."""

    def __init__(self, *keys: str) -> None:
        self._keys = iter(keys)

    def ids(self) -> tuple[int, ...]:
        return (PROJECT,)

    def secret_keys(self, project_id: int) -> tuple[str, ...]:
        return (next(self._keys),)

    def data_api_key(self, project_id: int) -> DataApiKey | None:
        return None

    def refreshed(self) -> bool:
        return False


def test_a_key_that_another_thread_has_read_meanwhile_is_tried() -> None:
    message = sale_callback()
    body = json.dumps({**message, "signature": sign(message, NEW)}).encode()

    def receive(*keys: str) -> int:
        projects = ReadMeanwhile(*keys)
        return receive_callback(
            store=FakeStore(), projects=projects, body=body, clock=lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)
        ).verified_by

    assert receive(OLD, NEW, NEW) == 0
    with pytest.raises(SignatureMismatch):
        receive(OLD, OLD)


def test_the_platform_s_own_retries_outlive_a_secret_that_learns_the_new_key_late(rotation: Rotation) -> None:
    merchant = Merchant(rotation.system)
    before = merchant.pay(merchant.order().json())
    rotation.signs_with(NEW)

    ordered = merchant.order().json()
    refused = wait_for(lambda: answers_of(rotation, ordered["payment_id"], 403))
    rotation.put(OLD, NEW)
    rotation.clock.now += REFRESH_S

    paid = merchant.pay(ordered)
    rotation.put(NEW)
    rotation.clock.now += LONGEST_USE_S
    after = merchant.pay(merchant.order().json())
    assert refused
    assert [each["status"] for each in (before, paid, after)] == ["succeeded"] * 3


def answers_of(rotation: Rotation, payment_id: str, answer: int) -> list[Any]:
    """The tries of callbacks about this payment that were answered so."""
    listed = requests.get(f"{rotation.system.platform_url}/control/deliveries", timeout=TIMEOUT_S).json()
    return [
        attempt
        for each in listed["deliveries"]
        if each["payment_id"] == payment_id
        for attempt in each["tries"]
        if attempt["answer"] == answer
    ]
