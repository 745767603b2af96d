"""What PHP's arrays do to a message whose own keys are numbers or empty (PROTOCOL §1.5).

PHP keeps a key like `"5"` as the integer 5. When its signer meets an object or a list on the same level it merges two
arrays, and merging numbers the integer keys anew; and a prefix `"0"` or `""` counts as no prefix at all. Paths then say
something else than the message does, or replace each other. `sign` follows PHP; `verify` refuses such messages, since
the signature does not cover what they say. No real message has such keys.
"""

import re
from collections.abc import Mapping
from itertools import count

from .flatten import PathLine, escape_key, is_leaf, members, path_lines
from .rendering import INT64_MAX, INT64_MIN, render_value

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}").fullmatch


def has_numbered_keys(message: Mapping[str, object]) -> bool:
    """Tell whether PHP would change a path: a top-level key that is empty or a number, beside or above a container."""
    return any(key == "" or _is_integer(key) for key in message) and not all(map(is_leaf, message.values()))


def php_array_lines(tree: object) -> list[PathLine]:
    """Return the lines as PHP's array holds them at the end; `path` is the array's key, which may be a mere number."""
    lines: dict[str, str] = {}
    for key, value in members(tree):
        if key == "frame_mode":
            continue
        path = escape_key(key)
        if is_leaf(value):
            lines[path] = f"{path}:{render_value(value)}"
        else:
            below = php_array_lines(value) if path in ("", "0") else path_lines(value, path + ":")
            lines = _merge(lines, below)
    return [PathLine(path, line) for path, line in lines.items()]


def _merge(lines: dict[str, str], below: list[PathLine]) -> dict[str, str]:
    """Merge as PHP's `array_merge`: numbers are given anew from zero, other keys replace."""
    numbers = count()
    return {str(next(numbers)) if _is_integer(path) else path: line for path, line in [*lines.items(), *below]}


def _is_integer(key: str) -> bool:
    return _INTEGER(key) is not None and INT64_MIN <= int(key) <= INT64_MAX
