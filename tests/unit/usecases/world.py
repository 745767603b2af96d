"""Everything a use case needs, in memory: one store, one Gate, one clock that moves only when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ecommpay_signing import sign
from payments.domain.checkout_token import mint
from payments.domain.payment import Customer, Payment, PaymentKey
from payments.domain.refund import Refund
from payments.usecases.check_pending import LookedAfter, check_pending
from payments.usecases.close_refund import close_refund
from payments.usecases.create_payment import NewPayment, create_payment
from payments.usecases.open_page import Visit
from payments.usecases.receive_callback import Receipt, receive_callback
from payments.usecases.record_refund import record_refund
from payments.usecases.request_refund import ask_support, request_refund
from payments.usecases.reserve_refund import RefundWaits, RefundWanted, reserve_refund
from tests.support.fakes import FakeGate, FakeProjects, FakeStore, FakeWorkflow
from tests.unit.domain.told import KES_100, KEY, NOON, at, callback, order, ordered

SECRET = "local-secret-2924"
PAGE_LIFETIME = timedelta(days=1)
REMIND_EVERY = timedelta(days=3)
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:console-1"
OTHER_EXECUTION = EXECUTION.replace("console-1", "console-2")
WAITS = RefundWaits(callback_timeout_s=3600, support_timeout_s=1_209_600, first_check_after_s=30)
PAY = "https://paymentpage.ecommpay.com"
PATIENCE = timedelta(seconds=20)

CUSTOMER = Customer("customer1", "192.0.2.7", "254700000001", "amina@example.com", "Amina", "Otieno")


@dataclass
class Clock:
    """The time, until a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += timedelta(seconds=seconds)


def signed(message: Mapping[str, Any], secret_key: str = SECRET) -> bytes:
    """The body of a callback as the provider signs it."""
    return json.dumps({**message, "signature": sign(message, secret_key)}, ensure_ascii=False).encode()


def new_payment(**changes: Any) -> NewPayment:
    """A request for 100 shillings through Gate; its fingerprint is that of its fields."""
    parts: dict[str, Any] = {
        "interface": "gate",
        "method": "card-partner",
        "money": KES_100,
        "customer": CUSTOMER,
        "payment_id": KEY.payment_id,
        "project_id": KEY.project_id,
        "description": "Order 1001",
        "language": "en",
        "return_url": "https://shop.example/orders/1001",
        **changes,
    }
    told = {name: value for name, value in parts.items() if name != "idempotency_key"}
    return NewPayment(**{"fingerprint": f"print of {told}", **parts})


@dataclass
class World:
    """The system of one test."""

    store: FakeStore = field(default_factory=FakeStore)
    gate: FakeGate = field(default_factory=FakeGate)
    projects: FakeProjects = field(default_factory=FakeProjects)
    workflow: FakeWorkflow = field(default_factory=FakeWorkflow)
    clock: Clock = field(default_factory=Clock)
    made: int = 0

    def new_id(self) -> str:
        """Ids in a row."""
        self.made += 1
        return f"made-{self.made}"

    def create(self, clock: Callable[[], datetime] | None = None, **changes: Any) -> tuple[Payment, bool]:
        """Create a payment."""
        return create_payment(
            store=self.store,
            gate=self.gate,
            projects=self.projects,
            wanted=new_payment(**changes),
            public_url="https://pay.example",
            page_lifetime=PAGE_LIFETIME,
            new_id=self.new_id,
            clock=clock or self.clock,
        )

    def receive(self, message: Mapping[str, Any], secret_key: str = SECRET) -> Receipt:
        """Take in a callback that is signed for real."""
        return self.receive_body(signed(message, secret_key))

    def receive_body(self, body: bytes) -> Receipt:
        """Take in a callback as it came."""
        return receive_callback(store=self.store, projects=self.projects, body=body, clock=self.clock)

    def hearing(self, message: Mapping[str, Any], then: str | None = None) -> Callable[[], Any]:
        """A step for the fakes: this callback comes in at that moment, and ``then`` is what the caller is answered."""

        def step() -> str | None:
            self.receive(message)
            return then

        return step

    def put(self, payment: Payment, *refunds: Refund) -> Payment:
        """Have this payment stored."""
        return self.store.save(replace(payment, refunds=(*payment.refunds, *refunds)))

    def put_paid(self, *refunds: Refund, **changes: Any) -> Payment:
        """Have a payment stored that its customer paid."""
        stored = self.put(ordered(**changes))
        currency = stored.order.money.currency if stored.order else "KES"
        self.receive(callback("success", seconds=60, currency=currency, request_id="sale-1"))
        return self.store.save(replace(self.payment(), refunds=refunds)) if refunds else self.payment()

    def payment(self, key: PaymentKey = KEY) -> Payment:
        """The payment as stored."""
        payment = self.store.read(key)
        assert payment is not None
        return payment

    def refund(self, refund_id: str = "rf-1") -> Refund:
        """The refund as stored."""
        refund = self.payment().refund(refund_id)
        assert refund is not None
        return refund

    def story(self) -> list[tuple[str, str]]:
        """What the payment's timeline says."""
        return [(each.source, each.what) for each in self.payment().timeline]

    def reserve(self, execution: str = EXECUTION, **wanted: Any) -> dict[str, Any]:
        """First state of the refund workflow."""
        parts = {"payment_id": KEY.payment_id, **wanted}
        return reserve_refund(
            store=self.store, wanted=RefundWanted(**parts), execution=execution, waits=WAITS, clock=self.clock
        )

    def request_refund(self, refund_id: str = "rf-1", token: str = "token-1") -> None:
        """State RequestRefund."""
        request_refund(
            store=self.store,
            gate=self.gate,
            projects=self.projects,
            key=KEY,
            refund_id=refund_id,
            task_token=token,
            clock=self.clock,
        )

    def ask_support(self, refund_id: str = "rf-1", token: str = "token-1") -> None:
        """State AskSupport."""
        ask_support(store=self.store, key=KEY, refund_id=refund_id, task_token=token, clock=self.clock)

    def record_refund(self, refund_id: str = "rf-1") -> dict[str, Any]:
        """State RecordRefund."""
        return record_refund(store=self.store, key=KEY, refund_id=refund_id, clock=self.clock)

    def close_refund(self, status: Literal["succeeded", "failed"], refund_id: str = "", **more: Any) -> Refund:
        """An operator closes a refund by hand."""
        parts = {"payment_id": KEY.payment_id, "project_id": None, "reason": "Seen in the Dashboard", **more}
        _, refund = close_refund(store=self.store, refund_id=refund_id, status=status, clock=self.clock, **parts)
        return refund

    def check_pending(self, limit: int = 50) -> LookedAfter:
        """One run of the schedule."""
        return check_pending(
            store=self.store,
            gate=self.gate,
            workflow=self.workflow,
            limit=limit,
            remind_every=REMIND_EVERY,
            clock=self.clock,
        )

    def put_for_page(self, **changes: Any) -> tuple[Payment, str]:
        """Have a payment stored whose page can be opened, and the token of that page."""
        token = mint(KEY, secret_key=SECRET, expires_at=NOON + timedelta(days=60))
        parts = {"checkout_token": token, **changes.pop("order", {})}
        return self.put(ordered(order=order(**parts), **changes)), token

    def visit(self, token: str, *, returned: bool = False) -> Visit:
        """A browser at this page."""
        return Visit(
            self.store,
            self.projects,
            token,
            returned=returned,
            now=self.clock(),
            gate=lambda: self.gate,
            patience=PATIENCE,
            payment_page_base=PAY,
            loopback_allowed=False,
        )


def paid_world(*refunds: Refund, **changes: Any) -> World:
    """Two hours after noon, a payment that was paid, with these refunds of ours."""
    world = World()
    world.put_paid(*refunds, **changes)
    world.clock.now = at(7200)
    return world
