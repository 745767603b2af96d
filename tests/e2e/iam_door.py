"""API Gateway's IAM check in front of the local system, which has none: whoever signs a merchant's request right gets in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.wrappers import Request, Response

from local.routing import RouteTable
from local.system import LocalSystem
from tests.structure.cloud import functions, template

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/execute-api/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
#: What the gateway puts on the answer itself.
OF_ONE_CONNECTION = {"connection", "content-length", "transfer-encoding", "date", "server"}


class IamDoor:
    """A WSGI application that lets pass what API Gateway would, and hands it to the local system."""

    def __init__(self, system: LocalSystem, credentials: Credentials) -> None:
        self._system = system
        self._credentials = credentials
        self._routes = RouteTable(system.template.routes)
        self._open = set(open_routes())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        match = self._routes.match(request.method, request.path)
        known = match is not None and (match.key in self._open or self._is_signed(request))
        return (self._pass_on(request) if known else refusal())(environ, start_response)

    def _is_signed(self, request: Request) -> bool:
        """Whether the signature is what these credentials make of the very request that came."""
        told = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if told is None or (told["key"], told["region"]) != (
            self._credentials.access_key,
            self._system.settings.region,
        ):
            return False
        signed = {name: request.headers[name] for name in told["headers"].split(";") if name in request.headers}
        again = AWSRequest(request.method, request.url, signed, request.get_data())
        again.context["timestamp"] = request.headers.get("X-Amz-Date", "")
        signer = SigV4Auth(self._credentials, "execute-api", told["region"])
        return (
            signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again) == told["signature"]
        )

    def _pass_on(self, request: Request) -> Response:
        answer = requests.request(
            request.method,
            self._system.url + request.full_path.rstrip("?"),
            headers={name: value for name, value in request.headers.items() if name != "Host"},
            data=request.get_data(),
            allow_redirects=False,
            timeout=30,
        )
        headers = [each for each in answer.headers.items() if each[0].lower() not in OF_ONE_CONNECTION]
        return Response(answer.content, answer.status_code, headers)


def open_routes() -> Iterable[str]:
    """The routes of the template that want no credentials."""
    for function in functions(template()).values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "HttpApi" and event["Properties"].get("Auth") == {"Authorizer": "NONE"}:
                yield f"{event['Properties']['Method']} {event['Properties']['Path']}"


def refusal() -> Response:
    """What API Gateway says to whoever is not allowed."""
    return Response('{"message":"Forbidden"}', 403, content_type="application/json")
