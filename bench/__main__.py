"""`python -m bench`, in the environment that has the peers: runs every benchmark and prints one table of ratios.

A benchmark is a function that returns rows; to add one, add it to BENCHMARKS.
"""

import platform
import sys

from .verify_callback import measure_verification

BENCHMARKS = (measure_verification,)


def main() -> int:
    """Print the table; always 0, for a goal that is not reached is reported, not an error."""
    rows = [row for measure in BENCHMARKS for row in measure()]
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}\n")
    print("| # | what | median | middle half of the rounds | goal | reached |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        ratio = row.ratio
        spread = f"{ratio.lower:.2f} to {ratio.upper:.2f}"
        print(
            f"| {row.number} | {row.what} | {ratio.median:.2f} | {spread} | {row.goal} | {'yes' if row.met else 'no'} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
