"""The table of these tests is the table that is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.contract.store.table import DEFINITION

TEMPLATE = Path(__file__).parents[3] / "template.yaml"


class TemplateLoader(yaml.SafeLoader):
    """Reads a template; what CloudFormation's own tags stand for does not matter here."""


TemplateLoader.add_multi_constructor("!", lambda *_: None)


def test_the_table_is_the_one_of_the_template() -> None:
    # A loader that is safe but for tags it makes None of.
    template: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader=TemplateLoader)
    tables = [each for each in template["Resources"].values() if each["Type"] == "AWS::DynamoDB::Table"]

    (table,) = (each["Properties"] for each in tables)
    assert table["KeySchema"] == DEFINITION["KeySchema"]
    assert table["GlobalSecondaryIndexes"] == DEFINITION["GlobalSecondaryIndexes"]
    assert by_name(table["AttributeDefinitions"]) == by_name(DEFINITION["AttributeDefinitions"])
    assert table["BillingMode"] == DEFINITION["BillingMode"]


def by_name(attributes: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(attributes, key=lambda each: each["AttributeName"])
