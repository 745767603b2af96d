"""Some thousand lines take hardly more memory than a few: they are written as they come (a hundred thousand: soak)."""

from __future__ import annotations

import tracemalloc

from tests.support.month import measured

#: The buffers of the files are full after the first thousand.
FEW, MANY = 1_000, 3_000
#: Two times and places in a file are kept of each, of which there is one in either table.
MOST_BYTES_PER_PAYMENT = 1_000


def most_memory(payments: int) -> int:
    tracemalloc.start()
    try:
        assert measured(payments)["lines"]["operations.csv"] == payments + 1
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_hardly_grows_with_the_lines() -> None:
    most_memory(FEW)  # what is loaded once

    assert (most_memory(MANY) - most_memory(FEW)) / (MANY - FEW) < MOST_BYTES_PER_PAYMENT
