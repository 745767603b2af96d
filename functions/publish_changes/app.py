"""The table's stream → events, letters to the operators, wake-ups of waiting refunds; at least once, in order."""

from typing import Any

from payments import observability, wiring
from payments.usecases.publish_changes import publish_changes


def publish(record: dict[str, Any]) -> None:
    """Publish what one write changed; a row that is no payment changes nothing."""
    before, after = wiring.payment_images(record)
    if after is None:
        return
    published, stale = publish_changes(
        events=wiring.events(),
        operators=wiring.operators(),
        workflow=wiring.workflow(),
        before=before,
        after=after,
    )
    observability.report_published(after, published, stale)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """DynamoDB Streams' entry point: the first record that fails is named, and the stream comes back from there on."""
    for record in event["Records"]:
        try:
            publish(record)
        except Exception as fault:  # noqa: BLE001  # whatever it is, this record has to come again
            observability.report_fault(fault, record["eventID"])
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
