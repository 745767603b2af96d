"""What a customer may answer to a question of the provider: each kind of data has a form, and some texts no form fits.

Rules of this file
  * Only the fields asked for are looked at; what else a form holds is passed over.
  * What can be made right without a guess is made right: white space, the marks people write into phone numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from payments.domain.checkout import Problem

_LONGEST = 255
_EMAIL = re.compile(r"[^@\s,<>\"]{1,64}@[^@\s.,<>\"]+(\.[^@\s.,<>\"]+)+")
_LONGEST_EMAIL = 254
_PHONE = re.compile(r"[0-9]{7,15}", re.ASCII)
_PHONE_MARKS = re.compile(r"^\+|[ ().\-/]")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_DATE = re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}", re.ASCII)

#: By the last part of a field's path, as ``payments/pages/fields.py`` has it.
_PHONES = frozenset({"phone", "home_phone", "work_phone"})
_DATES = frozenset({"day_of_birth", "doc_issue_date"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the customer's data could not be taken, and which fields it is about; none where it is about all."""

    problem: Problem
    wrong: tuple[str, ...] = ()


def taken(asked: Iterable[str], form: Mapping[str, str]) -> dict[str, str]:
    """The answers to the fields asked for, tidied; an empty text where the form has none."""
    return {path: _tidied(path, " ".join(form.get(path, "").split())) for path in asked}


def refusal(answers: Mapping[str, str]) -> Refusal | None:
    """What is wrong with the answers, one kind of mistake at a time; None when nothing is."""
    for problem, is_wrong in _MISTAKES.items():
        wrong = tuple(path for path, text in answers.items() if is_wrong(_kind(path), text))
        if wrong:
            return Refusal(problem, wrong)
    return None


def _tidied(path: str, text: str) -> str:
    kind = _kind(path)
    if kind in _PHONES:
        return _PHONE_MARKS.sub("", text)
    return text.upper() if kind == "country" else text


def _kind(path: str) -> str:
    return path.rpartition(".")[2]


def _is_unfit(_: str, text: str) -> bool:
    return len(text) > _LONGEST or any(each == ";" or unicodedata.category(each) in {"Cc", "Cs"} for each in text)


def _is_no_email(kind: str, text: str) -> bool:
    return kind == "email" and (len(text) > _LONGEST_EMAIL or not _EMAIL.fullmatch(text))


def _is_no_phone(kind: str, text: str) -> bool:
    return kind in _PHONES and not _PHONE.fullmatch(text)


def _is_misspelt(kind: str, text: str) -> bool:
    return (kind == "country" and not _COUNTRY.fullmatch(text)) or (kind in _DATES and not _is_date(text))


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and datetime.strptime(text, "%d-%m-%Y").year > 0  # noqa: DTZ007  # a day
    except ValueError:
        return False


_MISTAKES: Mapping[Problem, Callable[[str, str], bool]] = MappingProxyType(
    {
        Problem.INCOMPLETE: lambda _, text: not text,
        Problem.UNFIT: _is_unfit,
        Problem.NO_EMAIL: _is_no_email,
        Problem.NO_PHONE: _is_no_phone,
        Problem.MISSPELT: _is_misspelt,
    }
)
