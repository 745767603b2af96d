"""Pass the customer's missing data on to the provider, exactly the fields it asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from payments.domain.errors import GateRejected, GateUnavailable
from payments.domain.payment import Payment
from payments.ports import Gate
from payments.usecases.amend_payment import amend_payment
from payments.usecases.open_page import Visit, open_page
from payments.usecases.show_checkout import next_action, questions

_LONGEST_ANSWER = 255


def clarify_payment(visit: Visit, gate: Gate, answers: Mapping[str, str], clock: Callable[[], datetime]) -> str:
    """Send the answers; what is wrong with them, or with the provider, in a sentence for the customer; else empty.

    Where nothing is asked any more (answered in another tab, or by a second press) nothing is sent. Raises
    `PageNotFound`.
    """
    payment, _ = open_page(visit)
    question = payment.provider.question
    if next_action(payment, returned=True) != "clarify" or question is None:
        return ""
    asked = questions(visit.store, payment)
    given = {path: " ".join(answers.get(path, "").split()) for path in asked}
    problem = _problem(given, answers)
    if problem:
        return problem
    try:
        gate.clarify(payment, given)
    except GateRejected:
        return "These data were not accepted. Please check them and try again."
    except GateUnavailable:
        return "The payment service could not be reached. Please try again in a moment."

    def change(payment: Payment) -> Payment:
        noted = payment.noted(at=clock(), source="api", what="the customer's missing data sent to Gate")
        return replace(noted, answered=question.digest)

    amend_payment(store=visit.store, key=payment.key, change=change, clock=clock)
    return ""


def _problem(given: Mapping[str, str], answers: Mapping[str, str]) -> str:
    if any(path not in given for path in answers):
        return "Only the fields shown can be filled in."
    if not all(given.values()):
        return "Please fill in every field."
    if any(len(text) > _LONGEST_ANSWER or ";" in text for text in given.values()):
        return "A semicolon or more than 255 characters cannot be taken in a field."
    return ""
