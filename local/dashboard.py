"""The operators' dashboard, written into template.yaml from the list below: `make dashboard`.

One line of the list is one graph. A metric without a namespace is one that the functions count; every such metric and
every metric that has an alarm stands in some graph, which a test checks.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.settings import PROJECT_FOLDER

FILE = PROJECT_FOLDER / "template.yaml"
HEAD = "      DashboardBody: !Sub |-\n"
INDENT = " " * 8

Metric = tuple[str, ...]
"""Name; then, where it is not ours, its namespace and its dimensions as names and values by turns."""

#: A third of the screen: CloudWatch puts the graphs side by side itself.
WIDTH = 8


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: its title, its metrics, and which statistics of each are drawn."""

    title: str
    metrics: Sequence[Metric]
    statistics: Sequence[str] = ("Sum",)


def _api(name: str) -> Metric:
    return name, "AWS/ApiGateway", "ApiId", "${Api}"


def _workflow(name: str) -> Metric:
    return name, "AWS/States", "StateMachineArn", "${RefundWorkflow}"


def _stream(name: str) -> Metric:
    return name, "AWS/Lambda", "EventSourceMappingUUID", "${PublishChangesFunctionTableChanged}"


def _table(name: str) -> Metric:
    return name, "AWS/DynamoDB", "TableName", "${PaymentsTable}"


GRAPHS = (
    Graph("Requests and refusals", (_api("Count"), _api("4xx"), _api("5xx"))),
    Graph("Milliseconds until an answer", (_api("Latency"),), ("p50", "p99")),
    Graph(
        "Faults",
        (("FaultLogged", "EcommpayCheckout/${AWS::StackName}"), ("UnexpectedFault",)),
    ),
    Graph(
        "Callbacks refused, repeated, late",
        (("CallbackRejected",), ("CallbackRepeated",), ("CallbackOverdue",), ("CallbackNearlyLost",)),
    ),
    Graph(
        "Words of ECommPay that a person has to look at",
        (
            ("UnknownPaymentCalledBack",),
            ("UnplacedMessageReceived",),
            ("AmbiguousMessageReceived",),
            ("UnknownStatusReceived",),
            ("UnsafeRedirectRefused",),
            ("PaymentNeedsReview",),
        ),
    ),
    Graph("Signed with a retired key", (("RetiredKeyUsed",),)),
    Graph(
        "Our ledger against ECommPay's",
        (("ReconciliationDifference",), ("ReconciliationStuck",), ("ReplayDifferenceFound",)),
    ),
    Graph(
        "Refund executions",
        (
            _workflow("ExecutionsStarted"),
            _workflow("ExecutionsSucceeded"),
            _workflow("ExecutionsFailed"),
            _workflow("ExecutionsAborted"),
            _workflow("ExecutionsTimedOut"),
        ),
    ),
    Graph("Refunds in doubt", (("RefundUnresolved",), ("DoubtfulRefundMatch",), ("StaleTaskToken",))),
    Graph(
        "Published late: milliseconds behind the table",
        (("IteratorAge", "AWS/Lambda", "FunctionName", "${PublishChangesFunction}"),),
        ("Maximum",),
    ),
    Graph(
        "Not published: dead letters, changes lost",
        (_stream("OnFailureDestinationDeliveredEventCount"), _stream("DroppedEventCount")),
    ),
    Graph(
        "Failed runs of the schedule",
        (("ApproximateNumberOfMessagesVisible", "AWS/SQS", "QueueName", "${DeadLetterQueue.QueueName}"),),
        ("Maximum",),
    ),
    Graph("The table", (_table("ConsumedReadCapacityUnits"), _table("ConsumedWriteCapacityUnits"))),
)


def dashboard_lines() -> Iterator[str]:
    """The dashboard as JSON, one metric a line, with the `${}` of CloudFormation in it."""
    yield '{"widgets": ['
    for graph in GRAPHS:
        yield f'{{"type": "metric", "width": {WIDTH}, "properties": {{"title": {json.dumps(graph.title)},'
        yield f'  "region": "${{AWS::Region}}", "period": 300, "stat": "{graph.statistics[0]}", "metrics": ['
        yield from _with_commas(f"    {json.dumps(metric)}" for metric in _drawn(graph))
        yield "]}}" if graph is GRAPHS[-1] else "]}},"
    yield "]}"


def _with_commas(lines: Iterable[str]) -> Iterator[str]:
    *all_but_last, last = lines
    yield from (f"{line}," for line in all_but_last)
    yield last


def _drawn(graph: Graph) -> Iterator[list[object]]:
    """Every curve of a graph; the statistic is named where there are several."""
    for metric in graph.metrics:
        for statistic in graph.statistics:
            yield [*_full(metric), *([{"stat": statistic}] if len(graph.statistics) > 1 else [])]


def _full(metric: Metric) -> list[str]:
    """A metric as CloudWatch writes it: namespace, name, dimensions; ours are counted under the stack's name."""
    name, *rest = metric
    namespace, *dimensions = rest or ("EcommpayCheckout", "service", "${AWS::StackName}")
    return [namespace, name, *dimensions]


def with_dashboard(template: str) -> str:
    """The template's text with the dashboard as the list has it."""
    before, _, after = template.partition(HEAD)
    lines = after.splitlines(keepends=True)
    while lines and lines[0].startswith(INDENT):
        lines.pop(0)
    return before + HEAD + "".join(f"{INDENT}{line}\n" for line in dashboard_lines()) + "".join(lines)


def write_dashboard(file: Path = FILE) -> None:
    """Writes the dashboard into the template."""
    file.write_text(with_dashboard(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write_dashboard()
