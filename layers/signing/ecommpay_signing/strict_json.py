"""Reads a JSON body so strictly that every reader of it sees the same message (PROTOCOL §1.5).

Refused, always as `MalformedMessage`: what is not UTF-8, a byte order mark, a key twice in one object, `NaN` and
`Infinity`, numbers too large to be read, half surrogate pairs, more than 100 levels or 4000 values, and whatever is not
an object.
"""

import json
import math
import re
from array import array
from collections.abc import Callable, Iterable
from itertools import accumulate
from json.scanner import make_scanner
from typing import Any

from .errors import MalformedMessage

MAX_DEPTH = 100

#: Reading and checking a message takes time with every value, and strangers send them too. The largest known callback
#: has 50, a status answer with a hundred operations some 2500. An empty list or object counts twice.
MAX_VALUES = 4000

_WHITE_SPACE = " \t\n\r"
_surrogate_escape = re.compile(r"\\u[dD][89a-fA-F]").search


def loads(body: bytes, *, max_values: int = MAX_VALUES) -> dict[str, Any]:
    """Return the object that a UTF-8 JSON body holds; raises `MalformedMessage` for anything doubtful.

    Whoever asked for a long list, of somebody they know, may take more values.
    """
    try:
        text = body.decode("utf-8").strip(_WHITE_SPACE)
    except UnicodeDecodeError:
        raise MalformedMessage("The body is not UTF-8 text.") from None
    marks = body.translate(None, _NOT_MARKS)
    quotes = marks.count(b'"')
    if len(marks) - quotes > MAX_DEPTH:
        _refuse_overgrown(body, max_values)
    message, end = _parse(_quick_scan, text)
    if end != len(text):
        raise MalformedMessage(f"The body goes on after its JSON value (character {end}).")
    if type(message) is not dict:
        raise MalformedMessage("The body is not a JSON object.")
    if quotes != 2 * (len(message) + _count_texts(message.values())):
        _parse(_thorough_scan, text)
    if "\\" in text and _surrogate_escape(text):
        _refuse_half_pairs(message)
    return message


def nests_deeper(body: bytes, limit: int) -> bool:
    """Tell whether more than `limit` brackets are ever open at once, those inside strings not counted.

    Looked at before parsing, because the parser itself goes down the program's stack. Of a body that is not JSON only
    the part before its first error counts rightly, and no parser gets further than that.
    """
    brackets = _outside_of_texts(body).translate(_STEPS, _NOT_BRACKETS)
    return any(map(limit.__lt__, accumulate(array("b", brackets))))


def _refuse_overgrown(body: bytes, max_values: int) -> None:
    """Raise for too many levels or values. Before every value but the outermost stands a `,`, `[` or `{`."""
    if nests_deeper(body, MAX_DEPTH):
        raise MalformedMessage(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if len(_outside_of_texts(body).translate(None, _NOT_BEGINNINGS)) > max_values:
        raise MalformedMessage(f"The body holds more than {max_values} values.")


def _outside_of_texts(body: bytes) -> bytes:
    without_escapes = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(without_escapes.split(b'"')[::2])


_NOT_BEGINNINGS = bytes(set(range(256)) - set(b"{[,"))
_NOT_MARKS = bytes(set(range(256)) - set(b'{[,"'))
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))


def _parse(scan: Callable[[str, int], tuple[Any, int]], text: str) -> tuple[Any, int]:
    try:
        return scan(text, 0)
    except StopIteration as stop:
        if text.startswith("\N{BYTE ORDER MARK}"):
            raise MalformedMessage("The body begins with a byte order mark.") from None
        raise MalformedMessage(f"The body is not JSON: Expecting value (character {stop.value}).") from None
    except json.JSONDecodeError as error:
        raise MalformedMessage(f"The body is not JSON: {error.msg} (character {error.pos}).") from None
    except ValueError:
        raise MalformedMessage("A number in the body has too many digits.") from None


def _count_texts(values: Iterable[Any]) -> int:
    """Count the strings under some values, keys included.

    Each of them had two quotes in the body, and nothing else has any, save an escaped quote. A key that stood twice is
    lost with its value, and its quotes are then too many. Only where the count differs is every object looked at.
    """
    found = 0
    for value in values:
        kind = type(value)
        if kind is str:
            found += 1
        elif kind is dict:
            found += len(value) + _count_texts(value.values())
        elif kind is list:
            found += _count_texts(value)
    return found


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedMessage("A key stands twice in one object of the body.")
    return members


def _finite_float(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise MalformedMessage("A number in the body is too large.")
    return number


def _refuse_constant(name: str) -> None:
    raise MalformedMessage(f"The body holds {name}, which is not JSON.")


def _refuse_half_pairs(message: dict[str, Any]) -> None:
    try:
        json.dumps(message, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedMessage("The body holds half of a surrogate pair.") from None


# The scanner is what a decoder calls after looking for white space, which `loads` has taken away. (The types that come
# with mypy want a scanner for making a scanner; Python takes the decoder.)
_quick: Any = json.JSONDecoder(parse_float=_finite_float, parse_constant=_refuse_constant)
_thorough: Any = json.JSONDecoder(
    object_pairs_hook=_unique_keys, parse_float=_finite_float, parse_constant=_refuse_constant
)
_quick_scan = make_scanner(_quick)
_thorough_scan = make_scanner(_thorough)
