"""A refund and its life: our attempt to give money back, step by step.

    requested ──► sent ──────────────► succeeded | declined | failed
        │           └──► unknown ────► succeeded | declined | failed
        ├──► awaiting_support ───────► succeeded | declined | failed | unknown
        └──► failed

Rules:

1. An attempt holds its payment from ``requested`` until it has ended; ``unknown`` holds it too, because money may be
   on its way.
2. ``sent`` is written before the request leaves and never sent again: what became of it is asked, not tried.
3. The provider's operation decides how it ended, never the payment's status (a declined refund leaves that alone).
   How the two are joined is in `payments.domain.settlement`.
4. Where nobody tells, a person may close it by hand. That person's word stands until the provider's operation comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from payments.domain.money import Money

RefundStatus = Literal["requested", "sent", "awaiting_support", "succeeded", "declined", "failed", "unknown"]
Origin = Literal["api", "workflow", "provider"]

_NONE: frozenset[RefundStatus] = frozenset()

#: Which step of ours may follow which; of the ends, ``succeeded`` and those after ``unknown`` are by hand alone.
TRANSITIONS: Mapping[RefundStatus, frozenset[RefundStatus]] = MappingProxyType(
    {
        "requested": frozenset({"sent", "awaiting_support", "failed"}),
        "sent": frozenset({"failed", "unknown"}),
        "awaiting_support": frozenset({"succeeded", "failed", "unknown"}),
        "unknown": frozenset({"succeeded", "failed"}),
        "succeeded": _NONE,
        "declined": _NONE,
        "failed": _NONE,
    }
)

#: What the provider's word may make of each: an end by its operation, another end where it corrects itself or a
#: person, ``failed`` once all the money went back otherwise, ``sent`` again where the operation was another refund's.
TOLD: Mapping[RefundStatus, frozenset[RefundStatus]] = MappingProxyType(
    {
        "requested": _NONE,
        "sent": frozenset({"succeeded", "declined", "failed"}),
        "awaiting_support": frozenset({"succeeded", "declined", "failed"}),
        "unknown": frozenset({"succeeded", "declined", "failed"}),
        "succeeded": frozenset({"declined", "sent", "failed"}),
        "declined": frozenset({"succeeded", "sent", "failed"}),
        "failed": frozenset({"succeeded", "declined"}),
    }
)

#: Where a person may close a refund: nobody else will tell its end, or not soon.
CLOSABLE: frozenset[RefundStatus] = frozenset({"awaiting_support", "unknown"})

IN_FLIGHT: frozenset[RefundStatus] = frozenset({"requested", "sent", "awaiting_support", "unknown"})
SETTLED: frozenset[RefundStatus] = frozenset({"succeeded", "declined", "failed"})

#: What is said of one that failed before it was sent.
NEVER_SENT = "The refund request never left. Nothing was given back; start the refund again."


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
    closed_by_hand: bool = False
    """A person said how it ended; ``message`` is why, until the provider's operation says it itself."""
    reminded_at: datetime | None = None
    """When the operators were last reminded that it waits for the provider's support."""
    fingerprint: str = ""
    """SHA-256 of what was asked for under an ``Idempotency-Key``, to tell a repetition from another request."""

    @property
    def refused(self) -> bool:
        """Whether Gate refused it without proving that nothing happened: ``code`` is of its answer, of no operation."""
        return self.status in {"sent", "unknown"} and bool(self.code) and not self.operation_key

    @property
    def in_flight(self) -> bool:
        """Whether it holds the payment against another refund."""
        return self.status in IN_FLIGHT


def advance(refund: Refund, status: RefundStatus, *, at: datetime, **changes: object) -> Refund:
    """The refund one step of ours further on; raises `IllegalTransition` when the table does not know the step."""
    if status not in TRANSITIONS[refund.status]:
        raise IllegalTransition(f"a refund that is {refund.status} cannot become {status}")
    return replace(refund, status=status, updated_at=at, **changes)  # type: ignore[arg-type]  # replace() checks names
