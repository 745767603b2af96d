"""How each language of the pages writes amounts and times, taken from CLDR as Babel brings it.

CLDR is 30 MB and never deployed; what the pages need of it is one small file, ``locales/formats.json``.
"""

import json
import re
from pathlib import Path
from typing import Any

#: Language → the CLDR locale it is taken from. Plain English is American; where shillings and Singapore dollars are
#: spent the day stands before the month. Chinese says in ``lang`` which script it is in, so that fonts fit.
LOCALES = {"en": "en_GB", "ms": "ms", "ru": "ru", "sw": "sw", "zh": "zh_Hans"}
TAGS = {"zh": "zh-Hans"}

#: CLDR's letters → the parts that pages fill in.
PARTS = {
    "d": "{day}",
    "MMMM": "{month}",
    "M": "{month}",
    "y": "{year}",
    "HH": "{hour:02}",
    "h": "{hour_of_12}",
    "mm": "{minute:02}",
    "a": "{half}",
    "z": "UTC",
}
_LETTERS = re.compile(r"'([^']*)'|([A-Za-z])\2*")


def formats_text() -> str:
    """The whole of ``formats.json``."""
    return json.dumps({each: _forms(each) for each in LOCALES}, ensure_ascii=False, indent=2) + "\n"


def write_formats(locales: Path) -> None:
    """Write the file into the folder of the languages."""
    (locales / "formats.json").write_text(formats_text(), "utf-8")


def _forms(language: str) -> dict[str, Any]:
    from babel import Locale

    locale = Locale.parse(LOCALES[language])
    currency, symbols = locale.currency_formats["standard"], locale.number_symbols["latn"]
    date, time = locale.date_formats["long"].pattern, locale.time_formats["long"].pattern
    if currency.grouping != (3, 3):
        raise ValueError(f"{language} groups digits otherwise than by three")
    numbered = "MMMM" not in date
    return {
        "tag": TAGS.get(language, language),
        "direction": locale.text_direction,
        # A code is a word: it stands apart from the number, whichever side it is on.
        "amount": "{currency}\N{NO-BREAK SPACE}{number}"
        if currency.prefix[0]
        else "{number}\N{NO-BREAK SPACE}{currency}",
        "group": symbols["group"],
        "decimal": symbols["decimal"],
        "date": _template(date),
        "time": _template(time.replace(":ss", "")),
        "date_time": str(locale.datetime_formats["long"]).replace("{1}", "{date}").replace("{0}", "{time}"),
        "months": [str(month) if numbered else locale.months["format"]["wide"][month] for month in range(1, 13)],
        "halves": [locale.day_periods["format"]["abbreviated"][half] for half in ("am", "pm")],
    }


def _template(pattern: str) -> str:
    """A pattern of CLDR as a template: ``d MMMM y 'г'.`` is ``{day} {month} {year} г.``"""
    return _LETTERS.sub(lambda match: match[1] if match[1] is not None else PARTS[match[0]], pattern)
