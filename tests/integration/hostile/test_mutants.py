"""Three thousand mutants of genuine messages: none is believed that says something else than was signed."""

from __future__ import annotations

from typing import Any

import pytest

from ecommpay_signing import SignatureMismatch, loads, verify
from payments.domain.money import Money
from tests.integration.hostile.conclusions import conclusions
from tests.integration.hostile.fuzzing import let_loose
from tests.integration.hostile.genuine import SECRET, sealed
from tests.unit.gate.samples import sale_callback


def test_no_mutant_is_believed_that_says_something_else() -> None:
    harvest = let_loose(3000, seed=31)

    assert harvest.lies == [], str(harvest)
    # Else the tricks would prove nothing.
    assert harvest.counted["believed, the same"] > 500, str(harvest)
    assert harvest.counted["believed, saying less"] > 50, str(harvest)
    assert harvest.counted["verified and called ambiguous"] > 50, str(harvest)


@pytest.mark.parametrize("amount", ["1000.0", "1e3", "10e2", '"1000"', "10000e-1"])
def test_an_amount_in_another_spelling_is_the_same_amount_or_none(amount: str) -> None:
    body = sealed(sale_callback())
    told = loads(body.replace(b'"amount": 1000', f'"amount": {amount}'.encode()))

    assert verify(told, [SECRET]) == 0
    assert money_told(told) in [{Money(1000, "KES")}, {None}]


@pytest.mark.parametrize("other", ["1001", "-1000", "1000.5", "1000.00001", '"1000.0"', '" 1000"', '"1,000"', "null"])
def test_another_amount_is_refused(other: str) -> None:
    body = sealed(sale_callback()).replace(b'"amount": 1000', f'"amount": {other}'.encode())
    with pytest.raises(SignatureMismatch):
        verify(loads(body), [SECRET])


def money_told(message: dict[str, Any]) -> set[Money | None]:
    report = conclusions(message).report
    assert report.word is not None
    return {report.word.money, *(operation.money for operation in report.operations)}
