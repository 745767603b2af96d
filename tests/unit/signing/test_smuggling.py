"""Twenty thousand tampered messages: whatever is still believed says nothing else than what was signed."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ecommpay_signing import SigningError, is_ambiguous, loads, sign, signed_view, verify
from ecommpay_signing.flatten import is_leaf
from ecommpay_signing.rendering import render_value

KEY = "test key"
GENUINE: dict[str, Any] = {
    "project_id": 7,
    "payment": {
        "id": "order-1",
        "status": "decline",
        "date": "2026-11-21T17:52:00+0000",
        "sum": {"amount": 1000, "currency": "KES"},
        "description": "status:success",
    },
    "customer": {"id": "1"},
    "operation": {"id": 3, "type": "sale", "status": "decline", "code": "0", "request_id": "r:payment:status:success"},
    "redirect_data": {"body": {"a": "b", "signature": "partner's"}, "url": "https://partner.example/?a=1&b=2", "p1": 1},
    "errors": [{"code": "1", "rrn": None}, {"code": "2", "paid": True}],
}
DECISIVE = [
    ("project_id",),
    ("payment", "id"),
    ("payment", "status"),
    ("payment", "sum", "amount"),
    ("payment", "sum", "currency"),
    ("operation", "id"),
    ("operation", "type"),
    ("operation", "status"),
    ("operation", "code"),
    ("redirect_data", "url"),
]


def tamper(message: dict[str, Any], chance: random.Random) -> None:
    """Change one place: a value, a key, the nesting, or the cut between `path`, `:` and value."""
    places = list(walk(message))
    level, key = chance.choice(places)
    value = level[key]
    others = [chosen for chosen in (chance.choice(places) for _ in range(3)) if chosen[0] is not value]
    changes: list[Callable[[], object]] = [
        lambda: level.update({key: chance.choice([None, True, 1, "1", "", "success", [], {}, 1000.0, "1000", 1e3])}),
        lambda: level.update({chance.choice(["0", "", "signature", "frame_mode", "a:b", key + " ", "x"]): value}),
        lambda: level.update({key: cut_at_colon(value)}),
        lambda: level.update({key: {"": value}}),
        lambda: level.update({key: [value]}),
        lambda: level.update({key: joined(value)}),
        lambda: level.update({key: f"{value};{';'.join(f'{k}:{v}' for k, v in level.items())}"}),
        lambda: level.update({key: {"0": value[0], "1": value[-1]} if isinstance(value, list) else value}),
        lambda: message.update({chance.choice(["0", "", "general", "payment"]): deepcopy(message)}),
        lambda: [other.update({name: deepcopy(value)}) for other, name in others],
        lambda: level.pop(key),
        lambda: level.update({f"{key}:{k}": v for k, v in value.items()} if isinstance(value, dict) else {}),
    ]
    chance.choice(changes)()


def walk(level: Any) -> Any:
    for key, value in level.items():
        yield level, key
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, dict):
                yield from walk(below)


def cut_at_colon(value: Any) -> Any:
    if not isinstance(value, str) or ":" not in value:
        return value
    key, rest = value.split(":", 1)
    return {key: cut_at_colon(rest)}


def joined(value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        return value
    return ";".join(f"{key}:{joined(below)}" for key, below in sorted(value.items()))


def field(message: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        message = message.get(key) if isinstance(message, dict) else None
    return message


def test_no_decisive_field_of_a_believed_message_can_be_changed() -> None:
    chance = random.Random(20)
    signature = sign({**GENUINE, "redirect_data": {**GENUINE["redirect_data"], "body": {"a": "b"}}}, KEY)
    original = json.dumps({**GENUINE, "signature": signature})
    assert verify(loads(original.encode()), [KEY]) == 0
    believed = 0
    for _ in range(20_000):
        message = json.loads(original)
        for _ in range(chance.randint(1, 3)):
            tamper(message, chance)
        try:
            message = loads(json.dumps(message).encode())
            verify(message, [KEY])
        except SigningError:
            continue
        if is_ambiguous(message):
            continue
        believed += 1
        view = signed_view(message)
        for path in DECISIVE:
            found = field(view, path)
            if found is not None and is_leaf(found):
                assert render_value(found) == render_value(field(GENUINE, path)), message
    assert believed > 500  # else the tampering would prove nothing
