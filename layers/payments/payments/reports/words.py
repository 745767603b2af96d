"""What a report says, in the merchant's language: one language a report, and the merchant's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

from payments.pages.wording import Wording, wording_for
from payments.reports.tables import Column

CATALOGUE = "report"


@dataclass(frozen=True, slots=True)
class Words:
    """The language of a report and the time zone that its times are told in."""

    wording: Wording
    zone: tzinfo

    def text(self, sentence: str) -> str:
        """A word of ours in this language, for whatever is no page."""
        return self.wording.catalogue.gettext(sentence)

    def heading(self, column: Column) -> str:
        """A column's heading; that of times names the zone."""
        said = self.text(column.heading)
        return f"{said} ({self.zone})" if column.kind == "time" else said

    def day(self, day: date) -> str:
        """``21 November 2026``."""
        return self.wording.date(day)

    def time(self, at: datetime) -> str:
        """``2026-11-21 20:52``, by the merchant's clock."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"


def words_for(language: str, *, zone: tzinfo, locales: Path) -> Words:
    """The words of this language, of English where we do not speak it."""
    return Words(wording_for(wish=language, accept_language="", locales=locales, catalogue=CATALOGUE), zone)
