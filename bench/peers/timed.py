"""Put beside a function: its handler, and beside the answer the processor seconds and the seconds it took."""

import importlib
import time
from typing import Any

app = importlib.import_module("app")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer what the function answers."""
    began, processor = time.perf_counter(), time.process_time()
    answer: dict[str, Any] = app.handler(event, context)
    return {**answer, "cpu_s": time.process_time() - processor, "wall_s": time.perf_counter() - began}
