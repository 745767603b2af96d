"""What the platform remembers, in memory, behind one lock: payments, addresses that lead to them, requests, deliveries.

Whoever reads or changes anything here holds `Store.lock`, and never does I/O while holding it.
"""

import heapq
import itertools
import secrets
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.ecommpay.methods import METHODS, Method
from local.ecommpay.outcomes import Outcome

PaymentKey = tuple[int, str]


@dataclass(slots=True)
class Operation:
    """One attempt to move money: a sale, a refund or a reversal."""

    operation_id: int
    type: str
    status: str
    request_id: str
    amount: int
    currency: str
    created_at: datetime
    updated_at: datetime
    provider_payment_id: str
    code: str = "9999"
    message: str = "Awaiting processing"
    completed_at: datetime | None = None
    callback_url: str = ""
    merchant_refund_id: str = ""
    #: Which of its callbacks are sent; a word of outcomes.CALLBACK_WORDS.
    callbacks: str = "all"


@dataclass(slots=True)
class Redirect:
    """Where the customer is sent for one attempt, and the unguessable name of that visit."""

    session: str
    operation_id: int
    data: dict[str, Any]


@dataclass(slots=True)
class Payment:
    """A payment as the platform sees it."""

    project_id: int
    payment_id: str
    method: Method
    amount: int
    currency: str
    #: What is left of it after refunds: `payment.sum.amount`.
    balance: int
    status: str
    description: str
    customer: dict[str, str]
    callback_url: str
    interface: str
    outcome: Outcome
    created_at: datetime
    updated_at: datetime
    return_urls: dict[str, str] = field(default_factory=dict)
    page_params: dict[str, str] = field(default_factory=dict)
    page_token: str = ""
    operations: list[Operation] = field(default_factory=list)
    redirect: Redirect | None = None
    clarification_fields: dict[str, list[str]] = field(default_factory=dict)
    clarified: bool = False
    #: The provider of the first redirect could not take it, and the platform goes on with another one.
    cascaded: bool = False
    callback_delay_s: float = 0.0
    callbacks_disabled: bool = False
    #: Callbacks kept back to be sent after the final one.
    withheld: list[Any] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)

    @property
    def key(self) -> PaymentKey:
        return (self.project_id, self.payment_id)

    def operation(self, operation_id: int) -> Operation:
        """Return the operation with this id."""
        return next(operation for operation in self.operations if operation.operation_id == operation_id)

    def refund_in_flight(self) -> bool:
        """Tell whether a refund is still being carried out."""
        return any(
            operation.type in {"refund", "reversal"} and operation.status == "processing"
            for operation in self.operations
        )


class Store:
    """Everything remembered; the oldest payments are forgotten beyond `capacity`."""

    def __init__(self, *, capacity: int = 100_000) -> None:
        self.lock = threading.RLock()
        self.capacity = capacity
        self.payments: dict[PaymentKey, Payment] = {}
        self.gate_log: deque[dict[str, Any]] = deque(maxlen=10_000)
        self.delivery_log: deque[Any] = deque(maxlen=20_000)
        self.lost_requests: dict[str, PaymentKey] = {}
        self._handles: dict[str, PaymentKey] = {}
        self._terms: list[tuple[datetime, int, PaymentKey, int]] = []
        self._failed_once: dict[tuple[str, int, str], None] = {}
        self._term_numbers = itertools.count()
        self._operation_ids = {code: itertools.count(method.first_operation_id) for code, method in METHODS.items()}

    def add(self, payment: Payment) -> None:
        """Remember a new payment."""
        self.payments[payment.key] = payment
        if len(self.payments) > self.capacity:
            oldest = self.payments.pop(next(iter(self.payments)))
            for handle in oldest.handles:
                self._handles.pop(handle, None)

    def find(self, project_id: int, payment_id: str) -> Payment | None:
        """Return the payment, if it is known."""
        return self.payments.get((project_id, payment_id))

    def name(self, payment: Payment, handle: str) -> str:
        """Let `handle` (a session, a page token, a request id, an oid) lead to the payment."""
        self._handles[handle] = payment.key
        payment.handles.append(handle)
        return handle

    def find_by(self, handle: str) -> Payment | None:
        """Return the payment that a handle leads to, if any."""
        key = self._handles.get(handle)
        return self.payments.get(key) if key else None

    def next_operation_id(self, method: Method) -> int:
        """Return a new operation id: small for card-partner, 14 digits for enets."""
        return next(self._operation_ids[method.code])

    def set_term(self, payment: Payment, operation: Operation, until: datetime) -> None:
        """Remember that the operation must have moved on by `until`."""
        heapq.heappush(self._terms, (until, next(self._term_numbers), payment.key, operation.operation_id))

    def take_overdue(self, now: datetime) -> list[tuple[PaymentKey, int]]:
        """Return the payments and operations whose term is over; each is returned once."""
        overdue = []
        while self._terms and self._terms[0][0] <= now:
            _, _, key, operation_id = heapq.heappop(self._terms)
            overdue.append((key, operation_id))
        return overdue

    def fails_first_time(self, what: str, project_id: int, payment_id: str) -> bool:
        """Tell whether this is the first time that `what` is asked of the payment; the second time it is not."""
        seen = (what, project_id, payment_id) in self._failed_once
        self._failed_once[(what, project_id, payment_id)] = None
        if len(self._failed_once) > self.capacity:
            self._failed_once.pop(next(iter(self._failed_once)))
        return not seen

    def remember_lost_request(self, request_id: str, payment: Payment) -> None:
        """Keep the id of a request that was acknowledged and came to nothing."""
        self.lost_requests[request_id] = payment.key
        if len(self.lost_requests) > self.capacity:
            self.lost_requests.pop(next(iter(self.lost_requests)))


def new_request_id() -> str:
    """Return a request id in the samples' form: hex, then a part number of eight digits."""
    return f"{secrets.token_hex(30)}-00000001"


def customer_texts(customer: Mapping[str, Any]) -> dict[str, str]:
    """Keep what a person is described by, as texts."""
    return {name: value for name, value in customer.items() if isinstance(value, str)}
