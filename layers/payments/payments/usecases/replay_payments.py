"""Rebuild payments from the messages they were folded from, compare, and repair only when told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ecommpay_signing import loads, signed_view
from payments.domain.payment import Payment
from payments.domain.provider_state import NOTHING_SAID, ProviderState, fold
from payments.gate.messages import report
from payments.ports import PaymentFilter, Store
from payments.usecases.amend_payment import amend_payment


@dataclass(frozen=True, slots=True)
class Difference:
    """A payment that is not what its messages say: ``stored`` against ``replayed``, part by part."""

    project_id: int
    payment_id: str
    part: str
    stored: str
    replayed: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One page of the replay; ``next_cursor`` is None at the end."""

    checked: int
    differences: tuple[Difference, ...]
    next_cursor: str | None


def replay_payments(
    *, store: Store, cursor: str | None, limit: int, repair: bool, clock: Callable[[], datetime]
) -> Replayed:
    """Replay one page of payments, newest first; every call does a bounded piece and tells where to go on."""
    payments, next_cursor = store.select(PaymentFilter(), limit=limit, cursor=cursor)
    differences = [each for payment in payments for each in _replay(store, payment, repair=repair, clock=clock)]
    return Replayed(len(payments), tuple(differences), next_cursor)


def _replay(store: Store, payment: Payment, *, repair: bool, clock: Callable[[], datetime]) -> tuple[Difference, ...]:
    rebuilt = _rebuilt(payment, _folded(store, payment), at=clock())
    found = _differences(payment, rebuilt)
    current = store.read(payment.key)
    if found and current is not None and current.version != payment.version:
        return _replay(store, current, repair=repair, clock=clock)  # it moved while its messages were read
    if found and repair:
        amend_payment(store=store, key=payment.key, change=lambda each: _repaired(store, each, clock), clock=clock)
    return found


def _repaired(store: Store, payment: Payment, clock: Callable[[], datetime]) -> Payment:
    rebuilt = _rebuilt(payment, _folded(store, payment), at=clock())
    return rebuilt.noted(at=clock(), source="reconciliation", what="rebuilt from its stored messages")


def _folded(store: Store, payment: Payment) -> ProviderState:
    state = NOTHING_SAID
    for message in store.messages(payment.key):
        if "ambiguous" not in message.flags:
            state = fold(state, report(signed_view(loads(message.body)), digest=message.digest))
    return state


def _rebuilt(payment: Payment, state: ProviderState, *, at: datetime) -> Payment:
    return replace(payment, provider=state).settled(at=at)


def _differences(stored: Payment, rebuilt: Payment) -> tuple[Difference, ...]:
    parts = {
        "status": (stored.status, rebuilt.status),
        "refunded_amount": (stored.refunded_amount, rebuilt.refunded_amount),
        "provider": (stored.provider, rebuilt.provider),
        "refunds": (stored.refunds, rebuilt.refunds),
    }
    return tuple(
        Difference(stored.key.project_id, stored.key.payment_id, part, _shown(old), _shown(new))
        for part, (old, new) in parts.items()
        if old != new
    )


def _shown(value: object) -> str:
    """Small values as they are; of large ones only that they differ, because they hold what nobody should read."""
    return json.dumps(value) if isinstance(value, str | int) else "differs"
