"""Counts what functions do: invocations, calls of AWS, units of the table.

Every record of the stream counts as an invocation of its own. In AWS some of them share one, so it is the most there
can be.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.cost.units import Units
from local.lambdas import LambdaHost, Outcome
from local.template import Function


@dataclass(slots=True)
class Counts:
    """What was done since the counting began."""

    invocations: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    """By function and operation: ``CallbackFunction TransactWriteItems``."""
    events: int = 0
    notifications: int = 0


class CountingHost(LambdaHost):
    """A `LambdaHost` that counts; `watch` attaches it to the clients that the functions use."""

    def __init__(self, functions: Iterable[Function]) -> None:
        chosen = list(functions)
        super().__init__(chosen)
        self.counts = Counts()
        self.units = Units(())
        self._known = {each.logical_id for each in chosen}
        self._lock = threading.Lock()
        self._asked = threading.local()

    def watch(self, client: Any) -> None:
        """Count the calls that functions make through this client."""
        client.meta.events.register("before-call", self._begin)
        client.meta.events.register("after-call", self._end)

    def _run(self, function: Function, payload: str, request_id: str, deadline: float) -> Outcome:
        event = json.loads(payload)
        records = event.get("Records", [event]) if isinstance(event, dict) else [event]
        with self._lock:
            self.counts.invocations[function.logical_id] += len(records)
        return super()._run(function, payload, request_id, deadline)

    def _begin(self, params: Mapping[str, Any], **_: Any) -> None:
        self._asked.body = params["body"]

    def _end(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        # The local system names the thread of an invocation after the function.
        function = threading.current_thread().name.partition("-")[0]
        if function not in self._known or "Error" in parsed:
            return
        service = model.service_model.service_name
        with self._lock:
            self.counts.calls[f"{function} {model.name}"] += 1
            if service == "dynamodb":
                self.units.note(model.name, json.loads(self._asked.body), parsed)
            elif service == "events":
                self.counts.events += len(json.loads(self._asked.body)["Entries"])
            elif service == "sns":
                self.counts.notifications += 1
