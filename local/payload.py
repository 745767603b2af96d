"""API Gateway's payload format 2.0: how a request looks to a function, and how its answer becomes a response."""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from local.cloudformation import ACCOUNT_ID
from local.routing import Match

API_ID = "local"
TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


class MalformedAnswer(ValueError):
    """A function's answer that is no HTTP response."""


def write_event(request: Request, body: bytes, match: Match, request_id: str) -> dict[str, Any]:
    """The event for one request. Empty parts are absent, as in AWS."""
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": request.path,
        "rawQueryString": request.query_string.decode("latin-1"),
        "headers": _headers(request),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": request.host,
            "domainPrefix": API_ID,
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
                "sourceIp": request.remote_addr or "",
                "userAgent": request.headers.get("User-Agent", ""),
            },
            "requestId": request_id,
            "routeKey": match.key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    cookies = [cookie.strip() for cookie in request.headers.get("Cookie", "").split(";") if cookie.strip()]
    query = _joined_query(event["rawQueryString"])
    parameters = dict(match.parameters)
    event |= {
        name: value
        for name, value in (("cookies", cookies), ("queryStringParameters", query), ("pathParameters", parameters))
        if value
    }
    if body:
        event["body"], event["isBase64Encoded"] = _body_as_text(body, request.headers.get("Content-Type", ""))
    return event


def _headers(request: Request) -> dict[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() != "cookie"}
    return {
        **headers,
        "x-forwarded-for": request.remote_addr or "",
        "x-forwarded-port": request.host.rpartition(":")[2],
        "x-forwarded-proto": "http",
    }


def _joined_query(raw: str) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


def _body_as_text(body: bytes, content_type: str) -> tuple[str, bool]:
    """The body as text, or in base64 when it is of another kind; a form is of another kind, as in AWS."""
    if content_type.lower().startswith(TEXT_TYPES):
        try:
            return body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True


def read_answer(answer: Any) -> Response:
    """The response a function's answer stands for; one without a status code is the body of a 200."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        return Response(text, status=200, content_type="application/json")
    headers = answer.get("headers") or {}
    cookies = answer.get("cookies") or []
    if not isinstance(headers, Mapping) or not isinstance(cookies, list):
        raise MalformedAnswer("headers must be an object and cookies a list")
    response = Response(_read_body(answer), status=_read_status(answer["statusCode"]))
    response.headers["Content-Type"] = "text/plain;charset=UTF-8"
    for name, value in headers.items():
        response.headers[str(name)] = _header_text(value)
    for cookie in cookies:
        response.headers.add("Set-Cookie", _header_text(cookie))
    return response


def _read_status(value: Any) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError):
        raise MalformedAnswer("statusCode must be a number") from None
    if not 100 <= status <= 599:
        raise MalformedAnswer("statusCode must be a status of HTTP")
    return status


def _read_body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswer("body must be text")
    if not answer.get("isBase64Encoded"):
        return body.encode("utf-8")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise MalformedAnswer("body is not base64") from None


def _header_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        text = str(value)
        if "\r" in text or "\n" in text:
            raise MalformedAnswer("a header must be one line")
        return text
    raise MalformedAnswer("a header must be text")
