"""What the last two digits of an amount make happen: one table, shown on the start page; other endings are like 00.

Each row changes one or two of the axes below. `POST /control/next` changes the same axes for whatever comes next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended: the words for the payment and for the operation, and the response code."""

    payment_status: str
    operation_status: str
    code: str
    message: str


RESULTS: Mapping[str, Result] = {
    "success": Result("success", "success", "0", "Success"),
    "decline": Result("decline", "decline", "20000", "General decline"),
    "cancel": Result("decline", "decline", "20301", "Account owner cancelled operation"),
    "time_out": Result("decline", "decline", "20602", "Time-out"),
    "auto_decline": Result("decline", "decline", "603", "Auto decline"),
    "expired": Result("expired", "expired", "603", "Auto decline"),
    "canceled": Result("canceled", "decline", "301", "Cancelled"),
    "internal_error": Result("internal error", "internal error", "501", "Internal error"),
    "external_error": Result("external error", "external error", "20601", "Try again"),
    "awaiting_customer": Result("awaiting customer", "decline", "20000", "General decline"),
    "partially_paid": Result("partially paid", "success", "0", "Success"),
    "unknown_word": Result(
        "awaiting provider review", "awaiting provider review", "20899", "The payment is processed on the provider side"
    ),
}

#: How Gate answers a request; "…_before" has done nothing yet and works when asked again, "…_after" has taken it.
GATE_WORDS = frozenset(
    "acknowledge refuse refuse_in_200 error_before error_after hang_before hang_after garbled cut_off "
    "after_callbacks".split()
)
#: "page": the person decides. "cascade": the first provider hands the person on to another one.
#: "success" … "external_error": decided at once, nobody is redirected.
SALE_WORDS = frozenset(
    "page clarify cascade time_out success decline expired canceled internal_error external_error".split()
)
CALLBACK_WORDS = frozenset("all none no_final doubled_late wrong_signature_first last_key semicolon".split())
#: How Gate answers a refund (GATE_WORDS), or what becomes of a refund that was acknowledged.
REFUND_WORDS = GATE_WORDS | frozenset("success decline reversal lost stuck silent doubled".split())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a payment behaves, axis by axis."""

    summary: str = "The person decides on the partner's or the bank's page; a refund succeeds."
    gate: str = "acknowledge"
    sale: str = "page"
    paid_as: str = "success"
    declined_as: str = "decline"
    callbacks: str = "all"
    refund: str = "success"
    amount_added: int = 0
    currency_becomes: str = ""


AXES: Mapping[str, frozenset[str]] = {
    "gate": GATE_WORDS,
    "sale": SALE_WORDS,
    "paid_as": frozenset(RESULTS),
    "declined_as": frozenset(RESULTS),
    "refund": REFUND_WORDS,
}

OUTCOMES: Mapping[int, Outcome] = {
    0: Outcome(),
    1: Outcome("Paid at once; nobody is redirected.", sale="success"),
    5: Outcome("Declined at once; nobody is redirected.", sale="decline"),
    6: Outcome("Nobody comes back from the redirect: declined by time-out after a few seconds.", sale="time_out"),
    7: Outcome("Ends as expired at once.", sale="expired"),
    8: Outcome("Ends as canceled at once.", sale="canceled"),
    9: Outcome("Ends with internal error at once.", sale="internal_error"),
    10: Outcome("Asks clarification of the customer's e-mail and phone, then goes on (Gate).", sale="clarify"),
    11: Outcome(
        "Two redirects: the first provider cannot take it, whatever is pressed; the next one can.", sale="cascade"
    ),
    12: Outcome("A declined attempt is reported as 'awaiting customer'.", declined_as="awaiting_customer"),
    15: Outcome("A refund is acknowledged and then declined.", refund="decline"),
    20: Outcome("A full refund is carried out as a reversal.", refund="reversal"),
    25: Outcome("The final callback is never sent; the status tells.", callbacks="no_final"),
    26: Outcome("No callback at all is sent; the status tells.", callbacks="none"),
    30: Outcome("Gate refuses for certain.", gate="refuse"),
    31: Outcome("Gate refuses for certain, inside an HTTP 200.", gate="refuse_in_200"),
    35: Outcome("Gate answers 500 before doing anything; asked again, it works.", gate="error_before"),
    36: Outcome("Gate answers 500 after having taken the sale.", gate="error_after"),
    37: Outcome("Gate answers 200 with something that is not JSON; the sale is taken.", gate="garbled"),
    38: Outcome("Gate's answer breaks off in the middle; the sale is taken.", gate="cut_off"),
    40: Outcome("Gate never answers, but has taken the sale.", gate="hang_after"),
    41: Outcome("Gate never answers and has done nothing; asked again, it works.", gate="hang_before"),
    42: Outcome("The first callback arrives before the acknowledgement.", gate="after_callbacks"),
    45: Outcome("Succeeds with another amount: one minor unit more.", amount_added=1),
    46: Outcome("Succeeds in another currency: EUR.", currency_becomes="EUR"),
    50: Outcome("Paying ends in a status word nobody knows.", paid_as="unknown_word"),
    51: Outcome("Paying ends as partially paid.", paid_as="partially_paid"),
    55: Outcome("Callbacks come twice and out of order.", callbacks="doubled_late"),
    56: Outcome("Every callback comes with a wrong signature first.", callbacks="wrong_signature_first"),
    57: Outcome("Callbacks are signed with the project's last key.", callbacks="last_key"),
    58: Outcome("The final callback has a semicolon in a signed value.", callbacks="semicolon"),
    60: Outcome("Refund: Gate answers 500 after having taken it.", refund="error_after"),
    61: Outcome("Refund: Gate answers 500 before doing anything; asked again, it works.", refund="error_before"),
    65: Outcome("Refund: refused for certain.", refund="refuse"),
    66: Outcome("Refund: Gate never answers, but has taken it.", refund="hang_after"),
    67: Outcome("Refund: Gate never answers and has done nothing; asked again, it works.", refund="hang_before"),
    70: Outcome("Refund: carried out, no callback ever; the status tells.", refund="silent"),
    75: Outcome("Refund: acknowledged, then lost; the status shows none.", refund="lost"),
    76: Outcome("Refund: the callback comes twice.", refund="doubled"),
    77: Outcome("Refund: the callback arrives before the acknowledgement.", refund="after_callbacks"),
    80: Outcome("Refund: stays in processing for ever.", refund="stuck"),
}


def outcome_for(amount: int, wishes: Mapping[str, Any]) -> Outcome:
    """Return the outcome of an amount in minor units, or of the wished `ending`, with single axes changed by wishes."""
    axes = dict(wishes)
    ending = axes.pop("ending", amount % 100)
    return replace(OUTCOMES.get(ending, OUTCOMES[0]), **axes)
