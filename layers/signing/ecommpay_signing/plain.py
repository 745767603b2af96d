"""The short way to the signed text, for messages that natural order has nothing to decide in.

1. It is taken when every key consists of ASCII letters and `_`, and every leaf is a text, a 64-bit integer, a boolean or
   null. That is every ordinary callback.
2. All characters of such keys sort after `:`. So no digits or white space are there to be compared in a special way,
   no `:` is there to be doubled, and where one path begins another, `:` puts the shorter line first: the plain order of
   whole lines is PHP's order of the paths.
3. Everything else takes the long way, `flatten` and `natural_order`; both give the same text.
"""

from collections.abc import Callable, Mapping

from .rendering import INT64_MAX, INT64_MIN

_PLAIN_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_NOT_PLAIN = "!"  # put among the keys, it fails the test on their characters
_LONGEST_PREFIX = 250  # also the limit of depth, since every level adds a character


def plain_text(message: Mapping[str, object]) -> str | None:
    """Return the signed text, or None where the long way must be taken.

    Also None when a key is `frame_mode` or `signature`, or merely contains such a word: those have rules of their own.
    """
    if "" in message:  # PHP takes an empty key for no key: see numbered_keys
        return None
    lines: list[str] = []
    keys: list[str] = []
    _unfold(message, "", lines.append, keys)
    names = "".join(keys)
    if (
        names.encode("utf-8", "surrogatepass").translate(None, _PLAIN_CHARACTERS)
        or "signature" in names
        or "frame_mode" in names
    ):
        return None
    lines.sort()
    return ";".join(lines)


def _unfold(level: object, prefix: str, add_line: Callable[[str], None], keys: list[str]) -> None:
    if type(level) is not dict or len(prefix) > _LONGEST_PREFIX:
        keys.append(_NOT_PLAIN)
        return
    keys += level
    for key, value in level.items():
        kind = type(value)
        if kind is str or (kind is int and INT64_MIN <= value <= INT64_MAX):
            add_line(f"{prefix}{key}:{value}")
        elif kind is dict:
            _unfold(value, f"{prefix}{key}:", add_line, keys)
        elif value is None:
            add_line(f"{prefix}{key}:")
        elif kind is bool:
            add_line(f"{prefix}{key}:{value:d}")
        elif value != []:
            keys.append(_NOT_PLAIN)
