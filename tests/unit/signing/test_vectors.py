"""Signed texts, signatures and orders that other people's code has made: the provider's PHP SDK under PHP 8.2."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecommpay_signing import SignatureMismatch, loads, sign, string_to_sign, verify
from ecommpay_signing.natural_order import natural_key

VECTORS = Path(__file__).parent / "vectors"


def read(name: str) -> Any:
    return json.loads((VECTORS / name).read_bytes())


SIGNATURES = read("signature_vectors.json")["vectors"]
SIGNED = [vector for vector in SIGNATURES if vector["kind"] == "sign"]
CALLBACKS = [vector for vector in SIGNATURES if vector["kind"] == "callback"]
NATURAL = read("natural_order_vectors.json")


def named(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", SIGNED, ids=named)
def test_signs_like_php(vector: dict[str, Any]) -> None:
    params = loads(vector["payload_json"].encode())
    assert string_to_sign(params) == vector["string_to_sign"]
    assert sign(params, vector["secret"]) == vector["expected_signature"]


@pytest.mark.parametrize("vector", CALLBACKS, ids=named)
def test_verifies_what_php_signed(vector: dict[str, Any]) -> None:
    message = loads(vector["signed_body"].encode())
    assert verify(message, ["another key", vector["secret"]]) == 1
    with pytest.raises(SignatureMismatch):
        verify(message, ["another key"])


@pytest.mark.parametrize("vector", read("signature_fuzz_vectors.json"), ids=named)
def test_signs_random_payloads_like_php(vector: dict[str, Any]) -> None:
    params = loads(vector["payload_json"].encode())
    assert sign(params, vector["secret"]) == vector["signature"]
    assert verify(params | {"signature": vector["signature"]}, [vector["secret"]]) == 0


@pytest.mark.parametrize("vector", read("payment_page_url_vectors.json")["vectors"], ids=named)
def test_signs_payment_page_parameters_like_php(vector: dict[str, Any]) -> None:
    assert sign(vector["params"], vector["secret"]) == vector["expected_signature"]


@pytest.mark.parametrize("pair", NATURAL["pairs"], ids=lambda pair: f"{pair['a']!a} {pair['b']!a}")
def test_orders_a_pair_like_php(pair: dict[str, Any]) -> None:
    a, b = natural_key(pair["a"]), natural_key(pair["b"])
    assert (a > b) - (a < b) == pair["php_strnatcmp"]


@pytest.mark.parametrize("vector", NATURAL["sorted_lists"], ids=lambda vector: vector["keys"][0])
def test_orders_a_list_like_php(vector: dict[str, Any]) -> None:
    assert sorted(vector["keys"], key=natural_key) == vector["php_ksort_natural"]


def test_no_vector_got_lost() -> None:
    assert (len(SIGNED), len(CALLBACKS), len(NATURAL["pairs"]), len(NATURAL["sorted_lists"])) == (82, 17, 250, 6)
