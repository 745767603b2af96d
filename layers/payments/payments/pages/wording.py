"""What a page says, in the customer's language: its sentences, amounts and times.

Rules of this file
  * Sentences are gettext messages. The plain English sentence is the key, so a template reads like its page.
  * How a language writes amounts and times stands in ``locales/formats.json``, taken from CLDR while building
    (``local/cldr.py``): CLDR itself is too large to be there when a page is made.
  * A currency is always written as its code: a bare ``$`` would leave open whose dollar is meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from payments.domain.money import Money, decimals

CHECKOUT = "checkout"
SOURCE = "en"

_LANGUAGE = re.compile(r"\b([A-Za-z]{2,3})\b(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?")
_NOON = 12


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: ``tag`` and ``direction`` are what the page's ``lang`` and ``dir`` say."""

    tag: str
    direction: str
    forms: Mapping[str, Any]
    catalogue: NullTranslations

    def say(self, sentence: str, /, **parts: object) -> Markup:
        """The sentence in this language, its parts filled in and escaped."""
        return _filled(self.catalogue.gettext(sentence), parts)

    def say_count(self, one: str, many: str, count: int, /, **parts: object) -> Markup:
        """The sentence in the form that so many things want."""
        return _filled(self.catalogue.ngettext(one, many, count), parts)

    def amount(self, money: Money) -> Markup:
        """``KES 1,000.00``, as this language groups digits and places the currency."""
        places = decimals(money.currency)
        whole, part = divmod(abs(money.amount), 10**places)
        digits = f"{whole:,}".replace(",", self.forms["group"])
        fraction = f"{self.forms['decimal']}{part:0{places}}" if places else ""
        sign = "-" if money.amount < 0 else ""
        code = Markup('<span class="code">{}</span>').format(money.currency)
        return escape(self.forms["amount"]).format(number=f"{sign}{digits}{fraction}", currency=code)

    def date_time(self, at: datetime) -> str:
        """``21 November 2026, 17:52 UTC``."""
        return str(self.forms["date_time"].format(date=self.date(at.astimezone(UTC)), time=self.time(at)))

    def date(self, day: date) -> str:
        """``21 November 2026``."""
        return str(self.forms["date"].format(day=day.day, month=self.forms["months"][day.month - 1], year=day.year))

    def time(self, at: datetime) -> str:
        """``17:52 UTC``."""
        utc = at.astimezone(UTC)
        half = self.forms["halves"][utc.hour >= _NOON]
        return str(
            self.forms["time"].format(hour=utc.hour, hour_of_12=utc.hour % 12 or 12, minute=utc.minute, half=half)
        )


def wording_for(*, wish: str, accept_language: str, locales: Path, catalogue: str = CHECKOUT) -> Wording:
    """The language wished for if we speak it, else the first of the browser's that we do, else English."""
    spoken = _forms(locales)
    language = next((each for each in (wish.lower(), *_wishes(accept_language)) if each in spoken), SOURCE)
    return _wording(language, locales, catalogue)


def _wishes(accept_language: str) -> Iterable[str]:
    """The languages of an Accept-Language header, best first; what cannot be read is left out."""
    found = _LANGUAGE.findall(accept_language[:256])
    weighted = [(float(weight or 1), language.lower()) for language, weight in found]
    return [language for weight, language in sorted(weighted, key=lambda wish: -wish[0]) if weight]


def _filled(sentence: str, parts: Mapping[str, object]) -> Markup:
    return escape(sentence).format(**parts) if parts else escape(sentence)


@cache
def _wording(language: str, locales: Path, catalogue: str) -> Wording:
    forms = _forms(locales)[language]
    said = NullTranslations() if language == SOURCE else translation(catalogue, locales, [language])
    return Wording(forms["tag"], forms["direction"], forms, said)


@cache
def _forms(locales: Path) -> Mapping[str, Mapping[str, Any]]:
    read: Mapping[str, Mapping[str, Any]] = json.loads((locales / "formats.json").read_text("utf-8"))
    return read
