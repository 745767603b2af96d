"""A task of the workflow: keeps its token where the test finds it, or fails as asked."""

from typing import Any

TOKENS: list[str] = []


class ThingRefused(Exception):
    """An error the workflow knows by name."""


def handler(event: dict[str, Any], _context: Any) -> Any:
    """Keeps the token; raises when `fail_with` has a text."""
    if event.get("fail_with"):
        raise ThingRefused(event["fail_with"])
    if "token" in event:
        TOKENS.append(event["token"])
    return {"done": True}
