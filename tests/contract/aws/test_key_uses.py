"""When each key was last needed: one row a key, never set back, and written no oftener than anybody asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.key_uses import KeyUseTable
from payments.domain.errors import StoreUnavailable
from payments.domain.key_use import KeyUse
from payments.ports import KeyUses
from tests.contract.store.table import make_table
from tests.support.fakes import FakeKeyUses

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD, NEW = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def use(key: str, *, minutes: float = 0, place: int = 0) -> KeyUse:
    return KeyUse(key, place, NOON + timedelta(minutes=minutes))


@pytest.fixture(params=["fake", "table"])
def make(request: pytest.FixtureRequest, aws: Callable[[str], Any]) -> Callable[[], KeyUses]:
    """Makes the port, each time as a fresh execution environment would, on one and the same memory."""
    if request.param == "fake":
        fake = FakeKeyUses()
        return lambda: fake
    client = aws("dynamodb")
    name = make_table(client)
    return lambda: KeyUseTable(client, name)


def test_a_project_whose_keys_were_never_needed_has_none(make: Callable[[], KeyUses]) -> None:
    assert make().listed(2924) == ()


def test_every_key_is_listed_with_its_last_use_the_latest_first(make: Callable[[], KeyUses]) -> None:
    uses = make()
    uses.note(2924, use(OLD))
    uses.note(2924, use(NEW, minutes=1))
    uses.note(198, use(OLD, minutes=2))
    uses.note(2924, use(OLD, minutes=90, place=1))

    assert uses.listed(2924) == (use(OLD, minutes=90, place=1), use(NEW, minutes=1))
    assert uses.listed(198) == (use(OLD, minutes=2),)
    assert uses.listed(29) == ()


def test_an_earlier_use_that_is_noted_late_changes_nothing(make: Callable[[], KeyUses]) -> None:
    make().note(2924, use(OLD, minutes=600))
    for minutes in (0, 599, 600):
        make().note(2924, use(OLD, minutes=minutes, place=1))

    assert make().listed(2924) == (use(OLD, minutes=600),)


def test_within_an_hour_an_environment_writes_a_key_once_and_a_moved_key_at_once(aws: Callable[[str], Any]) -> None:
    client = aws("dynamodb")
    uses = KeyUseTable(client, make_table(client))
    written: list[str] = []
    client.meta.events.register(
        "provide-client-params.dynamodb.UpdateItem",
        lambda params, **_: written.append(params["ExpressionAttributeValues"][":at"]["S"]),
    )

    for minutes in (0, 1, 59.99, 60, 61):
        uses.note(2924, use(OLD, minutes=minutes))
    uses.note(2924, use(OLD, minutes=62, place=1))
    uses.note(198, use(OLD, minutes=62))

    assert written == [
        "2026-11-21T12:00:00.000000Z",
        "2026-11-21T13:00:00.000000Z",
        "2026-11-21T13:02:00.000000Z",
        "2026-11-21T13:02:00.000000Z",
    ]


def test_a_use_that_was_not_taken_is_tried_again_the_next_time(aws: Callable[[str], Any]) -> None:
    client = aws("dynamodb")
    uses = KeyUseTable(client, make_table(client))
    with Stubber(client) as stubber:
        stubber.add_client_error("update_item", "ProvisionedThroughputExceededException")
        with pytest.raises(StoreUnavailable, match="UpdateItem"):
            uses.note(2924, use(OLD))
        stubber.add_client_error("query", "InternalServerError")
        with pytest.raises(StoreUnavailable, match="Query"):
            uses.listed(2924)

    uses.note(2924, use(OLD))

    assert uses.listed(2924) == (use(OLD),)


def test_a_use_lies_in_the_table_like_this(aws: Callable[[str], Any]) -> None:
    client = aws("dynamodb")
    name = make_table(client)
    KeyUseTable(client, name).note(2924, use(OLD, place=1))

    assert client.scan(TableName=name)["Items"] == [
        {
            "pk": {"S": "KEYS#2924"},
            "sk": {"S": f"KEY#{OLD}"},
            "used_at": {"S": "2026-11-21T12:00:00.000000Z"},
            "document": {"S": f'{{"key":"{OLD}","place":1,"at":"2026-11-21T12:00:00Z"}}'},
        }
    ]
