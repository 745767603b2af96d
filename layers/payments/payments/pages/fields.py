"""The data a provider may ask of a customer: what each is called here, and how a browser helps to fill it in.

Labels and hints are sentences of ``ask.html``; this table only names them. A field nobody has described yet is labelled
with the provider's own words, so that a question never goes unasked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Input:
    """How one kind of data is asked for; ``label`` and ``hint`` are names that ``ask.html`` knows."""

    label: str
    type: str = "text"
    autocomplete: str = ""
    longest: int = 255
    hint: str = ""
    keyboard: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class AskedField:
    """One field of the form."""

    path: str
    """Its name in the form, such as ``customer.email``."""
    input: Input
    group: str
    """``billing`` or ``shipping`` where the label has to say so, else empty."""
    own_label: str
    """The provider's own words, where we have none."""
    autocomplete: str


_DATE = r"[0-9]{2}-[0-9]{2}-[0-9]{4}"
_PHONE = Input("phone", "tel", "tel", 32, "phone")
_ADDRESS = Input("address", autocomplete="address-line1")
_FULL_NAME = Input("full_name", autocomplete="name")
_POSTAL_CODE = Input("postal_code", autocomplete="postal-code", longest=32)
_REGION = Input("region", autocomplete="address-level1")

#: By the last part of a field's path.
INPUTS: Mapping[str, Input] = MappingProxyType(
    {
        "email": Input("email", "email", "email"),
        "phone": _PHONE,
        "home_phone": Input("home_phone", "tel", "home tel", 32, "phone"),
        "work_phone": Input("work_phone", "tel", "work tel", 32, "phone"),
        "first_name": Input("first_name", autocomplete="given-name"),
        "middle_name": Input("middle_name", autocomplete="additional-name"),
        "last_name": Input("last_name", autocomplete="family-name"),
        "name": _FULL_NAME,
        "full_name": _FULL_NAME,
        "card_holder": Input("card_holder", autocomplete="cc-name"),
        "address": _ADDRESS,
        "street": Input("street", autocomplete="address-line1"),
        "building": Input("building"),
        "district": Input("district", autocomplete="address-level3"),
        "city": Input("city", autocomplete="address-level2"),
        "state": _REGION,
        "region": _REGION,
        "zip": _POSTAL_CODE,
        "zip_code": _POSTAL_CODE,
        "postal": _POSTAL_CODE,
        "postal_code": _POSTAL_CODE,
        "country": Input("country", autocomplete="country", longest=2, hint="country", pattern="[A-Za-z]{2}"),
        "birthplace": Input("birthplace"),
        # Browsers keep a birthday the other way round (2026-11-21), so they are not asked to fill it in.
        "day_of_birth": Input("day_of_birth", longest=10, hint="date", keyboard="numeric", pattern=_DATE),
        "doc_number": Input("doc_number"),
        "doc_type": Input("doc_type"),
        "doc_issue_date": Input("doc_issue_date", longest=10, hint="date", keyboard="numeric", pattern=_DATE),
        "doc_issue_by": Input("doc_issue_by"),
    }
)

_GROUPS = frozenset({"billing", "shipping"})


def asked_field(path: str) -> AskedField:
    """How to ask for what this path names."""
    group, last = path.partition(".")[0], path.rpartition(".")[2]
    if last not in INPUTS:
        return AskedField(path, Input(""), "", _spelt_out(path), "")
    field = INPUTS[last]
    if group not in _GROUPS:
        return AskedField(path, field, "", "", field.autocomplete)
    return AskedField(path, field, group, "", f"{group} {field.autocomplete}" if field.autocomplete else "")


def _spelt_out(path: str) -> str:
    """``customer.identify.tax_number`` is "Identify tax number"."""
    words = re.sub(r"[._]+", " ", path.removeprefix("customer.")).strip()
    return words[:1].upper() + words[1:]
