"""The cost sheet forgets nothing: every kind of resource is priced or known to be free, every price says where it is from."""

from __future__ import annotations

import re

from local.cost.bill import FREE, PRICED, monthly_bill, read_lives
from local.cost.prices import read_prices
from tests.structure.cloud import functions, template
from tests.structure.sources import ROOT


def test_every_kind_of_resource_is_priced_or_free() -> None:
    kinds = {resource["Type"] for resource in template()["Resources"].values()}
    assert kinds - PRICED - FREE == set()
    assert not PRICED & FREE


def test_every_price_and_every_assumption_says_why() -> None:
    prices = read_prices()
    assert [name for name, each in prices.by_name.items() if not each["source"]] == []
    assert [name for name, each in prices.assumptions.items() if not each["why"]] == []
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", prices.checked)


def test_every_function_that_was_counted_is_in_the_template() -> None:
    counted = {name for life in read_lives().values() for name in life["invocations"]}
    assert counted - set(functions(template())) == set()


def test_every_price_is_used() -> None:
    used = (ROOT / "local/cost/usage.py").read_text(encoding="utf-8")
    assert [name for name in read_prices().by_name if f'"{name}"' not in used] == []


def test_ten_thousand_payments_can_be_billed() -> None:
    bill = monthly_bill(ROOT / "template.yaml", read_lives(), read_prices(), 10_000)
    assert 0 < sum(line.usd for line in bill.standing) < bill.usd
