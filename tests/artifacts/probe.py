"""Put beside a function for a moment: tells where everything comes from that the function has loaded."""

import importlib
import sys
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Load the function's module as Lambda does and give it the event, if there is one; answer what is loaded then."""
    module = importlib.import_module(event["module"])
    answer = module.handler(event["event"], context) if event["event"] else None
    loaded = [module for module in sys.modules.values() if getattr(module, "__file__", None)]
    return {
        "answer": answer,
        "path": sys.path,
        "modules": sorted(sys.modules),
        "files": [[str(module.__file__), getattr(module, "__cached__", None)] for module in loaded],
    }
