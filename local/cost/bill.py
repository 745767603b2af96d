"""A month's bill, in US dollars.

Nothing counts as free that AWS gives away to small accounts, and where a figure cannot be exact, the larger one counts:
every request is traced, every metric is there the whole month.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloudformation import load_template
from local.cost.prices import Prices
from local.cost.usage import Entry, Usage
from local.template import read_template

LIVES = Path(__file__).with_name("lives.json")
#: Resources that cost by the month or by use, all of which `usage` has an eye on.
PRICED = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Topic",
        "AWS::SecretsManager::Secret",
        "AWS::Serverless::Function",
        "AWS::Serverless::HttpApi",
        "AWS::Serverless::StateMachine",
    }
)
#: Resources that cost nothing themselves, or nothing to speak of as long as nothing has failed.
FREE = frozenset(
    {
        "AWS::ApiGatewayV2::ApiMapping",
        "AWS::ApiGatewayV2::DomainName",
        "AWS::IAM::Role",
        "AWS::Logs::MetricFilter",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::Serverless::LayerVersion",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """So much of this at its price."""

    service: str
    what: str
    quantity: float
    unit_usd: float

    @property
    def usd(self) -> float:
        """What it costs a month."""
        return self.quantity * self.unit_usd


@dataclass(frozen=True, slots=True)
class Bill:
    """Everything a month costs with so many payments."""

    payments: int
    standing: tuple[Line, ...]
    used: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """The sum of both."""
        return sum(line.usd for line in (*self.standing, *self.used))


def read_lives(path: Path = LIVES) -> dict[str, Any]:
    """The lives as they were counted last."""
    lives: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return lives


def monthly_bill(path: Path, lives: Mapping[str, Any], prices: Prices, payments: int) -> Bill:
    """The bill of the stack that this template makes, with the defaults of its parameters."""
    usage = Usage(load_template(path), read_template(path, region=prices.region), lives, prices, payments)

    def line(entry: Entry) -> Line:
        service, what, quantity, price = entry
        return Line(service, what, quantity, prices.usd(price))

    return Bill(payments, tuple(map(line, usage.standing())), tuple(map(line, usage.used())))


def as_table(bill: Bill, prices: Prices) -> str:
    """The bill for people."""
    parts = [
        f"A month with {bill.payments:,} payments, {prices.region}, arm64, list prices of {prices.checked}, US dollars",
        "",
        f"{'':18}{'':30}{'quantity':>16}{'unit price':>16}{'a month':>10}",
    ]
    for title, lines in (("Standing", bill.standing), ("By the payment", bill.used)):
        parts += [title, *(_row(line) for line in lines if line.quantity), _sum(lines)]
    each = sum(line.usd for line in bill.used) / bill.payments if bill.payments else 0.0
    parts += ["", f"Altogether {bill.usd:.2f} a month; one payment more costs {each:.6f}"]
    return "\n".join(parts)


def _row(line: Line) -> str:
    quantity = f"{line.quantity:,.0f}" if line.quantity >= 100 else f"{line.quantity:,.4g}"
    return f"  {line.service:16}{line.what:30}{quantity:>16}{line.unit_usd:>16.10f}{line.usd:>10.2f}"


def _sum(lines: tuple[Line, ...]) -> str:
    return f"{'':80}{sum(line.usd for line in lines):>10.2f}"
