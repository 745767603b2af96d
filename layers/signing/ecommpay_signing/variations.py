"""The other ways in which somebody's code may make the signed text (PROTOCOL §1.1–1.6), each with its name in words.

Only to explain a signature that does not verify; nothing here decides what is believed.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple

from .flatten import PathLine, escape_key, is_leaf, members
from .natural_order import natural_key
from .rendering import INT64_MAX, INT64_MIN, render_value


class Place(str):
    """An empty text that stands where the signature stood, told from every other text by being this very object."""

    __slots__ = ()


#: Put it where the signature was; a variation decides what is signed there.
PLACE_OF_SIGNATURE = Place()


class Member(NamedTuple):
    """A key with its value, and where it is met."""

    key: str
    value: object
    depth: int
    in_list: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything in which ways of making the text part; the defaults are PHP's."""

    order: Callable[[PathLine], Any] = lambda entry: natural_key(entry.path)
    is_left_out_signature: Callable[[Member], bool] = lambda member: member.value is not None
    is_left_out_mode: Callable[[Member], bool] = lambda _member: True
    is_left_out: Callable[[Member], bool] = lambda _member: False
    escape: Callable[[Member], str] = lambda member: escape_key(member.key)
    null: str = ""
    boolean: Callable[[bool], str] = render_value
    number: Callable[[float], str] = render_value
    text: Callable[[str], str] = str.__str__
    line: Callable[[str, object, str], str] = lambda path, _value, rendered: f"{path}:{rendered}"
    empty_containers_have_lines: bool = False


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to make the text, and how it differs from PHP's in words; no difference: it is PHP's."""

    differences: tuple[str, ...]
    rules: Rules

    def lines(self, message: Mapping[str, object]) -> list[PathLine]:
        """The lines in the order they are signed in, of a message with `PLACE_OF_SIGNATURE` in it."""
        return sorted(_lines(message, "", self.rules), key=self.rules.order)


PHP = Variation((), Rules())


def variations(message: Mapping[str, object]) -> Iterator[Variation]:
    """Yield the combinations of rules that could give this message another text, those closest to PHP's first."""
    usual = _lines(message, "", PHP.rules)
    telling = [
        (axis, words, changes)
        for axis, options in enumerate(_AXES)
        for words, changes in options
        if "order" in changes or _lines(message, "", replace(PHP.rules, **changes)) != usual
    ]
    for number in range(len(_AXES) + 1):
        for chosen in combinations(telling, number):
            if len({axis for axis, _, _ in chosen}) == number:
                changes = {name: value for _, _, each in chosen for name, value in each.items()}
                yield Variation(tuple(words for _, words, _ in chosen), replace(PHP.rules, **changes))


def _lines(tree: object, prefix: str, rules: Rules, depth: int = 0, *, in_list: bool = False) -> list[PathLine]:
    found = []
    for key, value in members(tree):
        member = Member(key, value, depth, in_list)
        if key == "signature" and rules.is_left_out_signature(member):
            continue
        if (key == "frame_mode" and rules.is_left_out_mode(member)) or rules.is_left_out(member):
            continue
        path = prefix + rules.escape(member)
        if is_leaf(value):
            found.append(PathLine(path, rules.line(path, value, _rendered(value, rules))))
        elif value or not rules.empty_containers_have_lines:
            found += _lines(value, path + ":", rules, depth + 1, in_list=in_list or isinstance(value, list))
        else:
            found.append(PathLine(path, f"{path}:"))
    return found


def _rendered(value: object, rules: Rules) -> str:
    if value is None:
        return rules.null
    if isinstance(value, bool):
        return rules.boolean(value)
    if isinstance(value, (int, float)):
        return rules.number(value)
    return rules.text(str(value))


def _level_by_level(entry: PathLine) -> list[tuple[bool, int, bytes]]:
    """JavaScript: keys by their UTF-16 units, numbers before all others."""
    return [
        (not key.isdecimal(), int(key) if key.isdecimal() else 0, key.encode("utf-16-be", "surrogatepass"))
        for key in entry.path.split(":")
    ]


def _float_by(render: Callable[[float], str]) -> Callable[[float], str]:
    return lambda number: render(number) if isinstance(number, float) else render_value(number)


def _giant_in_full(number: float) -> str:
    return str(number) if isinstance(number, int) and not INT64_MIN <= number <= INT64_MAX else render_value(number)


def _booleans(false: str, true: str) -> dict[str, Any]:
    return {"boolean": lambda value: true if value else false}


#: One axis a row: of the options of a row at most one holds at a time.
_AXES: tuple[tuple[tuple[str, dict[str, Any]], ...], ...] = (
    (
        ("paths in code-point order", {"order": lambda entry: entry.path}),
        ("whole lines in code-point order", {"order": lambda entry: entry.line}),
        ("keys in order level by level, numbers first", {"order": _level_by_level}),
        ("capital and small letters in one order", {"order": lambda entry: natural_key(entry.path.lower())}),
        ("lines left in the order of the message", {"order": lambda _entry: 0}),
    ),
    (
        (
            "nested keys `signature` signed as well",
            {"is_left_out_signature": lambda member: member.value is PLACE_OF_SIGNATURE},
        ),
        (
            "keys `signature` inside lists signed as well",
            {
                "is_left_out_signature": lambda member: (
                    member.value is PLACE_OF_SIGNATURE or (member.value is not None and not member.in_list)
                )
            },
        ),
        ("keys `signature` left out also where they are null", {"is_left_out_signature": lambda _member: True}),
        (
            "the place of the signature signed as an empty text",
            {
                "is_left_out_signature": lambda member: (
                    member.value is not None and member.value is not PLACE_OF_SIGNATURE
                )
            },
        ),
    ),
    (
        ("nested keys `frame_mode` signed as well", {"is_left_out_mode": lambda member: member.depth == 0}),
        ("keys `frame_mode` signed as well", {"is_left_out_mode": lambda _member: False}),
    ),
    (
        (
            "top-level keys that begin with `_` left out",
            {"is_left_out": lambda member: member.depth == 0 and member.key.startswith("_")},
        ),
        ("nulls left out", {"is_left_out": lambda member: member.value is None}),
        ("empty texts left out", {"is_left_out": lambda member: member.value == "" and member.key != "signature"}),
    ),
    (
        ("`:` in keys not doubled", {"escape": lambda member: member.key}),
        (
            "`:` doubled in top-level keys only",
            {"escape": lambda member: member.key if member.depth else escape_key(member.key)},
        ),
    ),
    (("null written None", {"null": "None"}), ("null written null", {"null": "null"})),
    (
        ("booleans written True and False", _booleans("False", "True")),
        ("booleans written true and false", _booleans("false", "true")),
        ("false written as nothing", _booleans("", "1")),
        (
            "the line of a boolean a mere 1",
            {"line": lambda path, value, rendered: "1" if isinstance(value, bool) else f"{path}:{rendered}"},
        ),
    ),
    (
        ("floats written in full, like 1.0 or 0.30000000000000004", {"number": _float_by(repr)}),
        (
            "floats written in full, but whole ones without .0",
            {"number": _float_by(lambda number: repr(number).removesuffix(".0"))},
        ),
        ("floats with 17 digits, like 0.10000000000000001", {"number": _float_by(lambda number: f"{number:.17g}")}),
        ("floats with two places, like 1.00", {"number": _float_by(lambda number: f"{number:.2f}")}),
        ("floats cut to whole numbers", {"number": _float_by(lambda number: f"{int(number):d}")}),
        ("integers beyond 64 bits in full", {"number": _giant_in_full}),
    ),
    (("empty lists and objects signed as an empty text", {"empty_containers_have_lines": True}),),
    (
        ("texts without the white space around them", {"text": str.strip}),
        ("texts in composed Unicode (NFC)", {"text": lambda text: unicodedata.normalize("NFC", text)}),
        ("texts in decomposed Unicode (NFD)", {"text": lambda text: unicodedata.normalize("NFD", text)}),
        ("`/` in texts written `\\/`", {"text": lambda text: text.replace("/", "\\/")}),
    ),
)
