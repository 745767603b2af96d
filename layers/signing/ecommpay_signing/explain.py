"""Tells why a message does not verify: which other rule or key would have made its signature.

Nothing told holds a key, an expected signature, or more than a few characters of a value.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .canonical import join_naturally
from .errors import MalformedMessage, SignatureMismatch
from .flatten import PathLine, path_lines
from .numbered_keys import has_numbered_keys
from .signature import find_signature, hmac_signature, verify, without_outer_signature
from .variations import variations

_SHOWN_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the message verifies, and what there is to say about it, line by line."""

    verifies: bool
    lines: tuple[str, ...]


def explain(message: Mapping[str, object], secret_keys: Mapping[str, str]) -> Explanation:
    """Explain how a message from `loads` was or was not signed; `secret_keys` maps the names to tell to the keys."""
    try:
        index = verify(message, secret_keys.values())
    except SignatureMismatch as mismatch:
        verdict = [f"Does not verify. {mismatch}", *_find_cause(message, secret_keys)]
        return Explanation(verifies=False, lines=(*verdict, *_shortened_text(message)))
    verdict = [f"Verifies with the key {list(secret_keys)[index]}.", *_find_cause(message, secret_keys)]
    return Explanation(verifies=True, lines=(*verdict, *_shortened_text(message)))


def _find_cause(message: Mapping[str, object], secret_keys: Mapping[str, str]) -> Iterator[str]:
    try:
        given = find_signature(message).encode("utf-8", "surrogatepass")
    except SignatureMismatch:
        return
    if has_numbered_keys(message):
        yield "A top-level key is a number or empty. PHP changes the paths of such a message, so it is always refused."
    rest = without_outer_signature(message)
    for variation in variations():
        signed = variation.text(rest).encode("utf-8")
        for name, key in secret_keys.items():
            if hmac.compare_digest(hmac_signature(signed, key), given):
                rules = (
                    f"with another rule: {'; '.join(variation.differences)}" if variation.differences else "as PHP does"
                )
                yield f"The signature was made with the key {name}, {rules}."
                return
    yield "No known rule gives this signature: another key made it, or the message was changed afterwards."


def _shortened_text(message: Mapping[str, object]) -> Iterator[str]:
    try:
        lines = path_lines(message, without_signatures=True)
    except MalformedMessage as error:
        yield f"There is no text to sign. {error}"
        return
    # Each line gets its place by its path and is then shown short.
    places = [PathLine(entry.path, str(place)) for place, entry in enumerate(lines)]
    yield f"The text PHP signs, {len(lines)} lines joined by ';', values shortened:"
    for place in filter(None, join_naturally(places).split(";")):
        yield f"  {_shortened(lines[int(place)])}"


def _shortened(entry: PathLine) -> str:
    value = entry.line[len(entry.path) + 1 :]
    shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}…"
    # A control character could write over the terminal.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in f"{entry.path}:{shown}")
