"""Several calls work on one run at once: each step is kept by one of them, and the result is told with one id."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from payments.domain.money import Money
from payments.usecases.reconcile import Progress, Reconciled
from tests.unit.usecases.night import DAY, Night, answer, listed

OVERTAKEN = "another call goes on with this run"
#: What is kept of a run from its beginning to its end, with one page on either side and one piece of differences.
STEPS = 9
FOUND = [("amount", "1002", False), ("missing_here", "1001", True)]


def night_with_differences() -> Night:
    """One payment that is missing here, and Gate brings it in; one whose amount differs."""
    night = Night()
    night.paid(2)
    night.data_api.lists[2924] = [listed(1), listed(2, money=Money(9_999, "KES"))]
    night.gate_says(*[answer(("sale", "success", 1001))] * 4)
    return night


def told_alike(night: Night) -> None:
    """The result is whole, and whoever was told of it twice can tell."""
    assert sorted(night.reasons()) == FOUND
    assert night.summary()["differences"] == {
        "missing_here": {"found": 1, "repaired": 1, "needs_a_person": 0},
        "amount": {"found": 1, "repaired": 0, "needs_a_person": 1},
    }
    assert len({detail["metadata"]["event_id"] for _, detail in night.events.published}) == 1


def one(reconciled: Reconciled) -> Progress:
    (run,) = reconciled.runs
    return run


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_of_two_calls_one_keeps_the_step_and_the_other_stops_at_once(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = night_with_differences()
    keep, kept, second = night.reports.put_over, list[str](), list[Progress]()

    def put_over(name: str, content: bytes, *, version: str) -> str:
        kept.append(name)
        if len(kept) == step:
            second.append(one(night.run(DAY)))
        return keep(name, content, version=version)

    monkeypatch.setattr(night.reports, "put_over", put_over)

    first = one(night.run(DAY))

    assert (first.trouble, second[0].stage, second[0].trouble) == (OVERTAKEN, "done", "")
    told_alike(night)


def test_a_run_alone_is_kept_as_often_as_the_test_above_believes(monkeypatch: pytest.MonkeyPatch) -> None:
    night = night_with_differences()
    keep, kept = night.reports.put_over, list[str]()

    def put_over(name: str, content: bytes, *, version: str) -> str:
        kept.append(name)
        return keep(name, content, version=version)

    monkeypatch.setattr(night.reports, "put_over", put_over)
    night.run(DAY)

    assert len(kept) == STEPS


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_call_that_was_killed_leaves_nothing_locked(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    night = night_with_differences()
    keep, kept = night.reports.put_over, list[str]()

    def put_over(name: str, content: bytes, *, version: str) -> str:
        kept.append(name)
        if len(kept) == step:
            raise SystemExit
        return keep(name, content, version=version)

    monkeypatch.setattr(night.reports, "put_over", put_over)
    with pytest.raises(SystemExit):
        night.run(DAY)

    assert one(night.run(DAY)).stage == "done"
    told_alike(night)


def test_a_call_that_fell_behind_writes_over_nothing_that_another_one_counts_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = night_with_differences()
    put, held = night.reports.put, list[str]()

    def late(name: str, content: Any) -> None:
        """The first call is held up where it writes down what it found; the second one is killed before it tells."""
        if "/found/" in name and not held:
            held.append(name)
            with pytest.raises(SystemExit):
                night.run(DAY)
        elif name.endswith("differences.jsonl") and night.calls == 2:
            raise SystemExit
        put(name, content)

    monkeypatch.setattr(night.reports, "put", late)

    assert one(night.run(DAY)).trouble == OVERTAKEN
    assert night.reports.get(held[0])
    assert one(night.run(DAY)).stage == "done"
    told_alike(night)


def test_many_threads_at_once_come_to_one_result() -> None:
    night = night_with_differences()
    ready = threading.Barrier(4)

    def call() -> None:
        ready.wait(timeout=10)
        night.run()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)

    night.run()
    ids: dict[str, set[str]] = {}
    for _, detail in night.events.published:
        ids.setdefault(detail["data"]["reconciliation"]["from"], set()).add(detail["metadata"]["event_id"])
    assert {day: len(named) for day, named in ids.items()} == {"2026-11-19": 1, "2026-11-20": 1, "2026-11-21": 1}
    assert sorted(night.reasons()) == FOUND
