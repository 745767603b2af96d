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

from collections.abc import Callable, Iterable, Mapping, Sequence
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


def settle(
    refunds: Iterable[Refund], state: ProviderState, *, at: datetime, ordered: Money | None = None
) -> tuple[Refund, ...]:
    """The refunds after what the provider said of its returns; unchanged ones stay the very same values.

    ``ordered`` is what the payment was for: where all of it went back, nothing else can be meant.
    """
    refunds, operations = tuple(refunds), returns(state)
    bound = _bindings([each for each in refunds if each.origin != "provider"], operations, ordered)
    ours = {operation.key for operation in bound.values()}
    found = {each.operation_key: each for each in refunds if each.origin == "provider"}
    attempts = (_told(each, bound.get(each.refund_id), at=at) for each in refunds if each.origin != "provider")
    foreign = (each for each in operations if each.key not in ours)
    return (*attempts, *(_told(found.get(each.key) or _found(each, at=at), each, at=at) for each in foreign))


def _bindings(
    attempts: Sequence[Refund], operations: Sequence[Operation], ordered: Money | None
) -> dict[str, Operation]:
    """Which operation is which attempt: by request id, else as bound before, else the one it can only be."""
    bound: dict[str, Operation] = {}

    def bind(fits: Callable[[Refund, Operation], bool]) -> None:
        for refund in attempts:
            taken = {operation.key for operation in bound.values()}
            free = [each for each in operations if each.key not in taken and fits(refund, each)]
            if free and refund.refund_id not in bound:
                bound[refund.refund_id] = min(free, key=lambda each: _likeliest(refund, each))

    bind(lambda refund, operation: same_request(refund.request_id, operation.request_id))
    bind(lambda refund, operation: refund.operation_key == operation.key and not _contradicts(refund, operation))
    bind(lambda refund, operation: _fits(refund, operation, ordered))
    return bound


def _likeliest(refund: Refund, operation: Operation) -> tuple[bool, int, datetime, str]:
    """The exact amount first, a success before a decline, then the oldest."""
    return (operation.money != refund.money, -operation.outcome, operation.created, operation.key)


def same_request(ours: str, theirs: str) -> bool:
    """Equal, or equal but for the numbered suffix that the acknowledgement may lack (PROTOCOL §10.5)."""
    if not ours or not theirs:
        return False
    return ours == theirs or theirs.startswith(f"{ours}-") or ours.startswith(f"{theirs}-")


def _contradicts(refund: Refund, operation: Operation) -> bool:
    return bool(refund.request_id and operation.request_id)


def _fits(refund: Refund, operation: Operation, ordered: Money | None) -> bool:
    """Whether an operation can be this attempt where request ids do not tell: by state, amount and time."""
    if refund.status not in {"sent", "awaiting_support", "unknown"} or _contradicts(refund, operation):
        return False
    money, succeeded = operation.money, operation.outcome is Outcome.SUCCEEDED
    if money is None or money.currency != refund.money.currency:
        return False
    if money == refund.money == ordered and succeeded:
        return True  # the whole amount is back with the customer: our attempt cannot have another end
    if refund.sent_at is None or operation.created < refund.sent_at - CLOCK_TOLERANCE:
        return False
    # Support may give back another amount than was asked for; an operation of Gate's or a decline has to be exact.
    return money == refund.money or (succeeded and refund.status == "awaiting_support")


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


def _told(refund: Refund, operation: Operation | None, *, at: datetime) -> Refund:
    if operation is None:
        return refund
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
