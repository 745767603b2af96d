"""The provider's words for a payment, an operation and the kind of an operation, each mapped into our own.

Rules of this file
  * The mappings are total: a word that is not listed is UNKNOWN (or kind ``other``), never a success and never a
    failure. `is_known_type` and UNKNOWN tell it apart, so that somebody is told of it.
  * Case and outer white space do not matter.

Sources: PROTOCOL §6.4 (payments), §6.5 (operations).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from payments.domain.provider_state import OperationKind, Outcome, Standing

_STANDINGS: Mapping[str, Standing] = MappingProxyType(
    {
        "processing": Standing.PROCESSING,
        "external processing": Standing.PROCESSING,
        "awaiting retry": Standing.PROCESSING,
        "scheduled recurring processing": Standing.PROCESSING,
        "awaiting 3ds result": Standing.PROCESSING,
        "awaiting merchant auth": Standing.PROCESSING,
        "awaiting approval": Standing.PROCESSING,
        "awaiting customer": Standing.PROCESSING,
        "awaiting customer action": Standing.PROCESSING,
        "awaiting confirmation": Standing.PROCESSING,
        "awaiting finalization": Standing.PROCESSING,
        "awaiting payment": Standing.PROCESSING,
        "invoice sent": Standing.PROCESSING,
        "awaiting capture": Standing.PROCESSING,
        "awaiting clearing": Standing.PROCESSING,
        "awaiting partially clearing": Standing.PROCESSING,
        "clearing processing": Standing.PROCESSING,
        "awaiting redirect result": Standing.AWAITING_REDIRECT,
        "awaiting clarification": Standing.AWAITING_CLARIFICATION,
        "awaiting clarify data": Standing.AWAITING_CLARIFICATION,
        "success": Standing.PAID,
        "partially paid": Standing.PARTLY_PAID,
        "partially paid out": Standing.PARTLY_PAID,
        "decline": Standing.DECLINED,
        "expired": Standing.EXPIRED,
        "canceled": Standing.CANCELED,
        "cancelled": Standing.CANCELED,
        "invoice canceled": Standing.CANCELED,
        "invoice cancelled": Standing.CANCELED,
        "decline renewal": Standing.CANCELED,
        "internal error": Standing.FAILED,
        "external error": Standing.FAILED,
        "error": Standing.FAILED,
        "partially refunded": Standing.PARTLY_REFUNDED,
        "partially reversed": Standing.PARTLY_REFUNDED,
        "refunded": Standing.REFUNDED,
        "reversed": Standing.REFUNDED,
    }
)

_PASSING = frozenset({Standing.PROCESSING, Standing.AWAITING_REDIRECT, Standing.AWAITING_CLARIFICATION})

#: A word under which a payment is still on its way says the same of an operation. The provider's own word
#: ``unknown`` is missing on purpose: it means that nobody knows, so somebody has to look.
_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        **{word: Outcome.PENDING for word, standing in _STANDINGS.items() if standing in _PASSING},
        "success": Outcome.SUCCEEDED,
        "decline": Outcome.DECLINED,
        "expired": Outcome.DECLINED,
        "error": Outcome.DECLINED,
        "internal error": Outcome.DECLINED,
        "external error": Outcome.DECLINED,
        "invoice canceled": Outcome.DECLINED,
        "invoice cancelled": Outcome.DECLINED,
    }
)

_KINDS: Mapping[str, OperationKind] = MappingProxyType(
    {
        # Money comes from the customer.
        "sale": "sale",
        "capture": "sale",
        "recurring": "sale",
        # A refund that is taken back: the merchant has the money again. As a second taking beside the sale it makes
        # the payment one for a person to look at, instead of leaving it refunded in silence.
        "refund reverse": "sale",
        # Money goes back to the customer (PROTOCOL §5.8).
        "refund": "return",
        "reversal": "return",
        # A hold is put up, raised or let go; no money moves.
        "auth": "other",
        "incremental": "other",
        "cancel": "other",
        "account verification": "other",
        # Steps around a taking that is an operation of its own: counting them would count the money twice.
        "invoice": "other",
        "customer action": "other",
        "payment confirmation": "other",
        "capture settlement": "other",
        "create_cash_voucher": "other",
        # Agreements, fees and corrections by hand: the payment's own status tells what came of them.
        "recurring update": "other",
        "recurring cancel": "other",
        "contract registration": "other",
        "manual change": "other",
        "commission": "other",
    }
)


def standing_of(word: str) -> Standing:
    """Where a payment with this status stands."""
    return _STANDINGS.get(_plain(word), Standing.UNKNOWN)


def outcome_of(word: str) -> Outcome:
    """How an operation with this status ended, if it did."""
    return _OUTCOMES.get(_plain(word), Outcome.UNKNOWN)


def kind_of(operation_type: str) -> OperationKind:
    """Whether an operation of this type takes money from the customer, gives it back, or does neither."""
    return _KINDS.get(_plain(operation_type), "other")


def is_known_type(operation_type: str) -> bool:
    """Whether this type of operation is in the table at all."""
    return _plain(operation_type) in _KINDS


def _plain(word: str) -> str:
    return word.strip().lower()
