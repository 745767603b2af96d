"""Tells why a message does not verify: which other rule, known from one of the provider's SDKs, would have made its signature.

1. The rules vary in four ways: order, which keys `signature` are removed, rendering of values, `:` in keys (PROTOCOL §1.3–1.6).
2. The combination with the fewest differences from PHP is the one that is told.
3. Nothing told holds a key, an expected signature, or more than a few characters of a value.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from .canonical import join_by_code_point, join_naturally
from .errors import MalformedMessage, SignatureMismatch
from .flatten import PathLine, escape_key, is_leaf, members, path_lines
from .numbered_keys import has_numbered_keys
from .rendering import render_value
from .signature import find_signature, hmac_signature, verify, without_outer_signature

_SHOWN_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the message verifies, and what there is to say about it, line by line."""

    verifies: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    """One way to make the signed text; a name is None where PHP does the same."""

    differences: tuple[str, ...]
    join: Callable[[list[PathLine]], str]
    kept: Callable[[str, object, bool], bool]
    render: Callable[[object], str]
    escape: Callable[[str], str]


def explain(message: Mapping[str, object], secret_keys: Mapping[str, str]) -> Explanation:
    """Explain how the message's signature was or was not made; the keys go by the names they are told under."""
    names = list(secret_keys)
    try:
        verdict = f"It verifies with the key {names[verify(message, secret_keys.values())]}."
        verifies = True
    except SignatureMismatch as mismatch:
        verdict = f"It does not verify. {mismatch}"
        verifies = False
    return Explanation(verifies, (verdict, *_find_cause(message, secret_keys), *_shortened_lines(message)))


def _find_cause(message: Mapping[str, object], secret_keys: Mapping[str, str]) -> Iterator[str]:
    try:
        given = find_signature(message).encode("utf-8", "surrogatepass")
    except SignatureMismatch:
        return
    if has_numbered_keys(message):
        yield "It has top-level keys that are numbers or empty: PHP changes their paths, so such a message is always refused."
    rest = without_outer_signature(message)
    for rules in sorted(_all_rules(), key=lambda rules: len(rules.differences)):
        lines = [PathLine(path, f"{path}:{rules.render(value)}") for path, value in _leaves(rest, rules)]
        signed = rules.join(lines).encode("utf-8", "surrogatepass")
        for name, key in secret_keys.items():
            if hmac.compare_digest(hmac_signature(signed, key.encode("utf-8")), given):
                yield f"Its signature was made with the key {name} {_in_words(rules.differences)}."
                return
    yield "No rule known from an SDK gives its signature: it was made with another key, or the content was changed afterwards."


def _in_words(differences: tuple[str, ...]) -> str:
    return f"and another rule: {'; '.join(differences)}" if differences else "as PHP makes it"


def _shortened_lines(message: Mapping[str, object]) -> Iterator[str]:
    try:
        lines = path_lines(message, without_signatures=True)
        ordered = join_naturally([PathLine(entry.path, _shortened(entry)) for entry in lines])
    except MalformedMessage as error:
        yield f"There is no signed text: {error}"
        return
    yield f"The text that PHP signs has {len(lines)} lines (values shortened, one line of the text on each line here):"
    yield from (f"  {line}" for line in ordered.split(";") if line)


def _shortened(entry: PathLine) -> str:
    value = entry.line[len(entry.path) + 1 :]
    shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}…"
    # Control characters could write over the terminal; a `;` is told apart from the one that ends a line.
    return "".join(c if c.isprintable() else "�" for c in f"{entry.path}:{shown}").replace(";", "[semicolon]")
