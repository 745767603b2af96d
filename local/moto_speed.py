"""Where moto 5.2.5 spends most of its time on nothing, and how it is spared: with these, thrice as many calls a second.

Each shortcut gives the very answer that moto gives without it, which `tests/integration/local/test_moto_speed.py`
proves, and is taken back when the local system stops.
"""

import base64
import contextlib
import copy
import inspect
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any
from unittest.mock import patch

from moto import backends
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import unix_time
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.sqs.models import SQSBackend
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

#: What moto takes for a row's limit, somewhat above AWS's 400 KB.
LARGEST_ROW_BYTES = 405_000


@contextlib.contextmanager
def quick_moto() -> Iterator[None]:
    """Inside, moto answers sooner, above all for a table with many rows."""
    with contextlib.ExitStack() as stack:
        for shortcut in (
            _stored_values_are_written_as_they_are,
            _a_query_looks_at_its_partition_alone,
            _rows_are_sorted_by_plain_values,
            _a_projection_picks_what_it_wants,
            _a_transaction_copies_what_it_may_change,
            _a_new_row_is_weighed_once,
            _what_never_changes_is_looked_up_once,
            _a_definition_is_read_once,
            _the_age_of_a_message_counts_no_others,
        ):
            stack.enter_context(shortcut())
        yield


def _stored_values_are_written_as_they_are() -> contextlib.AbstractContextManager[Any]:
    """Each value of a stored item is looked for under thirty names before it is written: half of moto's time."""
    original = BaseJSONSerializer._serialize_type_structure

    def serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and key and isinstance(value, dict) and len(value) == 1:
            serialized[key] = _written(value)
        else:
            original(self, serialized, value, shape, key)

    return patch.object(BaseJSONSerializer, "_serialize_type_structure", serialize)


def _written(value: dict[str, Any]) -> dict[str, Any]:
    """One DynamoDB value, such as ``{"S": "text"}``, as it goes over the wire."""
    [(kind, content)] = value.items()
    match kind:
        case "M":
            content = {name: _written(each) for name, each in content.items()}
        case "L":
            content = [_written(each) for each in content]
        case "B":
            content = _in_base64(content)
        case "BS":
            content = [_in_base64(each) for each in content]
    return {kind: content}


def _in_base64(content: bytes | str) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _a_query_looks_at_its_partition_alone() -> contextlib.AbstractContextManager[Any]:
    """Every query without an index sorts and compares all rows of the table."""
    original = Table.query
    parameters = inspect.signature(original)

    def query(self: Any, hash_key: Any, *rest: Any, **named: Any) -> Any:
        asked = parameters.bind(self, hash_key, *rest, **named).arguments
        if asked.get("index_name") or not self.has_range_key:
            return original(self, hash_key, *rest, **named)
        partition = copy.copy(self)
        partition.items = {hash_key: self.items[hash_key]} if hash_key in self.items else {}
        return original(partition, hash_key, *rest, **named)

    return patch.object(Table, "query", query)


@contextlib.contextmanager
def _rows_are_sorted_by_plain_values() -> Iterator[None]:
    """Rows are sorted by objects that work out their value anew for every comparison."""

    def all_items(self: Any) -> list[Any]:
        if not self.has_range_key:
            return sorted(self.items.values(), key=lambda item: item.hash_key.cast_value)
        rows = [item for group in self.items.values() for item in group.values()]
        return sorted(rows, key=lambda item: (item.hash_key.cast_value, item.range_key.cast_value))

    def sorted_items(self: Any, hash_names: list[str], range_names: list[str | None], items: list[Any]) -> list[Any]:
        names = self._generate_attr_to_sort_by(hash_names, range_names)
        items.sort(key=lambda item: tuple(item.attrs[name].cast_value for name in names))
        return items

    with patch.object(Table, "all_items", all_items), patch.object(Table, "sorted_items", sorted_items):
        yield


def _a_projection_picks_what_it_wants() -> contextlib.AbstractContextManager[Any]:
    """An index that projects four keys turns the whole item into Python values and back four times."""
    original = Item.project

    def project(self: Any, wanted: list[list[str]]) -> Any:
        if any(len(path) != 1 or "[" in path[0] for path in wanted):
            return original(self, wanted)
        picked = Item(self.hash_key, self.range_key, {})
        picked.attrs.update({name: self.attrs[name] for [name] in wanted if name in self.attrs})
        return picked

    return patch.object(Item, "project", project)


@contextlib.contextmanager
def _a_transaction_copies_what_it_may_change() -> Iterator[None]:
    """Every transaction copies the whole table in case it is cancelled: 18 a second at 1,600 rows, and falling.

    Copies of the containers are enough when an update changes a copy of its item and not the item itself.
    """

    def copy_table(self: Any, _memo: Any) -> Any:
        twin = copy.copy(self)
        rows = {key: dict(value) if self.has_range_key else value for key, value in self.items.items()}
        twin.items = defaultdict(dict, rows)
        if self.stream_shard is not None:
            twin.stream_shard = copy.copy(self.stream_shard)
            twin.stream_shard.items = list(self.stream_shard.items)
            twin.stream_shard.table = twin
        return twin

    original = DynamoDBBackend.update_item

    def update_item(self: Any, table_name: str, key: Any, *rest: Any, **named: Any) -> Any:
        table = self.tables.get(table_name)
        item = self.get_item(table_name, key) if table is not None else None
        if item is not None:
            own = copy.deepcopy(item)
            if table.has_range_key:
                table.items[item.hash_key][item.range_key] = own
            else:
                table.items[item.hash_key] = own
        return original(self, table_name, key, *rest, **named)

    with patch.object(DynamoDBBackend, "update_item", update_item):
        Table.__deepcopy__ = copy_table
        try:
            yield
        finally:
            del Table.__deepcopy__


def _a_new_row_is_weighed_once() -> contextlib.AbstractContextManager[Any]:
    """Every attribute that a row gets weighs all those before it once more: half the time of a write."""

    def init(self: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
        self.hash_key, self.range_key, self.attrs = hash_key, range_key, LimitedSizeDict()
        for name, value in attrs.items():
            dict.__setitem__(self.attrs, name, DynamoType(value))
        if self.size() > LARGEST_ROW_BYTES:
            raise ItemSizeTooLarge

    return patch.object(Item, "__init__", init)


@contextlib.contextmanager
def _what_never_changes_is_looked_up_once() -> Iterator[None]:
    """Each request lists the folder of moto's services, and the methods of the one that answers."""
    services = tuple(backends.list_of_moto_modules())
    with (
        patch.object(backends, "list_of_moto_modules", lambda: services),
        patch.object(responses, "method_names_from_class", cache(responses.method_names_from_class)),
    ):
        yield


@contextlib.contextmanager
def _a_definition_is_read_once() -> Iterator[None]:
    """Every execution parses its whole definition again, and every path in it whenever it is followed.

    What comes of it holds nothing of an execution, so all of them can use the same.
    """
    with (
        patch.object(AmazonStateLanguageParser, "parse", lru_cache(maxsize=64)(AmazonStateLanguageParser.parse)),
        patch.object(json_path, "parse", lru_cache(maxsize=512)(json_path.parse)),
    ):
        yield


def _the_age_of_a_message_counts_no_others() -> contextlib.AbstractContextManager[Any]:
    """Whether a message is too old is asked for each one received, and each time all of its queue are counted."""

    def is_valid(self: Any, queue_name: str, message: Any) -> bool:
        kept_s = self.get_queue(queue_name).message_retention_period
        return bool(kept_s + message.sent_timestamp / 1000 > unix_time())

    return patch.object(SQSBackend, "is_message_valid_based_on_retention_period", is_valid)
