"""`python -m bench`, in the environment that has the peers: runs every benchmark, prints one table and keeps it.

A benchmark is a function that returns rows; to add one, add it to ALONE, or to ON_STAGE when it needs a running system.
"""

import os
import sys
import time
from collections.abc import Callable

from bench.calls_and_units import measure_calls_and_units
from bench.cold_start import measure_cold_start
from bench.load import measure_load
from bench.replay import measure_replay
from bench.results import keep
from bench.rounds import Row
from bench.sizes import measure_sizes
from bench.stage import Stage, running_stage
from bench.verify_callback import measure_verification
from bench.warm_callback import measure_warm_callback
from bench.writers import measure_writers

ALONE = (measure_verification, measure_replay)
ON_STAGE = (
    measure_cold_start,
    measure_warm_callback,
    measure_calls_and_units,
    measure_writers,
    measure_sizes,
    measure_load,
)


def main() -> int:
    """Print the table; always 0, for a goal that is not reached is reported, not an error."""
    before = os.getloadavg()[0]
    rows = [row for measure in ALONE for row in _run(measure)]
    with running_stage() as stage:
        rows += [row for measure in ON_STAGE for row in _run(measure, stage)]
    text = keep(sorted(rows, key=lambda row: (row.number == "-", row.number)), load=(before, os.getloadavg()[0]))
    print(text)
    return 0


def _run(measure: Callable[..., list[Row]], *stage: Stage) -> list[Row]:
    began = time.monotonic()
    rows = measure(*stage)
    print(f"{measure.__name__}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows


if __name__ == "__main__":
    sys.exit(main())
