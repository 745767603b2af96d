"""The operators' dashboard: what is deployed is what the list says, and nothing that is counted is missing from it."""

from __future__ import annotations

import ast
import json

from local.dashboard import FILE, GRAPHS, HEAD, dashboard_lines, with_dashboard
from payments import observability
from tests.structure.cloud import of_type, template
from tests.structure.sources import Module, modules

#: Counted under a name that is looked up, not written where it is counted.
LOOKED_UP = {*observability._FLAGGED.values(), *observability._ALARMING}


def counted(module: Module) -> set[str]:
    """The metrics this module counts by name."""
    return {
        node.args[0].value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "count"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value[:1].isupper()
    }


def test_the_template_has_the_dashboard_of_the_list() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text == with_dashboard(text)


def test_writing_a_dashboard_leaves_the_rest_of_the_template_alone() -> None:
    before = f"Resources:\n  Dashboard:\n{HEAD}        old\n\n  Queue:\n    Type: AWS::SQS::Queue\n"
    after = with_dashboard(before)
    assert after.startswith(f'Resources:\n  Dashboard:\n{HEAD}        {{"widgets": [\n')
    assert after.endswith("        ]}\n\n  Queue:\n    Type: AWS::SQS::Queue\n")
    assert "old" not in after


def test_every_metric_that_is_counted_or_rings_is_drawn() -> None:
    drawn = {metric[0] for graph in GRAPHS for metric in graph.metrics}
    by_name = {name for module in modules("layers", "functions") for name in counted(module)}
    watched = {each["MetricName"] for each in of_type(template(), "AWS::CloudWatch::Alarm").values()}
    assert (by_name | LOOKED_UP | watched) - drawn == set()
    assert {metric[0] for graph in GRAPHS for metric in graph.metrics if len(metric) == 1} == by_name | LOOKED_UP


def test_a_counted_metric_is_seen() -> None:
    text = 'observability.count("RefundLost")\ncount("CallbackLost", 2)\ncount(name)\n"text".count("x")'
    assert counted(Module("payments.snippet", "snippet.py", text)) == {"RefundLost", "CallbackLost"}


def test_an_alarm_is_drawn_with_the_very_dimensions_it_watches() -> None:
    drawn = {json.dumps(metric) for metric in drawn_metrics()}
    for alarm in of_type(template(), "AWS::CloudWatch::Alarm").values():
        dimensions = [part for each in alarm["Dimensions"] for part in (each["Name"], written(each["Value"]))]
        assert json.dumps([written(alarm["Namespace"]), alarm["MetricName"], *dimensions]) in drawn


def drawn_metrics() -> list[list[str]]:
    """Every curve's namespace, name and dimensions."""
    body = json.loads("\n".join(dashboard_lines()))
    assert {widget["type"] for widget in body["widgets"]} == {"metric"}
    return [
        [part for part in metric if isinstance(part, str)]
        for widget in body["widgets"]
        for metric in widget["properties"]["metrics"]
    ]


def written(value: str | dict[str, str | list[str]]) -> str:
    """A value of the template as it is spelt inside `!Sub`."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Sub":
        return str(argument)
    return "${" + (argument if isinstance(argument, str) else ".".join(argument)) + "}"
