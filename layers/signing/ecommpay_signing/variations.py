"""The other ways in which one or another of the provider's SDKs makes the signed text (PROTOCOL §1.2–1.4, §1.6).

Only to explain a signature that does not verify; nothing here decides what is believed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from .canonical import join_by_code_point, join_naturally
from .flatten import PathLine, escape_key, is_leaf, members
from .rendering import render_value


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to make the signed text, and how it differs from PHP's in words; no difference: it is PHP's."""

    differences: tuple[str, ...]
    text: Callable[[Mapping[str, object]], str]


def variations() -> list[Variation]:
    """Return all combinations of the rules, those that differ least from PHP first."""
    combined = [
        Variation(
            tuple(words for words, _ in (order, removal, rendering, colons) if words),
            _text_maker(order[1], removal[1], rendering[1], colons[1]),
        )
        for order, removal, rendering, colons in product(_ORDERS, _REMOVALS, _RENDERINGS, _COLONS)
    ]
    return sorted(combined, key=lambda variation: len(variation.differences))


_Join = Callable[[list[PathLine]], str]
_Remove = Callable[[str, object, bool], bool]  # key, value, within a list somewhere above
_Render = Callable[[object], str]
_Escape = Callable[[str], str]


def _text_maker(
    join: _Join, remove: _Remove, render: _Render, escape: _Escape
) -> Callable[[Mapping[str, object]], str]:
    def leaves(tree: object, prefix: str, *, in_list: bool) -> Iterator[PathLine]:
        for key, value in members(tree):
            if key == "frame_mode" or (key == "signature" and remove(key, value, in_list)):
                continue
            path = prefix + escape(key)
            if is_leaf(value):
                yield PathLine(path, f"{path}:{render(value)}")
            else:
                yield from leaves(value, path + ":", in_list=in_list or isinstance(value, list))

    return lambda message: join(list(leaves(message, "", in_list=False)))


def _join_whole_lines(lines: list[PathLine]) -> str:
    return ";".join(sorted(entry.line for entry in lines))


def _join_level_by_level(lines: list[PathLine]) -> str:
    return ";".join(entry.line for entry in sorted(lines, key=lambda entry: _as_numbers(entry.path.split(":"))))


def _as_numbers(keys: list[str]) -> list[tuple[bool, int, str]]:
    return [(not key.isdecimal(), int(key) if key.isdecimal() else 0, key) for key in keys]


def _rendered(
    *, null: str = "", booleans: tuple[str, str] = ("0", "1"), floats: Callable[[float], str] = render_value
) -> _Render:
    def render(value: object) -> str:
        if value is None:
            return null
        if isinstance(value, bool):
            return booleans[value]
        return floats(value) if isinstance(value, float) else render_value(value)

    return render


_ORDERS: list[tuple[str, _Join]] = [
    ("", join_naturally),
    ("paths in code-point order", join_by_code_point),
    ("whole lines in code-point order", _join_whole_lines),
    ("keys in order level by level, numbers first", _join_level_by_level),
]
_REMOVALS: list[tuple[str, _Remove]] = [
    ("", lambda _key, value, _in_list: value is not None),
    ("nested keys `signature` signed as well", lambda _key, _value, _in_list: False),
    ("keys `signature` inside lists signed as well", lambda _key, value, in_list: value is not None and not in_list),
    ("keys `signature` left out also where they are null", lambda _key, _value, _in_list: True),
]
_RENDERINGS: list[tuple[str, _Render]] = [
    ("", render_value),
    ("null written None", _rendered(null="None")),
    ("null written null", _rendered(null="null")),
    ("booleans written True and False", _rendered(booleans=("False", "True"))),
    ("booleans written true and false", _rendered(booleans=("false", "true"))),
    ("floats written in full, like 1.0 or 0.30000000000000004", _rendered(floats=repr)),
    ("floats cut to whole numbers", _rendered(floats=lambda value: f"{int(value):d}")),
    ("null written None and floats in full", _rendered(null="None", floats=repr)),
]
_COLONS: list[tuple[str, _Escape]] = [("", escape_key), ("`:` in keys not doubled", str)]
