"""Lets a number of mutants loose on the signature check and our readers, and counts what became of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ecommpay_signing import MalformedMessage, SignatureMismatch, is_ambiguous, loads, verify
from tests.integration.hostile.conclusions import conclusions, surplus
from tests.integration.hostile.genuine import SECRET, genuine_bodies
from tests.integration.hostile.mutants import mutant


@dataclass
class Harvest:
    """What became of the mutants; ``lies`` are those that were believed and said something else."""

    counted: Counter[str] = field(default_factory=Counter)
    lies: list[tuple[list[str], bytes]] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self.counted.items()))


def let_loose(number: int, *, seed: int) -> Harvest:
    """So many mutants of the genuine messages, each tried as a callback is; the same ones for the same seed."""
    chance = random.Random(seed)
    genuine = [(body, loads(body)) for body in genuine_bodies()]
    for _, message in genuine:
        verify(message, [SECRET])
    harvest = Harvest()
    for _ in range(number):
        body, message = chance.choice(genuine)
        changed = mutant(body, chance)
        harvest.counted[_fate(body, message, changed, harvest)] += 1
    return harvest


def _fate(body: bytes, message: dict[str, Any], changed: bytes, harvest: Harvest) -> str:
    try:
        told = loads(changed)
    except MalformedMessage:
        return "no strict JSON"
    try:
        verify(told, [SECRET])
    except SignatureMismatch:
        return "signature refused"
    if is_ambiguous(told):
        return "verified and called ambiguous"
    if changed == body:
        return "unchanged"
    lie = surplus(told, message)
    if lie:
        harvest.lies.append((lie, changed))
        return "believed and saying something else"
    return "believed, the same" if conclusions(told) == conclusions(message) else "believed, saying less"
