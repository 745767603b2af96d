"""template.yaml as the structure tests read it: functions with what Globals add to them, their code and their grants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from local.cloudformation import load_template
from tests.structure.sources import ROOT, Module, module_name

Template = Mapping[str, Any]
Statement = Mapping[str, Any]

FUNCTION = "AWS::Serverless::Function"
STATE_MACHINE = "AWS::Serverless::StateMachine"


@cache
def template() -> Template:
    """The project's own template, tags in their long form."""
    return load_template(ROOT / "template.yaml")


def of_type(document: Template, kind: str) -> dict[str, Mapping[str, Any]]:
    """Logical id → properties of the resources of one type."""
    return {name: each.get("Properties", {}) for name, each in document["Resources"].items() if each["Type"] == kind}


def functions(document: Template) -> dict[str, Mapping[str, Any]]:
    """Logical id → properties of the functions, with what Globals say for all."""
    shared = document.get("Globals", {}).get("Function", {})
    return {name: {**shared, **properties} for name, properties in of_type(document, FUNCTION).items()}


def variables(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """A function's own environment variables; those all functions have are not among them."""
    found: Mapping[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return found


def entry_point(properties: Mapping[str, Any]) -> Module:
    """The file a function's handler is in."""
    path = ROOT / properties["CodeUri"] / f"{properties['Handler'].removesuffix('.handler')}.py"
    return Module(module_name(path), path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def policies(document: Template) -> Iterator[tuple[str, Any]]:
    """Every policy of a function or workflow, by the resource it belongs to."""
    for kind in (FUNCTION, STATE_MACHINE):
        for name, properties in of_type(document, kind).items():
            yield from ((name, policy) for policy in properties.get("Policies", []))
            if "Role" in properties:
                role = document["Resources"][target(properties["Role"])]["Properties"]
                yield from ((name, policy["PolicyDocument"]) for policy in role["Policies"])


def statements(document: Template) -> Iterator[tuple[str, Statement]]:
    """Every statement of every policy of a function or workflow, by the resource it belongs to."""
    for name, policy in policies(document):
        if isinstance(policy, Mapping):
            yield from ((name, statement) for statement in policy.get("Statement", []))


def as_list(value: Any) -> list[Any]:
    """CloudFormation lets one thing stand for a list of one."""
    return value if isinstance(value, list) else [value]


def target(value: Any) -> str:
    """What a reference points at: `PaymentsTable`, `PaymentsTable/index/due`, `DeadLetterBucket/*`."""
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return name.removesuffix(".Alias")
        case {"Fn::GetAtt": [name, *_]}:
            return str(name)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(\w+)\.Arn\}", r"\1", text).rsplit(":", 1)[-1]
    raise AssertionError(f"{value} is no reference this test can read")


def grants(document: Template, function: str) -> set[tuple[str, str]]:
    """What a function may do to what, as (action, resource)."""
    return {
        (action, target(resource))
        for name, statement in statements(document)
        if name == function
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }
