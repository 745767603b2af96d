"""Ask the provider how a payment stands and record its answer like any other word of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from ecommpay_signing import loads, signed_view
from payments.domain.payment import PaymentKey, Source
from payments.domain.provider_state import Report
from payments.gate.messages import report
from payments.ports import Gate, Message, Store
from payments.usecases.record_message import record_message


def check_payment(
    *, store: Store, gate: Gate, key: PaymentKey, clock: Callable[[], datetime], source: Source = "poll"
) -> Report | None:
    """What the provider said, None where it does not know the payment; it is stored by then, and that ``source`` asked.

    Raises `GateUnavailable`.
    """
    body = gate.status(key)
    if body is None:
        return None
    digest = hashlib.sha256(body).hexdigest()
    said = report(signed_view(loads(body)), digest=digest)
    message = Message(key=key, digest=digest, body=body, received_at=clock(), source=source)
    # Also one with a ``;``: it came over our own connection, so nobody could cut its signed text anew on the way, and
    # it is what settles a callback that is not believed.
    record_message(store=store, message=message, report=said, believed=True, clock=clock)
    return said
