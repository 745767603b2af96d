"""Which operation of the provider is which of our refunds: exactly where its words tell, else by amount and time.

Rules:

1. Our own refund id or the request id in the provider's words decides, and what was joined before stays joined.
2. All of the money given back ends an attempt for all of it: that one cannot have another end.
3. Else an operation is an attempt's when it is the only one that fits. Such a guess is none before it is an end.
4. Where several fit and they ended differently, nothing is joined and the refund is in doubt: a person has to look.
5. Another request id than ours is no proof of another refund: nobody promises that Gate's answer names the operation's
   (PROTOCOL §10.5). It is not joined; but one that gave back just what is awaited leaves the refund in doubt.
6. A refund closed by hand as succeeded still waits for its operation; one closed as failed may still be corrected by
   an operation that was told of later and fits nothing else, nor leaves another in doubt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from payments.domain.money import Money
from payments.domain.provider_state import Operation, Outcome
from payments.domain.refund import Refund

#: How far the provider's clock may run behind ours before a date tells two refunds apart.
CLOCK_TOLERANCE = timedelta(minutes=5)

#: What an acknowledgement's request id may lack at its end (PROTOCOL §10.5).
_SUFFIX = re.compile(r"-[0-9]+", re.ASCII)


@dataclass(slots=True)
class Matches:
    """Operations by refund id, as certain or as a guess, and the refunds that several operations contend for."""

    certain: dict[str, Operation] = field(default_factory=dict)
    guessed: dict[str, Operation] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    def of(self, refund: Refund) -> Operation | None:
        """The operation that is this refund, or most likely is."""
        return self.certain.get(refund.refund_id) or self.guessed.get(refund.refund_id)

    def is_open(self, refund: Refund) -> bool:
        """Whether nothing was decided about it so far."""
        return self.of(refund) is None and refund.refund_id not in self.doubtful

    @property
    def taken(self) -> set[str]:
        """The keys of the operations that are somebody's."""
        return {each.key for each in (*self.certain.values(), *self.guessed.values())}


def match(refunds: Sequence[Refund], operations: Sequence[Operation], ordered: Money | None) -> Matches:
    """Which operation is which attempt of ours; ``ordered`` is what the payment was for."""
    attempts = [each for each in refunds if each.origin != "provider" and each.status != "requested"]
    heard = {each.operation_key: each.created_at for each in refunds if each.origin == "provider"}
    matches = _proven(attempts, operations)
    said, under_way, denied = _waiting(attempt for attempt in attempts if matches.is_open(attempt))
    for attempt in (*said, *under_way, *denied):
        whole = [each for each in _free(operations, matches) if _is_whole(attempt, each, ordered, heard)]
        if attempt.status == "failed":
            whole = [each for each in whole if not _may_be_under_way(each, matches, under_way, heard)]
        if whole:
            matches.guessed[attempt.refund_id] = min(whole, key=lambda each: _likeliest(attempt, each))
    contended: set[str] = set()
    for group, exact in ((said, True), (under_way, True), (said, False), (under_way, False), (denied, True)):
        free = [each for each in _free(operations, matches) if each.key not in contended]
        if group is denied:
            free = [each for each in free if not _may_be_under_way(each, matches, under_way, heard)]
        contended |= _guess(matches, [each for each in group if matches.is_open(each)], free, heard, exact=exact)
    for attempt in filter(matches.is_open, under_way):
        if any(_is_under_another_request(attempt, each, heard) for each in _free(operations, matches)):
            matches.doubtful.add(attempt.refund_id)
    return matches


def _proven(attempts: Sequence[Refund], operations: Sequence[Operation]) -> Matches:
    matches = Matches()
    for tells in (_names, _answers, _was_joined):
        for attempt in attempts:
            told = [each for each in operations if each.key not in matches.taken and tells(attempt, each)]
            if told and attempt.refund_id not in matches.certain:
                matches.certain[attempt.refund_id] = min(told, key=lambda each: _likeliest(attempt, each))
    return matches


def _may_be_under_way(
    operation: Operation, matches: Matches, under_way: Iterable[Refund], heard: Mapping[str, datetime]
) -> bool:
    """Whether an attempt that has not ended waits for it, so that it corrects none that a person closed as failed."""
    return any(_is_under_another_request(each, operation, heard) for each in under_way if matches.is_open(each))


def same_request(ours: str, theirs: str) -> bool:
    """Equal, or equal but for the numbered suffix that the acknowledgement may lack (PROTOCOL §10.5)."""
    if not ours or not theirs:
        return False
    shorter, longer = sorted((ours, theirs), key=len)
    return ours == theirs or _SUFFIX.fullmatch(longer.removeprefix(shorter)) is not None


def contradict(refund: Refund, operation: Operation) -> bool:
    """Whether the words of one cannot be about the other."""
    another_request = bool(refund.request_id and operation.request_id)
    another_refund = operation.refund_id not in {"", refund.refund_id}
    return another_refund or (another_request and not same_request(refund.request_id, operation.request_id))


def _names(refund: Refund, operation: Operation) -> bool:
    return operation.refund_id == refund.refund_id


def _answers(refund: Refund, operation: Operation) -> bool:
    return same_request(refund.request_id, operation.request_id) and not contradict(refund, operation)


def _was_joined(refund: Refund, operation: Operation) -> bool:
    return operation.key == refund.operation_key and not contradict(refund, operation)


def _likeliest(refund: Refund, operation: Operation) -> tuple[bool, bool, int, datetime, str]:
    """Our own request first, then the exact amount, a success before a decline, then the oldest."""
    ours = same_request(refund.request_id, operation.request_id)
    return (not ours, operation.money != refund.money, -operation.outcome, operation.created, operation.key)


def _free(operations: Iterable[Operation], matches: Matches) -> list[Operation]:
    return [each for each in operations if each.key not in matches.taken]


def _waiting(attempts: Iterable[Refund]) -> tuple[list[Refund], list[Refund], list[Refund]]:
    """The attempts that wait for an operation: closed by hand as succeeded, not ended, closed by hand as failed."""
    said: list[Refund] = []
    under_way: list[Refund] = []
    denied: list[Refund] = []
    for each in attempts:
        if each.status in {"sent", "awaiting_support", "unknown"}:
            under_way.append(each)
        elif each.closed_by_hand and each.status != "declined":
            (said if each.status == "succeeded" else denied).append(each)
    return said, under_way, denied


def _is_whole(attempt: Refund, operation: Operation, ordered: Money | None, heard: Mapping[str, datetime]) -> bool:
    """Whether all of the money went back by it, and that is what the attempt was for."""
    # All of it goes back once only: where a person says that it did by ours, the request's id is of no account.
    is_said = attempt.closed_by_hand and attempt.status == "succeeded"
    if (
        contradict(_unnumbered(attempt) if is_said else attempt, operation)
        or operation.outcome is not Outcome.SUCCEEDED
    ):
        return False
    known = attempt.status == "failed" and _was_heard(attempt, operation, heard)
    return operation.money == attempt.money == ordered and not known


def _is_under_another_request(attempt: Refund, operation: Operation, heard: Mapping[str, datetime]) -> bool:
    """Whether it gave back what is awaited, at such a time, and only its request id is not the one Gate told us."""
    is_it = operation.outcome is Outcome.SUCCEEDED and operation.money == attempt.money
    return is_it and _fits(_unnumbered(attempt), operation, heard)


def _unnumbered(attempt: Refund) -> Refund:
    return replace(attempt, request_id="")


def _was_heard(attempt: Refund, operation: Operation, heard: Mapping[str, datetime]) -> bool:
    """Whether we knew of the operation before the attempt was sent, or before a person said that it is another's."""
    is_it = operation.money == attempt.money and operation.outcome is not Outcome.DECLINED
    denied = attempt.status == "failed" or (attempt.status == "succeeded" and not is_it)
    if operation.key not in heard or attempt.sent_at is None:
        return False
    return heard[operation.key] <= attempt.updated_at if denied else heard[operation.key] < attempt.sent_at


def _fits(attempt: Refund, operation: Operation, heard: Mapping[str, datetime]) -> bool:
    """Whether an operation can be this attempt: by currency, time, and what is known of both."""
    if contradict(attempt, operation) or operation.money is None or attempt.sent_at is None:
        return False
    if operation.money.currency != attempt.money.currency or _was_heard(attempt, operation, heard):
        return False
    return operation.created >= attempt.sent_at - CLOCK_TOLERANCE


def _guess(
    matches: Matches,
    attempts: Collection[Refund],
    operations: Collection[Operation],
    heard: Mapping[str, datetime],
    *,
    exact: bool,
) -> set[str]:
    """Join what can only belong together; the keys of the operations that are in doubt."""
    suits: Callable[[Refund, Operation], bool] = _is_exact if exact else _is_other_amount
    fitting = {
        attempt.refund_id: [each for each in operations if suits(attempt, each) and _fits(attempt, each, heard)]
        for attempt in attempts
    }
    rivals = Counter(each.key for found in fitting.values() for each in found)
    contended: set[str] = set()
    for attempt in attempts:
        found = _free(fitting[attempt.refund_id], matches)
        # A person said that the money is back: any operation that gave it back will do, and only a decline is odd.
        is_said = attempt.status == "succeeded"
        if is_said:
            found = [each for each in found if each.outcome is Outcome.SUCCEEDED] or found
        outcomes = {each.outcome for each in found}
        shared = not is_said and any(rivals[each.key] > 1 for each in found)
        ended = any(each.final for each in outcomes)
        if ended and (shared or (Outcome.DECLINED in outcomes if is_said else len(outcomes) > 1)):
            matches.doubtful.add(attempt.refund_id)
            contended |= {each.key for each in found}
        elif ended or (len(found) == 1 and not shared):
            matches.guessed[attempt.refund_id] = min(found, key=lambda each: _likeliest(attempt, each))
    return contended


def _is_exact(attempt: Refund, operation: Operation) -> bool:
    return operation.money == attempt.money


def _is_other_amount(attempt: Refund, operation: Operation) -> bool:
    """Support may give back another amount than was asked for; an operation of Gate's or a decline has to be exact."""
    by_support = attempt.status in {"awaiting_support", "succeeded"}
    return by_support and operation.money != attempt.money and operation.outcome is Outcome.SUCCEEDED
