"""The merchant's event bus."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from payments.aws.failures import unavailable_when_failing
from payments.domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "ecommpay.checkout"

#: What one PutEvents takes: 10 entries, and 256 KiB of them together.
_MOST_ENTRIES = 10
_MOST_BYTES = 240 * 1024


class EventBus:
    """`payments.ports.Events` on one EventBridge bus."""

    def __init__(self, client: EventBridgeClient, bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def publish(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Publish (detail type, detail) pairs; raises `StoreUnavailable` when one was not taken.

        By then others may have been taken: publishing all of them again is right, they keep their ids.
        """
        for chunk in _chunks([self._entry(detail_type, detail) for detail_type, detail in entries]):
            with unavailable_when_failing("PutEvents"):
                answer = self._client.put_events(Entries=chunk)
            if answer["FailedEntryCount"]:
                codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
                raise StoreUnavailable(f"PutEvents: {answer['FailedEntryCount']} not taken: {', '.join(codes)}")

    def _entry(self, detail_type: str, detail: Mapping[str, Any]) -> PutEventsRequestEntryTypeDef:
        return {
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "EventBusName": self._bus_name,
        }


def _chunks(entries: list[PutEventsRequestEntryTypeDef]) -> Iterator[list[PutEventsRequestEntryTypeDef]]:
    chunk: list[PutEventsRequestEntryTypeDef] = []
    size = 0
    for entry in entries:
        weight = sum(len(text) for text in (entry["Source"], entry["DetailType"], entry["Detail"]))
        if chunk and (len(chunk) == _MOST_ENTRIES or size + weight > _MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += weight
    if chunk:
        yield chunk
