"""The provider's messages, callbacks and status answers alike, read into what our own rules understand.

Rules of this file
  * It is given what the signature covers and believes all of it, but no shape: a missing or odd part reads as empty,
    and nothing raises. A message that verifies must never be refused for its shape.
  * Texts are cut and lists are bounded, so that no message makes a payment too large to be stored.
  * Large or personal parts (where to send the customer, what to ask) stay in the message; a report only points at it.

Sources: PROTOCOL §6.3, §6.6, §6.7, §5.6.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from ecommpay_signing import string_to_sign
from payments.domain.money import Money
from payments.domain.provider_state import NO_DATE, Operation, Outcome, Pointer, Report, Standing, Word
from payments.gate.scalars import (
    date_of,
    flag_of,
    identifier_of,
    list_of,
    money_of,
    object_of,
    printed,
    text_of,
    whole_of,
)
from payments.gate.status_words import is_known_type, kind_of, outcome_of, standing_of

#: Characters that are read of one word of the provider, and of what it says of an operation.
WORD_LENGTH = 64
MESSAGE_LENGTH = 255
_MOST_OPERATIONS = 100
_MOST_FIELDS = 20
_DEEPEST_FIELD = 6

#: Keys that describe a field; an object of these is no further level of names.
_MARKS = frozenset("type required is_required mandatory label pattern regexp regex mask format placeholder".split())
_REMARKS = frozenset(
    "name title description hint value values options default error message code min max min_length max_length".split()
)
#: Under which of these a description in a list says the name of its field.
_NAME_KEYS = ("field", "name", "path", "parameter")
_FIELD_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


Method = Literal["GET", "POST"]
_METHODS: Mapping[str, Method] = {"GET": "GET", "POST": "POST"}


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the provider wants the customer, not yet judged: the address may be anything."""

    method: Method
    url: str
    fields: tuple[tuple[str, str], ...]


def message_key(message: Mapping[str, Any]) -> tuple[int | None, str]:
    """Whose payment a message is about: project id and payment id; None and empty where it does not say."""
    general = object_of(message.get("general"))
    project_id = whole_of(message.get("project_id"))
    if project_id is None:
        project_id = whole_of(general.get("project_id"))
    payment_id = identifier_of(object_of(message.get("payment")).get("id"))
    return project_id, payment_id or identifier_of(general.get("payment_id"))


def report(message: Mapping[str, Any], *, digest: str) -> Report:
    """What a message says about the payment and its operations; ``digest`` is that of its body."""
    operations = _operations(message, digest)
    operation_date = max((operation.date for operation in operations), default=NO_DATE)
    payment = object_of(message.get("payment"))
    date = operation_date if operation_date != NO_DATE else date_of(payment.get("date"))
    pointer = Pointer(date, digest)
    redirect = object_of(message.get("redirect_data"))
    return Report(
        word=_word(payment, operation_date=operation_date, digest=digest),
        operations=operations,
        redirect=pointer if isinstance(redirect.get("url"), str) and redirect["url"] else None,
        question=pointer if message.get("clarification_fields") else None,
    )


def unknown_words(said: Report) -> tuple[str, ...]:
    """The provider's words in a report that we do not know: they decide nothing, and somebody has to be told."""
    words = [said.word.status] if said.word and said.word.standing is Standing.UNKNOWN else []
    for operation in said.operations:
        if operation.status and operation.outcome is Outcome.UNKNOWN:
            words.append(operation.status)
        if operation.type and not is_known_type(operation.type):
            words.append(operation.type)
    return tuple(dict.fromkeys(words))


def redirect_target(message: Mapping[str, Any]) -> Redirect | None:
    """Where to send the customer and with what; None when the message does not say so in a way that can be followed.

    Nested fields become ``name[key]``, as PHP posts them; ``[]``, ``{}`` and a missing body all mean no fields.
    """
    data = object_of(message.get("redirect_data"))
    url, body = data.get("url"), data.get("body")
    if not isinstance(url, str) or not url or not (isinstance(body, (dict, list)) or body in (None, "")):
        return None
    fields = tuple(_form_fields(body))
    method = _METHODS.get(text_of(data.get("method")).strip().upper() or ("POST" if fields else "GET"))
    return Redirect(method, url, fields) if method else None


def asked_fields(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The customer's data that the provider asks for, as paths such as ``customer.email``; at most 20.

    The shape is documented loosely (PROTOCOL §6.7): objects of names, lists of names, descriptions of fields and
    dotted names are all read. What does not look like a name is left out.
    """
    found = dict.fromkeys(islice(_paths(message.get("clarification_fields"), ()), 10 * _MOST_FIELDS))
    leaves = (path for path in found if not any(path == other[: len(path)] for other in found if other != path))
    return tuple(islice((".".join(path) for path in leaves), _MOST_FIELDS))


def _word(payment: Mapping[str, Any], *, operation_date: datetime, digest: str) -> Word | None:
    status = text_of(payment.get("status"), WORD_LENGTH).strip()
    if not status:
        return None
    # A date that is there and cannot be read stays none: falling back would make an old word look newer than it is.
    date = operation_date if payment.get("date") is None else date_of(payment.get("date"))
    return Word(
        standing=standing_of(status),
        status=status,
        money=money_of(payment.get("sum")),
        method=text_of(payment.get("method"), WORD_LENGTH),
        date=date,
        operation_date=operation_date,
        may_try_again=flag_of(payment.get("is_new_attempts_available")),
        digest=digest,
    )


def _operations(message: Mapping[str, Any], digest: str) -> tuple[Operation, ...]:
    """A callback's one operation, a status answer's list, or both; those that move money survive the bound first."""
    error = object_of(next(iter(list_of(message.get("errors"))), None))
    # Our id of a refund stands beside the payment (PROTOCOL §5.3); with a list it would not say which one it is about.
    named = identifier_of(object_of(message.get("payment")).get("merchant_refund_id"))
    told = [(message.get("operation"), named), *((parts, "") for parts in list_of(message.get("operations")))]
    operations = (_operation(object_of(parts), error, digest, refund_id=refund_id) for parts, refund_id in told)
    read = [operation for operation in operations if operation is not None]
    if len(read) > _MOST_OPERATIONS:
        read.sort(key=lambda each: (each.kind != "other", each.date, each.digest, each.key), reverse=True)
    return tuple(read[:_MOST_OPERATIONS])


def _operation(parts: dict[str, Any], error: dict[str, Any], digest: str, *, refund_id: str) -> Operation | None:
    operation_type = text_of(parts.get("type"), WORD_LENGTH).strip()
    status = text_of(parts.get("status"), WORD_LENGTH).strip()
    if not operation_type and not status:
        return None
    operation_id, request_id = identifier_of(parts.get("id")), identifier_of(parts.get("request_id"))
    date = date_of(parts.get("date"))
    created = date_of(parts.get("created_date"))
    outcome, kind = outcome_of(status), kind_of(operation_type)
    # What went wrong may stand beside the operation only; an operation that did not go wrong has its own words.
    beside = error if outcome is Outcome.DECLINED else {}
    return Operation(
        key=operation_id or _key_without_id(parts, request_id),
        operation_id=operation_id,
        kind=kind,
        type=operation_type,
        status=status,
        outcome=outcome,
        money=_operation_money(parts),
        code=text_of(parts.get("code"), WORD_LENGTH) or text_of(beside.get("code"), WORD_LENGTH),
        message=text_of(parts.get("message"), MESSAGE_LENGTH) or text_of(beside.get("message"), MESSAGE_LENGTH),
        request_id=request_id,
        date=created if date == NO_DATE else date,
        created=date if created == NO_DATE else created,
        digest=digest,
        refund_id=refund_id if kind == "return" else "",
    )


def _key_without_id(parts: Mapping[str, Any], request_id: str) -> str:
    """What else tells an operation apart: its request, or what of it stays the same however often it is told.

    Never the body it came in: the same message in other bytes, and a status answer, tell of the same operation.
    """
    if request_id:
        return f"request:{request_id}"
    told = {name: parts.get(name) for name in ("type", "created_date", "sum_initial", "sum")}
    dated = told if told["created_date"] is not None else {**told, "date": parts.get("date")}
    return f"told:{hashlib.sha256(string_to_sign(dated).encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _operation_money(parts: Mapping[str, Any]) -> Money | None:
    """The sum asked for; the converted one only where no other is told, and nothing in the place of a broken one."""
    told = (parts[name] for name in ("sum_initial", "sum", "sum_converted") if parts.get(name) is not None)
    return money_of(next(told, None))


def _form_fields(body: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(body, (dict, list)):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from _form_fields(value, f"{name}[{key}]" if name else str(key))
    elif name:
        yield name, body if isinstance(body, str) else printed(body)


def _paths(asked: object, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths asked for in this part of the tree, each a tuple of names."""
    if isinstance(asked, dict) and not all(name.isdigit() for name in asked):
        for name, below in asked.items():
            yield from _paths_under(_path(above, name), below)
        return
    # PHP writes a list with gaps as an object with numbers for names.
    for item in [asked] if isinstance(asked, str) else list_of(asked) or object_of(asked).values():
        name = item if isinstance(item, str) else _name_of(object_of(item))
        if path := _path(above, name):
            yield path
        elif not name and not isinstance(item, str):
            yield from _paths(item, above)


def _paths_under(path: tuple[str, ...], below: object) -> Iterator[tuple[str, ...]]:
    if not path:
        return
    if isinstance(below, (dict, list)) and below and not _describes_field(below):
        yield from _paths(below, path)
    elif isinstance(below, str) and len(path) == 1 and _FIELD_NAME.fullmatch(below):
        yield (*path, below)  # {"customer": "email"}; further down a text is what the field is called
    else:
        yield path


def _path(above: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The path one name further, dots in the name being levels; empty when it is no name or too deep."""
    path = (*above, *name.split("."))
    fits = len(path) <= _DEEPEST_FIELD and all(_FIELD_NAME.fullmatch(part) for part in path)
    return path if fits else ()


def _name_of(description: Mapping[str, Any]) -> str:
    told = (description.get(key) for key in _NAME_KEYS)
    return next((name for name in told if isinstance(name, str)), "")


def _describes_field(below: dict[str, Any] | list[Any]) -> bool:
    return isinstance(below, dict) and not _MARKS.isdisjoint(below) and below.keys() <= _MARKS | _REMARKS
