"""What of a verified message is believed, and when a message has a second reading."""

from typing import Any

import pytest

from ecommpay_signing import is_ambiguous, sign, signed_view, verify

KEY = "test key"


def test_the_signed_view_holds_what_is_signed_and_nothing_else() -> None:
    message = {
        "signature": "s",
        "frame_mode": "popup",
        "project_id": 7,
        "general": {"signature": "s"},
        "payment": {"id": "1", "signature": None, "frame_mode": 1, "description": "", "rrn": None, "paid": False},
        "redirect_data": {"body": [], "url": "https://partner.example/pay"},
        "errors": [{}, {"code": "1", "signature": "x"}, [[]], "text", 0],
        "emptied": {"a": [{"frame_mode": 1}, {"signature": {"status": "success"}}]},
    }
    assert signed_view(message) == {
        "project_id": 7,
        "payment": {"id": "1", "description": "", "rrn": None, "paid": False},
        "redirect_data": {"url": "https://partner.example/pay"},
        "errors": [{"code": "1"}, "text", 0],
    }


def test_the_signed_view_is_a_copy() -> None:
    message = {"payment": {"sum": {"amount": 1}}, "list": [{"a": 1}]}
    view: Any = signed_view(message)
    view["payment"]["sum"]["amount"] = 2
    view["list"][0]["a"] = 2
    assert message == {"payment": {"sum": {"amount": 1}}, "list": [{"a": 1}]}


@pytest.mark.parametrize(
    "message",
    [
        {"payment": {"date": "2026-11-21T17:52:00+00:00", "description": "a:b::c"}},
        {"redirect_data": {"url": "https://partner.example:8443/pay?a=b&c", "body": {"p1": "x", "3ds": None}}},
        {"errors": [{"code": 1}, 1.5, True, None, "text"]},
        {"frame_mode": "a;b", "payment": {"frame_mode": {"x;y": ":"}}},
        {},
    ],
)
def test_an_ordinary_message_is_not_ambiguous(message: dict[str, Any]) -> None:
    assert not is_ambiguous(message)


@pytest.mark.parametrize(
    "message",
    [
        {"payment": {"description": "a;b"}},
        {"payment": {"a;b": 1}},
        {"payment": {"a:b": 1}},
        {"payment": {"": 1}},
        {"": 1},
        {"a:": {"b": 1}},
        {"errors": [{"message": "x"}, {"message": ";"}]},
        {"errors": ["x", ["y;"]]},
        {"payment": {"signature": "abc;payment:status:success"}},
    ],
)
def test_a_semicolon_or_a_doubled_colon_makes_a_message_ambiguous(message: dict[str, Any]) -> None:
    assert is_ambiguous(message)


@pytest.mark.parametrize(
    ("genuine", "forged"),
    [
        ({"a": "1", "b": "2", "c": "3"}, {"a": "1;b:2", "c": "3"}),
        ({"a": {"x": "1", "y": "2"}}, {"a": {"x": "1;a:y:2"}}),
        ({"a": {"signature": None, "x": 1}}, {"a": {"signature": ";a:x:1"}}),
        ({"a": {"b:": {"c": 1}}}, {"a": {"b": {"": {"": {"c": 1}}}}}),
    ],
)
def test_a_message_cut_anew_so_that_it_loses_or_moves_lines_is_ambiguous(
    genuine: dict[str, Any], forged: dict[str, Any]
) -> None:
    signature = sign(genuine, KEY)
    assert verify({**genuine, "signature": signature}, [KEY]) == 0
    assert verify({**forged, "signature": signature}, [KEY]) == 0
    assert is_ambiguous(forged)


def test_a_colon_can_move_the_border_of_a_value_but_not_change_a_text() -> None:
    genuine = {"customer": {"id": "1"}, "payment": {"date": "12:30", "status": "decline"}}
    forged = {"customer": "id:1", "payment": {"date": {"12": "30"}, "status": "decline"}}
    assert verify({**forged, "signature": sign(genuine, KEY)}, [KEY]) == 0
    assert not is_ambiguous(genuine)
    assert not is_ambiguous(forged)  # so readers look at types: see the docstring of is_ambiguous


@pytest.mark.parametrize("function", [signed_view, is_ambiguous])
def test_a_value_of_no_json_type_is_a_mistake_of_the_caller(function: Any) -> None:
    with pytest.raises(TypeError, match="cannot be signed"):
        function({"a": {"b": {1, 2}}})
