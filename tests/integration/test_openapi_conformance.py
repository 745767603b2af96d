"""Requests made from the description itself, good ones and broken ones, against the whole local system.

Rules of this file:

* The description is the one that is served, narrowed to what is there: two projects, a handful of payments. Otherwise
  hardly any request would meet a payment.
* Nobody signs here: IAM is API Gateway's work, and so is the answer to a method that no route has.
* The same requests are made in every run.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from local.ecommpay import GateSettings
from local.system import LocalSystem
from payments.openapi import describe_api
from tests.support.local_system import running_system
from tests.support.merchant import TIMEOUT_S, Merchant

EXAMPLES = 12
RUNS, STEPS = 12, 5

BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a request can meet."""

    payment_ids: list[str]
    refund_ids: list[str]
    tokens: list[str]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    run_folder = tmp_path_factory.mktemp("run")
    with running_system(run_folder, gate=GateSettings(step_s=0.02, hang_s=0.05), status_poll_delay_s=1) as system:
        yield system


@pytest.fixture(scope="module")
def known(system: LocalSystem) -> Known:
    """A payment of each kind: waiting on the page, paid, refunded, declined, and asked for more data."""
    merchant = Merchant(system)
    waiting = merchant.order(interface="payment_page", payment_id="waiting").json()
    paid = [merchant.order(payment_id=name).json() for name in ("paid", "paid-too", "declined")]
    for payment in paid:
        merchant.pay(payment, "decline" if payment["payment_id"] == "declined" else "success")
    enets = merchant.order("enets", payment_id="enets").json()
    merchant.pay(enets)
    refund = merchant.post("/payments/paid-too/refunds", {"reason": "changed their mind"}).json()
    payments = [waiting, *paid, enets]
    return Known(
        payment_ids=[each["payment_id"] for each in payments],
        refund_ids=[refund["refund_id"]],
        tokens=[each["checkout_url"].rpartition("/")[2] for each in payments],
    )


@pytest.fixture(scope="module")
def api(system: LocalSystem, known: Known) -> Any:
    served = requests.get(f"{system.url}/openapi.json", timeout=TIMEOUT_S).json()
    assert served == describe_api()
    api = schemathesis.openapi.from_dict(narrowed(served, known))
    api.config.update(base_url=system.url)
    return api


def narrowed(description: dict[str, Any], known: Known) -> dict[str, Any]:
    """The description with the ids that mean something here, and without the signatures that API Gateway checks."""
    narrow = copy.deepcopy(description)
    projects = [2924, 198]
    narrow["components"]["schemas"]["CreatePayment"]["properties"]["project_id"] = {"enum": projects}
    narrow["components"]["schemas"]["CreatePayment"]["required"].append("project_id")
    choices = {
        "payment_id": known.payment_ids,
        "refund_id": known.refund_ids,
        "token": known.tokens,
        "project_id": projects,
    }
    for operation in (each for methods in narrow["paths"].values() for each in methods.values()):
        operation["security"] = []
        for parameter in operation.get("parameters", []):
            if parameter["name"] in choices:
                parameter["schema"] = {"type": parameter["schema"]["type"], "enum": choices[parameter["name"]]}
    return narrow


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@BOUNDED
def test_every_route_answers_as_it_is_described(case: Any) -> None:
    response = case.call(timeout=TIMEOUT_S)
    beyond = [positive_data_acceptance] if is_beyond_a_schema(case.body, response) else []
    case.validate_response(response, excluded_checks=[unsupported_method, *beyond])


def is_beyond_a_schema(body: Any, response: Any) -> bool:
    """Whether a well-formed request was refused for what no schema can say."""
    if response.status_code != 422:
        return False
    problem = response.json()
    if problem["type"].rpartition(":")[2] in {"partial-refund-not-supported", "amount-exceeds-payment"}:
        return True
    # JSON Schema takes 1000.0 for an integer, and a cursor is nobody's to make up.
    pointers = {each["pointer"] for each in problem["errors"]}
    return pointers == {"/cursor"} or pointers <= set(floats(body))


def floats(value: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(value, float):
        yield pointer
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from floats(part, f"{pointer}/{name}")


def test_one_answer_leads_to_the_next_as_the_links_say(api: Any) -> None:
    run_state_machine_as_test(
        api.as_state_machine(), settings=settings(BOUNDED, max_examples=RUNS, stateful_step_count=STEPS)
    )
