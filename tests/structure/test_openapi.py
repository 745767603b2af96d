"""openapi.yaml is what the code says of the API, and both know exactly the routes and refusals there are."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
import yaml
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from ecommpay_signing import MalformedMessage, SignatureMismatch
from local.cloudformation import load_template
from local.write_openapi import FILE, openapi_text
from payments.domain import errors
from payments.openapi import describe_api
from payments.web import STATUS
from tests.structure.sources import ROOT

API = describe_api()

#: What may leave a route as a problem. A store out of reach may meet every route that reads or writes.
_Kinds = set[type[Exception]]
_READING: _Kinds = {errors.StoreUnavailable}
_JSON_BODY: _Kinds = {MalformedMessage, errors.MalformedRequest, errors.BodyTooLarge}
_ONE_PAYMENT: _Kinds = _READING | {errors.PaymentNotFound, errors.ProjectRequired, errors.InvalidRequest}
REFUSALS: dict[str, _Kinds] = {
    "POST /payments": _JSON_BODY
    | _READING
    | {errors.InvalidRequest, errors.PaymentConflict, errors.GateRejected, errors.StoreConflict},
    "GET /payments": _READING | {errors.InvalidRequest},
    "GET /payments/{payment_id}": _ONE_PAYMENT,
    "POST /payments/{payment_id}/refunds": _JSON_BODY
    | _ONE_PAYMENT
    | {
        errors.PaymentConflict,
        errors.PaymentNotRefundable,
        errors.RefundInProgress,
        errors.PartialRefundNotSupported,
        errors.AmountExceedsPayment,
        errors.InvalidRefundRequest,
    },
    "GET /payments/{payment_id}/refunds": _ONE_PAYMENT,
    "GET /payments/{payment_id}/refunds/{refund_id}": _ONE_PAYMENT | {errors.RefundNotFound},
    "GET /projects/{project_id}/keys": _READING | {errors.InvalidRequest},
    "POST /callbacks/ecommpay": _JSON_BODY
    | _READING
    | {SignatureMismatch, errors.UnknownProject, errors.SourceNotListed},
    "GET /checkout/{token}": _READING,
    "GET /checkout/{token}/state": _READING | {errors.PageNotFound},
    "POST /checkout/{token}/clarification": _READING
    | {
        errors.MalformedRequest,
        errors.BodyTooLarge,
    },
    "GET /openapi.json": set(),
}
#: A Gate out of reach is no refusal: the payment stays and its truth is asked later.
NEVER_ANSWERED = {errors.GateUnavailable}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in API["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (
        API["components"]["responses"][response["$ref"].rpartition("/")[2]] if "$ref" in response else response
    )
    return found


def problems_of(operation: dict[str, Any]) -> set[int]:
    answers = ((int(status), resolved(response)) for status, response in operation["responses"].items())
    return {status for status, response in answers if "application/problem+json" in response.get("content", {})}


def complaints(instance: Any, schema: dict[str, Any]) -> list[str]:
    validator = OAS31Validator({**schema, "components": API["components"]}, format_checker=oas31_format_checker)
    return [error.message for error in validator.iter_errors(instance)]


def template_routes() -> dict[str, bool]:
    """Route → whether it is public."""
    resources = load_template(ROOT / "template.yaml")["Resources"].values()
    events = [
        event for resource in resources for event in (resource.get("Properties", {}).get("Events") or {}).values()
    ]
    return {
        f"{event['Properties']['Method']} {event['Properties']['Path']}": event["Properties"]
        .get("Auth", {})
        .get("Authorizer")
        == "NONE"
        for event in events
        if event["Type"] == "HttpApi"
    }


def test_openapi_yaml_is_what_the_code_says() -> None:
    assert FILE.read_text(encoding="utf-8") == openapi_text(), "run: make openapi"
    assert yaml.safe_load(FILE.read_text(encoding="utf-8")) == API


def test_the_description_is_valid_openapi() -> None:
    openapi_spec_validator.validate(API)


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert API["info"]["version"] == project["version"]


def test_the_routes_and_who_may_call_them_are_the_template_s() -> None:
    assert {route: operation["security"] == [] for route, operation in operations()} == template_routes()


@pytest.mark.parametrize(("route", "operation"), list(operations()), ids=[route for route, _ in operations()])
def test_every_problem_a_route_may_answer_is_described(route: str, operation: dict[str, Any]) -> None:
    assert problems_of(operation) == {STATUS[each][0] for each in REFUSALS[route]} | {500}


def test_every_refusal_that_has_a_status_is_some_route_s() -> None:
    assert set().union(*REFUSALS.values()) | NEVER_ANSWERED == set(STATUS)


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    places = [(route, operation.get("requestBody", {})) for route, operation in operations()]
    places += [
        (f"{route} {status}", resolved(response))
        for route, operation in operations()
        for status, response in operation["responses"].items()
    ]
    for name, place in places:
        yield from ((name, media) for media in place.get("content", {}).values() if "example" in media)


@pytest.mark.parametrize("media", [media for _, media in bodies()], ids=[name for name, _ in bodies()])
def test_every_example_is_what_its_schema_says(media: dict[str, Any]) -> None:
    assert complaints(media["example"], media["schema"]) == []
