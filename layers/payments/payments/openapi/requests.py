"""The requests, asked of the models of the merchant's door and of the method catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from payments.api_models import CreatePayment, StartRefund
from payments.domain.methods import METHODS, Limits, Method

Json = dict[str, Any]

_BODIES: tuple[type[BaseModel], ...] = (CreatePayment, StartRefund)


def body_schemas() -> Json:
    """The schemas of the bodies and of all they are made of, by name."""
    models = [(model, "validation") for model in _BODIES]
    _, document = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]  # the list is narrower than it says
    schemas: Json = _plain(document["$defs"])
    schemas[CreatePayment.__name__]["allOf"] = [
        _gate_rule(),
        *(rule for each in METHODS.values() for rule in _rules(each)),
    ]
    return schemas


def _gate_rule() -> Json:
    then = {"required": ["method"], "properties": {"customer": {"required": ["ip_address"]}}}
    return _when({"interface": "gate"}, then)


def _rules(method: Method) -> Iterator[Json]:
    """What the catalogue says of a method; a limit in another currency is the platform's to judge."""
    chosen = {"method": method.code}
    yield _when(chosen, {"properties": {"currency": {"enum": list(method.limits)}}})
    for currency, limits in method.limits.items():
        span = _span(currency, limits)
        if span:
            yield _when({**chosen, "currency": currency}, {"properties": {"amount": span}})
    if method.required:
        wanted = {"properties": {"customer": {"required": list(method.required)}}}
        yield _when({**chosen, "interface": "gate"}, wanted)


def _span(currency: str, limits: Limits) -> Json:
    ends = {"minimum": limits.minimum, "maximum": limits.maximum}
    return {name: end.amount for name, end in ends.items() if end and end.currency == currency}


def _when(chosen: Mapping[str, str], then: Json) -> Json:
    condition = {"properties": {name: {"const": value} for name, value in chosen.items()}, "required": list(chosen)}
    return {"if": condition, "then": then}


def field_schema(model: type[BaseModel], name: str) -> Json:
    """The schema of one field."""
    schema: Json = _fields(model)[name]
    return schema


def query_parameters(model: type[BaseModel]) -> list[Json]:
    """The fields of a model as parameters; an address has no null, so what may be null may only be left out."""
    parameters = []
    for name, schema in _fields(model).items():
        choice = next(each for each in schema.get("anyOf", [schema]) if each != {"type": "null"})
        description = schema.get("description") or choice.get("description", "")
        parameters.append(parameter("query", name, choice, description))
    return parameters


def parameter(place: str, name: str, schema: Json, description: str = "") -> Json:
    """One parameter; those in the path are required."""
    return {
        "name": name,
        "in": place,
        **({"description": description} if description else {}),
        **({"required": True} if place == "path" else {}),
        "schema": {key: value for key, value in schema.items() if key != "description"},
    }


def _fields(model: type[BaseModel]) -> Json:
    fields: Json = _plain(model.model_json_schema())["properties"]
    return fields


def _plain(part: Any) -> Any:
    """A schema without pydantic's titles, and without defaults that only say "absent"."""
    if isinstance(part, list):
        return [_plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: _plain(value) for key, value in part.items() if not _is_noise(key, value)}


def _is_noise(key: str, value: object) -> bool:
    # A field may be called title, too; its value is a schema then.
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in ("", None))
