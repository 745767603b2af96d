"""A hundred thousand mutants of genuine messages: none is believed that says something else than was signed."""

from __future__ import annotations

from typing import Any

from tests.integration.hostile.fuzzing import let_loose
from tests.support.measures import FIGURE

MUTANTS = 100_000
SEED = 10


def test_of_a_hundred_thousand_mutants_none_is_believed_that_says_something_else(record_property: Any) -> None:
    harvest = let_loose(MUTANTS, seed=SEED)

    record_property(FIGURE, f"{MUTANTS} mutants: {harvest}")
    assert harvest.lies[:5] == []
    assert harvest.counted.total() == MUTANTS
