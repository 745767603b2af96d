"""What the strict reader takes and refuses, and that it refuses in one way only."""

import json
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecommpay_signing import MalformedMessage, loads
from ecommpay_signing.strict_json import nests_deeper


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", {}),
        (
            b' \r\n\t{"a" : [1, -0, 1.50, 1e2, true, null, "\\u0416\\ud83d\\ude00\\/"]}\n',
            {"a": [1, 0, 1.5, 100.0, True, None, "Ж😀/"]},
        ),
        ('{"ж": "\\"a\\":1, \\\\"}'.encode(), {"ж": '"a":1, \\'}),
        (b'{"a": {"b": 1}, "b": {"b": 1}, "": ":"}', {"a": {"b": 1}, "b": {"b": 1}, "": ":"}),
        (b'{"n": 123456789012345678901234567890}', {"n": 123456789012345678901234567890}),
        (b'{"a": ' + b"[" * 99 + b"]" * 99 + b"}", {"a": json.loads("[" * 99 + "]" * 99)}),
        (b'{"a": "' + b"[{" * 500 + b'\\"' + b"[" * 500 + b'"}', {"a": "[{" * 500 + '"' + "[" * 500}),
        (b'{"a": [' + b"{}," * 500 + b"{}]}", {"a": [{}] * 501}),
    ],
)
def test_reads_sound_json(body: bytes, message: dict[str, object]) -> None:
    assert loads(body) == message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"  ", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": "x\ny"}', "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": "\\x"}', "not JSON"),
        (b"\0{}", "not JSON"),
        (b"{}\0", "goes on"),
        (b"{} {}", "goes on"),
        (b"\xc2\xa0{}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"1", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff\xfe{\0}\0", "not UTF-8"),
        (b"{\0}\0", "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a": "\xc0\xaf"}', "not UTF-8"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\uDC00": 1}', "surrogate"),
        (b'{"a": ["\\ude00\\ud83d"]}', "surrogate"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'{"a": 1, "b": {"c": [{"d": 1, "d" : 2}]}}', "twice"),
        (b'{"a": 1, "\\u0061": "\\""}', "twice"),
        (b'{"a": {"b": "x"}, "a": 1}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": [Infinity]}', "Infinity"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": -1e999}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "deeper than 100"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "deeper than 100"),
        (b"[" * 10_000, "deeper than 100"),
        (b'{"a": "\\\\", "b": ' + b"[" * 10_000, "deeper than 100"),
    ],
)
def test_refuses_what_is_doubtful(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedMessage, match=reason):
        loads(body)


@pytest.mark.parametrize(
    "write",
    [
        lambda size: b"[" * size,
        lambda size: b"[" * (size // 2) + b"]" * (size // 2),
        lambda size: b'{"a":' * (size // 5),
        lambda size: b'{"a": [' + b"[]," * (size // 30) + b"1," * (size // 2) + b"1]}",
        lambda size: b'{"a": "' + b"[" * size + b'"}',
        lambda size: b'{"a": "' + b'\\"' * (size // 2) + b'"}',
        lambda size: b'{"a": [' + b'"",' * (size // 3) + b"1]}",
        lambda size: b"\\" * size,
        lambda size: b'"' * size,
        lambda size: b"9" * size,
        lambda size: b" " * size,
    ],
    ids=lambda write: repr(write(20)),
)
def test_ten_megabytes_take_about_ten_times_as_long_as_one(write: Callable[[int], bytes]) -> None:
    def measure(body: bytes) -> float:
        started = time.process_time()
        with suppress(MalformedMessage):
            loads(body)
        return time.process_time() - started

    # A reader in quadratic time would take a hundred times as long.
    assert measure(write(10_000_000)) < 40 * max(measure(write(1_000_000)), 0.02)


@pytest.mark.parametrize(("body", "depth"), [(b"1", 0), (b"{}", 1), (b'[{"[":["]"]}]', 3), (b'["\\"[[", [], [[]]]', 3)])
def test_depth_counts_open_brackets_outside_of_strings(body: bytes, depth: int) -> None:
    assert not nests_deeper(body, depth)
    assert nests_deeper(body, depth - 1) == (depth > 0)


@settings(deadline=None, max_examples=500)
@given(st.binary(max_size=40) | st.text('{}[]":,\\ud81aeE+-0NI\n', max_size=40).map(str.encode))
@example(b'{"a":"\\')
def test_nothing_but_malformed_message_is_ever_raised(body: bytes) -> None:
    try:
        message = loads(body)
    except MalformedMessage:
        return
    assert message == json.loads(body)


@settings(deadline=None, max_examples=200)
@given(
    st.recursive(
        st.none() | st.text('a":\\[', max_size=4) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text('a":\\', max_size=3), below, max_size=3),
    ),
    st.sampled_from([(",", ":"), (" , ", " : "), (",\n", "\n:")]),
)
def test_reads_whatever_python_writes(value: object, separators: tuple[str, str]) -> None:
    assert loads(json.dumps({"value": value}, separators=separators).encode()) == {"value": value}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from('ab":'), st.sampled_from(['"', ":", "a", 1])), min_size=1, max_size=4))
def test_a_key_that_stands_twice_is_always_seen(pairs: list[tuple[str, object]]) -> None:
    body = "{" + ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs) + "}"
    if len(dict(pairs)) == len(pairs):
        assert loads(body.encode()) == dict(pairs)
    else:
        with pytest.raises(MalformedMessage, match="twice"):
            loads(body.encode())
