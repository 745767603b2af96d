"""The signed text: paths, order, what is left out, and that the short way and the long way agree."""

from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommpay_signing import MalformedMessage, plain, string_to_sign
from ecommpay_signing.canonical import join_naturally
from ecommpay_signing.flatten import path_lines
from ecommpay_signing.natural_order import differs_from_byte_order, natural_key
from ecommpay_signing.plain import plain_text

NAMES = st.sampled_from(["id", "sum", "sum_initial", "_x", "Id", "жё", "payment", "frame_mode", "signature"])
ODD_NAMES = st.text("ab_-.:;019 \tж", max_size=4)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**62, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["a:b", "x;y:z", "2020-08-26T15:03:20+0000"])
)


def trees(names: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    nodes = st.recursive(
        LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=4), max_leaves=12
    )
    return st.dictionaries(names, nodes, max_size=5)


@settings(deadline=None, max_examples=300)
@given(trees(NAMES) | trees(NAMES | ODD_NAMES))
def test_the_short_way_gives_what_the_long_way_gives(message: dict[str, Any]) -> None:
    short = plain_text(message)
    assert short is None or short == join_naturally(path_lines(message))


@settings(deadline=None, max_examples=300)
@given(st.lists(ODD_NAMES, max_size=8))
def test_without_double_digits_and_space_natural_order_is_byte_order(paths: list[str]) -> None:
    if not any(map(differs_from_byte_order, paths)):
        assert sorted(paths, key=natural_key) == sorted(paths)


@settings(deadline=None)
@given(st.dictionaries(ODD_NAMES, LEAVES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_message_plays_no_part(message: dict[str, Any], random: Any) -> None:
    if len({natural_key(key.replace(":", "::")) for key in message}) == len(message):
        shuffled = list(message.items())
        random.shuffle(shuffled)
        assert string_to_sign(dict(shuffled)) == string_to_sign(message)


def test_an_ordinary_callback_takes_the_short_way() -> None:
    message: dict[str, Any] = {
        "payment": {"id": "p:1", "sum": {"amount": 1, "currency": "KES"}},
        "rrn": None,
        "ok": True,
        "body": [],
    }
    text = "ok:1;payment:id:p:1;payment:sum:amount:1;payment:sum:currency:KES;rrn:"
    assert plain_text(message) == string_to_sign(message) == text


@pytest.fixture
def _nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_line_beginnings", {})


@pytest.mark.usefixtures("_nothing_learnt")
def test_what_is_remembered_of_keys_stays_bounded() -> None:
    letters = "abcdefghijklmnopqrst"
    for first in letters:
        for second in letters:
            place: dict[str, Any] = {"k" * 60: {first + second: {"x": 1}}, "y": 1}
            assert plain_text(place) == f"{'k' * 60}:{first}{second}:x:1;y:1"
    remembered = plain._line_beginnings
    assert 1 < len(remembered) <= 200
    assert max(map(len, remembered.values())) <= 100


@pytest.mark.usefixtures("_nothing_learnt")
@pytest.mark.parametrize(
    "message",
    [
        {"k" * 61: 1},
        dict.fromkeys(("k" * n for n in range(1, 61)), 1) | dict.fromkeys(("j" * n for n in range(1, 61)), 1),
        {"k" * 60: {"l" * 60: {"m" * 60: {"n" * 60: {"o" * 60: {"p": 1}}}}}},
        {"a": {"signature": 1}},
        {"a": {"frame_mode": 1}},
        {"": 1},
        {"_": 1},
        {"a1": 1},
        {"a": [1]},
        {"a": 1.5},
        {"a": 2**63},
        MappingProxyType({"a": 1}),
        {"a": MappingProxyType({"a": 1})},
    ],
)
def test_what_is_not_plain_or_too_large_takes_the_long_way(message: Any) -> None:
    assert plain_text(message) is None
    assert plain_text(message) is None
    assert string_to_sign(message) == join_naturally(path_lines(message))


@pytest.mark.usefixtures("_nothing_learnt")
def test_a_message_with_more_places_than_can_be_remembered_takes_the_long_way() -> None:
    letters = "abcdefghijklmnopqrst"
    message = {first: {second: {"x": 1} for second in letters} for first in letters}
    assert plain_text(message) is None
    assert string_to_sign(message) == join_naturally(path_lines(message))


def test_keys_that_tie_keep_the_order_of_the_message() -> None:
    assert string_to_sign({"a b": 1, "ab": 2}) == "a b:1;ab:2"
    assert string_to_sign({"ab": 2, "a b": 1}) == "ab:2;a b:1"


def test_any_mapping_and_tuple_can_be_signed() -> None:
    assert string_to_sign(MappingProxyType({"b": (1, 2), "a": MappingProxyType({"x": 1})})) == "a:x:1;b:0:1;b:1:2"


def test_a_signature_among_the_parameters_is_signed() -> None:
    assert string_to_sign({"signature": "s", "a": {"signature": "t"}}) == "a:signature:t;signature:s"


def test_two_leaves_of_one_path_are_both_signed() -> None:
    assert string_to_sign({"a": {"b:": 1}, "a:b": {"": {"": 2}}, "c": {"b": 3}}) == "a::b:::2;a:b:::1;c:b:3"
    assert string_to_sign({"x": {"a:b": 1, "a": {"": {"b": 2}}}}) == "x:a::b:1;x:a::b:2"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"0": [1, 2], "b": 2}, "0:1;1:2;b:2"),
        ({"0": {"0": {"a": 1}}}, "a:1"),
        ({"": {"a": 1}, "b": 2}, "a:1;b:2"),
        ({"5": "x", "a": [], "0": "y"}, "0:y"),
        ({"0": {"b": 1}, "b": 2}, "b:2"),
        ({"a": {"frame_mode": 1}, "7": 1, "frame_mode": 2}, "7:1"),
        ({"-5": 1, "05": 2, "a": [3], "3": 4}, "-5:1;3:4;05:2;a:0:3"),
    ],
)
def test_top_level_numbers_are_signed_as_php_arrays_hold_them(params: dict[str, Any], text: str) -> None:
    assert string_to_sign(params) == text


@pytest.mark.parametrize(
    "message",
    [
        {"k" * 100_000: [1] * 50},
        {"k" * 100_000: [[]] * 50},
        {"k" * 100_000: {"a": [1] * 25, "b": [1] * 25}},
    ],
)
def test_a_message_that_unfolds_without_measure_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match="unfolds"):
        string_to_sign(message)


def test_depth_never_overflows_the_stack() -> None:
    message: dict[str, Any] = {"end": 1}
    for _ in range(2000):
        message = {"a": message}
    assert string_to_sign(message) == "a:" * 2000 + "end:1"
