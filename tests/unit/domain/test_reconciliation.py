"""Every reason why the two ledgers differ, and what they come to in money."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import Outcome
from payments.domain.reconciliation import (
    Account,
    Attempt,
    Compared,
    Difference,
    Entry,
    Listed,
    Reason,
    Span,
    Total,
    account_of,
    added,
    compare,
    joined_rows,
)
from payments.usecases.reconciliation_lines import plain_account, read_account
from tests.unit.domain.told import refund

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = Span(NOON.replace(hour=0), NOON.replace(hour=0) + timedelta(days=1))
KEY = PaymentKey(2924, "order-1")
KES_100, KES_90, USD_100 = Money(10_000, "KES"), Money(9_000, "KES"), Money(10_000, "USD")

SALE = Entry("101", "sale", "sale", "success", Outcome.SUCCEEDED, KES_100, NOON, "request-1")
DECLINED = replace(SALE, status="decline", outcome=Outcome.DECLINED)
WAITING = replace(SALE, status="processing", outcome=Outcome.PENDING)
SECOND = replace(SALE, operation_id="102", at=NOON + timedelta(minutes=1), request_id="request-2")
REFUND = Entry("201", "return", "refund", "success", Outcome.SUCCEEDED, KES_100, NOON + timedelta(hours=1), "request-9")

ATTEMPT = Attempt(KES_100, sent_at=NOON + timedelta(minutes=59))


def ours(*entries: Entry, **parts: Any) -> Account:
    return Account(KEY, "card-partner", entries, **parts)


def theirs(*entries: Entry) -> list[Listed]:
    return [Listed(KEY, "card-partner", each) for each in entries]


def reasons(account: Account, *listed: Entry) -> list[tuple[Reason, str]]:
    return [(each.reason, each.operation_id) for each in compare(DAY, account, theirs(*listed)).differences]


def test_a_payment_that_both_tell_alike_makes_no_difference() -> None:
    assert compare(DAY, ours(SALE, REFUND, started_here=frozenset({"201"})), theirs(SALE, REFUND)) == Compared(
        (),
        (
            Total("card-partner", "KES", 10_000, 0, 1, 0),
            Total("card-partner", "KES", 0, 10_000, 0, 1),
            Total("card-partner", "KES", -10_000, 0, 1, 0),
            Total("card-partner", "KES", 0, -10_000, 0, 1),
        ),
    )


def test_a_difference_says_what_each_side_has() -> None:
    assert compare(DAY, ours(SALE), theirs(replace(SALE, money=KES_90))).differences == (
        Difference(Reason.AMOUNT, KEY, "101", NOON, "sale success 100.00 KES", "sale success 90.00 KES", KES_90),
    )


@pytest.mark.parametrize(
    ("here", "there", "reason"),
    [
        (None, SALE, Reason.MISSING_HERE),
        (None, DECLINED, Reason.MISSING_HERE),
        (SALE, None, Reason.MISSING_THERE),
        (DECLINED, None, Reason.MISSING_THERE),
        (SALE, DECLINED, Reason.STATUS),
        (DECLINED, SALE, Reason.STATUS),
        (SALE, WAITING, Reason.STATUS),
        (WAITING, SALE, Reason.LATE),
        (replace(WAITING, outcome=Outcome.UNKNOWN), DECLINED, Reason.LATE),
        (SALE, replace(SALE, money=KES_90), Reason.AMOUNT),
        (SALE, replace(SALE, money=USD_100), Reason.CURRENCY),
    ],
)
def test_every_difference_of_one_operation_has_its_reason(
    here: Entry | None, there: Entry | None, reason: Reason
) -> None:
    account = ours(*([here] if here else []))
    assert reasons(account, *([there] if there else [])) == [(reason, "101")]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (None, WAITING),
        (WAITING, None),
        (WAITING, replace(WAITING, outcome=Outcome.UNKNOWN)),
        (SALE, replace(SALE, money=None)),
    ],
)
def test_what_has_not_ended_or_is_not_told_is_no_difference(here: Entry | None, there: Entry | None) -> None:
    account = ours(*([here] if here else []))
    assert reasons(account, *([there] if there else [])) == []


def test_one_operation_may_differ_in_several_ways() -> None:
    other = replace(DECLINED, money=Money(5, "USD"))
    assert reasons(ours(SALE), other) == [(Reason.STATUS, "101"), (Reason.AMOUNT, "101"), (Reason.CURRENCY, "101")]


def test_an_operation_that_was_told_without_its_id_is_the_one_of_its_request() -> None:
    assert reasons(ours(replace(SALE, operation_id="")), SALE) == []
    assert reasons(ours(replace(SALE, operation_id="", request_id="")), replace(SALE, request_id="")) == [
        (Reason.MISSING_HERE, "101"),
        (Reason.MISSING_THERE, ""),
    ]


def test_money_taken_twice_is_a_duplicate_whoever_knows_of_it() -> None:
    assert reasons(ours(SALE), SALE, SECOND) == [(Reason.DUPLICATE, "102")]
    assert reasons(ours(SALE, SECOND), SALE, SECOND) == [(Reason.DUPLICATE, "102")]
    assert reasons(ours(), SALE, SECOND) == [(Reason.MISSING_HERE, "101"), (Reason.DUPLICATE, "102")]
    assert reasons(ours(SECOND), SALE, SECOND) == [(Reason.DUPLICATE, "101")]
    yesterday = replace(SALE, at=NOON - timedelta(days=1))
    assert reasons(ours(yesterday), SECOND) == [(Reason.DUPLICATE, "102")]


def test_a_second_attempt_after_a_decline_is_no_duplicate() -> None:
    assert reasons(ours(DECLINED, SECOND), DECLINED, SECOND) == []


def test_what_was_held_may_be_taken_in_parts_and_more_than_that_is_a_duplicate() -> None:
    held = replace(SALE, operation_id="100", kind="other", type="auth")
    half = replace(SALE, type="capture", money=Money(5_000, "KES"))
    other_half = replace(SECOND, type="capture", money=Money(5_000, "KES"))
    too_much = replace(other_half, money=Money(5_001, "KES"))

    assert reasons(ours(held, half, other_half), held, half, other_half) == []
    assert reasons(ours(held, half), held, half, other_half) == [(Reason.MISSING_HERE, "102")]
    assert reasons(ours(held, half, too_much), held, half, too_much) == [(Reason.DUPLICATE, "102")]
    assert reasons(ours(half, other_half), half, other_half) == [(Reason.DUPLICATE, "102")]
    declined = replace(held, status="decline", outcome=Outcome.DECLINED)
    assert reasons(ours(declined, half, other_half), declined, half, other_half) == [(Reason.DUPLICATE, "102")]


def test_a_refund_taken_back_is_no_second_taking() -> None:
    back = replace(SECOND, type="refund reverse")
    assert reasons(ours(SALE, back), SALE, back) == []


def test_a_refund_of_others_is_named_also_when_it_is_known_here() -> None:
    assert reasons(ours(SALE), REFUND, SALE) == [(Reason.REFUND_NOT_OURS, "201")]
    known = compare(DAY, ours(SALE, REFUND), theirs(SALE, REFUND)).differences
    assert [(each.reason, each.ours, each.needs_a_person) for each in known] == [
        (Reason.REFUND_NOT_OURS, "refund success 100.00 KES", False)
    ]


def test_a_refund_of_ours_whose_end_nobody_told_is_missing_here() -> None:
    assert reasons(ours(SALE, attempts=(ATTEMPT,)), SALE, REFUND) == [(Reason.MISSING_HERE, "201")]


@pytest.mark.parametrize(
    "attempt",
    [
        replace(ATTEMPT, money=KES_90),
        replace(ATTEMPT, money=USD_100, exact=False),
        replace(ATTEMPT, sent_at=REFUND.at + timedelta(minutes=6)),
    ],
)
def test_a_refund_of_others_is_named_while_one_of_ours_is_open_that_it_cannot_be(attempt: Attempt) -> None:
    assert reasons(ours(SALE, attempts=(attempt,)), SALE, REFUND) == [(Reason.REFUND_NOT_OURS, "201")]
    known = compare(DAY, ours(SALE, REFUND, attempts=(attempt,)), theirs(SALE, REFUND)).differences
    assert [(each.reason, each.needs_a_person) for each in known] == [(Reason.REFUND_NOT_OURS, False)]


@pytest.mark.parametrize(
    "attempt",
    [
        replace(ATTEMPT, request_id="request-7"),
        replace(ATTEMPT, request_id="request-9", money=KES_90),
        replace(ATTEMPT, money=KES_90, exact=False),
        replace(ATTEMPT, sent_at=REFUND.at + timedelta(minutes=5)),
    ],
)
def test_a_return_that_may_be_what_ours_asked_for_is_not_said_to_be_others(attempt: Attempt) -> None:
    assert reasons(ours(SALE, attempts=(attempt,)), SALE, REFUND) == [(Reason.MISSING_HERE, "201")]


def test_a_return_that_is_known_here_by_the_request_of_an_open_refund_is_ours() -> None:
    nameless = replace(REFUND, request_id="")
    assert reasons(ours(SALE, REFUND, attempts=(replace(ATTEMPT, money=KES_90),)), SALE, nameless) == [
        (Reason.REFUND_NOT_OURS, "201")
    ]
    same = replace(ATTEMPT, request_id="request-9", money=KES_90)
    assert reasons(ours(SALE, REFUND, attempts=(same,)), SALE, nameless) == []


def test_a_refund_of_ours_is_known_by_its_request_too() -> None:
    account = ours(SALE, replace(REFUND, operation_id=""), started_here=frozenset({"request:request-9"}))
    assert reasons(account, SALE, REFUND) == []


def test_a_declined_refund_of_others_is_only_missing() -> None:
    assert reasons(ours(SALE), SALE, replace(REFUND, status="decline", outcome=Outcome.DECLINED)) == [
        (Reason.MISSING_HERE, "201")
    ]


def test_more_given_back_than_was_taken_is_a_duplicate() -> None:
    twice = replace(REFUND, operation_id="202", at=REFUND.at + timedelta(minutes=1))
    assert reasons(ours(SALE, REFUND, started_here=frozenset({"201"})), SALE, REFUND, twice) == [
        (Reason.DUPLICATE, "202")
    ]
    half = replace(REFUND, money=Money(5_000, "KES"))
    other_half = replace(half, operation_id="202")
    assert reasons(ours(SALE, half, started_here=frozenset({"201"})), SALE, half, other_half) == [
        (Reason.REFUND_NOT_OURS, "202")
    ]


def test_of_our_refunds_those_wait_for_an_operation_that_left_and_that_nobody_told_the_end_of() -> None:
    sent_at = datetime(2026, 11, 21, 14, tzinfo=UTC)
    by_hand = refund("succeeded", sent_at=sent_at, closed_by_hand=True)
    refunds = (
        refund("requested"),
        refund("sent", request_id="request-9"),
        refund("awaiting_support"),
        refund("unknown"),
        by_hand,
        replace(by_hand, operation_key="201"),
        refund("declined", sent_at=sent_at),
        refund("sent", origin="provider"),
    )

    account = account_of(Payment(key=KEY, updated_at=NOON, refunds=refunds))

    assert account.attempts == (
        Attempt(KES_100, sent_at, "request-9"),
        Attempt(KES_100, sent_at, exact=False),
        Attempt(KES_100, sent_at),
        Attempt(KES_100, sent_at, exact=False),
    )
    assert read_account(plain_account(account)) == account


def test_what_lies_outside_the_span_is_for_joining_only() -> None:
    late, early = replace(SALE, at=DAY.until), replace(SALE, at=DAY.until - timedelta(seconds=1))
    assert compare(DAY, ours(early), theirs(late)) == Compared()
    assert compare(Span(DAY.until, DAY.until + timedelta(days=1)), ours(early), theirs(late)).totals == (
        Total("card-partner", "KES", 10_000, 0, 1, 0),
        Total("card-partner", "KES", 0, 10_000, 0, 1),
    )
    assert compare(DAY, ours(replace(SALE, at=DAY.since - timedelta(seconds=1))), []) == Compared()


def test_totals_are_added_up_by_method_and_currency() -> None:
    kes, usd = Total("card-partner", "KES", 10_000, 9_000, 1, 1), Total("card-partner", "USD", -5, 0, 1, 0)
    assert added([usd, kes, Total("enets", "SGD", 1, 1, 1, 1), kes]) == (
        Total("card-partner", "KES", 20_000, 18_000, 2, 2),
        usd,
        Total("enets", "SGD", 1, 1, 1, 1),
    )


def test_a_row_of_two_pages_counts_once_and_its_later_word_stands() -> None:
    rows, strange = joined_rows(theirs(WAITING, SECOND, SALE))
    assert ({name: row.entry for name, row in rows.items()}, strange) == ({"101": SALE, "102": SECOND}, ())


def test_an_operation_id_that_stands_for_two_payments_is_a_duplicate() -> None:
    other = Listed(PaymentKey(2924, "order-2"), "card-partner", SALE)
    rows, strange = joined_rows([*theirs(SALE), other, other])
    assert rows == {"101": Listed(KEY, "card-partner", SALE)}
    assert strange == (
        Difference(
            Reason.DUPLICATE, PaymentKey(2924, "order-2"), "101", NOON, "", "sale success 100.00 KES", money=KES_100
        ),
    )


@pytest.mark.parametrize("reason", Reason)
def test_whatever_was_repaired_needs_nobody(reason: Reason) -> None:
    found = Difference(reason, KEY, "101", NOON, "", "sale success")
    assert (found.needs_a_person, replace(found, repaired=True).needs_a_person) == (True, False)


def test_one_told_without_an_id_is_not_taken_for_two_of_the_same_request() -> None:
    nameless, attempt = replace(SALE, operation_id=""), replace(SECOND, request_id="request-1")

    compared = compare(DAY, ours(nameless), theirs(DECLINED, attempt))

    assert added(compared.totals) == (Total("card-partner", "KES", 10_000, 10_000, 1, 1),)
    assert [(each.reason, each.operation_id) for each in compared.differences] == [
        (Reason.MISSING_HERE, "101"),
        (Reason.MISSING_HERE, "102"),
        (Reason.MISSING_THERE, ""),
    ]


def test_one_told_without_an_id_is_the_one_of_its_request_that_is_not_known_by_its_id() -> None:
    nameless, attempt = replace(SALE, operation_id=""), replace(SECOND, request_id="request-1")

    assert reasons(ours(DECLINED, nameless), DECLINED, attempt) == []
