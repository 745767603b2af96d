"""Lists of payments and what is due, on the fake store and on DynamoDB."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payments.aws.dynamodb import DynamoStore
from payments.domain.errors import FieldError, InvalidRequest
from payments.domain.payment import Payment, PaymentKey
from payments.ports import PaymentFilter, Store
from tests.contract.store.values import NOON, payment, payment_made_at

ALL = PaymentFilter()


def ids(payments: tuple[Payment, ...]) -> list[str]:
    return [each.key.payment_id for each in payments]


def pages(store: Store, wanted: PaymentFilter, limit: int) -> list[list[str]]:
    """All pages of a list, as ids."""
    read: list[list[str]] = []
    cursor: str | None = None
    while True:
        page, cursor = store.select(wanted, limit=limit, cursor=cursor)
        read.append(ids(page))
        if cursor is None:
            return read


def test_an_empty_list_has_no_next_page(store: Store) -> None:
    assert store.select(ALL, limit=20, cursor=None) == ((), None)


def test_a_list_is_newest_first_and_holds_whole_payments(store: Store) -> None:
    stored = [store.save(payment_made_at(seconds, f"order-{seconds}")) for seconds in (3, 1, 2)]

    assert store.select(ALL, limit=20, cursor=None) == ((stored[0], stored[2], stored[1]), None)


def test_payments_of_one_moment_go_by_project_and_id(store: Store) -> None:
    for project_id, payment_id in ((9, "b"), (10, "a"), (9, "a"), (9, "b#c"), (9, "B")):
        store.save(payment(payment_id, project_id))

    page, _ = store.select(ALL, limit=20, cursor=None)

    assert [(each.key.project_id, each.key.payment_id) for each in page] == [
        (9, "b#c"),
        (9, "b"),
        (9, "a"),
        (9, "B"),
        (10, "a"),
    ]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [["e"], ["d"], ["c"], ["b"], ["a"]]),
        (2, [["e", "d"], ["c", "b"], ["a"]]),
        (5, [["e", "d", "c", "b", "a"]]),
        (100, [["e", "d", "c", "b", "a"]]),
    ],
)
def test_pages_follow_each_other_without_gap_or_repetition(store: Store, limit: int, expected: list[list[str]]) -> None:
    for seconds, payment_id in enumerate("abcde"):
        store.save(payment_made_at(seconds, payment_id))

    assert pages(store, ALL, limit) == expected


def test_a_cursor_holds_when_payments_are_made_or_change_meanwhile(store: Store) -> None:
    stored = [store.save(payment_made_at(seconds, payment_id)) for seconds, payment_id in enumerate("abcd")]
    page, cursor = store.select(PaymentFilter(status="created"), limit=2, cursor=None)
    assert ids(page) == ["d", "c"]

    store.save(payment_made_at(99, "new"))
    store.save(replace(stored[2], submission="sending"))  # the very payment the cursor names leaves the list

    page, cursor = store.select(PaymentFilter(status="created"), limit=2, cursor=cursor)
    assert ids(page) == ["b", "a"]
    assert cursor is None


def test_a_list_by_status_holds_the_payments_that_have_it_now(store: Store) -> None:
    moved = store.save(payment_made_at(1, "moved"))
    store.save(payment_made_at(2, "stays"))
    store.save(replace(moved, submission="refused"))

    assert [pages(store, PaymentFilter(status=status), 20) for status in ("created", "failed", "succeeded")] == [
        [["stays"]],
        [["moved"]],
        [[]],
    ]


def test_a_list_by_project_leaves_the_others_out(store: Store) -> None:
    for seconds in range(6):
        store.save(payment_made_at(seconds, f"order-{seconds}", 198 if seconds % 2 else 2924))

    assert pages(store, PaymentFilter(project_id=198), 2) == [["order-5", "order-3"], ["order-1"]]
    assert pages(store, PaymentFilter(project_id=198, status="created"), 20) == [["order-5", "order-3", "order-1"]]
    assert pages(store, PaymentFilter(project_id=19), 20) == [[]]


@pytest.mark.parametrize("status", [None, "created"])
@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (1, None, ["c", "b"]),
        (None, 1, ["a"]),
        (1, 2, ["b"]),
        (0, 3, ["c", "b", "a"]),
        (1, 1, []),
        (2, 1, []),
    ],
)
def test_a_span_of_time_includes_its_beginning_and_not_its_end(
    store: Store, status: Any, since: int | None, until: int | None, expected: list[str]
) -> None:
    for seconds, payment_id in enumerate("abc"):
        store.save(payment_made_at(seconds, payment_id))
    wanted = PaymentFilter(
        status=status,
        since=None if since is None else NOON + timedelta(seconds=since),
        until=None if until is None else NOON + timedelta(seconds=until),
    )

    assert ids(store.select(wanted, limit=20, cursor=None)[0]) == expected


def test_a_span_of_time_is_exact_to_the_microsecond(store: Store) -> None:
    for microseconds in (0, 1, 2, 10):
        made = payment_made_at(0, f"at-{microseconds}")
        assert made.order is not None
        at = NOON + timedelta(microseconds=microseconds)
        store.save(replace(made, order=replace(made.order, created_at=at)))

    span = PaymentFilter(since=NOON + timedelta(microseconds=1), until=NOON + timedelta(microseconds=10))
    assert pages(store, span, 20) == [["at-2", "at-1"]]


def test_a_payment_without_an_order_is_in_no_list(store: Store) -> None:
    store.save(payment(order=None))

    assert pages(store, ALL, 20) == [[]]
    assert pages(store, PaymentFilter(status="created"), 20) == [[]]


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


PLACE = "2026-11-21T12:00:00.000000Z#2924#order-1001"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "not base64!",
        "é",
        "\ud800",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 2000).decode(),
        encoded(None),
        encoded({}),
        encoded([]),
        encoded(["PAYMENTS"]),
        encoded(["PAYMENTS", 1]),
        encoded(["PAYMENTS", ""]),
        encoded(["PAYMENTS", "2026"]),
        encoded(["PAYMENTS", PLACE, ""]),
        encoded(["OTHERS", PLACE]),
        encoded(["succeeded", PLACE]),
        encoded(["PAYMENTS", PLACE.replace("2924", "x")]),
        encoded(["PAYMENTS", PLACE.replace("2924", "9" * 1000)]),
        encoded(["PAYMENTS", PLACE + "\ud800"]),
        encoded(["PAYMENTS", PLACE + "x" * 1000]),
        encoded(["PAYMENTS", PLACE.replace("#order-1001", "-SHA256#" + "x" * 64)]),
        "A" * 100_000,
    ],
    ids=lambda text: ascii(text[:30]),
)
def test_a_cursor_that_this_list_did_not_give_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        store.select(ALL, limit=20, cursor=cursor)

    assert refusal.value.errors == (FieldError("/cursor", "not a cursor of this list"),)


def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    for seconds in range(3):
        store.save(payment_made_at(seconds, f"order-{seconds}"))
    _, cursor = store.select(ALL, limit=2, cursor=None)  # names the payment made at second 1

    for other in (
        PaymentFilter(status="created"),
        PaymentFilter(since=NOON + timedelta(seconds=2)),
        PaymentFilter(until=NOON + timedelta(seconds=1)),
    ):
        with pytest.raises(InvalidRequest):
            store.select(other, limit=2, cursor=cursor)


def test_a_cursor_of_any_payment_id_comes_back(store: Store) -> None:
    for payment_id in ("x" * 255, "\U0001f600" * 255, "\ud83d", "a#b", "x" * 5000, ""):
        store.save(payment(payment_id))

    assert sorted(map(len, pages(store, ALL, 1))) == [1] * 6


def test_a_rare_project_is_found_however_far_apart_its_payments_lie(moto_store: DynamoStore) -> None:
    for seconds in range(40):
        moto_store.save(payment_made_at(seconds, f"order-{seconds}", 198 if seconds in {0, 39} else 2924))

    assert pages(moto_store, PaymentFilter(project_id=198), 1) == [["order-39"], ["order-0"]]


def test_payments_are_due_longest_waiting_first(store: Store) -> None:
    for payment_id, seconds in (("late", 3), ("now", 2), ("first", -5), ("second", 1)):
        store.save(payment(payment_id, check_at=NOON + timedelta(seconds=seconds)))
    store.save(payment("never"))

    now = NOON + timedelta(seconds=2)
    assert store.due(now=now, limit=10) == tuple(PaymentKey(2924, each) for each in ("first", "second", "now"))
    assert store.due(now=now, limit=2) == tuple(PaymentKey(2924, each) for each in ("first", "second"))
    assert store.due(now=NOON - timedelta(days=1), limit=10) == ()


def test_a_payment_that_was_checked_is_due_at_its_next_time_only(store: Store) -> None:
    stored = store.save(payment(check_at=NOON))
    stored = store.save(replace(stored, check_at=NOON + timedelta(minutes=1)))
    assert store.due(now=NOON, limit=10) == ()
    assert store.due(now=NOON + timedelta(minutes=1), limit=10) == (stored.key,)

    store.save(replace(stored, check_at=None))
    assert store.due(now=NOON + timedelta(days=1), limit=10) == ()


def test_any_payment_id_can_be_due(store: Store) -> None:
    due = {store.save(payment(each, check_at=NOON)).key for each in ("a#b", "x" * 5000, "\ud83d", "x" * 255)}

    assert set(store.due(now=NOON, limit=10)) == due
