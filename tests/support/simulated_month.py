"""A month of payments on both sides, told alike but for the faults that were put in, and its reconciliation.

ECommPay's side is the pretend platform's own store, listed by its real Data API over HTTP; ours are payments folded from
its callbacks. One payment in a hundred has each kind of fault.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from ecommpay_signing import string_to_sign
from local.ecommpay import DEMO_PROJECTS, Platform, signature
from local.ecommpay.callbacks import callback_body, encode, status_body
from local.ecommpay.methods import CARD_PARTNER
from local.ecommpay.outcomes import Outcome
from local.ecommpay.state import Operation
from local.ecommpay.state import Payment as TheirPayment
from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.gate.data_api import DataApiClient
from payments.gate.messages import report
from payments.ports import DataApiKey, Message
from payments.usecases.reconcile import Desk, reconcile
from tests.support.fake_ledgers import FakeReports
from tests.support.fakes import FakeEvents, FakeGate, FakeProjects, FakeStore
from tests.unit.domain.told import order

PROJECT, SECRET = 2924, "local-secret-2924"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 30)
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
LENGTH = timedelta(days=30)
NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
TOTAL = 10_000

#: Which of a hundred payments has which fault.
FAULTS = {
    11: "missing_there",
    12: "status",
    13: "amount",
    14: "currency",
    15: "duplicate",
    16: "missing_here",
    17: "late",
    18: "refund_not_ours",
}

#: Reason and operation id.
Named = tuple[str, str]


class DatedStore(FakeStore):
    """`FakeStore` with an index by day: its own look at everything would make any reader of days quadratic."""

    def __init__(self) -> None:
        super().__init__()
        self._by_day: dict[date, set[PaymentKey]] = defaultdict(set)

    def save(self, payment: Payment, *, message: Message | None = None, idempotency: Any = None) -> Payment:
        """Write it, and note on which day it changed."""
        written = super().save(payment, message=message, idempotency=idempotency)
        self._by_day[written.updated_at.date()].add(written.key)
        return written

    def changed_on(self, day: date) -> Iterator[Payment]:
        """The payments whose last change was on this day."""
        found = (self.read(key) for key in sorted(self._by_day[day]))
        return (each for each in found if each is not None and each.updated_at.date() == day)


class PlatformsGate(FakeGate):
    """Gate's status answers as the platform gives them."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._known = platform.engine.store.payments

    def status(self, key: PaymentKey) -> bytes | None:
        """The platform's answer about a payment."""
        payment = self._known.get((key.project_id, key.payment_id))
        return encode(status_body(payment, [], payment.operations), SECRET) if payment else None


class WithToken(FakeProjects):
    """The projects with the demo token of one."""

    def data_api_key(self, project_id: int) -> DataApiKey | None:
        """Its token and key."""
        demo = DEMO_PROJECTS[PROJECT].data_api
        return DataApiKey(demo.token, demo.secret_key) if demo and project_id == PROJECT else None


@dataclass
class HastyClock:
    """Three seconds pass at every look, so that a call of the function is soon over and another one goes on."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=3)
        return self.now


@dataclass
class Month:
    """Both ledgers, and which differences were put between them."""

    platform: Platform
    store: DatedStore = field(default_factory=DatedStore)
    reports: FakeReports = field(default_factory=FakeReports)
    events: FakeEvents = field(default_factory=FakeEvents)
    injected: set[Named] = field(default_factory=set)
    operations: int = 0
    _next_id: int = 1000

    def reconcile(self, url: str) -> int:
        """Call until it is done; how often that was."""
        clock = HastyClock()
        data_api = DataApiClient(url, WithToken(), connect_timeout_s=5, patience_s=330, interval_keys=("start", "end"))
        for call in range(1, 1000):
            desk = Desk(
                store=self.store,
                gate=PlatformsGate(self.platform),
                data_api=data_api,
                reports=self.reports,
                events=self.events,
                report=lambda _: None,
                ends=clock.now + timedelta(seconds=900),
                clock=clock,
                call=f"call-{call:04}",
            )
            done = reconcile(desk=desk, projects=WithToken(), days=(FIRST, LAST), project_id=PROJECT, zone=UTC)
            (run,) = done.runs
            assert run.trouble == ""
            if run.stage == "done":
                return call
        raise AssertionError("it does not come to an end")

    @property
    def named(self) -> Counter[Named]:
        """Every difference that was found, and how often."""
        found = self.reports.kept[f"reconciliations/{PROJECT}/{FIRST}_{LAST}/differences.jsonl"].splitlines()
        return Counter((each["reason"], each["operation_id"]) for each in map(json.loads, found))

    @property
    def summary(self) -> dict[str, Any]:
        """What it came to."""
        read: dict[str, Any] = json.loads(self.reports.kept[f"reconciliations/{PROJECT}/{FIRST}_{LAST}/summary.json"])
        return read

    def add(self, number: int, at: datetime) -> None:
        """One payment on both sides, with the fault of its number."""
        fault = FAULTS.get(number % 100, "")
        theirs, sale = self._sold(number, at)
        told = [callback_body(theirs, sale)]
        refund: Refund | None = None
        if number % 20 == 0:  # given back, because somebody here asked for it
            back = self._operation("refund", at + timedelta(minutes=30))
            theirs.operations.append(back)
            theirs.balance, theirs.status, theirs.updated_at = 0, "refunded", back.updated_at
            told.append(callback_body(theirs, back))
            refund = Refund(f"rf-{number}", Money(TOTAL, "KES"), "api", "sent", at, at, sent_at=at)
        if fault in {"missing_here", "late"}:
            told = [callback_body(theirs, replace(sale, status="processing"))] if fault == "late" else []
            told = [{**each, "payment": {**each["payment"], "status": "processing"}} for each in told]
        self._keep(theirs, told, refund, at)
        self._break(theirs, sale, fault)
        self.platform.engine.store.add(theirs)

    def _sold(self, number: int, at: datetime) -> tuple[TheirPayment, Operation]:
        sale = self._operation("sale", at)
        payment = TheirPayment(
            project_id=PROJECT,
            payment_id=f"order-{number:06}",
            method=CARD_PARTNER,
            amount=TOTAL,
            currency="KES",
            balance=TOTAL,
            status="success",
            description="",
            customer={"id": "customer1", "phone": "254700000001"},
            callback_url="",
            interface="gate",
            outcome=Outcome(),
            created_at=at,
            updated_at=at,
            operations=[sale],
        )
        return payment, sale

    def _operation(self, kind: str, at: datetime) -> Operation:
        self._next_id += 1
        self.operations += 1
        return Operation(
            operation_id=self._next_id,
            type=kind,
            status="success",
            request_id=f"request-{self._next_id}",
            amount=TOTAL,
            currency="KES",
            created_at=at,
            updated_at=at,
            provider_payment_id=str(self._next_id),
            code="0",
            message="Success",
            completed_at=at,
        )

    def _keep(self, theirs: TheirPayment, told: list[dict[str, Any]], refund: Refund | None, at: datetime) -> None:
        key = PaymentKey(PROJECT, theirs.payment_id)
        payment = Payment(key=key, order=order(created_at=at), updated_at=at, submission="acknowledged")
        if refund is not None:
            payment = replace(payment, refunds=(refund,))
        for number, message in enumerate(told):
            said = report(message, digest=f"{theirs.payment_id}-{number}")
            payment = payment.told(said, at=at, source="callback", what="told")
        self.store.save(payment)

    def _break(self, theirs: TheirPayment, sale: Operation, fault: str) -> None:
        named = sale
        match fault:
            case "missing_there":
                theirs.operations.remove(sale)
            case "status":
                sale.status = "decline"
            case "amount":
                sale.amount += 1
            case "currency":
                sale.currency = "USD"
            case "duplicate" | "refund_not_ours":
                named = self._operation("sale" if fault == "duplicate" else "refund", sale.updated_at)
                theirs.operations.append(named)
        if fault:
            self.injected.add((fault, str(named.operation_id)))


@contextmanager
def simulated_month(payments: int) -> Iterator[tuple[Month, str]]:
    """So many payments over thirty days, and the address at which their operations are listed."""
    platform = Platform(DEMO_PROJECTS, public_url="http://platform.local")
    platform.engine.store.capacity = payments + 1
    month = Month(platform)
    for number in range(payments):
        month.add(number, _moment(number, payments))
    server = make_server("127.0.0.1", 0, platform.wsgi, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        # The platform's own code compares a thousand rows byte by byte, for ten seconds; what it gives is the same text,
        # which tests of their own show.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(signature, "canonical_text", string_to_sign)
            yield month, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _moment(number: int, payments: int) -> datetime:
    """Whole seconds, as the provider tells them."""
    return BEGIN + timedelta(seconds=int(LENGTH.total_seconds() * number / payments))
