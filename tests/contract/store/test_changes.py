"""Payments by the day of their last change, on the fake store and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import islice

from payments.aws.dynamodb import DynamoStore
from payments.ports import Store
from tests.contract.store.values import NOON, payment

DAY = date(2026, 11, 21)


def changed(store: Store, day: date = DAY) -> list[str]:
    return sorted(each.key.payment_id for each in store.changed_on(day))


def test_a_payment_is_among_those_of_the_day_it_changed_last(store: Store) -> None:
    stored = store.save(payment("moves"))
    store.save(payment("stays"))
    assert (changed(store), changed(store, DAY + timedelta(days=1))) == (["moves", "stays"], [])

    store.save(replace(stored, updated_at=NOON + timedelta(days=1)))

    assert (changed(store), changed(store, DAY + timedelta(days=1))) == (["stays"], ["moves"])


def test_a_day_begins_and_ends_with_that_of_utc(store: Store) -> None:
    midnight = NOON.replace(hour=0)
    times = {
        "last of the day before": midnight - timedelta(microseconds=1),
        "first": midnight,
        "last": midnight + timedelta(days=1, microseconds=-1),
        "first of the next day": midnight + timedelta(days=1),
        "of this day in Nairobi only": datetime(2026, 11, 22, 2, tzinfo=timezone(timedelta(hours=3))),
    }
    for payment_id, at in times.items():
        store.save(payment(payment_id, updated_at=at))

    assert changed(store) == ["first", "last", "of this day in Nairobi only"]


def test_a_payment_that_nobody_ordered_is_among_them_and_so_is_any_id(store: Store) -> None:
    ids = ["x" * 5000, "\ud83d", "a#b"]
    for payment_id in ids:
        store.save(payment(payment_id, order=None))

    assert changed(store) == sorted(ids)


def test_more_payments_than_one_call_reads_are_read_piece_by_piece(moto_store: DynamoStore) -> None:
    ids = [f"order-{number:03}" for number in range(250)]
    for payment_id in ids:
        moto_store.save(payment(payment_id))

    assert len(list(islice(moto_store.changed_on(DAY), 3))) == 3
    assert changed(moto_store) == ids


def test_a_payment_that_moves_on_while_a_day_is_read_is_met_in_its_later_day(store: Store) -> None:
    stored = {store.save(payment(f"order-{number:03}")) for number in range(150)}
    reading = store.changed_on(DAY)
    met = {next(reading).key.payment_id}
    moved = [each for each in stored if each.key.payment_id not in met]
    for each in moved:
        store.save(replace(each, updated_at=NOON + timedelta(days=1)))

    met |= {each.key.payment_id for each in reading}
    assert met | set(changed(store, DAY + timedelta(days=1))) == {each.key.payment_id for each in stored}
