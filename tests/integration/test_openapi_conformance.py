"""Requests made from the description itself, good ones and broken ones, against the whole local system.

Rules of this file:

* The description is narrowed to what is there: two projects and a handful of payments. Otherwise hardly any request
  would meet a payment. What only a run knows (tokens, the id of a refund) has a name, replaced at the last moment.
* Nobody signs here: IAM is API Gateway's work, and so is the answer to a method that no route has.
* The same requests are made in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance, unsupported_method

from local.ecommpay import GateSettings
from local.system import LocalSystem
from payments.openapi import describe_api
from tests.support.local_system import running_system
from tests.support.merchant import TIMEOUT_S, Merchant

# Threads of the local system take random numbers while Hypothesis looks whether somebody does.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

PROJECTS = [2924, 198]
PAYMENTS = ["waiting", "asked", "paid", "paid-too", "declined", "paid-by-enets"]
KNOWN = {
    "payment_id": PAYMENTS,
    "refund_id": ["the-refund"],
    "token": [f"token-of-{each}" for each in PAYMENTS],
    "project_id": PROJECTS,
}

BOUNDED = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def narrowed(description: dict[str, Any]) -> dict[str, Any]:
    """The description with the ids that mean something here, and without the signatures that API Gateway checks."""
    created = description["components"]["schemas"]["CreatePayment"]
    created["properties"]["project_id"] = {"enum": PROJECTS}
    created["required"].append("project_id")
    for operation in (each for methods in description["paths"].values() for each in methods.values()):
        operation["security"] = []
        for parameter in operation.get("parameters", []):
            if parameter["name"] in KNOWN:
                parameter["schema"] = {"enum": KNOWN[parameter["name"]]}
    return description


API = schemathesis.openapi.from_dict(narrowed(describe_api()))


@dataclass(frozen=True, slots=True)
class Installation:
    """Where requests go, and what the names in them stand for."""

    url: str
    names: dict[str, str]

    def ask(self, case: Any) -> requests.Response:
        request = case.as_transport_kwargs(base_url=self.url)
        for name, real in self.names.items():
            request["url"] = request["url"].replace(name, real)
        return requests.request(**request, allow_redirects=False, timeout=TIMEOUT_S)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    run_folder = tmp_path_factory.mktemp("run")
    with running_system(run_folder, gate=GateSettings(step_s=0.02, hang_s=0.05), status_poll_delay_s=1) as system:
        yield system


@pytest.fixture(scope="module")
def installation(system: LocalSystem) -> Installation:
    """One payment of every kind is there already."""
    merchant = Merchant(system)
    ordered = [merchant.order(interface="payment_page", payment_id="waiting").json()]
    ordered.append(merchant.order(payment_id="asked", customer={"id": "customer-8", "ip_address": "192.0.2.8"}).json())
    merchant.wait_for("asked", "awaiting_clarification")
    for name in PAYMENTS[2:]:
        ordered.append(merchant.order("enets" if "enets" in name else "card-partner", payment_id=name).json())
        merchant.pay(ordered[-1], "decline" if name == "declined" else "success")
    refund = merchant.post("/payments/paid-too/refunds", {"reason": "sold out"}).json()
    tokens = {f"token-of-{each['payment_id']}": each["checkout_url"].rpartition("/")[2] for each in ordered}
    return Installation(system.url, {"the-refund": refund["refund_id"], **tokens})


def test_the_description_is_served(system: LocalSystem) -> None:
    assert requests.get(f"{system.url}/openapi.json", timeout=TIMEOUT_S).json() == describe_api()


@API.parametrize()  # type: ignore[untyped-decorator]  # schemathesis has no types that mypy is shown
@BOUNDED
def test_every_route_answers_as_it_is_described(case: Any, installation: Installation) -> None:
    response = installation.ask(case)
    case.validate_response(response, excluded_checks=excused(case, response))


def test_one_answer_leads_to_the_next_as_the_links_say(system: LocalSystem, installation: Installation) -> None:
    merchant = Merchant(system)
    made = merchant.order(payment_id="followed")
    assert made.status_code == 202
    merchant.pay(made.json())
    followed = {name: follow(link, made, installation) for name, link in links("createPayment", 202)}
    assert {name: answer.status_code for name, answer in followed.items()} == {"getPayment": 200, "startRefund": 202}
    begun = followed["startRefund"]
    found = {name: follow(link, begun, installation) for name, link in links("startRefund", 202)}
    assert {name: answer.json()["refund_id"] for name, answer in found.items()} == {
        "getRefund": begun.json()["refund_id"]
    }


def links(operation_id: str, status: int) -> list[tuple[str, Any]]:
    answer = API.find_operation_by_id(operation_id).definition.raw["responses"][str(status)]
    return list(answer["links"].items())


def follow(link: dict[str, Any], answer: requests.Response, installation: Installation) -> requests.Response:
    operation = API.find_operation_by_id(link["operationId"])
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}}
    for target, source in link["parameters"].items():
        place, name = target.split(".")
        given[place][name] = answer.json()[source.removeprefix("$response.body#/")]
    case = operation.Case(path_parameters=given["path"], query=given["query"])
    response = installation.ask(case)
    case.validate_response(response)
    return response


def excused(case: Any, response: Any) -> list[Any]:
    """The checks that say nothing about this answer."""
    # What is no id here may be one by now: another request has made it.
    found = case.meta.is_negative_at(ParameterLocation.PATH)
    # The query may name the project as well, and a page that asks for nothing reads no answer.
    found = found or "project_id" in (case.query or {}) or response.headers["content-type"].startswith("text/html")
    beyond = is_beyond_a_schema(case.body, response)
    return [
        unsupported_method,
        *([negative_data_rejection] if found else []),
        *([positive_data_acceptance] if beyond else []),
    ]


def is_beyond_a_schema(body: Any, response: Any) -> bool:
    """Whether a well-formed request was refused for what no schema can say."""
    if response.status_code != 422:
        return False
    if response.headers["content-type"].startswith("text/html"):
        return True  # only the fields that were asked for are taken
    problem = response.json()
    if problem["type"].endswith((":partial-refund-not-supported", ":amount-exceeds-payment")):
        return True
    if any("than in the query" in each["detail"] for each in problem["errors"]):
        return True  # the project was named twice, and differently
    # JSON Schema takes 1000.0 for an integer, and a cursor is nobody's to make up.
    pointers = {each["pointer"] for each in problem["errors"]}
    return pointers == {"/cursor"} or pointers <= {f"/{name}" for name, value in fields(body) if is_float(value)}


def fields(body: Any) -> list[tuple[str, Any]]:
    return list(body.items()) if isinstance(body, dict) else []


def is_float(value: Any) -> bool:
    return isinstance(value, float)
