"""What our readers conclude from a believed message, and when one conclusion says no more than another.

A mutant that verifies has the lines of the genuine message, but may hold `1` for `"1"` and `true`, or an object where a
text with a colon was. A reader takes a wrong type for an absent field. So a mutant may say less, and never anything
else:

* The payment, its status, and every operation's kind, status and id: the same, or not said at all.
* Money: the same, or none. Never another amount, never another currency.
* Dates: one of those that the genuine message holds, or none.
* Where to send the customer: the same address and method with the same text in its fields, or nowhere. The border
  between a field's name and its value may lie at another colon.
* What to ask: fields that were asked for, or the group they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecommpay_signing import signed_view
from payments.domain.provider_state import NO_DATE, Operation, Report, Word
from payments.gate.messages import Redirect, asked_fields, message_key, redirect_target, report
from payments.gate.scalars import date_of, printed

#: Stands for the digest of both bodies: the bytes differ, and what they say is compared.
_DIGEST = "d" * 64


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Everything that any reader of ours takes from one message."""

    key: tuple[int | None, str]
    report: Report
    redirect: Redirect | None
    asked: tuple[str, ...]


def conclusions(message: Mapping[str, Any]) -> Conclusions:
    """What is concluded from the signed part of a message."""
    view = signed_view(message)
    return Conclusions(
        key=message_key(view),
        report=report(view, digest=_DIGEST),
        redirect=redirect_target(view),
        asked=asked_fields(view),
    )


def surplus(mutant: Mapping[str, Any], genuine: Mapping[str, Any]) -> list[str]:
    """What the mutant says that the genuine message does not; empty where it says the same or less."""
    said, meant = conclusions(mutant), conclusions(genuine)
    if said == meant:
        return []
    facts = _Facts(genuine, meant)
    return [
        *_other("project", said.key[0], {meant.key[0], None}),
        *_other("payment", said.key[1], {meant.key[1], ""}),
        *facts.of_word(said.report.word),
        *(each for operation in said.report.operations for each in facts.of_operation(operation)),
        *facts.of_operations(said.report.operations),
        *facts.of_redirect(said.redirect),
        *(f"asks {name}" for name in said.asked if not any(_begins(name, each) for each in meant.asked)),
    ]


class _Facts:
    """What the genuine message holds, to be compared with."""

    def __init__(self, genuine: Mapping[str, Any], meant: Conclusions) -> None:
        leaves = [value for _, value in _leaves(signed_view(genuine), "")]
        self.meant = meant
        self.texts = {"", *map(printed, leaves)}
        self.dates = {NO_DATE, *map(date_of, leaves)}

    def of_word(self, word: Word | None) -> Iterator[str]:
        if word is None:
            return
        meant = self.meant.report.word
        assert meant is not None, "a word where none was"
        yield from _other("status", (word.standing, word.status), {(meant.standing, meant.status)})
        yield from _other("sum", word.money, {meant.money, None})
        yield from _other("method", word.method, {meant.method, ""})
        yield from _other("further attempts", word.may_try_again, {meant.may_try_again, False})
        yield from self._dates(word.date, word.operation_date)

    def of_operation(self, said: Operation) -> Iterator[str]:
        told = [each for each in self.meant.report.operations if said.operation_id in {each.operation_id, ""}]
        if not any(
            (said.kind, said.type, said.status, said.outcome) == (each.kind, each.type, each.status, each.outcome)
            and said.money in {each.money, None}
            and said.request_id in {each.request_id, ""}
            for each in told
        ):
            yield f"operation {said}"
        yield from _other("operation's words", {said.code, said.message} - self.texts, [set()])
        yield from self._dates(said.date, said.created)

    def of_operations(self, said: Iterable[Operation]) -> Iterator[str]:
        """No operation may be counted twice, not even one that has lost its id."""
        keys = [each.key for each in said]
        if len(keys) > len(self.meant.report.operations) or len(keys) != len(set(keys)):
            yield f"operations {keys}"

    def of_redirect(self, redirect: Redirect | None) -> Iterator[str]:
        if redirect is None:
            return
        meant = self.meant.redirect
        if meant is None or (redirect.method, redirect.url) != (meant.method, meant.url):
            yield f"redirect to {redirect.method} {redirect.url}"
        elif _form_text(redirect) != _form_text(meant):
            yield f"fields {redirect.fields}"

    def _dates(self, *dates: datetime) -> Iterator[str]:
        yield from _other("dates", set(dates) - self.dates, [set()])


def _other(what: str, said: object, allowed: Iterable[object]) -> Iterator[str]:
    if said not in list(allowed):
        yield f"{what} {said!r}"


def _begins(name: str, asked: str) -> bool:
    return asked == name or asked.startswith(f"{name}.")


def _form_text(redirect: Redirect) -> list[str]:
    return sorted(f"{name.replace('[', ':').replace(']', '')}:{value}" for name, value in redirect.fields)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(below, f"{path}:{key}")
    else:
        yield path, value
