"""What template.yaml deploys, as plain values: the same functions, routes, table and workflow, with local names.

Only this module knows the shape of the template; the rest of `local/` works with the values below.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.cloudformation import Resolver, TemplateError, load_template

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}
TABLE_REQUEST_KEYS = ("AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput")
INDEX_KEYS = ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput")


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function: where its code is and how AWS would run it."""

    logical_id: str
    name: str
    arn: str
    code_folder: Path
    handler: str
    timeout_s: float
    memory_mb: int
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the HTTP API, the path in API Gateway's spelling: `/payments/{payment_id}`."""

    method: str
    path: str
    function: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function that runs at a rate; `every_minutes` is None for a cron expression, which is not run locally."""

    function: str
    expression: str
    every_minutes: int | None
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """A function fed by the table's stream, with AWS's rules for batches and retries (None: as often as it takes)."""

    function: str
    table: str
    batch_size: int
    reports_item_failures: bool
    bisects: bool
    maximum_retries: int | None
    on_failure_bucket: str | None
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateMachine:
    """The workflow, its definition as JSON with every substitution made."""

    name: str
    arn: str
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """A DynamoDB table: its name and the rest of the CreateTable request."""

    name: str
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """Everything in template.yaml that the local system brings to life."""

    functions: tuple[Function, ...]
    routes: tuple[Route, ...]
    schedules: tuple[Schedule, ...]
    stream_mappings: tuple[StreamMapping, ...]
    state_machines: tuple[StateMachine, ...]
    tables: tuple[Table, ...]
    secrets: tuple[str, ...]
    topics: tuple[str, ...]
    queues: tuple[str, ...]
    buckets: tuple[str, ...]
    buses: tuple[str, ...]


def read_template(path: Path, *, region: str, parameters: Mapping[str, str] | None = None) -> Template:
    """The template at `path` with its parameters' defaults, or the given values, filled in. Raises TemplateError."""
    document = load_template(path)
    resolver = Resolver(document, parameters or {}, region)
    functions = dict(_resources(resolver, "AWS::Serverless::Function"))
    events = [
        (logical_id, event["Type"], event.get("Properties", {}))
        for logical_id, properties in functions.items()
        for event in properties.get("Events", {}).values()
    ]
    return Template(
        functions=tuple(_function(resolver, path.parent, *item) for item in functions.items()),
        routes=tuple(
            Route(event["Method"].upper(), event["Path"], function)
            for function, kind, event in events
            if kind == "HttpApi"
        ),
        schedules=tuple(_schedule(function, event) for function, kind, event in events if kind.startswith("Schedule")),
        stream_mappings=tuple(
            _stream_mapping(function, event) for function, kind, event in events if kind == "DynamoDB"
        ),
        state_machines=tuple(
            _state_machine(resolver, path.parent, *item)
            for item in _resources(resolver, "AWS::Serverless::StateMachine")
        ),
        tables=tuple(_table(resolver, *item) for item in _resources(resolver, "AWS::DynamoDB::Table")),
        secrets=_names(resolver, "AWS::SecretsManager::Secret"),
        topics=_names(resolver, "AWS::SNS::Topic"),
        queues=_names(resolver, "AWS::SQS::Queue"),
        buckets=_names(resolver, "AWS::S3::Bucket"),
        buses=_names(resolver, "AWS::Events::EventBus"),
    )


def _resources(resolver: Resolver, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in resolver.document["Resources"].items():
        if resource["Type"] == kind and ("Condition" not in resource or resolver.holds(resource["Condition"])):
            properties = resource.get("Properties", {})
            # Policies and the like may use functions that have no meaning here; only what is used is resolved.
            yield logical_id, resolver.resolve({key: properties[key] for key in properties if key in USED_PROPERTIES})


USED_PROPERTIES = {
    *TABLE_REQUEST_KEYS,
    *("GlobalSecondaryIndexes", "StreamSpecification", "DefinitionUri", "DefinitionSubstitutions"),
    *("CodeUri", "Handler", "Timeout", "MemorySize", "Environment", "Events"),
}


def _names(resolver: Resolver, kind: str) -> tuple[str, ...]:
    return tuple(resolver.name_of(logical_id) for logical_id, _ in _resources(resolver, kind))


def _function(resolver: Resolver, root: Path, logical_id: str, properties: Mapping[str, Any]) -> Function:
    shared = resolver.resolve(
        {
            key: value
            for key, value in resolver.document.get("Globals", {}).get("Function", {}).items()
            if key in USED_PROPERTIES
        }
    )
    variables = {
        **shared.get("Environment", {}).get("Variables", {}),
        **properties.get("Environment", {}).get("Variables", {}),
    }
    merged = {**shared, **properties}
    return Function(
        logical_id=logical_id,
        name=resolver.name_of(logical_id),
        arn=resolver.arn_of(logical_id),
        code_folder=root / merged["CodeUri"],
        handler=merged["Handler"],
        timeout_s=float(merged.get("Timeout", 3)),
        memory_mb=int(merged.get("MemorySize", 128)),
        variables={name: _as_variable(value) for name, value in variables.items()},
    )


def _as_variable(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _schedule(function: str, event: Mapping[str, Any]) -> Schedule:
    expression = event.get("Schedule") or event.get("ScheduleExpression") or ""
    rate = RATE.fullmatch(expression)
    return Schedule(
        function=function,
        expression=expression,
        every_minutes=int(rate[1]) * MINUTES[rate[2]] if rate else None,
        event=json.loads(event["Input"]) if "Input" in event else {},
    )


def _stream_mapping(function: str, event: Mapping[str, Any]) -> StreamMapping:
    on_failure = event.get("DestinationConfig", {}).get("OnFailure", {})
    if on_failure.get("Type", "S3") != "S3":
        raise TemplateError(f"{function} leaves what fails at a destination of type {on_failure['Type']}, not in S3.")
    retries = int(event.get("MaximumRetryAttempts", -1))
    return StreamMapping(
        function=function,
        table=event["Stream"].split("/")[1],
        batch_size=int(event.get("BatchSize", 100)),
        reports_item_failures="ReportBatchItemFailures" in event.get("FunctionResponseTypes", []),
        bisects=bool(event.get("BisectBatchOnFunctionError", False)),
        maximum_retries=None if retries < 0 else retries,
        on_failure_bucket=on_failure["Destination"].rsplit(":", 1)[1] if on_failure else None,
        filters=tuple(item["Pattern"] for item in event.get("FilterCriteria", {}).get("Filters", [])),
    )


def _state_machine(resolver: Resolver, root: Path, logical_id: str, properties: Mapping[str, Any]) -> StateMachine:
    text = (root / properties["DefinitionUri"]).read_text(encoding="utf-8")
    for name, value in properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace("${" + name + "}", str(value))
    left_over = re.search(r"\$\{\w+\}", text)
    if left_over:
        raise TemplateError(f"{properties['DefinitionUri']} uses {left_over[0]}, which has no substitution.")
    return StateMachine(
        name=resolver.name_of(logical_id),
        arn=resolver.arn_of(logical_id),
        definition=json.dumps(yaml.safe_load(text)),
    )


def _table(resolver: Resolver, logical_id: str, properties: Mapping[str, Any]) -> Table:
    request = {key: properties[key] for key in TABLE_REQUEST_KEYS if key in properties}
    indexes = properties.get("GlobalSecondaryIndexes", [])
    if indexes:
        request["GlobalSecondaryIndexes"] = [
            {key: index[key] for key in INDEX_KEYS if key in index} for index in indexes
        ]
    if "StreamSpecification" in properties:
        request["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return Table(name=resolver.name_of(logical_id), request=request)
