"""The platform's own signature code: PROTOCOL §1 as PHP does it.

Written apart from the project's signing layer and free of it, so that each checks the other.
"""

import base64
import functools
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any

LEFT_OUT = "frame_mode"
BLANKS = b" \t\n\v\f\r"
LARGEST_INT = 2**63 - 1
SMALLEST_INT = -(2**63)


def sign(message: Any, secret_key: str) -> str:
    """Return the base64 HMAC-SHA-512 of everything in `message`; signature keys must be out already."""
    digest = hmac.new(secret_key.encode(), canonical_text(message).encode(), hashlib.sha512).digest()
    return base64.b64encode(digest).decode()


def seal(message: dict[str, Any], secret_key: str) -> dict[str, Any]:
    """Return the message with `signature` at the top level: in the place kept for it, or at the end."""
    signature = sign(without_signatures(message), secret_key)
    return {**message, "signature": signature}


def matches(message: Any, signature: Any, secret_keys: Iterable[str]) -> bool:
    """Tell whether one of the keys gives this signature for the message without its signature keys."""
    if not isinstance(signature, str):
        return False
    bare = without_signatures(message)
    given = signature.encode()
    return any(hmac.compare_digest(sign(bare, key).encode(), given) for key in secret_keys)


def without_signatures(node: Any) -> Any:
    """Return a copy without keys named `signature`, at any depth; a null one stays, as PHP's isset has it."""
    if isinstance(node, dict):
        return {key: without_signatures(value) for key, value in node.items() if key != "signature" or value is None}
    if isinstance(node, list):
        return [without_signatures(value) for value in node]
    return node


def canonical_text(message: Any) -> str:
    """Return the text that is signed: `path:value` lines in natural order of their paths, joined by semicolons."""
    lines = dict(_leaves(message, ()))
    return ";".join(f"{path}:{lines[path]}" for path in sorted(lines, key=functools.cmp_to_key(_compare_paths)))


def _compare_paths(one: str, other: str) -> int:
    return natural_compare(one.encode(), other.encode())


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key != LEFT_OUT:
                yield from _leaves(value, (*path, str(key).replace(":", "::")))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _leaves(value, (*path, str(position)))
    else:
        yield ":".join(path), render(node)


def render(value: str | float | bool | None) -> str:  # noqa: FBT001 - a JSON true is a value here, not a switch
    """Return a leaf as PHP's string conversion writes it (PROTOCOL §1.2)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        return value
    if isinstance(value, int) and SMALLEST_INT <= value <= LARGEST_INT:
        return str(value)
    return _render_float(float(value))


def _render_float(value: float) -> str:
    """Write 14 significant digits; from 1e14 up and below 1e-4 with an exponent and a decimal point before it."""
    text = format(value, ".14G")
    if "E" not in text:
        return text
    mantissa, exponent = text.split("E")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{exponent[0]}{exponent[1:].lstrip('0')}"


def natural_compare(one: bytes, other: bytes) -> int:
    """Compare as PHP's strnatcmp: -1, 0 or 1; digits as numbers, blanks skipped, else bytes (PROTOCOL §1.3)."""
    if not one or not other:
        return (len(one) > len(other)) - (len(one) < len(other))
    left, right = _Reader(one), _Reader(other)
    left.skip_leading_zeros()
    right.skip_leading_zeros()
    while True:
        left.skip_blanks()
        right.skip_blanks()
        if left.at_digit() and right.at_digit():
            result = _compare_numbers(left, right)
            if result:
                return result
            if left.ended() or right.ended():
                return left.ended() * -1 + right.ended() * 1
        if left.byte() != right.byte():
            return -1 if left.byte() < right.byte() else 1
        left.place += 1
        right.place += 1
        if left.ended() or right.ended():
            return left.ended() * -1 + right.ended() * 1


def _compare_numbers(left: "_Reader", right: "_Reader") -> int:
    fractional = left.byte() == ord("0") or right.byte() == ord("0")
    first, second = left.take_digits(), right.take_digits()
    if not fractional and len(first) != len(second):
        return -1 if len(first) < len(second) else 1
    return (first > second) - (first < second)


class _Reader:
    """A place in a byte string; behind the end stands a zero byte, as in C."""

    __slots__ = ("place", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.place = 0

    def byte(self) -> int:
        return self.text[self.place] if self.place < len(self.text) else 0

    def ended(self) -> bool:
        return self.place >= len(self.text)

    def at_digit(self) -> bool:
        return ord("0") <= self.byte() <= ord("9")

    def skip_leading_zeros(self) -> None:
        while self.text[self.place : self.place + 1] == b"0" and self.text[self.place + 1 : self.place + 2].isdigit():
            self.place += 1

    def skip_blanks(self) -> None:
        while not self.ended() and self.byte() in BLANKS:
            self.place += 1

    def take_digits(self) -> bytes:
        start = self.place
        while self.at_digit():
            self.place += 1
        return self.text[start : self.place]
