"""Every word the provider is known to use, and what happens with one it is not."""

import pytest

from payments.domain.provider_state import OperationKind, Outcome, Standing
from payments.gate.status_words import is_known_type, kind_of, outcome_of, standing_of

PAYMENT_WORDS = {
    Standing.PROCESSING: (
        "processing",
        "external processing",
        "awaiting retry",
        "scheduled recurring processing",
        "awaiting 3ds result",
        "awaiting merchant auth",
        "awaiting approval",
        "awaiting customer",
        "awaiting customer action",
        "awaiting confirmation",
        "awaiting finalization",
        "awaiting payment",
        "invoice sent",
        "awaiting capture",
        "awaiting clearing",
        "awaiting partially clearing",
        "clearing processing",
    ),
    Standing.AWAITING_REDIRECT: ("awaiting redirect result",),
    Standing.AWAITING_CLARIFICATION: ("awaiting clarification", "awaiting clarify data"),
    Standing.PAID: ("success",),
    Standing.PARTLY_PAID: ("partially paid", "partially paid out"),
    Standing.DECLINED: ("decline",),
    Standing.EXPIRED: ("expired",),
    Standing.CANCELED: ("canceled", "cancelled", "invoice cancelled", "invoice canceled", "decline renewal"),
    Standing.FAILED: ("internal error", "external error", "error"),
    Standing.REFUNDED: ("refunded", "reversed"),
    Standing.PARTLY_REFUNDED: ("partially refunded", "partially reversed"),
    Standing.UNKNOWN: ("", "paid", "successful", "declined", "unknown", "on holiday"),
}

OPERATION_WORDS = {
    Outcome.PENDING: (
        "processing",
        "external processing",
        "awaiting approval",
        "awaiting 3ds result",
        "awaiting redirect result",
        "awaiting customer",
        "awaiting customer action",
        "awaiting clarification",
        "awaiting merchant auth",
        "awaiting payment",
        "awaiting finalization",
        "awaiting confirmation",
        "invoice sent",
    ),
    Outcome.SUCCEEDED: ("success",),
    Outcome.DECLINED: (
        "decline",
        "expired",
        "error",
        "internal error",
        "external error",
        "invoice cancelled",
        "invoice canceled",
    ),
    Outcome.UNKNOWN: ("", "unknown", "refunded", "partially paid", "on holiday"),
}

TYPES: dict[OperationKind, tuple[str, ...]] = {
    "sale": ("sale", "capture", "recurring", "refund reverse"),
    "return": ("refund", "reversal"),
    "other": (
        "auth",
        "cancel",
        "incremental",
        "recurring update",
        "recurring cancel",
        "account verification",
        "invoice",
        "customer action",
        "payment confirmation",
        "capture settlement",
        "contract registration",
        "manual change",
        "commission",
        "create_cash_voucher",
    ),
}


@pytest.mark.parametrize(("standing", "word"), [(s, w) for s, words in PAYMENT_WORDS.items() for w in words])
def test_each_payment_word_stands_where_it_belongs(standing: Standing, word: str) -> None:
    assert standing_of(word) is standing


@pytest.mark.parametrize(("outcome", "word"), [(o, w) for o, words in OPERATION_WORDS.items() for w in words])
def test_each_operation_word_has_its_outcome(outcome: Outcome, word: str) -> None:
    assert outcome_of(word) is outcome


@pytest.mark.parametrize(("kind", "word"), [(k, w) for k, words in TYPES.items() for w in words])
def test_each_operation_type_is_of_its_kind(kind: OperationKind, word: str) -> None:
    assert kind_of(word) == kind
    assert is_known_type(word)


def test_case_and_outer_white_space_do_not_matter() -> None:
    assert standing_of(" Awaiting Redirect RESULT\n") is Standing.AWAITING_REDIRECT
    assert outcome_of("\tSUCCESS ") is Outcome.SUCCEEDED
    assert kind_of(" Refund ") == "return"


def test_an_unknown_operation_type_moves_no_money_and_is_told_apart() -> None:
    assert kind_of("chargeback") == "other"
    assert not is_known_type("chargeback")
