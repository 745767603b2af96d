"""The names under which tests hand in what the end of a run shows."""

from __future__ import annotations

#: A sentence with a number that a test measured.
FIGURE = "figure"
#: The store that a test of `tests/contract/store` ran on.
ENGINE = "DynamoDB engine"
#: How many payments a system had that was replayed when it ended.
REPLAYED = "payments replayed"
