"""The table of results: printed, and kept in RESULTS.md with the day and the machine."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.rounds import Row

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = """\
| # | what | median | middle half of the rounds | goal | reached |
|---|---|---|---|---|---|
"""


def table(rows: Sequence[Row]) -> str:
    """The rows as a table, and below it why goals are missed."""
    lines = [_line(row) for row in rows]
    reasons = dict.fromkeys(f"{row.number}: {row.reason}" for row in rows if row.met is False and row.reason)
    return HEAD + "\n".join(lines) + "\n" + "".join(f"\n{reason}\n" for reason in reasons)


def keep(rows: Sequence[Row], *, load: tuple[float, float]) -> str:
    """Write the table into RESULTS.md and answer the whole text; `load` is that of the machine before and after."""
    text = f"""# Measured side by side

`make bench` on {datetime.now(UTC):%d %B %Y}: {machine()}, Python {platform.python_version()}.

The load of the machine, as the average number of processes that wanted a processor, was {load[0]:.1f} before and
{load[1]:.1f} after. Figures are ratios of contestants that ran in turns, so a busy machine meets all of them; the
middle half of the rounds shows what is left of it.

{table(rows)}"""
    RESULTS.write_text(text, encoding="utf-8")
    return text


def machine() -> str:
    """The processor, as far as the system tells, and how many there are."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file() and (told := re.search(r"model name\s*: (.+)", cpuinfo.read_text(encoding="utf-8"))):
        name = told[1]
    return f"{os.cpu_count()} × {name}, {platform.machine()}, {platform.system()}"


def _line(row: Row) -> str:
    figure = row.figure
    spread = f"{figure.lower:.2f} to {figure.upper:.2f}" if figure.lower != figure.upper else "exact"
    reached = {True: "yes", False: "**no**", None: ""}[row.met]
    return f"| {row.number} | {row.what} | {figure.median:.2f} | {spread} | {row.goal} | {reached} |"
