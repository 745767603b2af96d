"""How plain Python values lie in DynamoDB attributes: exactly, and the same way back.

Rules of this file:

* What DynamoDB cannot hold as it is takes another type of attribute, never another value: text that is no Unicode (a
  provider may send half a surrogate pair) becomes bytes, a number beyond 18 digits becomes hexadecimal text.
* None is an attribute that is not there. A missing attribute means the field's default, so rows that were written
  before a field existed stay readable; that is why every new field of a stored value needs a default.
* Attributes that nobody here knows are passed over: a newer version may have written them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

Attribute = Mapping[str, Any]
Item = dict[str, Attribute]

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_EXACT_IN_N = 10**18


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """One way to write a value as an attribute and to read it back."""

    write: Callable[[T], Attribute]
    read: Callable[[Attribute], T]
    may_be_missing: bool = False
    """None is a value of the field, and written by leaving the attribute out."""


def is_unicode(text: str) -> bool:
    """Whether the text can be written as UTF-8 at all: lone surrogates cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always 27 characters, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def day_text(at: datetime) -> str:
    """The day in UTC, such as ``2026-11-21``."""
    return at.astimezone(UTC).date().isoformat()


def _write_text(text: str) -> Attribute:
    return {"S": text} if is_unicode(text) else {"B": text.encode("utf-8", "surrogatepass")}


def _read_text(attribute: Attribute) -> str:
    if "S" in attribute:
        return str(attribute["S"])
    return _read_bytes(attribute).decode("utf-8", "surrogatepass")


def _write_number(number: int) -> Attribute:
    return {"N": str(number)} if abs(number) < _EXACT_IN_N else {"S": hex(number)}


def _read_number(attribute: Attribute) -> int:
    return int(attribute["N"]) if "N" in attribute else int(attribute["S"], 16)


def _read_bytes(attribute: Attribute) -> bytes:
    value = attribute["B"]
    # Lambda delivers stream records as JSON, where bytes are base64 text; botocore delivers bytes.
    return base64.b64decode(value) if isinstance(value, str) else bytes(value)


TEXT: Form[str] = Form(_write_text, _read_text)
NUMBER: Form[int] = Form(_write_number, _read_number)
FLAG: Form[bool] = Form(lambda flag: {"BOOL": flag}, lambda attribute: bool(attribute["BOOL"]))
BYTES: Form[bytes] = Form(lambda content: {"B": content}, _read_bytes)
TIME: Form[datetime] = Form(lambda at: {"S": time_text(at)}, lambda attribute: datetime.fromisoformat(attribute["S"]))


def name_of(enumeration: type[E]) -> Form[E]:
    """A member by its name: the numbers only order the members, and may change."""
    return Form(lambda member: {"S": member.name}, lambda attribute: enumeration[attribute["S"]])


def maybe(form: Form[T]) -> Form[T | None]:
    """The same, or None."""

    def write(value: T | None) -> Attribute:
        return {"NULL": True} if value is None else form.write(value)

    def read(attribute: Attribute) -> T | None:
        return None if "NULL" in attribute else form.read(attribute)

    return Form(write, read, may_be_missing=True)


def several(form: Form[T]) -> Form[tuple[T, ...]]:
    """A tuple of such values, in order."""
    return Form(
        lambda values: {"L": [form.write(value) for value in values]},
        lambda attribute: tuple(form.read(each) for each in attribute["L"]),
    )


def record(made: type[T], **fields: Form[Any]) -> Form[T]:
    """A dataclass as a map of its fields; raises `TypeError` unless every one of them is told, so that none is lost."""
    if fields.keys() != {each.name for each in dataclass_fields(made)}:  # type: ignore[arg-type]  # always a dataclass
        raise TypeError(f"the fields of {made.__name__} are others")
    return Form(
        lambda value: {"M": write_fields(value, fields)},
        lambda attribute: made(**read_fields(attribute["M"], fields)),
    )


def write_fields(value: object, fields: Mapping[str, Form[Any]]) -> Item:
    """The fields of a dataclass as attributes of the same names."""
    return {
        name: form.write(content)
        for name, form in fields.items()
        if (content := getattr(value, name)) is not None or not form.may_be_missing
    }


def read_fields(item: Mapping[str, Attribute], fields: Mapping[str, Form[Any]]) -> dict[str, Any]:
    """The arguments to make the dataclass with; what is missing is left to its defaults."""
    arguments = {name: form.read(item[name]) for name, form in fields.items() if name in item}
    return {**{name: None for name, form in fields.items() if form.may_be_missing}, **arguments}
