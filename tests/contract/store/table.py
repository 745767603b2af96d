"""The table as the store needs it; `test_table.py` holds it against the template."""

from __future__ import annotations

import uuid
from typing import Any

DEFINITION: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"}
        for name in ("pk", "sk", "listed_in", "created_order", "status", "changed_on", "due_queue", "check_at")
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": index,
            "KeySchema": [
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        for index, *names in (
            ("by_creation", "listed_in", "created_order"),
            ("by_status", "status", "created_order"),
            ("by_change", "changed_on"),
            ("due", "due_queue", "check_at"),
        )
    ],
}


def make_table(client: Any) -> str:
    """A new, empty table; its name."""
    name = f"payments-{uuid.uuid4().hex}"
    client.create_table(TableName=name, **DEFINITION)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return name
