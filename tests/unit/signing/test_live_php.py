"""Texts, signatures and orders beside those of the PHP that is installed here, for messages that nobody thought of."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ecommpay_signing import loads, sign, string_to_sign
from ecommpay_signing.flatten import path_lines
from ecommpay_signing.natural_order import natural_key
from tests.support.measures import FIGURE, SOAK

SCRIPT = Path(__file__).with_name("live.php")
MESSAGES, PAIRS = (50_000, 500_000) if SOAK else (1_000, 10_000)

pytestmark = pytest.mark.skipif(shutil.which("php") is None, reason="there is no PHP here to compare with")

#: What order, doubling and numbering depend on, and letters of one to four bytes.
NASTY = "0019aAzZ_-.:; \t\nйé付😀"


@pytest.fixture(scope="module")
def php() -> Iterator[Callable[..., Any]]:
    """Asks PHP; see its script."""
    command = ["php", "-n", str(SCRIPT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asking, answers = process.stdin, process.stdout

        def ask(*question: str) -> Any:
            asking.write(json.dumps(question) + "\n")
            asking.flush()
            return json.loads(answers.readline())

        yield ask
        asking.close()


def some_text(dice: Random, longest: int = 6) -> str:
    """Nasty letters, and now and then any others."""
    if dice.random() < 0.1:
        return "".join(chr(dice.choice([dice.randrange(1, 0xD800), dice.randrange(0xE000, 0x110000)])) for _ in "123")
    return "".join(dice.choices(NASTY, k=dice.randint(1, longest)))


def some_value(dice: Random, depth: int) -> Any:
    """A value of any JSON type."""
    match dice.randrange(6 if depth else 4):
        case 0:
            return dice.choice([None, True, False, "", [], {}])
        case 1:
            return dice.choice(
                [dice.randint(-1_000, 1_000), dice.randint(-(2**63), 2**63 - 1), dice.randint(0, 10**30)]
            )
        case 2:
            return dice.choice([dice.uniform(-1_000, 1_000), dice.random() * 10.0 ** dice.randint(-300, 300)])
        case 3:
            return some_text(dice, longest=20)
        case 4:
            return [some_value(dice, depth - 1) for _ in range(dice.randrange(13))]
        case _:
            return {some_text(dice): some_value(dice, depth - 1) for _ in range(dice.randrange(5))}


def some_message(dice: Random) -> dict[str, Any]:
    """No key at its top is a number, which PHP's arrays would change: vectors have those."""
    names = [name for name in (some_text(dice) for _ in range(7)) if not name.lstrip("-").isdigit()]
    return {name: some_value(dice, depth=3) for name in names}


def test_php_signs_the_same_text(php: Callable[..., Any], record_property: Callable[[str, object], None]) -> None:
    compared = 0
    for number in range(MESSAGES):
        dice = Random(number)
        text, secret = json.dumps(some_message(dice), ensure_ascii=number % 2 == 0), some_text(dice)
        told = loads(text.encode())
        paths = [line.path for line in path_lines(told)]
        if len(set(paths)) == len(paths):  # PHP would lose one of two lines with one path
            assert [string_to_sign(told), sign(told, secret)] == php("sign", text, secret), f"message {number}"
            compared += 1

    assert compared > MESSAGES * 0.9
    record_property(FIGURE, f"signed as the PHP that is installed signs: {compared} messages, 0 differences")


@pytest.mark.parametrize("number", ["-0", "0e0", "1e2", "1E-7", "1.0", "-1.50", "12345678901234567890", "1e-400"])
def test_php_writes_a_number_the_same_way(php: Callable[..., Any], number: str) -> None:
    message = f'{{"a": {number}}}'

    assert [string_to_sign(loads(message.encode()))] == php("sign", message, "secret")[:1]


def test_php_orders_two_paths_the_same_way(php: Callable[..., Any]) -> None:
    dice = Random(1)
    for _ in range(PAIRS):
        one, other = some_text(dice, longest=8), some_text(dice, longest=8)
        ours = (natural_key(one) > natural_key(other)) - (natural_key(one) < natural_key(other))
        assert ours == php("compare", one, other), (one, other)
