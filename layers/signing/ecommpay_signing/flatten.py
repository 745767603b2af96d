"""Unfolds a message into its leaves, one `path:value` line each (PROTOCOL §1.1).

1. A path is the chain of keys and list positions joined by `:`; a `:` inside a key is doubled.
2. `frame_mode` is left out at any depth. An empty list or object yields no line.
3. Two leaves of one path (only empty keys and keys with `:` can do that) keep both lines, so that nothing in a
   message goes unsigned; PHP would lose one of them.
"""

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import NamedTuple

from .errors import MalformedMessage
from .rendering import render_value

#: Every path repeats its parents' keys, so a small body could unfold into gigabytes. Real messages need a few thousand.
MAX_PATH_CHARACTERS = 4 * 2**20


class PathLine(NamedTuple):
    """One leaf: what its line is sorted by, and the line."""

    path: str
    line: str


def path_lines(tree: object, prefix: str = "", *, without_signatures: bool = False) -> list[PathLine]:
    """Return the line of every leaf under `tree`, in the message's own order, each path beginning with `prefix`.

    `without_signatures` leaves out every key `signature` that is not null, at any depth, as PHP does to verify.
    """
    lines = []
    room = MAX_PATH_CHARACTERS
    # A stack of our own: a message that did not come through `loads` may be deeper than Python's.
    levels = [(prefix, iter(members(tree)))]
    while levels:
        prefix, rest = levels[-1]
        for key, value in rest:
            if key == "frame_mode" or (without_signatures and key == "signature" and value is not None):
                continue
            path = prefix + escape_key(key)
            room -= len(path)
            if room < 0:
                raise MalformedMessage("The message unfolds into far more text than it has itself.")
            if is_leaf(value):
                lines.append(PathLine(path, f"{path}:{render_value(value)}"))
            else:
                levels.append((path + ":", iter(members(value))))
                break
        else:
            levels.pop()
    return lines


def escape_key(key: str) -> str:
    """Return the key as it stands in a path."""
    return key.replace(":", "::")


def is_leaf(value: object) -> bool:
    """Tell whether the value is written as it is, rather than unfolded."""
    return isinstance(value, (str, int, float, NoneType))


def members(container: object) -> Iterable[tuple[str, object]]:
    """Return what a container holds, with keys as PHP sees them: the elements of a list are numbered from zero."""
    if isinstance(container, Mapping):
        return container.items()
    if isinstance(container, (list, tuple)):
        return ((str(position), value) for position, value in enumerate(container))
    raise TypeError(f"a {type(container).__name__} cannot be signed")
