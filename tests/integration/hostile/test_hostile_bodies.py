"""Bodies that nobody honest sends, through the deployed callback function: refused in good time, and told nothing."""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from ecommpay_signing import sign
from local.settings import PROJECT_FOLDER
from local.system import LocalSystem
from tests.support.local_system import running_system
from tests.support.measures import FIGURE
from tests.support.merchant import TIMEOUT_S
from tests.unit.gate.samples import sale_callback

SECRET = "local-secret-2924"
#: A refusal may take so many times as long as Python's own reading of the largest body that is let in.
SLOWEST = 25
TRIES = 3
#: What a refusal may take on an ordinary machine; told and not asserted, for the machine is not always one.
GOAL_MS = 50
WORTH_TELLING = 5
EVENT = json.loads((PROJECT_FOLDER / "events/callback/card_partner_sale_success.json").read_text())

GENUINE = sale_callback()
SIGNATURE = sign(GENUINE, SECRET)
MEGABYTES_10 = 10 * 1024 * 1024
LONGEST_BODY = 256 * 1024


def unsigned(text: str) -> bytes:
    """A message with this text in it and a signature of the right form that nobody made."""
    return f'{{"project_id": 2924, "payment": {text}, "signature": "{SIGNATURE}"}}'.encode()


def with_signature(signature: Any) -> bytes:
    return json.dumps({**GENUINE, "signature": signature}).encode()


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "white space": b" \n ",
    "no JSON": b"payment=1&signature=2",
    "a form": b"--x\r\nContent-Disposition: form-data\r\n\r\n{}",
    "not UTF-8": b'{"payment": "\xff\xfe"}',
    "UTF-16": json.dumps(GENUINE).encode("utf-16"),
    "overlong UTF-8": unsigned('"\0"').replace(b"\0", b"\xc0\x80"),
    "byte order mark": b"\xef\xbb\xbf" + with_signature(SIGNATURE),
    "cut off": with_signature(SIGNATURE)[:-1],
    "goes on": with_signature(SIGNATURE) * 2,
    "depth 10 000, lists": b"[" * 10_000 + b"]" * 10_000,
    "depth 10 000, objects": unsigned('{"a":' * 10_000 + "1" + "}" * 10_000),
    "depth 10 000, never closed": b'{"a":' * 10_000,
    "depth 101": unsigned("[" * 101 + "]" * 101),
    "NaN": unsigned("NaN"),
    "Infinity": unsigned("-Infinity"),
    "1e999": unsigned("1e999"),
    "ten thousand digits": unsigned("9" * 10_000),
    "half a surrogate pair": unsigned('"\\ud800"'),
    "fifteen thousand keys": unsigned(json.dumps({f"k{number}": number for number in range(15_000)})),
    "a hundred thousand numbers": unsigned("[" + "1," * 99_999 + "1]"),
    "a key twice": unsigned('1, "payment": 2'),
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
}
REFUSED: dict[str, bytes] = {
    "an empty object": b"{}",
    "no project": json.dumps({"payment": {"id": "1"}, "signature": SIGNATURE}).encode(),
    "a stranger's project": json.dumps({**GENUINE, "project_id": 7, "signature": SIGNATURE}).encode(),
    "project in a list": json.dumps({**GENUINE, "project_id": [2924], "signature": SIGNATURE}).encode(),
    "signature absent": json.dumps(GENUINE).encode(),
    "signature null": with_signature(None),
    "signature a number": with_signature(1),
    "signature a float": with_signature(1.5),
    "signature true": with_signature(True),
    "signature a list": with_signature([SIGNATURE]),
    "signature an object": with_signature({"signature": SIGNATURE}),
    "signature empty": with_signature(""),
    "signature cut": with_signature(SIGNATURE[:-1]),
    "signature twice": with_signature(SIGNATURE * 2),
    "signature not ASCII": with_signature("\u00e9" * 88),
    "signature with a line break": with_signature(SIGNATURE + "\n"),
    "signature in URL letters": with_signature(SIGNATURE.replace("+", "-").replace("/", "_") + "_"),
    "only nested signatures": json.dumps({**GENUINE, "operation": {"signature": SIGNATURE}}).encode(),
    "nearly four thousand keys": unsigned(json.dumps({f"k{number}": number for number in range(3_900)})),
    "nearly four thousand numbers": unsigned(json.dumps([1] * 3_900)),
    "forty thousand digits in keys": unsigned(json.dumps({"a1" * 250 + str(number): 1 for number in range(150)})),
    "long keys, ninety levels": unsigned((f'{{"{"k" * 2000}":' * 90) + "1" + "}" * 90),
    "digits to be sorted": unsigned(json.dumps({"1" * number: number for number in range(1, 500)})),
    "numbers as keys": json.dumps({**GENUINE, "0": {"a": 1}, "signature": SIGNATURE}).encode(),
}
TOO_LARGE: dict[str, bytes] = {
    "10 MB of text": unsigned(f'"{"x" * (MEGABYTES_10 - 300)}"'),
    "10 MB of white space": b" " * MEGABYTES_10,
    "10 MB of brackets": b"[" * MEGABYTES_10,
    "one byte too many": with_signature(SIGNATURE).ljust(LONGEST_BODY + 1),
}
EVERY = [
    *((name, body, {400}) for name, body in MALFORMED.items()),
    *((name, body, {403}) for name, body in REFUSED.items()),
    *((name, body, {413}) for name, body in TOO_LARGE.items()),
]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(tmp_path_factory.mktemp("run")) as system:
        yield system


@pytest.fixture(scope="module")
def handler(system: LocalSystem) -> Any:
    """The function's own handler: the time of the pretend Lambda's transport is not ours."""
    system.functions.load_all()
    return sys.modules["local_functions.CallbackFunction.app"].handler


def event_of(body: bytes, *, encoded: bool) -> dict[str, Any]:
    """API Gateway's event; what is not UTF-8 comes as base64 only."""
    text = base64.b64encode(body).decode() if encoded else body.decode("utf-8", "surrogateescape")
    return {**EVENT, "body": text, "isBase64Encoded": encoded}


def seconds_of(act: Callable[[], Any]) -> tuple[Any, float]:
    """What comes of it, and the processor time that it takes this thread: a busy machine does not count."""
    started = time.thread_time()
    answer = act()
    return answer, time.thread_time() - started


@pytest.fixture(scope="module")
def reading_s() -> float:
    """How long Python's own JSON reader takes here for a body as large as any that is let in, seconds."""
    largest = MALFORMED["fifteen thousand keys"].ljust(LONGEST_BODY)
    return min(seconds_of(lambda: json.loads(largest))[1] for _ in range(9))


@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
@pytest.mark.parametrize(("name", "body", "statuses"), EVERY, ids=[each[0] for each in EVERY])
def test_a_hostile_body_is_refused_in_good_time_without_a_word_of_it(
    handler: Any, reading_s: float, name: str, body: bytes, statuses: set[int], encoded: bool, record_property: Any
) -> None:
    event = event_of(body, encoded=encoded)
    answers, taken = zip(*(seconds_of(lambda: handler(event, None)) for _ in range(TRIES)), strict=True)
    times = min(taken) / reading_s

    problem = json.loads(answers[0]["body"])
    assert {each["statusCode"] for each in answers} == statuses
    assert set(problem) == {"type", "title", "status", "detail"}
    assert len(problem["detail"]) < 100
    assert not any(word in answers[0]["body"] for word in ("Traceback", ".py", "Error", "secret", SIGNATURE[:8]))
    if times > WORTH_TELLING:
        told = f"hostile body, {name}{' in base64' if encoded else ''}: refused in {1000 * min(taken):.0f} ms"
        record_property(FIGURE, f"{told} (goal {GOAL_MS}), {times:.0f} times as long as reading it (limit {SLOWEST})")
    assert times < SLOWEST


@pytest.mark.parametrize("text", ["e30", "e30=e30=", "{}", "\u00e9=="])
def test_base64_that_is_none_is_refused(handler: Any, text: str) -> None:
    assert handler({**EVENT, "body": text, "isBase64Encoded": True}, None)["statusCode"] == 400


def test_a_body_that_is_absent_is_refused(handler: Any) -> None:
    event = {key: value for key, value in EVENT.items() if key not in {"body", "isBase64Encoded"}}
    assert [handler({**event, **more}, None)["statusCode"] for more in ({}, {"body": None})] == [400, 400]


def test_a_genuine_callback_is_taken_as_text_and_as_base64(handler: Any) -> None:
    for encoded in (False, True):
        assert handler(event_of(with_signature(SIGNATURE), encoded=encoded), None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [("not UTF-8", 400), ("byte order mark", 400), ("10 MB of white space", 413), ("10 MB of brackets", 413)],
)
def test_over_http_it_is_the_same(system: LocalSystem, name: str, status: int) -> None:
    body = {**MALFORMED, **TOO_LARGE}[name]
    answer = requests.post(f"{system.url}/callbacks/ecommpay", data=body, timeout=TIMEOUT_S)

    assert answer.status_code == status
    assert "Traceback" not in answer.text
