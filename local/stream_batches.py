"""How Lambda delivers a batch of stream records: retries, partial failures, bisection, and giving up.

A batch that fails is tried again, so that no record overtakes an earlier one. What stays behind after the last retry
is given up as one batch and the stream goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from local.lambdas import Outcome

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """The mapping's settings; `maximum_retries` None means as often as it takes."""

    bisects: bool
    reports_item_failures: bool
    maximum_retries: int | None


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """Records that were given up after `attempts` invocations, and whether the last one, with this id, raised."""

    records: Sequence[Record]
    attempts: int
    request_id: str
    raised: bool


@dataclass(frozen=True, slots=True)
class BatchDelivery:
    """Delivers batches to one function; `pause` waits before a retry and says whether to go on at all."""

    invoke: Callable[[Any], Outcome]
    rules: DeliveryRules
    give_up: Callable[[FailedBatch], None]
    pause: Callable[[int], bool]

    def deliver(self, records: Sequence[Record]) -> None:
        """Returns when every record was taken or given up, or when the system stops."""
        attempts = 0
        while records:
            outcome = self.invoke({"Records": list(records)})
            attempts += 1
            rest = self._left_over(records, outcome)
            if not rest:
                return
            if len(rest) < len(records):
                attempts = 1
            elif self.rules.bisects and outcome.failed and len(records) > 1:
                middle = len(records) // 2
                self.deliver(records[:middle])
                self.deliver(records[middle:])
                return
            records = rest
            if self.rules.maximum_retries is not None and attempts > self.rules.maximum_retries:
                self.give_up(FailedBatch(records, attempts, outcome.request_id, raised=outcome.failed))
                return
            if not self.pause(attempts):
                return

    def _left_over(self, records: Sequence[Record], outcome: Outcome) -> Sequence[Record]:
        """The records to be tried again: from the first failed one on."""
        if outcome.failed:
            return records
        answer = outcome.value()
        if not self.rules.reports_item_failures or not isinstance(answer, dict) or not answer.get("batchItemFailures"):
            return []
        failed = {failure.get("itemIdentifier") for failure in answer["batchItemFailures"]}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        # An identifier that is none of ours makes the whole batch fail, as in AWS.
        if not failed <= set(numbers):
            return records
        return records[min(numbers.index(number) for number in failed) :]
