"""Writes a message as JSON in one of its many spellings: some mean the same to every reader, some to the signer only.

Habits:

* ``order``, ``space``, ``escapes``: other bytes, the same values.
* ``numbers``: 1 as 1.0, 1e0 or 10e-1. ``types``: 1 as "1" or true, 0 as false, null as "", texts of digits as numbers.
  The signed text stays the same wherever it can.
* ``twice``: a key stands twice in one object, which no strict reader takes.
"""

from __future__ import annotations

import json
import random
from typing import Any

HABITS = ("order", "space", "escapes", "numbers", "types", "twice")
_SPACES = ("", "", " ", "\n", "\t", "\r\n", "  ")
#: How often a habit shows at a place it could show at.
_OFTEN = 0.3


def spelled(value: Any, habits: frozenset[str], chance: random.Random) -> str:
    """One spelling of the value."""
    if isinstance(value, dict):
        return _object(value, habits, chance)
    if isinstance(value, list):
        return f"[{_gap(habits, chance)}{','.join(spelled(each, habits, chance) for each in value)}]"
    return f"{_gap(habits, chance)}{_scalar(value, habits, chance)}{_gap(habits, chance)}"


def _object(value: dict[str, Any], habits: frozenset[str], chance: random.Random) -> str:
    members = list(value.items())
    if "order" in habits:
        chance.shuffle(members)
    if "twice" in habits and members and chance.random() < _OFTEN:
        name, kept = chance.choice(members)
        members.insert(chance.randrange(len(members) + 1), (name, chance.choice([kept, "success", 1, {}])))
    written = (f"{_text(name, habits, chance)}:{spelled(below, habits, chance)}" for name, below in members)
    return f"{{{_gap(habits, chance)}{','.join(written)}}}"


def _scalar(value: Any, habits: frozenset[str], chance: random.Random) -> str:
    if chance.random() < _OFTEN:
        if "types" in habits and (others := _other_types(value)):
            return chance.choice(others)
        if "numbers" in habits and type(value) is int:
            return chance.choice(
                [f"{value}.0", f"{value}e0", f"{value}0e-1", f"{value}.000", f"-{value}", f"{value}E+0"]
            )
    return _text(value, habits, chance) if isinstance(value, str) else json.dumps(value)


def _other_types(value: Any) -> list[str]:
    """Other JSON values that the signer writes as it writes this one."""
    if value is None or value == "":
        return ["null", '""']
    if isinstance(value, bool):
        return [str(int(value)), f'"{int(value)}"']
    if isinstance(value, int):
        return [f'"{value}"', *(["true"] if value == 1 else ["false"] if value == 0 else [])]
    if isinstance(value, str) and value.isascii() and value.isdigit() and (value == "0" or value[0] != "0"):
        return [value, f"{value}.0"]
    return []


def _text(value: str, habits: frozenset[str], chance: random.Random) -> str:
    if "escapes" not in habits:
        return json.dumps(value, ensure_ascii=False)
    written = json.dumps(value)[1:-1].replace("/", "\\/")
    if value and value.isalpha() and value.isascii():
        written = "".join(f"\\u{ord(each):04x}" if chance.random() < _OFTEN else each for each in value)
    return f'"{written}"'


def _gap(habits: frozenset[str], chance: random.Random) -> str:
    return chance.choice(_SPACES) if "space" in habits else ""
