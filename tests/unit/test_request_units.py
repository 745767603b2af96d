"""Units of the table as AWS documents them: by the KB, twice in a transaction, and for every move in an index."""

from __future__ import annotations

from typing import Any

import pytest

from local.cost.units import Units, size_of

INDEX = {"IndexName": "by_status", "KeySchema": [{"AttributeName": "status"}, {"AttributeName": "created"}]}


def item(place: str = "a", text: str = "", **attributes: str) -> dict[str, Any]:
    named = {name: {"S": value} for name, value in attributes.items()}
    return {"pk": {"S": place}, "sk": {"S": place}, **({"text": {"S": text}} if text else {}), **named}


def put(units: Units, written: dict[str, Any], *, transaction: bool = False) -> float:
    before = units.written
    if transaction:
        units.note("TransactWriteItems", {"TransactItems": [{"Put": {"Item": written}}]}, {})
    else:
        units.note("PutItem", {"Item": written}, {})
    return units.written - before


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"B": "AAAA"}, 3),
        ({"B": b"AAAA"}, 4),
        ({"N": "-1234"}, 4),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 8),
        ({"M": {"ab": {"S": "cd"}}}, 8),
    ],
)
def test_an_attribute_is_as_large_as_its_name_and_its_value(value: dict[str, Any], size: int) -> None:
    assert size_of({"xy": value}) == size + 2


def test_a_write_costs_a_unit_for_each_kilobyte_and_twice_that_in_a_transaction() -> None:
    units = Units(())
    assert put(units, item()) == 1
    assert put(units, item("b", "x" * 1500)) == 2
    assert put(units, item("c", "x" * 1500), transaction=True) == 4


def test_an_index_costs_where_its_entry_comes_goes_or_moves_and_not_where_it_stays() -> None:
    units = Units((INDEX,))
    assert put(units, item()) == 1
    assert put(units, item(status="created", created="1")) == 2
    assert put(units, item(status="created", created="1", other="changed")) == 1
    assert put(units, item(status="paid", created="1")) == 3
    assert put(units, item(created="1")) == 2
    assert put(units, item("b", status="paid", created="2"), transaction=True) == 4


def test_an_update_costs_what_the_whole_item_would() -> None:
    units = Units((INDEX,))
    put(units, item("a", "x" * 1500))
    update = {
        "Key": item("a"),
        "UpdateExpression": "SET #at = :at, body = :body",
        "ExpressionAttributeNames": {"#at": "at"},
        "ExpressionAttributeValues": {":at": {"S": "noon"}, ":body": {"S": "x" * 1000}},
    }
    before = units.written
    units.note("UpdateItem", update, {})

    assert units.written - before == 3
    assert units.items["a", "a"] == {**item("a", "x" * 1500), "at": {"S": "noon"}, "body": {"S": "x" * 1000}}


def test_a_consistent_read_costs_a_unit_for_each_4_kilobytes_and_one_for_nothing() -> None:
    def read(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> float:
        units = Units(())
        units.note(operation, request, answer)
        return units.read

    large, small = item("a", "x" * 5000), item("b")
    assert read("GetItem", {}, {"Item": small}) == 1
    assert read("GetItem", {}, {}) == 1
    assert read("GetItem", {}, {"Item": large}) == 2
    keys = {"RequestItems": {"payments": {"Keys": [1, 2, 3]}}}
    assert read("BatchGetItem", keys, {"Responses": {"payments": [large, small]}}) == 4
    assert read("Query", {"ConsistentRead": True}, {"Items": [small, large]}) == 2
    assert read("Query", {"IndexName": "due"}, {"Items": []}) == 0.5


def test_what_is_stored_counts_with_its_index_entries_and_a_hundred_bytes_each() -> None:
    units = Units((INDEX,))
    put(units, item(status="paid", created="1"))
    assert units.stored_bytes == (6 + 10 + 8 + 100) * 2


def test_an_operation_nobody_knows_the_price_of_is_told() -> None:
    with pytest.raises(ValueError, match="DeleteItem"):
        Units(()).note("DeleteItem", {}, {})
