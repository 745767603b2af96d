"""Our refunds after what the provider said of its returns: ended by their operations, and records of those not ours.

Rules:

1. An operation that is certainly a refund's is written down with it at once, a guessed one only once it is an end.
2. An end by a guess is taken back when the operation turns out to be another refund's.
3. A return nobody here started gets a record of its own.
4. A return that was told of without its id stays with its refund, or its record, once the id is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from payments.domain.money import Money
from payments.domain.provider_state import Operation, Outcome, ProviderState
from payments.domain.refund import Refund
from payments.domain.refund_matching import Matches, match


def settle(
    refunds: Iterable[Refund], state: ProviderState, *, at: datetime, ordered: Money | None = None
) -> tuple[Refund, ...]:
    """The refunds after what the provider said of its returns; unchanged ones stay the very same values.

    ``ordered`` is what the payment was for: where all of it went back, nothing else can be meant.
    """
    refunds, operations = _identified(refunds, state), state.returns
    matches = match(refunds, operations, ordered)
    known = {each.key for each in operations}
    attempts = (_settled(each, matches, known, at=at) for each in refunds if each.origin != "provider")
    foreign = {_record_id(each): each for each in operations if each.key not in matches.taken}
    records = {each.refund_id: each for each in refunds if each.origin == "provider"}
    found = {each.operation_key: each for each in records.values() if each.refund_id not in foreign}
    recorded = (
        _told(records.get(name) or found.get(each.key) or _found(each, at=at), each, at=at)
        for name, each in foreign.items()
    )
    return (*attempts, *recorded)


def doubtful(refunds: Iterable[Refund], state: ProviderState, *, ordered: Money | None = None) -> frozenset[str]:
    """The ids of the refunds that operations could be which nothing proves to be theirs, so that none was joined."""
    return frozenset(match(_identified(refunds, state), state.returns, ordered).doubtful)


def _identified(refunds: Iterable[Refund], state: ProviderState) -> tuple[Refund, ...]:
    names = state.identified
    return tuple(
        replace(each, operation_key=names[each.operation_key]) if each.operation_key in names else each
        for each in refunds
    )


def _settled(refund: Refund, matches: Matches, known: set[str], *, at: datetime) -> Refund:
    operation = matches.of(refund)
    if operation is not None and refund.refund_id in matches.guessed and not operation.outcome.final:
        operation = None
    if refund.operation_key in known and (operation is None or refund.operation_key != operation.key):
        refund = _taken_back(refund, at=at)
    return refund if operation is None else _told(refund, operation, at=at)


def _taken_back(refund: Refund, *, at: datetime) -> Refund:
    """The attempt without the operation that was taken for its own and is another's."""
    # Only an end that the operation told is none any more; what a person said stands, whoever's the operation is.
    ended = refund.status in {"succeeded", "declined"} and not refund.closed_by_hand
    bare = replace(refund, operation_key="", operation_type="", code="", message="", updated_at=at)
    return replace(bare, status="sent") if ended else bare


def _record_id(operation: Operation) -> str:
    return f"ecommpay-{operation.key}"


def _found(operation: Operation, *, at: datetime) -> Refund:
    """A record for a return that nobody here started: Dashboard, or the provider's support."""
    return Refund(
        refund_id=_record_id(operation),
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
    # What was said of its end, by a person for one, stands until the operation has an end of its own.
    says = operation.outcome.final or refund.in_flight
    told = replace(
        refund,
        status=status,
        money=operation.money or refund.money,
        request_id=refund.request_id or operation.request_id,
        operation_key=operation.key,
        operation_type=operation.type,
        code=operation.code if says else refund.code,
        message=operation.message if says else refund.message,
    )
    return refund if told == refund else replace(told, updated_at=at)
