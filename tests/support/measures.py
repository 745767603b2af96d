"""The names under which tests hand in what the end of a run shows, and whether the run is the long one."""

from __future__ import annotations

import os

#: `make soak` sets SOAK=1: what the quick run tries on some, it tries on all.
SOAK = os.environ.get("SOAK") == "1"

#: A sentence with a number that a test measured.
FIGURE = "figure"
#: The store that a test of `tests/contract/store` ran on.
ENGINE = "DynamoDB engine"
#: How many payments a system had that was replayed when it ended.
REPLAYED = "payments replayed"
