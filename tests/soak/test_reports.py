"""A report of a hundred thousand payments and as many operations: it comes out whole, and fits into the function."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from local.settings import PROJECT_FOLDER
from tests.support.measures import FIGURE

MANY = 100_000
#: The function has 1769 MB; its own Python with boto3 takes about a hundred more than this process.
MOST_MEGABYTES = 200


def test_a_hundred_thousand_operations_fit_into_the_function(record_property: Any) -> None:
    paths = os.pathsep.join(str(PROJECT_FOLDER / folder) for folder in ("layers/signing", "layers/payments", ""))
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.month", str(MANY)],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
    )
    measured = json.loads(run.stdout)
    sizes = ", ".join(f"{name} {size / 1024**2:.1f} MB" for name, size in measured["sizes"].items())
    told = f"report of {MANY} payments and as many operations: {measured['megabytes']:.0f} MB of memory; {sizes}"
    record_property(FIGURE, told)

    assert (measured["payments"], measured["operations"]) == (MANY, MANY)
    assert {measured["lines"][name] for name in ("operations.csv", "payments.csv")} == {MANY + 1}
    assert measured["megabytes"] < MOST_MEGABYTES, told
