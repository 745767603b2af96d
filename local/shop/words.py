"""How payments, refunds and callbacks stand, in plain words: a mood for the colour, a title and one sentence."""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """What to say of one status; `mood` is good, bad, calm (nothing is decided) or back (money went back)."""

    mood: str
    title: str
    sentence: str


#: Statuses of a payment that change by themselves, or by what the customer does.
PAYABLE = frozenset({"created", "processing", "awaiting_redirect", "awaiting_clarification"})
REFUNDABLE = frozenset({"succeeded", "partially_refunded"})
#: Refunds of which an end is still to come; nothing else may be given back meanwhile.
IN_FLIGHT = frozenset({"requested", "sent", "awaiting_support"})

_PAYMENT: Mapping[str, Words] = {
    "created": Words("calm", "Not paid yet", "The customer has not begun to pay."),
    "processing": Words("calm", "On its way", "ECommPay has it and has not decided yet."),
    "awaiting_redirect": Words("calm", "With the customer", "It is to be confirmed at the bank or the partner."),
    "awaiting_clarification": Words(
        "calm", "Details are missing", "ECommPay asks the customer for a few more details."
    ),
    "succeeded": Words("good", "Paid", "Exactly what was ordered has been paid."),
    "declined": Words("bad", "Declined", "Nothing was paid. The customer may order again."),
    "expired": Words("bad", "Expired", "The customer did not pay in time."),
    "canceled": Words("bad", "Canceled", "It was called off; nothing was paid."),
    "failed": Words("bad", "Failed", "ECommPay could not take it; nothing was paid."),
    "refunded": Words("back", "Refunded", "Everything went back to the customer."),
    "partially_refunded": Words("back", "Partly refunded", "A part went back to the customer."),
    "needs_review": Words(
        "bad",
        "Needs a person",
        "What ECommPay says does not fit the order. Somebody has to look before anything is sent.",
    ),
}
_REFUND: Mapping[str, Words] = {
    "requested": Words("calm", "Asked for", "The refund workflow has begun."),
    "sent": Words("calm", "On its way", "ECommPay has the request, or may have it; its word is awaited."),
    "awaiting_support": Words(
        "calm", "Waits for support", "ECommPay's support does it by hand; operators have the letter to send."
    ),
    "succeeded": Words("good", "Given back", "The money is on its way to the customer."),
    "declined": Words("bad", "Declined", "ECommPay declined it. It may be tried again."),
    "failed": Words("bad", "Not done", "Nothing was given back by it."),
    "unknown": Words(
        "bad", "Nobody knows", "No callback and no status told its end. A late callback still settles it."
    ),
}
_SOURCE: Mapping[str, str] = {
    "api": "Our API",
    "callback": "ECommPay called",
    "poll": "We asked ECommPay",
    "reconciliation": "The comparison of records",
    "workflow": "Refund workflow",
}
_DELIVERY: Mapping[str, Words] = {
    "waiting": Words("calm", "on its way", ""),
    "delivered": Words("good", "taken", ""),
    "given up": Words("bad", "given up", ""),
    "lost": Words("bad", "lost on purpose", ""),
    "suppressed": Words("bad", "kept back on purpose", ""),
    "no address": Words("bad", "no address to send it to", ""),
}


def payment_words(status: str) -> Words:
    """How a payment of this status stands; a status nobody knows here keeps its own word."""
    return _PAYMENT.get(status) or _unknown(status)


def refund_words(status: str) -> Words:
    """How a refund of this status stands."""
    return _REFUND.get(status) or _unknown(status)


def delivery_words(state: str) -> Words:
    """What became of a callback that the pretend platform sent."""
    return _DELIVERY.get(state) or _unknown(state)


def source_words(source: str) -> str:
    """Who told a line of the timeline."""
    return _SOURCE.get(source, source)


def _unknown(word: str) -> Words:
    return Words("calm", word.replace("_", " ").capitalize(), "")
