"""The Data API client against real servers on loopback: what leaves, and what each answer or silence is taken for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from ecommpay_signing import sign
from local.ecommpay import DEMO_PROJECTS, DataApiSettings, GateSettings, Platform
from payments.domain.errors import DataApiUnavailable
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.provider_state import Outcome
from payments.domain.reconciliation import Entry, Listed
from payments.gate.data_api import DataApiClient
from payments.ports import DataApiKey
from tests.contract.gate.scripted_gate import (
    Answer,
    ScriptedGate,
    answering,
    babbling,
    closing,
    cutting,
    dripping,
    flooding,
    resetting,
    silent,
)
from tests.integration.ecommpay.merchant import Clock, Merchant, Sink
from tests.support.fakes import FakeProjects

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = DataApiKey("token-of-2924-000000000000000", "data-api-secret")
ROW = {
    "operation_id": 101,
    "payment_id": "order-1",
    "project_id": 2924,
    "operation_type": "sale",
    "operation_status": "success",
    "operation_amount": 10000,
    "operation_currency": "KES",
    "operation_created_at": "2026-11-21 11:59:58",
    "operation_completed_at": "2026-11-21 12:00:00",
    "payment_method": "Card partner",
    "request_id": "request-1",
}
LISTED = Listed(
    PaymentKey(2924, "order-1"),
    "card-partner",
    Entry("101", "sale", "sale", "success", Outcome.SUCCEEDED, Money(10_000, "KES"), NOON, "request-1"),
)


class WithKey(FakeProjects):
    def data_api_key(self, project_id: int) -> DataApiKey | None:
        return KEY if project_id == 2924 else None


class Pauses(list[float]):
    """The pauses asked for; a moment is waited, for the server here takes one connection after the other."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        time.sleep(0.05)


def client(url: str, *, patience_s: float = 10, pauses: Pauses | None = None) -> DataApiClient:
    return DataApiClient(
        url,
        WithKey(),
        connect_timeout_s=5,
        patience_s=patience_s,
        interval_keys=("start", "end"),
        pause=Pauses() if pauses is None else pauses,
    )


def ask(asked: DataApiClient, *, project_id: int = 2924, **place: int) -> tuple[Listed, ...]:
    page = {"offset": 0, "limit": 1000, **place}
    return asked.operations(project_id, since=NOON, until=NOON + timedelta(days=1), **page)


def sealed(answer: dict[str, Any], secret_key: str = KEY.secret_key) -> dict[str, Any]:
    return {**answer, "signature": sign(answer, secret_key)}


def in_turn(*answers: Answer) -> Answer:
    waiting = list(answers)

    def answer(connection: Any, ended: Any) -> None:
        waiting.pop(0)(connection, ended)

    return answer


def test_a_page_of_a_thousand_rows_is_read_and_its_signature_checked() -> None:
    rows = [{**ROW, "operation_id": number} for number in range(1000)]
    with ScriptedGate(answering(200, sealed({"operations": rows}))) as server:
        page = ask(client(server.url))

    assert [each.entry.operation_id for each in page] == [str(number) for number in range(1000)]


def test_a_question_is_signed_with_the_tokens_key_and_names_times_in_utc() -> None:
    with ScriptedGate(answering(200, sealed({"operations": [ROW]}))) as server:
        assert ask(client(server.url), offset=950) == (LISTED,)

    (received,) = server.received
    asked = {
        "token": KEY.token,
        "project_id": [2924],
        "interval": {"start": "2026-11-21 12:00:00", "end": "2026-11-22 12:00:00"},
        "timezone": "UTC",
        "limit": 1000,
        "offset": 950,
    }
    assert received.line == "POST /v1/operations/get HTTP/1.1"
    assert json.loads(received.body) == {**asked, "signature": sign(asked, KEY.secret_key)}


def test_the_interval_has_the_names_that_are_set() -> None:
    with ScriptedGate(answering(200, sealed({"operations": []}))) as server:
        renamed = DataApiClient(
            server.url, WithKey(), connect_timeout_s=5, patience_s=10, interval_keys=("date_from", "date_to")
        )
        assert ask(renamed) == ()

    assert set(json.loads(server.received[0].body)["interval"]) == {"date_from", "date_to"}


def test_a_project_without_a_token_is_not_asked_about() -> None:
    asked = client("http://127.0.0.1:1")

    assert (asked.reaches(2924), asked.reaches(198)) == (True, False)
    with pytest.raises(DataApiUnavailable, match="project 198 has no token"):
        ask(asked, project_id=198)


@pytest.mark.parametrize("address", ["http://data.ecommpay.com", "https://u@data.ecommpay.com", "https://a.b?x=1"])
def test_an_address_that_must_not_be_spoken_to_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must be https"):
        client(address)


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        ({"operation_completed_at": None}, {"at": NOON - timedelta(seconds=2)}),
        ({"operation_status": "never heard"}, {"status": "never heard", "outcome": Outcome.UNKNOWN}),
        ({"operation_amount": "10000"}, {}),
        ({"operation_amount": -1}, {"money": None}),
        ({"operation_type": "refund"}, {"type": "refund", "kind": "return"}),
        ({"request_id": None}, {"request_id": ""}),
    ],
)
def test_a_row_is_read_as_it_is(row: dict[str, Any], entry: dict[str, Any]) -> None:
    with ScriptedGate(answering(200, sealed({"operations": [{**ROW, **row}]}))) as server:
        (read,) = ask(client(server.url))

    assert read.entry == Entry(**{name: getattr(LISTED.entry, name) for name in Entry.__slots__} | entry)


@pytest.mark.parametrize(
    "row", [{"operation_id": None}, {"payment_id": ""}, {"operation_created_at": "?", "operation_completed_at": None}]
)
def test_a_row_that_cannot_be_placed_makes_the_whole_page_unbelievable(row: dict[str, Any]) -> None:
    with (
        ScriptedGate(answering(200, sealed({"operations": [ROW, {**ROW, **row}]}))) as server,
        pytest.raises(DataApiUnavailable, match="has no operation id, no payment id, or no time"),
    ):
        ask(client(server.url))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (answering(200, {"operations": [ROW]}), "not signed with the key of its token"),
        (answering(200, sealed({"operations": [ROW]}, "local-secret-2924")), "not signed with the key of its token"),
        (answering(400, {"status": "error", "code": "3261", "message": "secret words"}), "no operations: error 3261"),
        (answering(403, {"message": "secret words"}), "no operations: HTTP 403"),
        (answering(200, sealed({"balance": []})), "no operations: HTTP 200"),
        (answering(302, b"", "Location: http://127.0.0.1:1/"), r"cannot be read \(HTTP 302\)"),
        (answering(403, b"<html>"), r"cannot be read \(HTTP 403\)"),
        (flooding, "too large"),
    ],
)
def test_an_answer_that_will_be_the_same_again_is_asked_for_once(answer: Answer, told: str) -> None:
    with ScriptedGate(answer) as server, pytest.raises(DataApiUnavailable, match=told) as refusal:
        ask(client(server.url))

    assert len(server.received) == 1
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (answering(502, b"<html>"), r"not well \(HTTP 502\)"),
        (answering(429, {}), r"not well \(HTTP 429\)"),
        (answering(200, b"<html>"), r"cannot be read \(HTTP 200\)"),
        (closing, "connection to the Data API broke"),
        (resetting, "connection to the Data API broke"),
        (cutting, "connection to the Data API broke"),
        (babbling, "connection to the Data API broke"),
    ],
)
def test_a_passing_trouble_is_tried_three_times_with_growing_pauses(trouble: Answer, told: str) -> None:
    pauses = Pauses()
    with ScriptedGate(trouble) as server, pytest.raises(DataApiUnavailable, match=told):
        ask(client(server.url, pauses=pauses))
    assert (len(server.received), pauses) == (3, [2.0, 4.0])

    with ScriptedGate(in_turn(trouble, trouble, answering(200, sealed({"operations": [ROW]})))) as server:
        assert ask(client(server.url)) == (LISTED,)


@pytest.mark.parametrize("endless", [silent, dripping])
def test_all_tries_together_take_no_longer_than_the_patience(endless: Answer) -> None:
    with ScriptedGate(endless) as server, pytest.raises(DataApiUnavailable, match="in time"):
        ask(client(server.url, patience_s=0.3))

    assert len(server.received) == 1


@contextmanager
def serving(platform: Platform) -> Iterator[str]:
    """The platform on a port of its own."""
    server = make_server("127.0.0.1", 0, platform.wsgi, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    platform.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        platform.stop()
        server.shutdown()
        thread.join()
        server.server_close()


class OfDemo(FakeProjects):
    def data_api_key(self, project_id: int) -> DataApiKey | None:
        demo = DEMO_PROJECTS[project_id].data_api
        return DataApiKey(demo.token, demo.secret_key) if demo else None


@pytest.fixture
def paid() -> Iterator[Callable[[DataApiSettings], Platform]]:
    """Makes a platform on which three payments are paid, a second after each other."""
    sink = Sink()

    def make(data_api: DataApiSettings) -> Platform:
        clock = Clock(NOON)
        settings = GateSettings(step_s=0.01)
        platform = Platform(DEMO_PROJECTS, public_url="http://p", clock=clock, gate=settings, data_api=data_api)
        platform.start()
        merchant = Merchant(platform, sink, clock)
        for number in range(3):
            merchant.sell("card-partner/sale", merchant.kes_sale(f"order-{number}", 10001))
            merchant.wait_for_status("success", f"order-{number}")
            clock.move(1)
        return platform

    yield make
    sink.close()


def test_the_pretend_platform_is_understood_page_by_page_through_delays_and_failures(
    paid: Callable[[DataApiSettings], Platform],
) -> None:
    platform = paid(DataApiSettings(data_api_delay_s=0.05, data_api_fail_first=2))
    with serving(platform) as url:
        asked = DataApiClient(
            url, OfDemo(), connect_timeout_s=5, patience_s=10, interval_keys=("start", "end"), pause=lambda _: None
        )
        started = time.monotonic()
        pages = [ask(asked, limit=2, offset=offset) for offset in (0, 2)]

    assert time.monotonic() - started >= 0.05
    assert [[each.key.payment_id for each in page] for page in pages] == [["order-2", "order-1"], ["order-0"]]
    assert pages[1][0].entry.at == NOON
    assert (pages[1][0].entry.kind, pages[1][0].entry.money) == ("sale", Money(10001, "KES"))
