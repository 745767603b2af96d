"""The short way to the signed text, for messages that natural order has nothing to decide in.

1. It is taken when every key consists of letters and `_`, and every leaf is a text, a 64-bit integer, a boolean or
   null. That is every ordinary callback.
2. Letters and `_` sort after `:`, as characters and as UTF-8 bytes. So there are no digits and no white space to be
   compared in a way of their own, no `:` to be doubled, and where one path begins another, the `:` behind the shorter
   one puts it first: the plain order of whole lines is PHP's order of the paths.
3. Everything else takes the long way, `flatten` and `natural_order`; both give the same text.
4. The provider uses the same few dozen keys in the same places again and again. The beginnings of their lines are
   remembered, and remembering them is also the knowledge that those keys are plain.
"""

from collections.abc import Mapping
from typing import Any

from .rendering import INT64_MAX, INT64_MIN, render_value

_LONGEST_PREFIX = 250  # bounds the depth as well, since every level adds a character
_LONGEST_KEY = 60
_MOST_KEYS_IN_A_PLACE = 100
_MOST_PLACES = 200

#: For the place of a level (`payment:sum:`) and a plain key in it (`amount`), the beginning of the line
#: (`payment:sum:amount:`). Strangers can make it forget by sending other keys; that costs time and nothing else.
_line_beginnings: dict[str, dict[str, str]] = {}


def plain_text(message: Mapping[str, object]) -> str | None:
    """Return the signed text, or None where the long way must be taken.

    Also None when a key is `frame_mode` or `signature`: those have rules of their own.
    """
    if type(message) is not dict:
        return None
    for learn_keys in (_learn_keys, None):
        lines: list[str] = []
        try:
            is_plain = _unfold(message, "", lines)
        except KeyError:
            if learn_keys is None or not learn_keys(message, ""):
                return None
        else:
            lines.sort()
            return ";".join(lines) if is_plain else None
    return None


def _unfold(level: dict[str, Any], prefix: str, lines: list[str]) -> bool:
    """Add the lines of one level and those below; False for a value that is not plain, KeyError for an unknown key."""
    beginnings = _line_beginnings[prefix]
    for key, value in level.items():
        beginning = beginnings[key]
        kind = type(value)
        if kind is str:
            lines.append(beginning + value)
        elif kind is dict:
            if not _unfold(value, beginning, lines):
                return False
        elif kind is int and INT64_MIN <= value <= INT64_MAX:
            lines.append(beginning + str(value))
        elif value is None or kind is bool:
            lines.append(beginning + render_value(value))
        elif value != []:
            return False
    return True


def _learn_keys(level: dict[str, Any], prefix: str) -> bool:
    """Remember the keys of one level and those below; False where one is not plain, or there are too many."""
    if len(level) > _MOST_KEYS_IN_A_PLACE or len(prefix) > _LONGEST_PREFIX or not all(map(_is_plain, level)):
        return False
    if len(_line_beginnings) >= _MOST_PLACES:
        _line_beginnings.clear()
    known = _line_beginnings.get(prefix, {})
    seen = {key: f"{prefix}{key}:" for key in level}
    _line_beginnings[prefix] = seen if len(known) + len(seen) > _MOST_KEYS_IN_A_PLACE else {**known, **seen}
    return all(_learn_keys(value, seen[key]) for key, value in level.items() if type(value) is dict)


def _is_plain(key: str) -> bool:
    return len(key) <= _LONGEST_KEY and key.replace("_", "").isalpha() and key not in ("frame_mode", "signature")
