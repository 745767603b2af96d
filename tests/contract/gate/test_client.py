"""The Gate client against a real server on loopback: what leaves, and what each answer or silence is taken for."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest

from ecommpay_signing import sign
from payments.domain.errors import GateRejected, GateUnavailable, InvalidRequest, UnknownProject
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.gate.client import GateClient
from payments.ports import DataApiKey, Gate
from tests.contract.gate.scripted_gate import (
    Answer,
    ScriptedGate,
    answering,
    babbling,
    chunked,
    closing,
    cutting,
    dripping,
    flooding,
    resetting,
    silent,
)
from tests.unit.gate.samples import BACK, CALLBACK, card_payment, enets_payment, full_refund, status_answer

KEY = "secret-of-2924"
PAYMENT_KEY = PaymentKey(2924, "order-184")
ACCEPTED = {"status": "success", "request_id": "ab12-00000001", "project_id": 2924, "payment_id": "order-184"}
PERSONAL = ("amina", "Otieno", "254700000001", "198.51.100.7", "c-77")


@dataclass
class Keys:
    """The keys of project 2924; ``fresh`` replaces them when they are read again."""

    keys: tuple[str, ...] = (KEY, "older-secret-of-2924")
    fresh: tuple[str, ...] | None = None

    def ids(self) -> tuple[int, ...]:
        return (2924,)

    def secret_keys(self, project_id: int) -> tuple[str, ...]:
        if project_id != 2924:
            raise UnknownProject("not ours")
        return self.keys

    def data_api_key(self, project_id: int) -> DataApiKey | None:
        return None

    def refreshed(self) -> bool:
        if self.fresh is None:
            return False
        self.keys, self.fresh = self.fresh, None
        return True


def client(
    url: str, keys: Keys | None = None, signature: Literal["optional", "required"] = "optional", patience_s: float = 10
) -> Gate:
    patience: dict[str, float] = {"connect_timeout_s": patience_s, "read_timeout_s": patience_s}
    return GateClient(url, keys or Keys(), status_signature=signature, refund_reference="omit", **patience)


def sell(gate: Gate) -> str:
    return gate.sell(card_payment())


def refund(gate: Gate) -> str:
    return gate.refund(card_payment(), full_refund())


def clarify(gate: Gate) -> str:
    return gate.clarify(card_payment(), {"customer.email": "amina@example.com"})


def status(gate: Gate) -> bytes | None:
    return gate.status(PAYMENT_KEY)


MOVES = [sell, refund, clarify]
CALLS = [*MOVES, status]
Call = Callable[[Gate], Any]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception with all that led to it: a log may print every one of them."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def signed(answer: dict[str, Any], key: str = KEY) -> dict[str, Any]:
    return {**answer, "signature": sign(answer, key)}


@pytest.mark.parametrize("call", MOVES)
def test_an_accepted_request_answers_the_request_id(call: Call) -> None:
    with ScriptedGate(answering(200, ACCEPTED)) as gate:
        assert call(client(gate.url)) == "ab12-00000001"
    assert len(gate.received) == 1


def test_an_answer_in_chunks_is_read_whole() -> None:
    with ScriptedGate(chunked) as gate:
        assert sell(client(gate.url)) == "r-9"


GENERAL = {"project_id": 2924, "payment_id": "order-184"}
GENERAL_WITH_CALLBACK = {**GENERAL, "merchant_callback_url": CALLBACK}
CUSTOMER = {
    "id": "c-77",
    "ip_address": "198.51.100.7",
    "phone": "254700000001",
    "email": "amina@example.com",
    "first_name": "Amina",
    "last_name": "Otieno",
}


@pytest.mark.parametrize(
    ("call", "path", "body"),
    [
        (
            sell,
            "/v2/payment/card-partner/sale",
            {
                "general": GENERAL_WITH_CALLBACK,
                "customer": CUSTOMER,
                "payment": {"amount": 1000, "currency": "KES", "description": "Order 184"},
                "return_url": {"success": BACK, "decline": BACK, "return": BACK},
            },
        ),
        (refund, "/v2/payment/card-partner/refund", {"general": GENERAL_WITH_CALLBACK}),
        (
            clarify,
            "/v2/payment/clarification",
            {"general": GENERAL_WITH_CALLBACK, "additional_data": {"customer": {"email": "amina@example.com"}}},
        ),
        (status, "/v2/payment/status", {"general": GENERAL}),
    ],
)
def test_what_leaves_is_the_signed_body_and_nothing_more(call: Call, path: str, body: dict[str, Any]) -> None:
    with ScriptedGate(answering(200, {**ACCEPTED, **status_answer(), "status": "success"})) as gate:
        call(client(gate.url + "/"))
    (request,) = gate.received
    assert request.line == f"POST {path} HTTP/1.1"
    assert json.loads(request.body) == {**body, "general": {**body["general"], "signature": sign(body, KEY)}}
    assert {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}} == {
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "user-agent": "ecommpay-checkout",
    }


def test_an_enets_sale_goes_the_way_of_online_banking() -> None:
    with ScriptedGate(answering(200, ACCEPTED)) as gate:
        client(gate.url).sell(enets_payment())
    assert gate.received[0].line == "POST /v2/payment/online-banking/enets/sale HTTP/1.1"


@pytest.mark.parametrize("http_status", [200, 400, 403, 404, 409, 422])
@pytest.mark.parametrize("call", MOVES)
def test_a_refusal_with_a_certain_code_is_a_rejection_whatever_the_http_status(call: Call, http_status: int) -> None:
    refusal = {"status": "error", "code": "3023", "message": "Provided currency disabled"}
    with ScriptedGate(answering(http_status, refusal)) as gate, pytest.raises(GateRejected) as refused:
        call(client(gate.url))
    assert str(refused.value) == "Gate refused the request with code 3023"
    assert (refused.value.code, refused.value.message) == ("3023", "Provided currency disabled")


def test_a_code_given_as_a_number_is_the_same_code() -> None:
    with (
        ScriptedGate(answering(400, {"status": "error", "code": 3023, "message": None})) as gate,
        pytest.raises(GateRejected) as refused,
    ):
        refund(client(gate.url))
    assert (refused.value.code, refused.value.message) == ("3023", "")


@pytest.mark.parametrize("code", ["3041", 3041, "501", "2147", "3062", "3613", "1434", "9999", "20802", "", None, "x"])
@pytest.mark.parametrize("call", [sell, refund])
def test_an_error_that_leaves_it_open_is_not_a_rejection(call: Call, code: Any) -> None:
    with (
        ScriptedGate(answering(200, {"status": "error", "code": code, "message": "m"})) as gate,
        pytest.raises(GateUnavailable),
    ):
        call(client(gate.url))


def test_a_payment_id_that_exists_says_to_ask_for_the_status() -> None:
    with (
        ScriptedGate(answering(400, {"status": "error", "code": "3041", "message": "m"})) as gate,
        pytest.raises(GateUnavailable, match="how the payment stands has to be asked"),
    ):
        sell(client(gate.url))


HTML = b"<html><body>403 Forbidden amina@example.com</body></html>"
NOT_GATE: list[tuple[str, Answer]] = [
    ("no answer", silent),
    ("closed at once", closing),
    ("reset in the middle", resetting),
    ("cut in the middle", cutting),
    ("a byte at a time", dripping),
    ("without an end", flooding),
    ("not HTTP", babbling),
    ("HTML", answering(200, HTML, "Content-Type: text/html")),
    ("a firewall's 403", answering(403, HTML, "Content-Type: text/html")),
    ("nothing with 404", answering(404, b"")),
    ("nothing with 200", answering(200, b"")),
    ("JSON cut short", answering(200, b'{"status": "success", "request_id": "r"')),
    ("a key twice", answering(200, b'{"status": "error", "status": "success", "request_id": "r"}')),
    ("a list", answering(200, [ACCEPTED])),
    ("not UTF-8", answering(200, b'{"status": "success", "request_id": "\xff"}')),
    ("too large", answering(200, b" " * 1024 * 1024 + json.dumps(ACCEPTED).encode())),
    ("packed", answering(200, b"\x1f\x8b\x08\x00", "Content-Encoding: gzip")),
    ("success with 500", answering(500, ACCEPTED)),
    ("refusal with 500", answering(500, {"status": "error", "code": "3023", "message": "m"})),
    ("refusal with 503", answering(503, {"status": "error", "code": "3023", "message": "m"})),
    ("refusal with 429", answering(429, {"status": "error", "code": "3023", "message": "m"})),
    ("created", answering(201, ACCEPTED)),
    ("another status word", answering(200, {**ACCEPTED, "status": "processing"})),
    ("no status word", answering(200, {"code": "3023", "message": "m"})),
    ("a 4xx without a status word", answering(400, {"code": "3023", "message": "m"})),
    ("the wrong shape", answering(200, {"status": ["success"], "request_id": "r"})),
    ("another project", answering(200, {**ACCEPTED, "project_id": 198})),
    ("another payment", answering(200, {**ACCEPTED, "payment_id": "order-185"})),
    ("no request id", answering(200, {**ACCEPTED, "request_id": ""})),
    ("an odd request id", answering(200, {**ACCEPTED, "request_id": {"id": 1}})),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", [pytest.param(answer, id=name) for name, answer in NOT_GATE])
def test_every_trouble_means_that_nobody_knows_and_tells_no_secret(call: Call, answer: Answer) -> None:
    with ScriptedGate(answer) as gate, pytest.raises(GateUnavailable) as trouble:
        call(client(gate.url, patience_s=0.3 if answer in {silent, dripping} else 10))
    assert len(gate.received) <= 1, "nothing is tried again"
    said = " ".join(f"{error} {error!r}" for error in chain(trouble.value))
    assert not [secret for secret in (*PERSONAL, KEY, 'signature"', "<html>") if secret in said]


@pytest.mark.parametrize("http_status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", CALLS)
def test_a_redirect_is_not_followed(call: Call, http_status: int) -> None:
    refusal = {"status": "error", "code": "3023", "message": "m"}
    with (
        ScriptedGate(answering(http_status, refusal, "Location: /elsewhere")) as gate,
        pytest.raises(GateUnavailable),
    ):
        call(client(gate.url))
    assert len(gate.received) == 1


@pytest.mark.parametrize("call", CALLS)
def test_a_port_where_nobody_listens_is_unavailable(call: Call) -> None:
    with ScriptedGate(closing) as gate:
        url = gate.url
    with pytest.raises(GateUnavailable, match="the connection to Gate broke"):
        call(client(url))


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_variable_of_the_host_leads_money_elsewhere(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedGate(answering(200, ACCEPTED)) as gate, ScriptedGate(closing) as proxy:
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.setenv(variable, proxy.url)
        assert sell(client(gate.url)) == "ab12-00000001"
    assert proxy.received == []


def test_an_acknowledgement_may_leave_out_what_it_is_about() -> None:
    with ScriptedGate(answering(200, {"status": "Success", "request_id": 15})) as gate:
        assert sell(client(gate.url)) == "15"


@pytest.mark.parametrize("signature", ["optional", "required"])
@pytest.mark.parametrize("key", ["secret-of-2924", "older-secret-of-2924"])
def test_a_signed_status_comes_back_as_it_came(signature: Literal["optional", "required"], key: str) -> None:
    body = json.dumps(signed(status_answer(), key), indent=3).encode()
    with ScriptedGate(answering(200, body)) as gate:
        assert status(client(gate.url, signature=signature)) == body


def test_a_status_signed_in_general_is_believed_too() -> None:
    answer = {**status_answer(), "general": {"project_id": 2924, "payment_id": "order-184"}}
    answer["general"] = {**answer["general"], "signature": sign(answer, KEY)}
    with ScriptedGate(answering(200, answer)) as gate:
        assert status(client(gate.url, signature="required")) == json.dumps(answer).encode()


def test_an_unsigned_status_is_taken_only_where_that_is_allowed() -> None:
    with ScriptedGate(answering(200, status_answer())) as gate:
        assert status(client(gate.url)) == json.dumps(status_answer()).encode()
        with pytest.raises(GateUnavailable, match="without a signature"):
            status(client(gate.url, signature="required"))


@pytest.mark.parametrize("signature", ["x", "", None, 5, ["x"]])
def test_a_wrong_signature_is_never_taken_even_where_none_is_asked_for(signature: Any) -> None:
    with (
        ScriptedGate(answering(200, {**status_answer(), "signature": signature})) as gate,
        pytest.raises(GateUnavailable, match="wrong signature"),
    ):
        status(client(gate.url))


def test_a_status_signed_with_a_key_that_is_new_to_us_is_believed_once_the_keys_are_read_again() -> None:
    body = json.dumps(signed(status_answer(), "newest")).encode()
    with ScriptedGate(answering(200, body)) as gate:
        assert status(client(gate.url, Keys(fresh=("newest", KEY)))) == body
        with pytest.raises(GateUnavailable, match="wrong signature"):
            status(client(gate.url, Keys(fresh=("yet another",))))


@pytest.mark.parametrize(
    "change",
    [
        {"project_id": 198},
        {"payment": {**status_answer()["payment"], "id": "order-185"}},
        {"payment": {"status": "success"}, "general": {"payment_id": "order-185"}},
    ],
)
def test_a_status_of_another_payment_is_not_taken(change: dict[str, Any]) -> None:
    with (
        ScriptedGate(answering(200, signed({**status_answer(), **change}))) as gate,
        pytest.raises(GateUnavailable, match="another payment"),
    ):
        status(client(gate.url))


@pytest.mark.parametrize("http_status", [200, 400, 404, 422, 500])
@pytest.mark.parametrize("code", ["3061", 3061])
def test_a_payment_gate_does_not_know_is_none_whatever_the_http_status(http_status: int, code: Any) -> None:
    answer = {"status": "error", "code": code, "message": "Transaction not found"}
    with ScriptedGate(answering(http_status, answer)) as gate:
        assert status(client(gate.url, signature="required")) is None


def test_any_other_error_is_no_status() -> None:
    with (
        ScriptedGate(answering(200, {"status": "error", "code": "3062", "message": "m"})) as gate,
        pytest.raises(GateUnavailable, match="error 3062"),
    ):
        status(client(gate.url))


def test_what_gate_has_no_request_for_is_refused_without_asking() -> None:
    with ScriptedGate(closing) as gate:
        asked = client(gate.url)
        with pytest.raises(GateRejected, match="not refunded through Gate"):
            asked.refund(enets_payment(), full_refund())
        with pytest.raises(GateRejected, match="the whole amount only"):
            asked.refund(card_payment(), replace(full_refund(), money=Money(999, "KES")))
        with pytest.raises(GateRejected, match="no method"):
            asked.sell(card_payment(method=""))
        with pytest.raises(InvalidRequest, match="must not contain ;"):
            asked.sell(card_payment(description="a;b"))
        with pytest.raises(UnknownProject):
            asked.status(PaymentKey(198, "order-184"))
    assert gate.received == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.ecommpay.com",
        "http://192.0.2.7:3001",
        "http://localhost.example.com",
        "http://127.1:3001",
        "ftp://127.0.0.1",
        "https://user:word@api.ecommpay.com",
        "https://api.ecommpay.com/?a=b",
        "https://api.ecommpay.com/#part",
        "api.ecommpay.com",
        "",
    ],
)
def test_an_address_that_must_not_be_spoken_to_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="the Gate address must be https"):
        client(url)


@pytest.mark.parametrize(
    "url", ["https://api.ecommpay.com", "https://api.ecommpay.com/", "http://127.0.0.1:3001", "http://localhost:3001"]
)
def test_https_anywhere_and_http_on_this_machine_are_fine(url: str) -> None:
    client(url)
