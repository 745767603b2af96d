"""Read, change, write: the one loop by which everything we do ourselves reaches a stored payment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from random import SystemRandom

from payments.domain.check_schedule import scheduled
from payments.domain.errors import PaymentNotFound, StoreConflict, StoreUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.ports import Store

#: A payment that is written this often at the same moment is not one that a merchant's customer made.
ATTEMPTS = 12

#: A lost race costs write units, a pause only time: the first pause is many times what a read and a write take.
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 3.2

#: The machine's own chance. The module's would go on alike in all environments that Lambda starts from one snapshot,
#: and writers that should spread out would meet again and again.
_CHANCE = SystemRandom()


def amend_payment(
    *, store: Store, key: PaymentKey, change: Callable[[Payment], Payment], clock: Callable[[], datetime]
) -> Payment:
    """The payment as written after ``change``; what ``change`` raises goes through, and then nothing was written.

    ``change`` may run several times, each time on what is stored by then, so it must not do anything but decide. Where
    it answers the very payment it was given, nothing is written.
    """
    for attempt in range(ATTEMPTS):
        payment = store.read(key)
        if payment is None:
            raise PaymentNotFound(f"There is no payment {key.payment_id}; check the id.")
        changed = change(payment)
        if changed is payment:
            return payment
        try:
            return store.save(scheduled(changed, now=clock()))
        except StoreConflict:
            pause_before(attempt)
    raise StoreUnavailable(f"Payment {key.payment_id} is written by too many at once.")


def pause_before(attempt: int) -> None:
    """Let the others write first, a random moment that grows with the attempts."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 4**attempt)
    time.sleep(_CHANCE.uniform(0, longest))
