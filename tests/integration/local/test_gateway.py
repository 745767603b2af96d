"""The HTTP API as functions and clients meet it, over real HTTP."""

import base64
import http.client
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from local.system import LocalSystem

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_a_request_becomes_an_event_of_payload_format_2(system: LocalSystem) -> None:
    answer = requests.get(
        f"{system.url}/things/a%2Fb%20c?colour=red&colour=blue&empty=",
        headers={"X-Shop": "Book", "User-Agent": "test", "Accept": "*/*", "Accept-Encoding": "identity"},
        cookies={"one": "1", "two": "2"},
        timeout=5,
    )

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    event = answer.json()
    host = urlsplit(system.url).netloc
    context = event.pop("requestContext")
    assert event == {
        "version": "2.0",
        "routeKey": "GET /things/{thing_id}",
        "rawPath": "/things/a/b c",
        "rawQueryString": "colour=red&colour=blue&empty=",
        "cookies": ["one=1", "two=2"],
        "headers": {
            "accept": "*/*",
            "accept-encoding": "identity",
            "connection": "keep-alive",
            "host": host,
            "user-agent": "test",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": host.split(":")[1],
            "x-forwarded-proto": "http",
            "x-shop": "Book",
        },
        "queryStringParameters": {"colour": "red,blue", "empty": ""},
        "pathParameters": {"thing_id": "a/b c"},
        "isBase64Encoded": False,
    }
    assert UUID.fullmatch(context.pop("requestId"))
    assert isinstance(context.pop("timeEpoch"), int)
    assert re.fullmatch(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", context.pop("time"))
    assert context == {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": host,
        "domainPrefix": "local",
        "http": {
            "method": "GET",
            "path": "/things/a/b c",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test",
        },
        "routeKey": "GET /things/{thing_id}",
        "stage": "$default",
    }


def test_parts_that_are_empty_are_absent(system: LocalSystem) -> None:
    event = requests.get(f"{system.url}/things", timeout=5).json()

    assert not {"cookies", "queryStringParameters", "pathParameters", "body"} & event.keys()
    assert event["rawQueryString"] == ""


@pytest.mark.parametrize(
    ("content_type", "sent", "encoded"),
    [
        ("application/json", '{"a": "é"}'.encode(), False),
        ("text/plain; charset=utf-8", b"plain", False),
        ("application/x-www-form-urlencoded", b"a=1&b=2", True),
        ("application/octet-stream", b"\x00\xff", True),
        ("application/json", b"\xff\xfe", True),
        (None, b"anything", True),
    ],
)
def test_text_comes_as_text_and_everything_else_in_base64(
    system: LocalSystem, content_type: str | None, sent: bytes, encoded: bool
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    event = requests.post(f"{system.url}/things", data=sent, headers=headers, timeout=5).json()

    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == sent


def test_a_fixed_path_goes_before_a_parameter(system: LocalSystem) -> None:
    assert requests.get(f"{system.url}/things/special", timeout=5).json()["routeKey"] == "GET /things/special"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("DELETE", "/things"),
        ("HEAD", "/things"),
        ("GET", "/things/"),
        ("GET", "/things/a/b"),
    ],
)
def test_what_no_route_takes_is_not_found(system: LocalSystem, method: str, path: str) -> None:
    answer = requests.request(method, system.url + path, timeout=5)

    assert answer.status_code == 404
    assert method == "HEAD" or answer.json() == {"message": "Not Found"}


def _answer(system: LocalSystem, kind: str) -> requests.Response:
    return requests.get(f"{system.url}/things", params={"answer": kind}, timeout=5)


def test_an_answer_with_a_status_is_sent_as_it_says(system: LocalSystem) -> None:
    answer = _answer(system, "full")

    assert (answer.status_code, answer.content) == (201, "hé".encode())
    assert (answer.headers["Location"], answer.headers["X-Count"]) == ("/things/1", "3")
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1; Path=/", "b=2"]
    assert UUID.fullmatch(answer.headers["apigw-requestid"])


def test_an_answer_without_a_type_is_plain_text(system: LocalSystem) -> None:
    answer = _answer(system, "plain")

    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (
        202,
        "plain",
        "text/plain;charset=UTF-8",
    )


def test_an_answer_without_a_status_is_the_body_of_a_200(system: LocalSystem) -> None:
    answer = _answer(system, "text")

    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, "just text", "application/json")


@pytest.mark.parametrize("kind", ["raise", "malformed", "sleep"])
def test_a_function_that_fails_is_a_500_that_says_nothing(system: LocalSystem, kind: str) -> None:
    answer = _answer(system, kind)

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_variables_of_the_template_reach_the_function(system: LocalSystem) -> None:
    assert _answer(system, "sentence").json() == {
        "sentence": "hello from ecommpay in eu-west-1",
        "table": "ecommpay-payments",
    }


def test_a_body_larger_than_10_mb_is_refused(system: LocalSystem) -> None:
    answer = requests.post(f"{system.url}/things", data=b"x" * (10 * 1024 * 1024 + 1), timeout=20)

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def _chunked(system: LocalSystem, chunks: list[bytes]) -> Any:
    connection = http.client.HTTPConnection(urlsplit(system.url).netloc, timeout=20)
    try:
        connection.request(
            "POST", "/things", body=iter(chunks), headers={"Content-Type": "text/plain"}, encode_chunked=True
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_a_body_sent_in_pieces_is_put_together(system: LocalSystem) -> None:
    status, event = _chunked(system, [b"one ", b"two"])

    assert (status, event["body"]) == (200, "one two")


def test_a_body_sent_in_pieces_has_the_same_limit(system: LocalSystem) -> None:
    status, answer = _chunked(system, [b"x" * 1024 * 1024] * 11)

    assert (status, answer) == (413, {"message": "Request Entity Too Large"})
