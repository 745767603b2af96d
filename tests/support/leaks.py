"""What no log may hold: anything of a person, a key, a signature, or a token that opens or wakes something.

Every LocalSystem of the suite is searched for it when it stops, so the whole suite is the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

#: What the samples and the tests' customers are called, and the keys of the demo projects.
_WORDS = (
    "amina@example.com",
    "customer@example.com",
    "john@example.com",
    "example@example.com",
    "254700000007",
    "12345678900",
    "256712375678",
    "192.0.2.7",
    "Otieno",
    "Johnson",
    "local-secret-",
    "local-data-api-",
)
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")
_CHECKOUT = re.compile(r"/checkout/[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
_TASK_TOKEN = re.compile(r"task_?token\W+[A-Za-z0-9+/=-]{16,}", re.IGNORECASE)


def leaks(text: str) -> Iterator[str]:
    """What stands in a text that must not, each named by what it is."""
    yield from (f"the word {word}" for word in _WORDS if word in text)
    for name, pattern in (("a signature", _SIGNATURE), ("a page's token", _CHECKOUT), ("a task token", _TASK_TOKEN)):
        if pattern.search(text):
            yield name


def refuse_leaks(log: Path) -> None:
    """AssertionError when a log holds what no log may hold."""
    found = list(leaks(log.read_text("utf-8", "replace"))) if log.exists() else []
    assert not found, f"{log} holds {', '.join(found)}"
