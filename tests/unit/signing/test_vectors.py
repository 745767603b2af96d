"""Signed texts, signatures and orders that other people's code has made: the provider's PHP SDK under PHP 8.2."""

import re
from typing import Any

import pytest

from conformance.adapter import answer
from conformance.run import FILES, FOLDER, Result, Vector, judge, question, read
from ecommpay_signing import SignatureMismatch, loads, verify

EVERY = [pytest.param(vector, id=f"{file}-{vector['name']}") for file in FILES for vector in read(file)]


@pytest.mark.parametrize("vector", EVERY)
def test_answers_like_php(vector: Vector) -> None:
    assert judge(vector, answer(question(vector))) == Result(vector["name"], "right")


@pytest.mark.parametrize("vector", read("random_signatures.json"), ids=lambda vector: str(vector["name"]))
def test_verifies_what_php_signed(vector: dict[str, Any]) -> None:
    message = loads(vector["given"]["message"].encode()) | {"signature": vector["expect"]["signature"]}
    assert verify(message, ["another key", vector["given"]["secret"]]) == 1
    with pytest.raises(SignatureMismatch):
        verify(message, ["another key"])


def test_no_vector_got_lost() -> None:
    told = dict(re.findall(r"^\| `(\w+\.json)` \| (\d+) \|", (FOLDER / "README.md").read_text(), re.MULTILINE))
    assert {file: str(len(read(file))) for file in FILES} == told
    assert told == {
        "signatures.json": "99",
        "random_signatures.json": "300",
        "natural_order.json": "256",
        "payment_page_addresses.json": "13",
        "boundaries.json": "37",
    }
