"""The table's stream → events, letters to the operators, wake-ups of waiting refunds; at least once, in order."""

from typing import Any

from payments import observability, wiring
from payments.usecases.publish_changes import publish_record


def publish(record: dict[str, Any]) -> None:
    """Publish what one write changed."""
    publish_record(
        events=wiring.events(),
        operators=wiring.operators(),
        workflow=wiring.workflow(),
        key_uses=wiring.key_uses(),
        images=wiring.payment_images(record),
        report=observability.report_published,
    )


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """DynamoDB Streams' entry point: the first record that fails is named, and the stream comes back from there on."""
    for record in event["Records"]:
        try:
            publish(record)
        except Exception as fault:  # noqa: BLE001  # whatever it is, this record has to come again
            observability.report_fault(fault, record["eventID"])
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
