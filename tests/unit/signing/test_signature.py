"""Which messages are believed: the signature's place, the keys, the accepted readings, and every kind of tampering."""

import hmac
import json
from base64 import b64encode
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommpay_signing import (
    MalformedMessage,
    SignatureMismatch,
    SigningError,
    is_ambiguous,
    loads,
    sign,
    signed_view,
    string_to_sign,
    verify,
)
from ecommpay_signing.canonical import join_by_code_point
from ecommpay_signing.flatten import path_lines
from ecommpay_signing.signature import hmac_signature

KEY = "test key"
CALLBACK: dict[str, Any] = {
    "project_id": 7,
    "payment": {"id": "order-1", "status": "decline", "sum": {"amount": 1000, "currency": "KES"}, "description": ""},
    "operation": {"id": 3, "type": "sale", "date": "2026-11-21T17:52:00+0000", "code": "20000", "eci": None},
    "errors": [{"code": "1"}, {}, {"code": "2", "message": "m"}],
}


def signed(message: dict[str, Any], key: str = KEY) -> dict[str, Any]:
    return {**message, "signature": sign(message, key)}


def refuses(message: dict[str, Any], *keys: str) -> bool:
    try:
        verify(message, keys or [KEY])
    except SignatureMismatch:
        return True
    return False


def test_signature_of_a_known_text_is_a_known_one() -> None:
    params = {"general": {"payment_id": "refund_02", "project_id": 239}}
    expected = "Q+m+CzfpwbPyvM8Sa1ueuK/r7vHF1Hlz1FnRjMsc8Fwdo4NWyBdufaLZRl5gJ+bZKID2r2wqYMk5PraoEBtRGQ=="
    assert sign(params, "qwerty_seed_secret") == expected


@given(
    st.binary(), st.text(st.characters(codec="utf-8"), min_size=1) | st.sampled_from([127, 128, 129]).map("k".__mul__)
)
def test_signature_is_the_hmac_of_the_standard_library(text: bytes, key: str) -> None:
    assert hmac_signature(text, key) == b64encode(hmac.digest(key.encode(), text, "sha512"))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_tells_which_key_signed(index: int) -> None:
    keys = ["newest", "previous", "oldest"]
    assert verify(signed(CALLBACK, keys[index]), iter(keys)) == index


def test_a_retired_key_or_no_key_at_all_is_refused() -> None:
    assert refuses(signed(CALLBACK, "retired"), "newest", "previous")
    with pytest.raises(SignatureMismatch):
        verify(signed(CALLBACK), [])


@pytest.mark.parametrize("keys", [[""], ["good", ""]])
def test_an_empty_key_is_a_mistake_of_the_caller(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="empty"):
        verify(signed(CALLBACK), keys)
    with pytest.raises(ValueError, match="empty"):
        sign(CALLBACK, "")


def test_one_text_in_place_of_a_list_of_keys_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError):
        verify(signed(CALLBACK), KEY)


def test_signature_in_general_counts_when_there_is_none_above() -> None:
    message: dict[str, Any] = {"general": {"project_id": 7}, "token": {"id": "t"}}
    message["general"] |= {"signature": sign(message, KEY)}
    assert verify(message, [KEY]) == 0
    assert refuses({**message, "signature": "x"})
    # PHP takes a null for a key that is not there, yet signs its line.
    assert refuses({**message, "signature": None})


@pytest.mark.parametrize("signature", [None, 1, 1.5, True, [], ["x"], {}, {"signature": "x"}])
def test_a_signature_that_is_not_text_is_refused(signature: object) -> None:
    assert refuses({**CALLBACK, "signature": signature})
    assert refuses({**CALLBACK, "general": {"signature": signature}})
    assert refuses({**CALLBACK, "general": signature})


@pytest.mark.parametrize("change", [str.lower, str.strip, lambda s: s[:-1], lambda s: s + "\n", lambda s: "", ascii])
def test_a_signature_written_another_way_is_refused(change: Any) -> None:
    message = signed(CALLBACK)
    changed = change(message["signature"])
    assert refuses({**message, "signature": changed}) == (changed != message["signature"])


@pytest.mark.parametrize("signature", ["ж" * 44, "\ud800", "\0", "=" * 88])
def test_any_text_may_stand_for_a_signature_without_harm(signature: str) -> None:
    assert refuses({**CALLBACK, "signature": signature})


def test_the_refusal_does_not_tell_the_expected_signature() -> None:
    message = {**CALLBACK, "signature": "A" * 88}
    with pytest.raises(SignatureMismatch) as refusal:
        verify(message, [KEY])
    assert str(refusal.value) == "The signature was made with another key or for another message."
    assert refusal.value.__dict__ == {}


def test_what_no_signature_can_cover_is_refused() -> None:
    assert refuses({**CALLBACK, "a": "\ud800", "signature": "x"})
    assert refuses({**CALLBACK, "a": float("inf"), "signature": "x"})
    assert refuses({"k" * 100_000: [1] * 50, "signature": "x"})


def test_a_text_with_half_a_surrogate_pair_cannot_be_signed() -> None:
    with pytest.raises(MalformedMessage, match="surrogate"):
        sign({"a": "\ud800"}, KEY)


@pytest.mark.parametrize(
    "smuggled",
    [{"0": CALLBACK}, {"": CALLBACK}, {"0": {"0": CALLBACK}}, {"5": "x", **CALLBACK}],
)
def test_keys_that_php_would_change_are_refused_even_with_its_signature(smuggled: dict[str, Any]) -> None:
    assert refuses({**smuggled, "signature": sign(smuggled, KEY)})


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["payment"].update(status="success"),
        lambda m: m["payment"]["sum"].update(amount=1001),
        lambda m: m["payment"].pop("description"),
        lambda m: m.update(extra=1),
        lambda m: m.update(extra=None),
        lambda m: m["operation"].pop("eci"),
        lambda m: m["errors"].reverse(),
        lambda m: m["errors"].pop(),
        lambda m: m["errors"].pop(1),
        lambda m: m["payment"].update(signature=None),
        lambda m: m.update(status=m["payment"].pop("status")),
        lambda m: m["payment"].update({"description": "x;payment:e:1"}),
    ],
)
def test_a_changed_message_is_refused(change: Any) -> None:
    message = deepcopy(signed(CALLBACK))
    change(message)
    assert refuses(message)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["payment"].update(frame_mode="popup"),
        lambda m: m["payment"].update(signature="unsigned"),
        lambda m: m["errors"][0].update(signature={"any": "thing"}),
        lambda m: m.update(general={}),
        lambda m: m.update(extra=[[], {"a": []}]),
        lambda m: m["errors"].append({"frame_mode": 1}),
    ],
)
def test_what_is_not_signed_may_change_and_is_not_in_the_signed_view(change: Any) -> None:
    message = deepcopy(signed(CALLBACK))
    change(message)
    assert verify(message, [KEY]) == 0
    assert signed_view(message) == signed_view(CALLBACK)


def test_paths_in_code_point_order_are_accepted_as_well() -> None:
    message = {"operations": [{"id": n} for n in range(12)]}
    signature = hmac_signature(join_by_code_point(path_lines(message)).encode(), KEY).decode()
    assert signature != sign(message, KEY)
    assert verify({**message, "signature": signature}, ["other", KEY]) == 1


@pytest.mark.parametrize("fields", [{"signature": "s", "x": 1}, {"a": [{"signature": "s"}] * 12}])
def test_nested_signature_keys_may_be_signed_or_not_and_are_never_believed(fields: dict[str, Any]) -> None:
    message = {"redirect_data": {"body": fields}, "project_id": 7}
    assert verify(signed(message), [KEY]) == 0  # `sign` signs them
    without = {"redirect_data": {"body": {key: value for key, value in fields.items() if key == "x"}}, "project_id": 7}
    assert verify({**message, "signature": sign(without, KEY)}, [KEY]) == 0
    assert signed_view(signed(message)) == signed_view(without)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-1e300, 1e300) | st.text(max_size=6),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text("abж019_:;", max_size=4), below, max_size=3),
    max_leaves=10,
)
MESSAGES = st.dictionaries(st.sampled_from(["payment", "operation", "a1", "a10", "general"]), JSON_VALUES, max_size=5)


@settings(deadline=None)
@given(MESSAGES, st.sampled_from([None, 2, "\t"]), st.booleans(), st.booleans())
def test_what_is_signed_verifies_however_it_is_written(
    message: dict[str, Any], indent: Any, ascii_only: bool, backwards: bool
) -> None:
    complete = {**message, "signature": sign(message, KEY)}
    if backwards:
        complete = dict(reversed(complete.items()))
    body = json.dumps(complete, indent=indent, ensure_ascii=ascii_only).encode()
    assert verify(loads(body), [KEY]) == 0


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_mutated_message_is_refused_or_says_the_same(data: st.DataObject) -> None:
    original = signed(CALLBACK)
    body = bytearray(json.dumps(original).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(32, 126) | st.sampled_from(b';:"{}[],10'))
    try:
        message = loads(bytes(body))
        verify(message, [KEY])
    except SigningError:
        return
    assert is_ambiguous(message) or string_to_sign(signed_view(message)) == string_to_sign(signed_view(original))
