"""How far the customer's browser has come with one payment, and when the provider may be asked for its sake.

A browser proves nothing about the payment: what is noted here only chooses between waiting, asking and sending on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: The provider is asked for the status 10 s after a request at the earliest (PROTOCOL §5.6).
AFTER_A_REQUEST = timedelta(seconds=10)

#: Between two questions for the status, however many tabs wait.
ASK_AGAIN_AFTER = timedelta(seconds=30)

#: So many questions are asked for one customer in all; then the schedule goes on alone.
MOST_QUESTIONS = 10

#: Longer than a function may run: an answer that is on its way to the provider this long never got there.
ANSWERING_TERM = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Journey:
    """What a browser of the customer did last, as far as it was ours to see."""

    sent_on: str = ""
    """Digest of the way the customer was sent on last; empty before."""
    returned_at: datetime | None = None
    """When the customer first came back from there."""
    asked_at: datetime | None = None
    """When the provider was last asked for the status, for the customer's sake or by the schedule."""
    questions: int = 0
    """How often it was asked for the customer's sake."""
    answering: str = ""
    """Digest of the question whose answer is on its way to the provider."""
    answering_since: datetime | None = None
    """When the customer's last answer was sent on its way."""

    def sent(self, digest: str) -> Journey:
        """Sent on another way; what counts from coming back begins anew."""
        return replace(self, sent_on=digest, returned_at=None)

    def back(self, *, now: datetime) -> Journey:
        """Come back; only the first time counts."""
        return replace(self, returned_at=self.returned_at or now)

    def asked(self, *, now: datetime) -> Journey:
        """The provider is asked once more, because the customer waits."""
        return replace(self, asked_at=now, questions=self.questions + 1)

    def is_answering(self, digest: str, *, now: datetime) -> bool:
        """Whether the answer to this question is still on its way."""
        since = self.answering_since
        return self.answering == digest and since is not None and now - since < ANSWERING_TERM

    @property
    def is_still_open(self) -> bool:
        """Whether the customer came back and nothing was over when the provider was asked after that."""
        asked = self.returned_at is not None and self.asked_at is not None and self.asked_at >= self.returned_at
        return asked or self.questions >= MOST_QUESTIONS


NOT_SEEN_YET = Journey()


def is_question_due(journey: Journey, *, ordered_at: datetime, patience: timedelta, now: datetime) -> bool:
    """Whether the provider is to be asked now for a customer who came back ``patience`` ago or earlier."""
    if journey.returned_at is None or journey.questions >= MOST_QUESTIONS:
        return False
    earliest = [journey.returned_at + patience, ordered_at + AFTER_A_REQUEST]
    if journey.answering_since is not None:
        earliest.append(journey.answering_since + AFTER_A_REQUEST)
    if journey.asked_at is not None:
        earliest.append(journey.asked_at + ASK_AGAIN_AFTER)
    return now >= max(earliest)
