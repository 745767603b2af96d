"""The requests, asked of the models of the merchant's door."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from payments.api_models import CreatePayment, StartRefund

Json = dict[str, Any]

_BODIES: tuple[type[BaseModel], ...] = (CreatePayment, StartRefund)


def body_schemas() -> Json:
    """The schemas of the bodies and of all they are made of, by name."""
    models = [(model, "validation") for model in _BODIES]
    _, document = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]  # the list is narrower than it says
    schemas: Json = _plain(document["$defs"])
    return schemas


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
