"""Dead letters go out as if the stream brought them again; what cannot go out stays, is named and is in nobody's way."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from payments.domain.errors import DeadLetterUnreadable, StoreUnavailable
from payments.usecases.redrive_dead_letters import PATIENCE, Kept, Redriven, redrive_dead_letters
from tests.support.fakes import FakeDeadLetters
from tests.unit.usecases.world import Clock


@dataclass
class Outside:
    """Who is told of records: ``told`` are their ids, ``faults`` what a record of an id raises, each time."""

    dead_letters: FakeDeadLetters
    clock: Clock = field(default_factory=Clock)
    faults: dict[str, Exception] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    seconds_each: float = 0

    def publish(self, record: Mapping[str, Any]) -> None:
        self.clock.move(self.seconds_each)
        if record["id"] in self.faults:
            raise self.faults[record["id"]]
        self.told.append(record["id"])

    def redrive(self, cursor: str | None = None, limit: int = 100) -> Redriven:
        return redrive_dead_letters(
            dead_letters=self.dead_letters, publish=self.publish, cursor=cursor, limit=limit, clock=self.clock
        )


def outside(**letters: str | Exception) -> Outside:
    """Dead letters by name, each with a record for every letter of its text."""
    records: dict[str, Any] = {
        name: each if isinstance(each, Exception) else [{"id": letter} for letter in each]
        for name, each in letters.items()
    }
    return Outside(FakeDeadLetters(records))


def test_every_record_goes_out_in_its_order_and_the_dead_letters_are_gone() -> None:
    world = outside(n2="cd", n1="ab")

    assert world.redrive() == Redriven(published=2, kept=(), next_cursor=None)
    assert (world.told, world.dead_letters.letters) == (["a", "b", "c", "d"], {})


def test_where_nothing_is_left_nothing_is_told() -> None:
    world = outside()

    assert world.redrive() == Redriven(published=0, kept=(), next_cursor=None)
    assert world.told == []


def test_a_record_that_is_not_taken_keeps_its_dead_letter_which_goes_out_whole_the_next_time() -> None:
    world = outside(n1="abc")
    world.faults = {"b": StoreUnavailable("PutEvents: ThrottlingException")}

    kept = Kept("n1", "1 of 3 records: StoreUnavailable: PutEvents: ThrottlingException")
    assert world.redrive() == Redriven(published=0, kept=(kept,), next_cursor=None)
    assert (world.told, [*world.dead_letters.letters]) == (["a", "c"], ["n1"])

    world.faults = {}
    assert world.redrive() == Redriven(published=1, kept=(), next_cursor=None)
    assert (world.told, world.dead_letters.letters) == (["a", "c", "a", "b", "c"], {})


def test_an_outside_that_takes_nothing_is_not_asked_for_every_record() -> None:
    world = outside(n1="abcdefg", n2="h")
    world.faults = {record: StoreUnavailable("Publish: KMSAccessDenied") for record in "bdefg"}

    kept = Kept("n1", "4 of 7 records: StoreUnavailable: Publish: KMSAccessDenied")
    assert world.redrive() == Redriven(published=1, kept=(kept,), next_cursor=None)
    assert world.told == ["a", "c", "h"]


def test_a_record_that_cannot_be_published_keeps_its_dead_letter_and_holds_up_no_other_record() -> None:
    world = outside(n1="abcd", n2="e")
    world.faults = {"a": KeyError("amina@example.com"), "c": KeyError("x"), "d": ValueError("Amina Otieno")}

    kept = Kept("n1", "3 of 4 records: KeyError, ValueError")
    assert world.redrive() == Redriven(published=1, kept=(kept,), next_cursor=None)
    assert (world.told, [*world.dead_letters.letters]) == (["b", "e"], ["n1"])


def test_what_cannot_be_read_or_fetched_stays_and_is_named_and_the_rest_goes_out() -> None:
    world = outside(n1=DeadLetterUnreadable("it is not JSON"), n2=StoreUnavailable("GetObject: AccessDenied"), n3="a")

    assert world.redrive() == Redriven(
        published=1,
        kept=(
            Kept("n1", "DeadLetterUnreadable: it is not JSON"),
            Kept("n2", "StoreUnavailable: GetObject: AccessDenied"),
        ),
        next_cursor=None,
    )
    assert (world.told, [*world.dead_letters.letters]) == (["a"], ["n1", "n2"])


def test_one_that_went_out_and_could_not_be_deleted_is_kept_and_goes_out_again() -> None:
    world = outside(n1="a")
    world.dead_letters.failures = deque([StoreUnavailable("DeleteObject: SlowDown")])

    kept = Kept("n1", "StoreUnavailable: DeleteObject: SlowDown")
    assert world.redrive() == Redriven(published=0, kept=(kept,), next_cursor=None)
    assert world.redrive() == Redriven(published=1, kept=(), next_cursor=None)
    assert world.told == ["a", "a"]


def test_one_that_another_redrive_took_meanwhile_is_neither_published_nor_kept() -> None:
    world = outside(n1="a", n2="b")
    world.publish = lambda record: world.dead_letters.delete("n2")  # type: ignore[method-assign]  # a faster one, in the middle

    assert world.redrive() == Redriven(published=1, kept=(), next_cursor=None)
    assert world.dead_letters.letters == {}


def test_page_by_page_each_is_tried_once_though_one_of_them_stays() -> None:
    world = outside(n1="a", n2=DeadLetterUnreadable("it is not JSON"), n3="b", n4="c", n5="d")
    kept = (Kept("n2", "DeadLetterUnreadable: it is not JSON"),)

    assert world.redrive(limit=2) == Redriven(published=1, kept=kept, next_cursor="n2")
    assert world.redrive(limit=2, cursor="n2") == Redriven(published=2, kept=(), next_cursor="n4")
    assert world.redrive(limit=2, cursor="n4") == Redriven(published=1, kept=(), next_cursor=None)
    assert (world.told, [*world.dead_letters.letters]) == (["a", "b", "c", "d"], ["n2"])


def test_a_call_ends_in_time_for_its_caller_and_tells_where_to_go_on() -> None:
    world = outside(n1="a", n2="b", n3="c")
    world.seconds_each = PATIENCE.total_seconds() / 2

    assert world.redrive() == Redriven(published=2, kept=(), next_cursor="n2")
    assert world.redrive(cursor="n2") == Redriven(published=1, kept=(), next_cursor=None)
    assert world.told == ["a", "b", "c"]


@pytest.mark.parametrize("names", [("n1",), ("n1", "n2")])
def test_a_call_whose_time_runs_out_at_the_last_one_has_nothing_left(names: tuple[str, ...]) -> None:
    world = outside(**dict.fromkeys(names, "a"))
    world.seconds_each = PATIENCE.total_seconds() / len(names)

    assert world.redrive() == Redriven(published=len(names), kept=(), next_cursor=None)
