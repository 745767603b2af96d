"""Look after a customer who came back before the callback: note it, and after a while ask the provider, rarely."""

from __future__ import annotations

from dataclasses import replace

from payments.domain.errors import GateUnavailable, StoreConflict, StoreUnavailable, UnknownProject
from payments.domain.journey import Journey, is_question_due
from payments.domain.payment import Order, Payment
from payments.usecases.check_payment import check_payment
from payments.usecases.open_page import Visit


def await_result(visit: Visit, payment: Payment, order: Order) -> Payment:
    """The payment as it stands after this look; whatever cannot be reached meanwhile costs nothing but the news.

    Nobody asks before it is written down that he does: of many tabs and reloads one wins the write, the others wait.
    """
    journey = payment.journey
    if journey.returned_at is None:
        return note(visit, payment, journey.back(now=visit.now)) or payment
    if not is_question_due(journey, ordered_at=order.created_at, patience=visit.patience, now=visit.now):
        return payment
    asking = note(visit, payment, journey.asked(now=visit.now))
    if asking is None:
        return payment
    try:
        check_payment(store=visit.store, gate=visit.gate(), key=payment.key, clock=lambda: visit.now)
    except (GateUnavailable, StoreUnavailable, UnknownProject):
        return asking
    return visit.store.read(payment.key) or asking


def note(visit: Visit, payment: Payment, journey: Journey) -> Payment | None:
    """The payment with what its customer did written down; None where somebody else wrote first, or nothing could be.

    It is no news of the payment: neither its date nor its next check is moved.
    """
    try:
        return visit.store.save(replace(payment, journey=journey))
    except (StoreConflict, StoreUnavailable):
        return None
