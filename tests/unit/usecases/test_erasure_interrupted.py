"""An erasure that is interrupted at any write, by a crash or by somebody else who writes, leaves nothing in between."""

from __future__ import annotations

import pytest

import payments.usecases.amend_payment as pacing
from payments.domain.errors import StoreUnavailable
from payments.usecases.erase_customer import Erased
from tests.support.fakes import failing
from tests.unit.domain.told import KEY
from tests.unit.usecases.whole_life import CHARGEBACK, differences, erase, lived_world, remains


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "_LONGEST_PAUSE_S", 0)


WRITES = 5
"""Marked, three messages redacted (one names no payment), the id taken out."""


@pytest.mark.parametrize("steps", ["before_write", "after_write"])
@pytest.mark.parametrize("number", range(WRITES))
def test_whoever_crashed_at_any_write_is_carried_on_by_the_next_run(number: int, steps: str) -> None:
    world, calm = lived_world(), lived_world()
    erase(calm)
    for _ in range(number):
        getattr(world.store, steps).append(lambda: None)
    getattr(world.store, steps).append(failing(StoreUnavailable("down")))

    with pytest.raises(StoreUnavailable, match="down"):
        erase(world)
    world.clock.move(60)
    again = erase(world)

    last = number == WRITES - 1 and steps == "after_write"
    assert again.erased == (() if last else (KEY,))
    assert remains(world) == []
    assert differences(world) == ()
    assert [what for _, what in world.story()] == [what for _, what in calm.story()]
    assert set(world.store.messages(KEY)) == set(calm.store.messages(KEY))


def test_an_erasure_takes_just_so_many_writes() -> None:
    world, done = lived_world(), []
    world.store.after_write.extend([lambda: done.append(1)] * 20)

    erase(world)

    assert len(done) == WRITES


@pytest.mark.parametrize("number", range(WRITES))
def test_a_callback_that_comes_in_at_any_moment_is_folded_in_and_stored_without_the_person(number: int) -> None:
    world = lived_world()
    for _ in range(number):
        world.store.before_write.append(lambda: None)
    world.store.before_write.append(world.hearing(CHARGEBACK))

    erased = erase(world)

    assert (erased.erased, remains(world), differences(world)) == ((KEY,), [], ())
    assert [each.key for each in world.payment().provider.operations] == ["389", "400"]
    assert len(world.store.messages(KEY)) == 3


def test_a_callback_that_read_the_payment_before_it_was_erased_is_stored_without_the_person_all_the_same() -> None:
    world = lived_world()
    world.store.before_write.append(lambda: _done(erase(world)))

    receipt = world.receive(CHARGEBACK)

    assert (receipt.repeated, remains(world), differences(world)) == (False, [], ())


def _done(erased: Erased) -> None:
    assert erased.erased == (KEY,)
