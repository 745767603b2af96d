"""How much of everything a month takes: from the template what stands, from the counted lives what payments use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.cost.prices import Prices
from local.template import Template

GB = 10**9
MINUTES_OF_A_MONTH = 730 * 60
#: The functions that ask Gate, by the life in which they do.
ASKS_GATE = {"payment": "CreatePaymentFunction", "refund": "RequestRefundFunction"}

#: Service, what it is, how much of it, and the name of its price.
Entry = tuple[str, str, float, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """A month of one stack with so many payments."""

    document: Mapping[str, Any]
    """The template, its tags in their long form."""
    template: Template
    lives: Mapping[str, Any]
    prices: Prices
    payments: int

    def standing(self) -> Iterator[Entry]:
        """What is paid without a single payment, too."""
        assumed = self.prices.assumed
        runs = {
            each.function: MINUTES_OF_A_MONTH / each.every_minutes
            for each in self.template.schedules
            if each.every_minutes
        }
        all_runs = sum(runs.values())
        yield "CloudWatch", "alarms", len(self._all("AWS::CloudWatch::Alarm")), "alarm_month"
        yield "CloudWatch", "metrics of ours", self._own_metrics(), "metric_month"
        yield "CloudWatch", "metrics of routes", self._route_metrics(), "metric_month"
        yield "CloudWatch", "dashboards", len(self._all("AWS::CloudWatch::Dashboard")), "dashboard_month"
        yield "CloudWatch", "GB of logs, schedules", all_runs * assumed("log_bytes_of_an_invocation") / GB, "log_gb"
        yield "Secrets Manager", "secrets", len(self._all("AWS::SecretsManager::Secret")), "secret_month"
        yield "KMS", "keys", len(self._all("AWS::KMS::Key")), "key_month"
        yield "KMS", "requests", assumed("key_requests_a_month"), "key_request"
        yield "Lambda", "requests, schedules", all_runs, "lambda_request"
        seconds = sum(self._gb_seconds(name, count, calls=count, cold_share=0) for name, count in runs.items())
        yield "Lambda", "GB-seconds, schedules", seconds, "lambda_gb_second"
        yield "DynamoDB", "read units, schedules", all_runs / 2, "table_read_unit"
        yield "X-Ray", "traces, schedules", all_runs * self._is_traced(), "trace"

    def used(self) -> Iterator[Entry]:
        """What payments take, and their refunds."""
        assumed, total = self.prices.assumed, self._total
        requests, invocations = total("requests"), total("invocations")
        stored = total("stored_bytes") * assumed("kept_months") / GB
        logged = (total("log_bytes") + invocations * assumed("log_bytes_of_an_invocation")) / GB
        yield "API Gateway", "requests", requests, "api_request"
        yield "Lambda", "requests", invocations, "lambda_request"
        yield "Lambda", "GB-seconds", self._used_gb_seconds(), "lambda_gb_second"
        yield "DynamoDB", "write units", total("write_units"), "table_write_unit"
        yield "DynamoDB", "read units", total("read_units"), "table_read_unit"
        yield "DynamoDB", f"GB of {assumed('kept_months'):g} months", stored, "table_gb_month"
        yield "DynamoDB", "GB of point-in-time recovery", stored, "table_backup_gb_month"
        yield "Step Functions", "state transitions", total("state_transitions"), "state_transition"
        yield "EventBridge", "events", total("events"), "event"
        yield "SNS", "notifications", total("notifications"), "notification"
        yield "CloudWatch", "GB of logs", logged, "log_gb"
        yield "CloudWatch", "GB of logs kept", logged * self._log_months(), "log_gb_month"
        yield (
            "X-Ray",
            "traces",
            (requests + total("invocations", "PublishChangesFunction")) * self._is_traced(),
            "trace",
        )
        yield "Secrets Manager", "requests", self._secret_requests(), "secret_request"
        yield "Internet", "GB answered", total("answered_bytes") / GB, "internet_gb"

    def _times(self, life: str) -> float:
        """How often this life is lived in the month."""
        return self.payments * (self.prices.assumed("refunded_share") if life == "refund" else 1)

    def _total(self, name: str, part: str | None = None) -> float:
        """So much of this, or of one part of it, in all lives of the month."""
        found = 0.0
        for life, taken in self.lives.items():
            amount = taken[name]
            if isinstance(amount, Mapping):
                amount = sum(amount.values()) if part is None else amount.get(part, 0)
            found += self._times(life) * amount
        return found

    def _all(self, kind: str) -> list[Mapping[str, Any]]:
        resources = self.document["Resources"].values()
        return [each.get("Properties", {}) for each in resources if each["Type"] == kind]

    def _own_metrics(self) -> int:
        """The metrics that are not AWS's own; each has an alarm."""
        alarms = self._all("AWS::CloudWatch::Alarm")
        return len({each["MetricName"] for each in alarms if not str(each["Namespace"]).startswith("AWS/")})

    def _route_metrics(self) -> float:
        apis = self._all("AWS::Serverless::HttpApi")
        detailed = any(each.get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled") for each in apis)
        return len(self.template.routes) * self.prices.assumed("metrics_of_a_route") if detailed else 0

    def _is_traced(self) -> bool:
        return bool(self.document["Globals"]["Function"].get("Tracing") == "Active")

    def _log_months(self) -> float:
        return float(self.document["Parameters"]["LogRetentionDays"]["Default"]) / 30

    def _secret_requests(self) -> float:
        """Each new environment of a function that knows the secret reads it once."""
        readers = [each.logical_id for each in self.template.functions if "PROJECTS_SECRET_ID" in each.variables]
        return sum(self._total("invocations", name) for name in readers) * self.prices.assumed("cold_share")

    def _used_gb_seconds(self) -> float:
        assumed = self.prices.assumed
        names = sorted({name for taken in self.lives.values() for name in taken["invocations"]})
        calls = {call: self._total("calls", call) for taken in self.lives.values() for call in taken["calls"]}
        seconds = 0.0
        for name in names:
            made = sum(count for call, count in calls.items() if call.split()[0] == name)
            count = self._total("invocations", name)
            seconds += self._gb_seconds(name, count, calls=made, cold_share=assumed("cold_share"))
        for life, name in ASKS_GATE.items():
            waited = self._times(life) * self.lives[life]["gate_requests"] * assumed("milliseconds_of_gate")
            seconds += self._gb(name) * waited / 1000
        return seconds

    def _gb_seconds(self, name: str, count: float, *, calls: float, cold_share: float) -> float:
        """What so many invocations are billed that make so many calls of AWS together."""
        assumed = self.prices.assumed
        own = assumed("milliseconds_of_an_invocation") + cold_share * assumed("milliseconds_of_a_cold_start")
        return self._gb(name) * (count * own + calls * assumed("milliseconds_of_a_call")) / 1000

    def _gb(self, name: str) -> float:
        return next(each.memory_mb for each in self.template.functions if each.logical_id == name) / 1024
