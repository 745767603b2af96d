"""The Lambda Runtime API towards a process, played here by HTTP requests, and towards whoever invokes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from local.runtime_api import Answer, Invocation, NoAnswer, RuntimeApi

TIMEOUT_S = 10
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:CallbackFunction"


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    made = RuntimeApi()
    yield made
    made.close()


def url(api: RuntimeApi, path: str) -> str:
    return f"http://{api.address}/2018-06-01/runtime/{path}"


def invocation(request_id: str, timeout_s: float = 10) -> Invocation:
    return Invocation(request_id, ARN, '{"a": 1}', timeout_s)


def serve_one(api: RuntimeApi, end: str, body: Any) -> requests.Response:
    """Take the next event as a process does, and hand in this answer to it."""
    event = requests.get(url(api, "invocation/next"), timeout=TIMEOUT_S)
    request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
    handed_in = requests.post(url(api, f"invocation/{request_id}/{end}"), json=body, timeout=TIMEOUT_S)
    assert handed_in.status_code == 202
    return event


@pytest.mark.parametrize(("end", "failed"), [("response", False), ("error", True)])
def test_an_event_goes_to_the_process_and_its_answer_back(api: RuntimeApi, end: str, *, failed: bool) -> None:
    with ThreadPoolExecutor() as pool:
        event = pool.submit(serve_one, api, end, {"statusCode": 200})
        answer = api.invoke(invocation("first"))

    assert answer == Answer("first", '{"statusCode": 200}', failed=failed)
    taken = event.result()
    assert (taken.status_code, taken.json()) == (200, {"a": 1})
    assert taken.headers["Lambda-Runtime-Invoked-Function-Arn"] == ARN
    assert int(taken.headers["Lambda-Runtime-Deadline-Ms"]) > 1_700_000_000_000


def test_a_process_that_cannot_start_answers_for_the_event_it_never_took(api: RuntimeApi) -> None:
    error = {"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"}
    with ThreadPoolExecutor() as pool:
        pool.submit(requests.post, url(api, "init/error"), json=error, timeout=TIMEOUT_S)
        answer = api.invoke(invocation("first"))

    assert (json.loads(answer.payload), answer.failed) == (error, True)


def test_an_answer_that_comes_too_late_is_not_taken_for_that_of_the_next_event(api: RuntimeApi) -> None:
    with pytest.raises(NoAnswer):
        api.invoke(invocation("first", timeout_s=0.01))
    serve_one(api, "response", "late")
    with ThreadPoolExecutor() as pool:
        pool.submit(serve_one, api, "response", "in time")
        answer = api.invoke(invocation("second"))

    assert answer == Answer("second", '"in time"', failed=False)


def test_what_is_no_part_of_the_api_is_not_found(api: RuntimeApi) -> None:
    assert requests.post(url(api, "restore/next"), timeout=TIMEOUT_S).status_code == 404
