"""Tells why a message does not verify: which other rule or key would have made its signature.

Nothing told holds a key, an expected signature, or more than a few characters of a value.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from .coverage import is_ambiguous
from .errors import MalformedMessage, SignatureMismatch
from .flatten import PathLine, is_leaf, members, path_lines
from .numbered_keys import has_numbered_keys
from .signature import find_signature, verify
from .variations import PHP, PLACE_OF_SIGNATURE, Variation, variations
from .written_forms import DIGESTS, WrittenDigest, WrittenKey, key_forms, read_signature

_SHOWN_CHARACTERS = 4
#: Enough for every three rules together, and soon over: a body of a few kilobytes takes a second.
_MOST_TEXTS = 3_000


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key, and what to call it; without a project it serves every message."""

    name: str
    secret: str
    project_id: int | None = None
    verifies: bool = True
    """False for a key of another purpose, such as the Data API's: it explains, and makes nothing believed."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the message verifies, and what there is to say about it, line by line."""

    verifies: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cause:
    """What made a signature: a key, and everything in which its maker went another way."""

    key: NamedKey
    differences: tuple[str, ...]
    variation: Variation


def explain(message: Mapping[str, object], keys: Sequence[NamedKey]) -> Explanation:
    """Explain how a message from `loads` was or was not signed."""
    project_id = _named_project(message)
    in_force = [key for key in keys if key.verifies and key.project_id in (None, project_id)]
    try:
        verified_by = in_force[verify(message, [key.secret for key in in_force])]
    except SignatureMismatch as mismatch:
        verifies = False
        verdict = [f"Does not verify. {mismatch}"]
        if not in_force:
            verdict.append(f"The message names {_called(project_id)}, and there is no key for that.")
    else:
        verifies = True
        verdict = [f"Verifies with the {verified_by.name}."]
        if is_ambiguous(message):
            verdict.append(
                "It is stored and not believed all the same: with `;` in it, `:` in a key or an empty key, the text "
                "has several readings."
            )
    try:
        path_lines(message)
    except MalformedMessage as error:
        return Explanation(verifies, (*verdict, f"There is no text to sign. {error}"))
    if not _signature_places(message):
        return Explanation(verifies, (*verdict, *_shown_text(message, None)))
    if has_numbered_keys(message):
        verdict.append(
            "A top-level key is a number or empty. PHP changes the paths of such a message, so it is always refused."
        )
    cause = _find_cause(message, [*in_force, *(key for key in keys if key not in in_force)])
    return Explanation(verifies, (*verdict, *_told(cause, project_id), *_shown_text(message, cause)))


def _named_project(message: Mapping[str, object]) -> int | None:
    """Return the project the message says it is of, where a receiver looks for it."""
    general = message.get("general")
    for level in (message, general if isinstance(general, Mapping) else {}):
        named = level.get("project_id")
        if isinstance(named, (int, str)) and not isinstance(named, bool) and str(named).isdecimal():
            return int(named)
    return None


def _called(project_id: int | None) -> str:
    return "no project" if project_id is None else f"project {project_id}"


def _find_cause(message: Mapping[str, object], keys: Sequence[NamedKey]) -> _Cause | None:
    named_keys = [(key, form) for key in keys for form in key_forms(key.secret)]
    for place, signature in _signature_places(message):
        written = read_signature(signature)
        if written is None:
            continue
        bare = _with_mark(message, place)
        tried = set()
        for variation in islice(variations(bare), _MOST_TEXTS):
            text = ";".join(line for _, line in variation.lines(bare)).encode("utf-8", "surrogatepass")
            if text in tried:
                continue
            tried.add(text)
            for key, form in named_keys:
                if _fits(text, form, written):
                    elsewhere = () if place == _usual_place(message) else (f"the signature at `{':'.join(place)}`",)
                    differences = (*elsewhere, *variation.differences, *form.differences, *written.differences)
                    return _Cause(key, differences, variation)
    return None


def _fits(text: bytes, key: WrittenKey, written: WrittenDigest) -> bool:
    return hmac.compare_digest(hmac.digest(key.content, text, DIGESTS[len(written.content)]), written.content)


def _signature_places(message: Mapping[str, object]) -> list[tuple[tuple[str, ...], str]]:
    """Return every text named `signature` with its path, the one that counts first."""
    found = []
    pending: list[tuple[tuple[str, ...], object]] = [((), message)]
    while pending:
        path, level = pending.pop()
        for key, value in members(level):
            if key == "signature" and isinstance(value, str):
                found.append(((*path, key), value))
            elif not is_leaf(value):
                pending.append(((*path, key), value))
    usual = _usual_place(message)
    return sorted(found, key=lambda each: each[0] != usual)


def _usual_place(message: Mapping[str, object]) -> tuple[str, ...] | None:
    try:
        find_signature(message)
    except SignatureMismatch:
        return None
    return ("signature",) if message.get("signature") is not None else ("general", "signature")


def _with_mark(message: Mapping[str, object], place: tuple[str, ...]) -> dict[str, object]:
    """Return the message with the mark in the place of its signature."""

    def copied(level: object, path: tuple[str, ...]) -> object:
        if path == place:
            return PLACE_OF_SIGNATURE
        if is_leaf(level):
            return level
        inside = {key: copied(value, (*path, key)) for key, value in members(level)}
        return inside if isinstance(level, Mapping) else list(inside.values())

    return {key: copied(value, (key,)) for key, value in message.items()}


def _told(cause: _Cause | None, project_id: int | None) -> Iterator[str]:
    if cause is None:
        yield "No known rule gives this signature: another key made it, or the message was changed afterwards."
        return
    rules = f"with another rule: {'; '.join(cause.differences)}" if cause.differences else "as PHP does"
    yield f"The signature was made with the {cause.key.name}, {rules}."
    if cause.key.project_id not in (None, project_id):
        yield f"The wrong project: the message names {_called(project_id)}, whose keys alone may verify it."
    elif not cause.key.verifies:
        yield "That key is for another purpose and verifies no message of this kind."


def _shown_text(message: Mapping[str, object], cause: _Cause | None) -> Iterator[str]:
    """Yield the text that PHP signs, and where the text that was signed is another, both line by line."""
    place = _usual_place(message)
    marked = _with_mark(message, place) if place else message
    usual = PHP.lines(marked)
    other = usual if cause is None else cause.variation.lines(marked)
    if other == usual:
        yield f"The text PHP signs, {len(usual)} lines joined by ';', values shortened:"
        yield from (f"  {_shortened(line)}" for line in usual)
        return
    yield "The text PHP signs (-) and the one that was signed (+), lines joined by ';', values shortened:"
    steps = SequenceMatcher(None, [entry.line for entry in usual], [entry.line for entry in other], autojunk=False)
    for step, start, end, other_start, other_end in steps.get_opcodes():
        yield from (f"{' ' if step == 'equal' else '-'} {_shortened(entry)}" for entry in usual[start:end])
        if step != "equal":
            yield from (f"+ {_shortened(entry)}" for entry in other[other_start:other_end])


def _shortened(entry: PathLine) -> str:
    path = f"{entry.path}:" if entry.line.startswith(f"{entry.path}:") else ""
    value = entry.line.removeprefix(path)
    shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}…"
    # A control character could write over the terminal.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in f"{path}{shown}")
