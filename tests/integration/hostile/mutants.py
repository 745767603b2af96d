"""Makes hostile messages out of genuine ones: what somebody could send who has a signed message and no key."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Literal

from tests.integration.hostile.spelling import HABITS, spelled

Level = dict[str, Any]
Trick = Callable[[Level, Level, str, random.Random], None]

#: How often a mutant also has single bits turned, which hardly any survives.
_BITS_TURNED = 0.05
FORMS: tuple[Literal["NFC", "NFD", "NFKC"], ...] = ("NFC", "NFD", "NFKC")
_NAMES = ("0", "1", "5", "-1", "", "signature", "frame_mode", "a:b", "a;b", "general", "operation", "status", "id")
_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, "", "1", "success", "decline", 1000.0, 1e3, "1000", 1001, [], {})


def mutant(body: bytes, chance: random.Random) -> bytes:
    """Another message made of this one by up to three tricks and up to three habits of spelling."""
    message = json.loads(body)
    for _ in range(chance.randint(0, 3)):
        level, key = chance.choice(list(_places(message)))
        if key in level:
            chance.choice(TRICKS)(message, level, key, chance)
    habits = frozenset(chance.sample(HABITS, chance.randint(0, 3)))
    try:
        written = spelled(message, habits, chance).encode()
    except RecursionError:
        return body
    return _with_bits_turned(written, chance) if chance.random() < _BITS_TURNED else written


def _places(level: Any) -> Iterator[tuple[Level, str]]:
    for key, value in level.items():
        yield level, key
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, dict):
                yield from _places(below)


def _with_bits_turned(body: bytes, chance: random.Random) -> bytes:
    turned = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        turned[chance.randrange(len(turned))] ^= 1 << chance.randrange(8)
    return bytes(turned)


def _add_unsigned(_message: Level, level: Level, _key: str, chance: random.Random) -> None:
    """What no signature covers: it may say anything, and has to be overheard."""
    lie = chance.choice([{"status": "success", "sum": {"amount": 1, "currency": "KES"}}, "success", ["success"], 1])
    level[chance.choice(["frame_mode", "signature"])] = lie


def _add_empty(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    empty: Any = chance.choice([[], {}, [[]], {"x": {}}, [{"frame_mode": 1}]])
    if isinstance(level[key], list):
        level[key].insert(chance.randrange(len(level[key]) + 1), empty)
    else:
        level.setdefault(chance.choice(["redirect_data", "clarification_fields", "operations", "sum", "errors"]), empty)


def _list_as_object(_message: Level, level: Level, key: str, _chance: random.Random) -> None:
    if isinstance(level[key], list):
        level[key] = {str(place): below for place, below in enumerate(level[key])}


def _cut_at_colon(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    value = level[key]
    if isinstance(value, str) and ":" in value:
        name, rest = value.split(":", 1)
        level[key] = {name: rest}
        if chance.random() < 0.3:
            _cut_at_colon(level, level[key], name, chance)


def _join_single(_message: Level, level: Level, key: str, _chance: random.Random) -> None:
    """An object of one member, written as the text that its line ends with."""
    value = level[key]
    if isinstance(value, list) and len(value) == 1:
        value = {"0": value[0]}
    if isinstance(value, dict) and len(value) == 1:
        ((name, below),) = value.items()
        if isinstance(below, str | int):
            level[key] = f"{name}:{below}"


def _swallow(message: Level, _level: Level, _key: str, chance: random.Random) -> None:
    """A value takes in the signed lines behind its own, which then are gone: `a:1;b:2` as `{"a": "1;b:2"}`."""
    lines = sorted(_lines(message, ""), key=lambda line: line[0])
    place = chance.randrange(len(lines))
    _, level, key = lines[place]
    for path, other, name in lines[place + 1 : place + chance.randint(2, 4)]:
        level[key] = f"{level[key]};{path}:{other.pop(name)}"


def _lines(level: Level, prefix: str) -> Iterator[tuple[str, Level, str]]:
    for key, value in level.items():
        if isinstance(value, dict):
            yield from _lines(value, f"{prefix}{key}:")
        elif isinstance(value, str | int) and (prefix or key != "signature"):
            yield f"{prefix}{key}", level, key


def _split_keys(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    value = level[key]
    if isinstance(value, dict):
        glue = chance.choice([":", "::", ";"])
        level |= {f"{key}{glue}{name}": below for name, below in value.items()}
        del level[key]
    elif chance.random() < 0.5:
        level[key] = {"": value}


def _move_signature(message: Level, _level: Level, _key: str, _chance: random.Random) -> None:
    general = message.get("general")
    if isinstance(general, dict) and "signature" in general and "signature" not in message:
        message["signature"] = general.pop("signature")
    elif "signature" in message and isinstance(message.setdefault("general", {}), dict):
        message["general"]["signature"] = message.pop("signature")


def _change_value(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    level[key] = chance.choice(_VALUES)


def _add_key(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    level[chance.choice(_NAMES)] = deepcopy(chance.choice([level[key], *_VALUES]))


def _remove(_message: Level, level: Level, key: str, _chance: random.Random) -> None:
    del level[key]


def _exchange(message: Level, level: Level, key: str, chance: random.Random) -> None:
    other, name = chance.choice(list(_places(message)))
    level[key], other[name] = deepcopy(other[name]), deepcopy(level[key])


def _rename(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    """Another case, white space that natural order does not see, or another Unicode form of the same letters."""
    renamed = chance.choice([key.upper(), key.title(), f"{key} ", f" {key}", key.replace("_", "\uff3f"), f"0{key}"])
    level[renamed] = level.pop(key)


def _normalise(_message: Level, level: Level, key: str, chance: random.Random) -> None:
    if isinstance(level[key], str):
        form = chance.choice(FORMS)
        level[key] = unicodedata.normalize(form, level[key].replace("1", "\uff11").replace("e", "\u00e9"))


#: Those that may leave the signed text as it was stand more often, for the others are refused nearly always.
TRICKS: tuple[Trick, ...] = (
    *(_add_unsigned, _add_empty, _list_as_object, _cut_at_colon, _join_single, _move_signature) * 3,
    *(_swallow, _swallow, _split_keys, _change_value, _add_key, _remove, _exchange, _rename, _normalise),
)
