"""When each secret key was last needed: one row of the table for each key of a project.

    KEYS#{project_id}           KEY#{fingerprint}               the last use of a key

Rules of this file:

* A later use is never overwritten by an earlier one, however often and in whatever order they are noted.
* Within the same hour one execution environment writes a key's row once: nobody asks for it more exactly, and a busy
  shop should not pay for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from payments.aws.documents import NUMBER, TEXT, TIME, document, read_document, record, time_text
from payments.aws.failures import error_code, unavailable_when_failing
from payments.domain.key_use import KeyUse

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY_USE = record(KeyUse, key=TEXT, place=NUMBER, at=TIME)
_EXACT_TO = timedelta(hours=1)


class KeyUseTable:
    """`payments.ports.KeyUses` on the table."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._client = client
        self._table = table_name
        self._noted: dict[tuple[int, str, int], datetime] = {}

    def note(self, project_id: int, use: KeyUse) -> None:
        """Remember the use, unless a later one, or one of the same hour, is remembered already."""
        known = self._noted.get((project_id, use.key, use.place))
        if known is not None and use.at < known + _EXACT_TO:
            return
        with unavailable_when_failing("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"pk": {"S": f"KEYS#{project_id}"}, "sk": {"S": f"KEY#{use.key}"}},
                    UpdateExpression="SET document = :use, used_at = :at",
                    ConditionExpression="attribute_not_exists(pk) OR used_at < :at",
                    ExpressionAttributeValues={":use": document(use, _KEY_USE), ":at": {"S": time_text(use.at)}},
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
        self._noted[project_id, use.key, use.place] = use.at

    def listed(self, project_id: int) -> tuple[KeyUse, ...]:
        """The last use of every key that a project has ever needed, the latest first; consistent."""
        with unavailable_when_failing("Query"):
            # A project has had a handful of keys in all its life: they are one page.
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :partition",
                ExpressionAttributeValues={":partition": {"S": f"KEYS#{project_id}"}},
                ConsistentRead=True,
            )
        uses = (read_document(item["document"], _KEY_USE) for item in answer["Items"])
        return tuple(sorted(uses, key=lambda use: use.at, reverse=True))
