"""HTTP as API Gateway speaks it (payload 2.0): a request in, an answer out, and the one table from error to status."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from types import MappingProxyType
from typing import Any

from ecommpay_signing import MalformedMessage, SignatureMismatch, loads
from payments.domain import errors

#: API Gateway's event, and its answer.
Event = Mapping[str, Any]
Answer = dict[str, Any]

Network = IPv4Network | IPv6Network

_NO_STORE = MappingProxyType({"cache-control": "no-store", "x-content-type-options": "nosniff"})

#: Error type → (status, title). The nearest class in an error's ancestry counts.
STATUS: Mapping[type[Exception], tuple[int, str]] = MappingProxyType(
    {
        errors.MalformedRequest: (400, "Malformed request"),
        MalformedMessage: (400, "Malformed request"),
        SignatureMismatch: (403, "Signature refused"),
        errors.UnknownProject: (403, "Signature refused"),
        errors.SourceNotListed: (403, "Address not listed"),
        errors.PaymentNotFound: (404, "Payment not found"),
        errors.RefundNotFound: (404, "Refund not found"),
        errors.PageNotFound: (404, "Page not found"),
        errors.PaymentConflict: (409, "Conflict with an earlier request"),
        errors.ProjectRequired: (409, "Project required"),
        errors.PaymentNotRefundable: (409, "Payment not refundable"),
        errors.RefundInProgress: (409, "Refund in progress"),
        errors.BodyTooLarge: (413, "Body too large"),
        errors.InvalidRequest: (422, "Invalid request"),
        errors.PartialRefundNotSupported: (422, "Partial refund not supported"),
        errors.AmountExceedsPayment: (422, "Amount exceeds payment"),
        errors.InvalidRefundRequest: (422, "Invalid refund request"),
        errors.GateRejected: (422, "Refused by ECommPay"),
        errors.GateUnavailable: (503, "ECommPay cannot be reached"),
        errors.StoreConflict: (503, "Try again"),
        errors.StoreUnavailable: (503, "Try again"),
    }
)

#: Refusals that one field is to blame for.
_BLAMED: Mapping[type[Exception], str] = MappingProxyType(
    {errors.PartialRefundNotSupported: "/amount", errors.AmountExceedsPayment: "/amount"}
)

#: What may be said to an unknown caller: nothing about keys, projects or the store.
_QUIET = (SignatureMismatch, errors.UnknownProject, errors.PageNotFound, errors.StoreConflict, errors.StoreUnavailable)


#: A stranger must not learn which projects are ours.
_TOLD_AS: Mapping[type[Exception], type[Exception]] = MappingProxyType({errors.UnknownProject: SignatureMismatch})


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str
    """``https://`` and the host it came to."""
    source: str
    """The address it came from, as API Gateway itself saw it; no header can change it."""
    request_id: str

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises `MalformedMessage`."""
        return loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; a mapping is sent as JSON, text as it is."""

    status: int
    body: Mapping[str, Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[[Request], Response]


def refuse_unlisted(source: str, listed: Collection[Network]) -> None:
    """Raises `SourceNotListed` for an address in none of these networks; with no network listed, any may come."""
    if listed and not any(ip_address(source) in network for network in listed):
        raise errors.SourceNotListed("Callbacks are not taken from this address.")


def respond(
    event: Event,
    routes: Mapping[str, Route],
    *,
    on_fault: Callable[[Exception, str], None],
    on_refusal: Callable[[Exception], None] | None = None,
    longest_body: int = 1024 * 1024,
) -> Answer:
    """The answer of the event's route; a refusal becomes a problem, an unexpected fault a 500 with its request id.

    ``on_refusal`` hears of every refusal, ``on_fault`` of every fault, before the answer goes out.
    """
    request_id = str(event.get("requestContext", {}).get("requestId", ""))
    try:
        response = routes[event["routeKey"]](_request(event, longest_body))
    except tuple(STATUS) as refusal:
        if on_refusal is not None:
            on_refusal(refusal)
        response = problem(refusal)
    except Exception as fault:  # noqa: BLE001  # the last line of defence: nothing of it may reach the caller
        on_fault(fault, request_id)
        content = {"type": "about:blank", "title": "Internal error", "status": 500, "request_id": request_id}
        response = Response(500, content, _PROBLEM)
    return _answer(response)


_PROBLEM = MappingProxyType({"content-type": "application/problem+json"})


def problem(error: Exception) -> Response:
    """The refusal as ``application/problem+json`` (RFC 9457)."""
    kind = next(each for each in type(error).__mro__ if each in STATUS)
    kind = _TOLD_AS.get(kind, kind)
    status, title = STATUS[kind]
    slug = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("-")
    content: dict[str, Any] = {
        "type": f"urn:ecommpay-checkout:problem:{slug}",
        "title": title,
        "status": status,
        "detail": title if isinstance(error, _QUIET) else str(error) or title,
    }
    if isinstance(error, errors.InvalidRequest):
        content["errors"] = [{"pointer": each.pointer, "detail": each.detail} for each in error.errors]
    if isinstance(error, errors.GateRejected):
        content |= {"code": error.code, "message": error.message}
    if kind in _BLAMED:
        content["errors"] = [{"pointer": _BLAMED[kind], "detail": str(error)}]
    retry = {"retry-after": "1"} if status == 503 else {}
    return Response(status, content, {**_PROBLEM, **retry})


def _request(event: Event, longest_body: int) -> Request:
    context = event.get("requestContext", {})
    return Request(
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers=event.get("headers") or {},
        body=_body(event, longest_body),
        origin=f"https://{context.get('domainName', '')}",
        source=str(context.get("http", {}).get("sourceIp", "")),
        request_id=str(context.get("requestId", "")),
    )


def _body(event: Event, longest: int) -> bytes:
    text = event.get("body") or ""
    encoded = bool(event.get("isBase64Encoded"))
    if len(text) > (longest * 4 // 3 + 4 if encoded else longest):
        raise errors.BodyTooLarge(f"At most {longest} bytes are taken.")
    try:
        body = base64.b64decode(text, validate=True) if encoded else text.encode()
    except ValueError as error:  # also what base64 says of text that is not ASCII
        raise errors.MalformedRequest("The body is not what its encoding says.") from error
    if len(body) > longest:
        raise errors.BodyTooLarge(f"At most {longest} bytes are taken.")
    return body


def _answer(response: Response) -> Answer:
    is_json = not isinstance(response.body, str)
    kind = {"content-type": "application/json"} if is_json else {}
    body = json.dumps(response.body, ensure_ascii=False, separators=(",", ":")) if is_json else response.body
    return {"statusCode": response.status, "headers": {**_NO_STORE, **kind, **response.headers}, "body": body}
