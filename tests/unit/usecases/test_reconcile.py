"""A reconciliation from the first page to the event: what it finds, repairs and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.provider_state import Outcome
from payments.gate.messages import report
from tests.support.fake_ledgers import FOLDERS
from tests.unit.domain.told import NOON, callback, order
from tests.unit.usecases.night import DAY, FOLDER, NIGHT, Night, answer, listed, told


def test_a_day_on_which_both_agree_has_a_result_that_says_so() -> None:
    night = Night()
    night.paid(1, 2)
    night.data_api.lists[2924] = [listed(1), listed(2)]

    assert night.run(DAY).plain() == {
        "runs": [
            {
                "project_id": 2924,
                "from": "2026-11-21",
                "to": "2026-11-21",
                "stage": "done",
                "trouble": "",
                "summary": f"{FOLDER}/summary.json",
            }
        ],
        "left_out": [198],
        "done": True,
    }
    assert night.summary() == {
        "project_id": 2924,
        "from": "2026-11-21",
        "to": "2026-11-21",
        "timezone": "UTC",
        "begun_at": "2026-11-22T04:00:00+00:00",
        "finished_at": "2026-11-22T04:00:00+00:00",
        "totals": [
            {
                "method": "card-partner",
                "currency": "KES",
                "ours": 20000,
                "theirs": 20000,
                "difference": 0,
                "count_ours": 2,
                "count_theirs": 2,
            }
        ],
        "differences": {},
    }
    assert night.differences() == []
    assert night.data_api.asked == [
        (2924, datetime(2026, 11, 20, 23, tzinfo=UTC), datetime(2026, 11, 22, 1, tzinfo=UTC), 0)
    ]
    assert night.world.gate.calls == []


def test_the_result_is_told_once_without_a_word_about_a_person() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]

    night.run(DAY)

    ((kind, detail),) = night.events.published
    assert kind == "ReconciliationFinished"
    assert set(detail["metadata"]) == {"event_id", "version", "occurred_at"}
    assert detail["data"] == {"reconciliation": {**night.summary(), "summary": f"{FOLDER}/summary.json"}}
    assert detail["data"]["reconciliation"]["differences"] == {
        "missing_here": {"found": 1, "repaired": 0, "needs_a_person": 1}
    }
    assert [each.needs_a_person for each in night.reported] == [1]


def test_a_reconciliation_writes_and_reads_in_its_own_folders_alone() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run()

    assert night.reports.asked == FOLDERS["ReconcileFunction"]


def test_what_is_missing_here_is_brought_in_by_asking_gate_and_says_so_in_its_story() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.differences() == [
        {
            "reason": "missing_here",
            "project_id": 2924,
            "payment_id": "order-0001",
            "operation_id": "1001",
            "at": "2026-11-21T12:00:01+00:00",
            "ours": "",
            "theirs": "sale success 100.00 KES",
            "amount": 10000,
            "currency": "KES",
            "repaired": True,
        }
    ]
    payment = night.world.payment(PaymentKey(2924, "order-0001"))
    assert (payment.status, payment.timeline[-1].source) == ("succeeded", "reconciliation")
    assert night.summary()["totals"][0]["difference"] == 0


def test_an_end_that_nobody_told_is_late_and_is_brought_in() -> None:
    night = Night()
    night.world.receive(told(1, "processing"))
    night.data_api.lists[2924] = [listed(1)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.reasons() == [("late", "1001", True)]


def test_amounts_are_never_overwritten_and_nobody_is_asked_about_them() -> None:
    night = Night()
    night.paid(1)
    night.data_api.lists[2924] = [listed(1, money=Money(9_999, "KES"))]

    night.run(DAY)

    assert night.reasons() == [("amount", "1001", False)]
    assert night.world.gate.calls == []
    assert night.summary()["totals"] == [
        {
            "method": "card-partner",
            "currency": "KES",
            "ours": 10000,
            "theirs": 9999,
            "difference": 1,
            "count_ours": 1,
            "count_theirs": 1,
        }
    ]


def test_what_gate_does_not_confirm_stays_a_difference() -> None:
    night = Night()
    night.paid(1)
    night.data_api.lists[2924] = [listed(1, status="decline", outcome=Outcome.DECLINED)]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.reasons() == [("status", "1001", False)]
    assert night.world.payment(PaymentKey(2924, "order-0001")).status == "succeeded"


def test_a_refund_of_others_comes_to_be_known_and_keeps_its_name() -> None:
    night = Night()
    night.paid(1)
    refund = listed(1, operation_id="2001", kind="return", type="refund", at=NOON + timedelta(hours=1))
    night.data_api.lists[2924] = [listed(1), refund]
    whole = answer(("sale", "success", 1001), ("refund", "success", 2001), status="refunded")
    night.gate_says(whole)

    night.run(DAY)

    assert night.reasons() == [("refund_not_ours", "2001", True)]
    assert night.world.payment(PaymentKey(2924, "order-0001")).status == "refunded"
    assert [each.needs_a_person for each in night.reported] == [0]


def test_what_came_to_light_only_by_asking_is_told_too() -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1, money=Money(9_999, "KES"))]
    night.gate_says(answer(("sale", "success", 1001)))

    night.run(DAY)

    assert night.reasons() == [("missing_here", "1001", True), ("amount", "1001", False)]


def test_a_callback_that_comes_while_the_lists_are_read_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night()
    night.data_api.lists[2924] = [listed(1)]
    store, read = night.world.store, night.world.store.changed_on

    def changed_on(day: date) -> Iterator[Payment]:
        yield from read(day)
        if day == NIGHT.date():
            night.paid(1)

    monkeypatch.setattr(store, "changed_on", changed_on)

    night.run(DAY)

    assert night.world.gate.calls == []
    assert night.differences() == []


def test_an_id_that_stands_for_two_payments_is_told_once() -> None:
    night = Night()
    night.paid(1)
    night.data_api.lists[2924] = [listed(1), replace(listed(1), key=PaymentKey(2924, "order-0002"))]

    night.run(DAY)

    assert night.reasons() == [("duplicate", "1001", False)]


def test_an_operation_at_midnight_counts_on_one_day_by_the_providers_clock() -> None:
    night = Night()
    night.paid(1)
    after_midnight = datetime(2026, 11, 22, 0, 0, 1, tzinfo=UTC)
    night.data_api.lists[2924] = [listed(1, at=after_midnight)]
    payment = night.world.payment(PaymentKey(2924, "order-0001"))
    (sale,) = payment.provider.operations
    before_midnight = replace(sale, date=after_midnight - timedelta(seconds=2))
    told_so = replace(payment.provider, operations=(before_midnight,))
    night.world.store.save(replace(payment, provider=told_so))

    night.run(DAY)
    night.run(DAY + timedelta(days=1))

    second = f"reconciliations/2924/{DAY + timedelta(days=1)}_{DAY + timedelta(days=1)}"
    assert (night.differences(), night.differences(second)) == ([], [])
    assert (night.summary()["totals"], night.summary(second)["totals"][0]["ours"]) == ([], 10000)


def test_days_begin_at_midnight_where_the_merchant_is() -> None:
    night = Night()

    night.run(DAY, zone=ZoneInfo("Africa/Nairobi"))

    ((_, since, until, _),) = night.data_api.asked
    assert (since, until) == (datetime(2026, 11, 20, 20, tzinfo=UTC), datetime(2026, 11, 21, 22, tzinfo=UTC))
    assert night.summary()["timezone"] == "Africa/Nairobi"


def test_an_id_of_two_payments_is_told_once_beside_what_else_differs() -> None:
    night = Night()
    night.paid(1, 2, 3)
    taken = listed(3).entry.operation_id
    night.data_api.lists[2924] = [listed(2, operation_id=taken), listed(3)]

    night.run(DAY)

    assert sorted((each["payment_id"], each["reason"], each["operation_id"]) for each in night.differences()) == [
        ("order-0001", "missing_there", "1001"),
        ("order-0002", "duplicate", "1003"),
        ("order-0002", "missing_there", "1002"),
    ]


def test_operations_told_without_an_id_are_each_as_open_as_before() -> None:
    night, key = Night(), PaymentKey(2924, "order-0001")
    payment = Payment(key=key, order=order(), updated_at=NOON, submission="acknowledged")
    for number, request_id in enumerate(("R-1", "R-2")):
        said = callback("decline", ("sale", "decline"), seconds=number, operation_id=None, request_id=request_id)
        payment = payment.told(report(said, digest=request_id), at=NOON, source="callback", what="declined")
    night.world.store.save(payment)

    night.run(DAY)

    assert night.reasons() == [("missing_there", "", False)] * 2


def test_sums_that_differ_without_a_difference_that_explains_them_need_a_person() -> None:
    night = Night()
    night.paid(1, 2)
    night.data_api.lists[2924] = [listed(1), listed(2, money=None)]

    night.run(DAY)

    (total,) = night.summary()["totals"]
    assert (total["ours"], total["theirs"], night.differences()) == (20000, 10000, [])
    assert [each.needs_a_person for each in night.reported] == [1]
