"""How plain Python values lie in the rows of the table: as one JSON document each, exactly, and the same way back.

A row is read and written whole, so only what is searched for, or decides whether a write may be done, is an attribute
of its own. A document costs a callback a fifth less processor time than an attribute for every field.

Rules of this file:

* What JSON or DynamoDB cannot hold as it is takes another form, never another value: a number beyond 18 digits becomes
  hexadecimal text, a document with text that is no Unicode (a provider may send half a surrogate pair) becomes bytes.
* None is a member that is not there, and so is a field's default. So rows that were written before a field existed stay
  readable, which is why every new field of a stored value needs a default; and a default never changes.
* Members that nobody here knows are passed over: a newer version may have written them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

Attribute = Mapping[str, Any]
Item = dict[str, Attribute]

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_EXACT_NUMBER = 10**18


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """One way to write a value into a document and to read it back."""

    write: Callable[[T], Any]
    read: Callable[[Any], T]
    may_be_missing: bool = False
    """None is a value of the field, and written by leaving the member out."""


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


def document(value: T, form: Form[T]) -> Attribute:
    """The value as the attribute that holds it."""
    text = json.dumps(form.write(value), ensure_ascii=False, separators=(",", ":"))
    return {"S": text} if is_unicode(text) else {"B": text.encode("utf-8", "surrogatepass")}


def read_document(attribute: Attribute, form: Form[T]) -> T:
    """The value that an attribute holds."""
    text = attribute["S"] if "S" in attribute else read_bytes(attribute).decode("utf-8", "surrogatepass")
    return form.read(json.loads(text))


def read_bytes(attribute: Attribute) -> bytes:
    """The bytes of an attribute; Lambda delivers them in stream records as base64 text, botocore as they are."""
    value = attribute["B"]
    return base64.b64decode(value) if isinstance(value, str) else bytes(value)


def _as_it_is(value: Any) -> Any:
    return value


def _short_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _write_number(number: int) -> int | str:
    return number if abs(number) < _EXACT_NUMBER else hex(number)


def _read_number(number: int | str) -> int:
    return int(number, 16) if isinstance(number, str) else number


TEXT: Form[str] = Form(_as_it_is, _as_it_is)
FLAG: Form[bool] = Form(_as_it_is, _as_it_is)
NUMBER: Form[int] = Form(_write_number, _read_number)
TIME: Form[datetime] = Form(_short_time, datetime.fromisoformat)


def name_of(enumeration: type[E]) -> Form[E]:
    """A member by its name: the numbers only order the members, and may change."""
    return Form(lambda member: member.name, lambda name: enumeration[name])


def maybe(form: Form[Any]) -> Form[Any]:
    """The same, or None."""
    return replace(form, may_be_missing=True)


def several(form: Form[T]) -> Form[tuple[T, ...]]:
    """A tuple of such values, in order."""
    return Form(
        lambda values: [form.write(value) for value in values],
        lambda plain: tuple(form.read(each) for each in plain),
    )


def members(made: type[Any], **fields: Form[Any]) -> Form[Any]:
    """Some fields of a dataclass as an object, read back as the arguments to make it with."""
    defaults = {each.name: each.default for each in dataclass_fields(made)}
    missing = {name: None for name, form in fields.items() if form.may_be_missing}
    forms = tuple((name, form, defaults[name]) for name, form in fields.items())

    def write(value: object) -> dict[str, Any]:
        told = ((name, form, getattr(value, name), default) for name, form, default in forms)
        return {name: form.write(each) for name, form, each, default in told if each is not None and each != default}

    def read(plain: Mapping[str, Any]) -> dict[str, Any]:
        return {**missing, **{name: form.read(plain[name]) for name, form, _ in forms if name in plain}}

    return Form(write, read)


def record(made: type[T], **fields: Form[Any]) -> Form[T]:
    """A dataclass as an object of its fields; raises `TypeError` unless every one is told, so that none is lost."""
    if fields.keys() != {each.name for each in dataclass_fields(made)}:  # type: ignore[arg-type]  # always a dataclass
        raise TypeError(f"the fields of {made.__name__} are others")
    form = members(made, **fields)
    return Form(form.write, lambda plain: made(**form.read(plain)))
