"""The short way to the signed text, for messages that natural order has nothing to decide in.

1. It is taken when every key consists of letters and `_`, and every leaf is a text, a 64-bit integer, a boolean or
   null. That is every ordinary callback.
2. Letters and `_` sort after `:`, as characters and as UTF-8 bytes. So there are no digits and no white space to be
   compared in a way of their own, no `:` to be doubled, and where one path begins another, the `:` behind the shorter
   one puts it first: the plain order of whole lines is PHP's order of the paths.
3. Everything else takes the long way, `flatten` and `natural_order`; both give the same text.
"""

from collections.abc import Mapping
from typing import Any

from .rendering import INT64_MAX, INT64_MIN, render_value

_LONGEST_PREFIX = 250  # bounds the depth as well, since every level adds a character
_MOST_KNOWN_KEYS = 1000
_LONGEST_KNOWN_KEY = 60

#: Keys found plain before. The provider uses the same few dozen again and again, and looking one up is several times
#: faster than looking at its letters.
_known_keys: set[str] = set()


def plain_text(message: Mapping[str, object]) -> str | None:
    """Return the signed text, or None where the long way must be taken.

    Also None when a key is `frame_mode` or `signature`: those have rules of their own.
    """
    lines: list[str] = []
    if type(message) is not dict or not _unfold(message, "", lines):
        return None
    lines.sort()
    return ";".join(lines)


def _unfold(level: dict[str, Any], prefix: str, lines: list[str]) -> bool:
    """Add the lines of one level and those below; False as soon as something is not plain."""
    if len(prefix) > _LONGEST_PREFIX:
        return False
    for key, value in level.items():
        if key not in _known_keys and not _is_plain(key):
            return False
        kind = type(value)
        if kind is str:
            lines.append(f"{prefix}{key}:{value}")
        elif kind is dict:
            if not _unfold(value, f"{prefix}{key}:", lines):
                return False
        elif kind is int and INT64_MIN <= value <= INT64_MAX:
            lines.append(f"{prefix}{key}:{value}")
        elif value is None or kind is bool:
            lines.append(f"{prefix}{key}:{render_value(value)}")
        elif value != []:
            return False
    return True


def _is_plain(key: str) -> bool:
    if not key.replace("_", "").isalpha() or key in ("frame_mode", "signature"):
        return False
    if len(_known_keys) < _MOST_KNOWN_KEYS and len(key) <= _LONGEST_KNOWN_KEY:
        _known_keys.add(key)
    return True
