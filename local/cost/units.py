"""DynamoDB's request units from the requests themselves, as AWS documents them.

* A write costs one unit for each KB of the item, in a transaction two, and the same for every entry of an index that
  comes, goes or moves; one that moves costs both.
* A consistent read costs one unit for each 4 KB of what is read, one at least; a read of an index half of that.
* An item's size is that of its attributes' names and values.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
Place = tuple[str, str]


@dataclass(slots=True)
class Units:
    """Counts one table from its first write on: what an index entry costs depends on what was there before."""

    indexes: Sequence[Mapping[str, Any]]
    written: float = 0.0
    read: float = 0.0
    items: dict[Place, Item] = field(default_factory=dict)

    @property
    def stored_bytes(self) -> int:
        """What the table holds, with the 100 bytes that AWS adds for each item and each entry of an index."""
        entries = [entry for item in self.items.values() for entry in self._entries(item)]
        return sum(size_of(each) + 100 for each in (*self.items.values(), *entries))

    def note(self, operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Add one call that was carried out."""
        match operation:
            case "PutItem":
                self._write(request["Item"], factor=1)
            case "UpdateItem":
                self._write({**self.items.get(_place(request["Key"]), {}), **_updated(request)}, factor=1)
            case "TransactWriteItems":
                for each in request["TransactItems"]:
                    self._write(each["Put"]["Item"], factor=2)
            case "GetItem":
                self.read += _read_units([answer["Item"]] if "Item" in answer else [])
            case "BatchGetItem":
                asked = sum(len(table["Keys"]) for table in request["RequestItems"].values())
                found = [[item] for items in answer["Responses"].values() for item in items]
                self.read += sum(map(_read_units, found)) + asked - len(found)
            case "Query":
                self.read += _read_units(answer["Items"]) * (1 if request.get("ConsistentRead") else 0.5)
            case _:
                raise ValueError(f"nobody has told what a {operation} costs")

    def _write(self, item: Item, *, factor: int) -> None:
        place = _place(item)
        before = self.items.get(place, {})
        entries, earlier = self._entries(item), self._entries(before)
        moved = sum((new != old) * (bool(new) + bool(old)) for new, old in zip(entries, earlier, strict=True))
        self.written += factor * (math.ceil(size_of(item) / 1024) + moved)
        self.items[place] = item

    def _entries(self, item: Item) -> list[Item]:
        """The item's entry in each index, empty where it has none."""
        entries: list[Item] = []
        for index in self.indexes:
            names = [key["AttributeName"] for key in index["KeySchema"]]
            has_all = all(name in item for name in names)
            entries.append({name: item[name] for name in ("pk", "sk", *names)} if has_all else {})
        return entries


def _place(item: Item) -> Place:
    return item["pk"]["S"], item["sk"]["S"]


def _updated(request: Mapping[str, Any]) -> Item:
    """What the item has for certain after an update that sets whole attributes, which are the only ones made here."""
    names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
    told = re.findall(r"([#\w]+) = (:\w+)", request["UpdateExpression"])
    return {**request["Key"], **{names.get(name, name): values[value] for name, value in told}}


def size_of(item: Item) -> int:
    """The bytes of an item, names included."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _read_units(items: Iterable[Item]) -> int:
    return max(1, math.ceil(sum(map(size_of, items)) / 4096))


def _value_size(value: Mapping[str, Any]) -> int:
    kind, content = next(iter(value.items()))
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            # On the wire bytes are base64 text.
            return len(content) * 3 // 4 if isinstance(content, str) else len(content)
        case "N":
            return len(content.lstrip("-")) // 2 + 2
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
    raise ValueError(f"nobody has told how large a {kind} is")
