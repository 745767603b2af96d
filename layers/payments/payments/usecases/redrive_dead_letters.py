"""Publish what was given up: each dead letter as if the stream brought it again, and forget those that went out.

Repeating it is harmless: a record gives the same event ids however often it is published, and a task is woken once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payments.domain.errors import CheckoutError, StoreUnavailable
from payments.ports import DeadLetters

#: No further dead letter is begun after so long: the command line of AWS waits a minute for an answer.
PATIENCE = timedelta(seconds=40)

#: After so many records in a row that were not taken, those behind them would only wait in vain.
NOBODY_TAKES_IT = 3

Publish = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A dead letter that stays where it is, and why, without a word of what it holds."""

    dead_letter: str
    reason: str


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many dead letters went out, and which did not; ``next_cursor`` is None when all were tried."""

    published: int
    kept: tuple[Kept, ...]
    next_cursor: str | None


def redrive_dead_letters(
    *,
    dead_letters: DeadLetters,
    publish: Publish,
    cursor: str | None,
    limit: int,
    clock: Callable[[], datetime],
) -> Redriven:
    """Publish at most so many dead letters behind the cursor; one that stays does not hold up those behind it.

    ``publish`` publishes one stream record and raises `StoreUnavailable` when something was not taken. Raises
    `StoreUnavailable` itself when the dead letters cannot be listed.
    """
    ends = clock() + PATIENCE
    names, more = dead_letters.names(after=cursor, limit=limit)
    published, kept, tried = 0, [], []
    for name in names:
        done, reason = _redrive(dead_letters, publish, name)
        published += done
        if reason:
            kept.append(Kept(name, reason))
        tried.append(name)
        if clock() >= ends:
            break
    return Redriven(published, tuple(kept), tried[-1] if more or len(tried) < len(names) else None)


def _redrive(dead_letters: DeadLetters, publish: Publish, name: str) -> tuple[bool, str]:
    """Whether a dead letter went out, and otherwise why it is kept; neither when somebody else was faster."""
    try:
        records = dead_letters.records(name)
        if records is None:
            return False, ""
        faults = tuple(_faults(publish, records))
        if faults:
            return False, f"{len(faults)} of {len(records)} records: {', '.join(sorted(set(faults)))}"
        dead_letters.delete(name)
    except CheckoutError as error:
        return False, f"{type(error).__name__}: {error}"
    return True, ""


def _faults(publish: Publish, records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What records failed with; words that are not ours stay out, because they may quote a customer."""
    in_a_row = 0
    for record in records:
        try:
            publish(record)
        except StoreUnavailable as fault:
            yield f"{type(fault).__name__}: {fault}"
            in_a_row += 1
            if in_a_row == NOBODY_TAKES_IT:
                return
        except Exception as fault:  # noqa: BLE001  # whatever it is, the other records have to go out
            yield type(fault).__name__
        else:
            in_a_row = 0
