"""What the provider has said about a payment so far: a pure, order-independent, duplicate-proof fold of its messages.

Rules of the fold:

1. Every slot of the state (each operation, the payment's own word, the newest redirect and the newest question) is the
   maximum of what was said for it, under a total order. Maxima commute and repeat without effect, so any permutation
   of the messages with any duplicates gives the same state.
2. Within one operation a final word beats a passing one whatever their dates: dates have a resolution of one second,
   and a repeated callback was seen to carry a date one second later (PROTOCOL §6.2). Retries are new operations.
3. Between two final words of one operation the later date wins: a decline by time-out may be corrected afterwards. But
   a success is not undone by a decline of the next second, which is one that was told before and is repeated. So the
   newest decline is kept beside the newest success, and the two are compared when the state is read.
4. The payment's own word goes by date alone, because a payment passes through final words (success, then refunded).
   On equal dates the word that is further on wins, and at last the message's digest, so that the order is total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cached_property, reduce
from itertools import groupby
from types import MappingProxyType
from typing import Literal, TypeVar

from payments.domain.money import Money

#: How much later a repeated callback may be dated than it was at first (PROTOCOL §6.2).
REPEATED_WITHIN = timedelta(seconds=1)

#: Stands for a date that a message does not have: older than any real one.
NO_DATE = datetime(1, 1, 1, tzinfo=UTC)


class Standing(IntEnum):
    """Where a payment stands, the further on the greater; the tie-break of rule 4."""

    PROCESSING = 0
    AWAITING_CLARIFICATION = 1
    AWAITING_REDIRECT = 2
    UNKNOWN = 3
    """A word we do not know: never an end, and not to be overlooked beside a passing one of the same second."""
    PARTLY_PAID = 4
    FAILED = 5
    CANCELED = 6
    EXPIRED = 7
    DECLINED = 8
    PAID = 9
    PARTLY_REFUNDED = 10
    REFUNDED = 11


class Outcome(IntEnum):
    """How an operation ended, if it did."""

    PENDING = 0
    UNKNOWN = 1
    DECLINED = 2
    SUCCEEDED = 3

    @property
    def final(self) -> bool:
        """Whether the operation is over."""
        return self >= Outcome.DECLINED


OperationKind = Literal["sale", "return", "other"]


@dataclass(frozen=True, slots=True)
class Operation:
    """The newest word on one operation: a sale, a refund, a reversal or something else the provider did."""

    key: str
    """The provider's operation id; where it has none, what else tells the operation apart."""
    operation_id: str
    kind: OperationKind
    type: str
    status: str
    outcome: Outcome
    money: Money | None
    code: str
    message: str
    request_id: str
    date: datetime
    created: datetime
    digest: str
    """The message that said so."""
    refund_id: str = ""
    """Our own id of the refund, where any message named it: the newest word may leave it out."""

    @property
    def order(self) -> tuple[bool, datetime, Outcome, str]:
        """The total order of rules 2 and 3."""
        return (self.outcome.final, self.date, self.outcome, self.digest)


@dataclass(frozen=True, slots=True)
class Word:
    """What the provider called the payment as a whole."""

    standing: Standing
    status: str
    """The provider's own word."""
    money: Money | None
    """What the payment holds: less than was paid once money went back."""
    method: str
    date: datetime
    operation_date: datetime
    may_try_again: bool
    """The customer may make a further attempt, so a decline is not the end."""
    digest: str

    @property
    def order(self) -> tuple[datetime, datetime, Standing, str]:
        """The total order of rule 4."""
        return (self.date, self.operation_date, self.standing, self.digest)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where something too large or too personal for the state is kept: in the message it came with."""

    date: datetime
    digest: str

    @property
    def order(self) -> tuple[datetime, str]:
        """Newest first, then the digest, so that the order is total."""
        return (self.date, self.digest)


@dataclass(frozen=True, slots=True)
class Naming:
    """What the provider called the method; newer words may leave it out, and it is not forgotten for that."""

    date: datetime
    name: str

    @property
    def order(self) -> tuple[datetime, str]:
        """Newest first, then the name, so that the order is total."""
        return (self.date, self.name)


@dataclass(frozen=True, slots=True)
class Report:
    """One message of the provider, read: what it says about the payment and about operations."""

    word: Word | None = None
    operations: tuple[Operation, ...] = ()
    redirect: Pointer | None = None
    question: Pointer | None = None


def contradicts_itself(report: Report) -> bool:
    """Whether a message tells a paid sale of a payment that it calls unpaid itself.

    The provider does not say so. Where lines of a text that a customer typed were moved into an operation, which the
    signed text allows (PROTOCOL §1.1), it looks like that, and the provider has to be asked.
    """
    paid = any(each.kind == "sale" and each.outcome is Outcome.SUCCEEDED for each in report.operations)
    return paid and report.word is not None and report.word.standing < Standing.PARTLY_PAID


@dataclass(frozen=True)
class ProviderState:
    """The fold of all reports; operations are kept in the order of their keys, of one key the decline first.

    Has no slots, because what is read from it is worked out once: one callback asks for it some twenty times.
    """

    word: Word | None = None
    operations: tuple[Operation, ...] = ()
    redirect: Pointer | None = None
    question: Pointer | None = None
    method: Naming | None = None

    @cached_property
    def joined(self) -> tuple[Operation, ...]:
        """The operations, each once and as it stands.

        Callbacks about errors may lack the id (PROTOCOL §6.3): an operation told of without its id is the one of the
        same request that has an id, or of the same moment and amount where no request is named either. Where several
        could be meant it is left an operation of its own.
        """
        nameless: dict[str, list[Operation]] = {}
        for each in self._told:
            if each.key in self.identified:
                nameless.setdefault(self.identified[each.key], []).append(each)
        alone = (each for each in self._told if each.key not in self.identified)
        return tuple(reduce(_joined, nameless.get(each.key, ()), each) for each in alone)

    @cached_property
    def identified(self) -> Mapping[str, str]:
        """By the key of an operation that was told of without its id, the key of the one that it turned out to be."""
        named = [each for each in self._told if each.operation_id]
        found = ((each.key, _named_like(each, named)) for each in self._told if not each.operation_id)
        return MappingProxyType({key: name for key, name in found if name})

    @cached_property
    def _told(self) -> tuple[Operation, ...]:
        """Of each key the word that stands."""
        return tuple(reduce(_standing, words) for _, words in groupby(self.operations, key=lambda each: each.key))

    @cached_property
    def sales(self) -> tuple[Operation, ...]:
        """The operations that took money from the customer for certain."""
        return tuple(each for each in self.joined if each.kind == "sale" and each.outcome is Outcome.SUCCEEDED)

    @cached_property
    def returns(self) -> tuple[Operation, ...]:
        """The operations that gave, or tried to give, money back, oldest first."""
        found = (each for each in self.joined if each.kind == "return")
        return tuple(sorted(found, key=lambda each: (each.created, each.date, each.key)))


NOTHING_SAID = ProviderState()

#: So many operations are kept, those that move money and are final first; the rank of an operation only ever rises,
#: so what is left out does not depend on the order of the messages. A payment has to fit into one row of the table.
MOST_OPERATIONS = 200

_Slot = TypeVar("_Slot", Word, Pointer, Naming)


def fold(state: ProviderState, report: Report) -> ProviderState:
    """The state after one more message; the same for every order and any repetition of messages."""
    told = {each.key for each in report.operations}
    untold = [each for each in state.operations if each.key not in told]
    known = [each for each in state.operations if each.key in told]
    operations = _kept([*untold, *_newest_of_each((*known, *report.operations))])
    return ProviderState(
        word=_newest(state.word, report.word),
        operations=tuple(sorted(operations, key=lambda each: (each.key, each.outcome))),
        redirect=_newest(state.redirect, report.redirect),
        question=_newest(state.question, report.question),
        method=_newest(state.method, _named(report.word)),
    )


def _newest_of_each(operations: Iterable[Operation]) -> Iterator[Operation]:
    """The newest word on each operation, and beside a success the newest decline (rule 3)."""
    words: dict[str, dict[bool, Operation]] = {}
    refund_ids: dict[str, str] = {}
    for each in operations:
        of_this, declined = words.setdefault(each.key, {}), each.outcome is Outcome.DECLINED
        of_this[declined] = max(of_this.get(declined, each), each, key=lambda word: word.order)
        refund_ids[each.key] = max(refund_ids.get(each.key, ""), each.refund_id)
    for key, of_this in words.items():
        for each in of_this.values():
            if each.outcome.final or len(of_this) == 1:
                yield each if each.refund_id == refund_ids[key] else replace(each, refund_id=refund_ids[key])


def _kept(operations: list[Operation]) -> list[Operation]:
    """As many as are kept; those that move money, and the newest, survive the bound first."""
    if len(operations) <= MOST_OPERATIONS:
        return operations
    return sorted(operations, key=lambda each: (each.kind != "other", each.order), reverse=True)[:MOST_OPERATIONS]


def _named(word: Word | None) -> Naming | None:
    return Naming(word.date, word.method) if word is not None and word.method else None


def _newest(known: _Slot | None, said: _Slot | None) -> _Slot | None:
    if known is None or said is None:
        return known or said
    return max(known, said, key=lambda each: each.order)


def _standing(one: Operation, other: Operation) -> Operation:
    """The word of two that stands, by rule 3."""
    earlier, later = sorted((one, other), key=lambda each: each.order)
    undone = earlier.outcome is Outcome.SUCCEEDED and later.outcome is Outcome.DECLINED
    return earlier if undone and later.date - earlier.date <= REPEATED_WITHIN else later


def _named_like(nameless: Operation, named: Iterable[Operation]) -> str:
    """The key of the one operation with an id that this one is, or nothing where none or several could be."""
    alike = [each for each in named if each.kind == nameless.kind and _may_be(each, nameless)]
    if len(alike) > 1:
        alike = [each for each in alike if each.created == nameless.created]
    return alike[0].key if len(alike) == 1 else ""


def _may_be(named: Operation, nameless: Operation) -> bool:
    if nameless.request_id:
        return named.request_id == nameless.request_id
    same = (named.type, named.created, named.money) == (nameless.type, nameless.created, nameless.money)
    return same and named.created != NO_DATE


def _joined(named: Operation, nameless: Operation) -> Operation:
    refund_id = max(named.refund_id, nameless.refund_id)
    if _standing(named, nameless) is named:
        return replace(named, refund_id=refund_id)
    money = nameless.money or named.money
    joint = replace(nameless, key=named.key, operation_id=named.operation_id, money=money, created=named.created)
    return replace(joint, refund_id=refund_id)
