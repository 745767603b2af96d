"""A refund and its life: our attempt on one side, the provider's operation on the other, joined by `settle`.

    requested ──► sent ──────────────► succeeded | declined | failed
        │           └──► unknown ────► succeeded | declined
        ├──► awaiting_support ───────► succeeded | declined | failed | unknown
        └──► failed

Rules:

1. An attempt holds its payment from ``requested`` until it has ended; ``unknown`` holds it too, because money may be
   on its way.
2. ``sent`` is written before the request leaves and never sent again: what became of it is asked, not tried.
3. The provider's operation decides how it ended, never the payment's status (a declined refund leaves that alone).
4. A return nobody here started gets a record of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from payments.domain.money import Money
from payments.domain.provider_state import Operation, Outcome, ProviderState, returns

RefundStatus = Literal["requested", "sent", "awaiting_support", "succeeded", "declined", "failed", "unknown"]
Origin = Literal["api", "workflow", "provider"]

#: Which step of ours may follow which; what the provider says comes through `settle` alone.
TRANSITIONS: Mapping[RefundStatus, frozenset[RefundStatus]] = MappingProxyType(
    {
        "requested": frozenset({"sent", "awaiting_support", "failed"}),
        "sent": frozenset({"failed", "unknown"}),
        "awaiting_support": frozenset({"failed", "unknown"}),
        "unknown": frozenset(),
        "succeeded": frozenset(),
        "declined": frozenset(),
        "failed": frozenset(),
    }
)

IN_FLIGHT: frozenset[RefundStatus] = frozenset({"requested", "sent", "awaiting_support", "unknown"})
SETTLED: frozenset[RefundStatus] = frozenset({"succeeded", "declined", "failed"})

#: How far the provider's clock may run behind ours before a date tells two refunds apart.
CLOCK_TOLERANCE = timedelta(minutes=5)


class IllegalTransition(Exception):
    """A step that the table does not know; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Refund:
    """One attempt to give money back, ours or the provider's own."""

    refund_id: str
    money: Money
    origin: Origin
    status: RefundStatus
    created_at: datetime
    updated_at: datetime
    reason: str = ""
    execution: str = ""
    """ARN of the workflow execution that carries it out."""
    task_token: str = ""
    """Wakes that execution; never leaves the table but for Step Functions."""
    sent_at: datetime | None = None
    request_id: str = ""
    operation_key: str = ""
    """The provider's operation that is this refund, once known."""
    operation_type: str = ""
    code: str = ""
    message: str = ""

    @property
    def in_flight(self) -> bool:
        """Whether it holds the payment against another refund."""
        return self.status in IN_FLIGHT


def advance(refund: Refund, status: RefundStatus, *, at: datetime, **changes: object) -> Refund:
    """The refund one step of ours further on; raises `IllegalTransition` when the table does not know the step."""
    if status not in TRANSITIONS[refund.status]:
        raise IllegalTransition(f"a refund that is {refund.status} cannot become {status}")
    return replace(refund, status=status, updated_at=at, **changes)  # type: ignore[arg-type]  # replace() checks names


def settle(refunds: Iterable[Refund], state: ProviderState, *, at: datetime) -> tuple[Refund, ...]:
    """The refunds after what the provider said of its returns; unchanged ones stay the very same values."""
    settled = {refund.refund_id: refund for refund in refunds}
    for operation in returns(state):
        refund = _refund_of(settled.values(), operation)
        if refund is None:
            refund = _found(operation, at=at)
        settled[refund.refund_id] = _told(refund, operation, at=at)
    return tuple(settled.values())


def _refund_of(refunds: Iterable[Refund], operation: Operation) -> Refund | None:
    """The refund that this operation is: bound before, else by request id, else the one it can only be."""
    refunds = tuple(refunds)
    bound = next((each for each in refunds if each.operation_key == operation.key), None)
    if bound is not None:
        return bound
    free = tuple(each for each in refunds if not each.operation_key)
    named = next((each for each in free if _same_request(each.request_id, operation.request_id)), None)
    return named or next((each for each in free if _fits(each, operation)), None)


def _same_request(ours: str, theirs: str) -> bool:
    """Equal, or equal but for the numbered suffix that the acknowledgement may lack (PROTOCOL §10.5)."""
    if not ours or not theirs:
        return False
    return ours == theirs or theirs.startswith(f"{ours}-") or ours.startswith(f"{theirs}-")


def _fits(refund: Refund, operation: Operation) -> bool:
    """Whether an operation can be this attempt where request ids do not tell: by state, amount and time."""
    if refund.status not in {"sent", "awaiting_support", "unknown"} or (refund.request_id and operation.request_id):
        return False
    money = operation.money
    if money is None or money.currency != refund.money.currency or money.amount > refund.money.amount:
        return False
    if refund.status == "awaiting_support":
        return True
    if money.amount != refund.money.amount:
        return False
    if operation.outcome is Outcome.SUCCEEDED:
        return True  # the whole amount is back with the customer: our attempt cannot have another end
    return refund.sent_at is not None and operation.created >= refund.sent_at - CLOCK_TOLERANCE


def _found(operation: Operation, *, at: datetime) -> Refund:
    """A record for a return that nobody here started: Dashboard, or the provider's support."""
    return Refund(
        refund_id=f"ecommpay-{operation.key}",
        money=operation.money or Money(0, ""),
        origin="provider",
        status="sent",
        created_at=at,
        updated_at=at,
        request_id=operation.request_id,
        operation_key=operation.key,
        operation_type=operation.type,
    )


def _told(refund: Refund, operation: Operation, *, at: datetime) -> Refund:
    status = refund.status
    if operation.outcome is Outcome.SUCCEEDED:
        status = "succeeded"
    elif operation.outcome is Outcome.DECLINED:
        status = "declined"
    told = replace(
        refund,
        status=status,
        money=operation.money or refund.money,
        request_id=refund.request_id or operation.request_id,
        operation_key=operation.key,
        operation_type=operation.type,
        code=operation.code,
        message=operation.message,
    )
    return refund if told == refund else replace(told, updated_at=at)
