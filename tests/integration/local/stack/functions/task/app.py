"""A task of the workflow: keeps its token where the test finds it, or fails as asked."""

import logging
import sys
from typing import Any

# Made while the module loads, as Powertools makes its logger.
LOGGER = logging.getLogger("stack.task")
LOGGER.handlers = [logging.StreamHandler(sys.stdout)]
LOGGER.setLevel(logging.INFO)

TOKENS: list[str] = []


class ThingRefused(Exception):
    """An error the workflow knows by name."""


def handler(event: dict[str, Any], _context: Any) -> Any:
    """Keeps the token; raises when `fail_with` has a text."""
    if "log" in event:
        LOGGER.info(event["log"])
    if event.get("fail_with"):
        raise ThingRefused(event["fail_with"])
    if "token" in event:
        TOKENS.append(event["token"])
    return {"done": True}
