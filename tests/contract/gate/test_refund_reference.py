"""A refund at Gate: our own id in the request where that is switched on, and what a refusal tells of a repetition."""

import json
from typing import Literal

import pytest

from ecommpay_signing import sign
from payments.domain.errors import GateRejected, GateUnavailable
from payments.gate.client import GateClient
from tests.contract.gate.scripted_gate import ScriptedGate, answering
from tests.support.fakes import FakeProjects
from tests.unit.gate.samples import CALLBACK, card_payment, full_refund

KEY = "secret-of-2924"
GENERAL = {"project_id": 2924, "payment_id": "order-184", "merchant_callback_url": CALLBACK}
ACCEPTED = {"status": "success", "request_id": "ab12-00000001", "project_id": 2924, "payment_id": "order-184"}


def refund(url: str, reference: Literal["omit", "send"]) -> str:
    gate = GateClient(
        url,
        FakeProjects({2924: (KEY,)}),
        connect_timeout_s=10,
        read_timeout_s=10,
        status_signature="optional",
        refund_reference=reference,
    )
    return gate.refund(card_payment(), full_refund())


@pytest.mark.parametrize(("reference", "named"), [("omit", {}), ("send", {"payment": {"merchant_refund_id": "r-1"}})])
def test_a_refund_names_our_own_id_only_where_that_is_switched_on(
    reference: Literal["omit", "send"], named: dict[str, dict[str, str]]
) -> None:
    body = {"general": GENERAL, **named}
    with ScriptedGate(answering(200, ACCEPTED)) as gate:
        assert refund(gate.url, reference) == "ab12-00000001"
    (request,) = gate.received
    assert json.loads(request.body) == {**body, "general": {**GENERAL, "signature": sign(body, KEY)}}


def test_a_refund_whose_id_gate_knows_arrived_before_so_it_is_asked_about_and_not_given_up() -> None:
    known = {"status": "error", "code": "3230", "message": "The operation with such merchant_refund_id already exists"}
    with ScriptedGate(answering(400, known)) as gate, pytest.raises(GateUnavailable, match="error 3230"):
        refund(gate.url, "send")
    assert len(gate.received) == 1


def test_a_refusal_that_the_refund_itself_may_have_brought_about_is_to_be_confirmed() -> None:
    refusal = {"status": "error", "code": "3060", "message": "Status does not allow this"}
    with ScriptedGate(answering(400, refusal)) as gate, pytest.raises(GateUnavailable) as unclear:
        refund(gate.url, "omit")

    assert (unclear.value.code, unclear.value.message) == ("3060", "Status does not allow this")
    assert str(unclear.value) == (
        "Gate refused the request with code 3060, which leaves open whether it was carried out before"
    )


def test_a_refusal_of_the_request_as_such_is_certain() -> None:
    refusal = {"status": "error", "code": "3261", "message": "Invalid signature"}
    with ScriptedGate(answering(400, refusal)) as gate, pytest.raises(GateRejected) as refused:
        refund(gate.url, "omit")

    assert (refused.value.code, refused.value.message) == ("3261", "Invalid signature")
