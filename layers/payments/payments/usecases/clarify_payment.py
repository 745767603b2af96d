"""Pass the customer's missing data on to the provider, exactly the fields it asked for and once per question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from payments.domain.answers import Refusal, refusal, taken
from payments.domain.checkout import Problem
from payments.domain.errors import GateRejected, GateUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.ports import Gate, Store
from payments.usecases.amend_payment import amend_payment
from payments.usecases.ask_customer import is_unanswered, open_question
from payments.usecases.open_page import Visit, open_page


def clarify_payment(visit: Visit, gate: Gate, form: Mapping[str, str], clock: Callable[[], datetime]) -> Refusal | None:
    """Send the answers on; what is wrong with them, or with the provider, for the customer to read; else None.

    Where nothing is asked any more (answered in another tab, or by a second press) nothing is sent. Raises
    `PageNotFound`.
    """
    payment, _ = open_page(visit)
    question = open_question(visit.store, payment, now=visit.now)
    if question is None:
        return None
    answers = taken(question.fields, form)
    refused = refusal(answers)
    if refused or not _begun(visit.store, payment.key, question.digest, clock):
        return refused
    try:
        gate.clarify(payment, answers)
    except GateRejected:
        refused = Refusal(Problem.REJECTED)
    except GateUnavailable:
        refused = Refusal(Problem.UNREACHABLE)
    _end(visit.store, payment.key, question.digest, clock, sent=refused is None)
    return refused


def _begun(store: Store, key: PaymentKey, digest: str, clock: Callable[[], datetime]) -> bool:
    """Whether it is ours to answer this question: of two presses that come at once, one writes it down."""
    begun = False

    def begin(payment: Payment) -> Payment:
        nonlocal begun
        begun = is_unanswered(payment, digest, now=clock())
        if not begun:
            return payment
        return replace(payment, journey=replace(payment.journey, answering=digest, answering_since=clock()))

    amend_payment(store=store, key=key, change=begin, clock=clock)
    return begun


def _end(store: Store, key: PaymentKey, digest: str, clock: Callable[[], datetime], *, sent: bool) -> None:
    """Note that the answer reached the provider, or that it has to be given again."""

    def end(payment: Payment) -> Payment:
        journey = replace(payment.journey, answering="")
        if not sent:
            return replace(payment, journey=journey)
        noted = payment.noted(at=clock(), source="api", what="the customer's missing data sent to Gate")
        return replace(noted, answered=digest, journey=journey)

    amend_payment(store=store, key=key, change=end, clock=clock)
