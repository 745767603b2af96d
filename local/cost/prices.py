"""AWS's list prices and what is assumed where nothing can be counted, from one file with its region and day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRICES = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars by the name of what is bought, and assumptions by name."""

    region: str
    checked: str
    by_name: Mapping[str, Mapping[str, Any]]
    assumptions: Mapping[str, Mapping[str, Any]]

    def usd(self, name: str) -> float:
        """The price of one."""
        return float(self.by_name[name]["usd"])

    def assumed(self, name: str) -> float:
        """The assumed figure."""
        return float(self.assumptions[name]["value"])


def read_prices(path: Path = PRICES) -> Prices:
    """The prices of this file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Prices(content["region"], content["checked"], content["prices"], content["assumptions"])
