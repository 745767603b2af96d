"""The operators' page of a period: one static document without script, small enough to be mailed.

Rules of this file
  * Whatever a chart shows is written beside it or in a table below it.
  * Nothing is loaded from anywhere, and nothing on it can be pressed but its links to the files beside it.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment

from payments.domain.money import Money
from payments.domain.period import Period
from payments.look import Look
from payments.reports.charts import hour_chart, share
from payments.reports.picture import Picture, ranked
from payments.reports.words import Words
from payments.templates import environment

_LONGEST_SHOWN = 40


def render(picture: Picture, *, period: Period, words: Words, look: Look, made_at: datetime, templates: Path) -> str:
    """The page."""
    shown = {
        "_": words.wording.say,
        "ngettext": words.wording.say_count,
        "words": words,
        "look": look,
        "period": period,
        "picture": picture,
        "made_at": made_at,
        "statuses": ranked(picture.statuses),
        "methods": ranked(picture.methods),
        "reasons": ranked(picture.reasons),
        "chart": hour_chart(picture.hours),
    }
    return _environment(templates).get_template("page.html").render(shown)


def _shortened(text: str) -> str:
    """An id that leaves room for the rest of its line; the whole of it is in the files."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:24]}…{text[-12:]}"


@cache
def _environment(templates: Path) -> Environment:
    made = environment(templates)
    made.filters["short"] = _shortened
    made.globals |= {"share": share, "Money": Money}
    return made
