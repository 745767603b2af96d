"""What the use cases need of the world outside: the store, the provider, the workflow, and who is to be told.

`payments.aws` and `payments.gate.client` fit these shapes; so do the fakes of the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, Protocol

from payments.domain.key_use import KeyUse
from payments.domain.payment import Payment, PaymentKey, Source, Status
from payments.domain.refund import Refund

if TYPE_CHECKING:  # what answers a callback neither compares ledgers nor reports, and has to start fast
    from payments.domain.reconciliation import Difference, Listed
    from payments.domain.report_lines import OperationLine, PaymentLine, Waiting


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the provider as it came: the ledger everything can be rebuilt from."""

    key: PaymentKey
    """Whose payment it is about; ``payment_id`` is empty when the message does not say."""
    digest: str
    """SHA-256 of the body in hex: the same body is the same message."""
    body: bytes
    received_at: datetime
    source: Source
    verified_by: int = 0
    """Index of the secret key that verified it; greater than 0 means the key is being rotated out."""
    flags: tuple[str, ...] = ()
    """``unknown_payment``, ``ambiguous``, ``unplaced``: what an operator has to know about it."""
    signed_by: str = ""
    """Fingerprint of the secret key that verified it; empty where none did, or before fingerprints were kept."""


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """Which payment an ``Idempotency-Key`` made, and of which request."""

    idempotency_key: str
    payment: PaymentKey
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments to list; ``since`` is included, ``until`` is not."""

    status: Status | None = None
    project_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class Store(Protocol):
    """The ledger and the payments folded from it."""

    def read(self, key: PaymentKey) -> Payment | None:
        """The payment as last written; consistent."""

    def find(self, payment_id: str) -> tuple[Payment, ...]:
        """The payments of every project that have this id, ordered ones only; consistent."""

    def read_for_message(self, key: PaymentKey, digest: str) -> tuple[Payment | None, bool]:
        """The payment and whether this message is stored already, in one call; consistent."""

    def save(
        self, payment: Payment, *, message: Message | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Payment:
        """Write everything or nothing; the payment comes back with its new version.

        Raises `StoreConflict` when the payment (or the idempotency key) was written by somebody else since it was
        read, `MessageKnown` when the message is stored already, `StoreUnavailable` when nothing was written.
        """

    def keep(self, message: Message) -> None:
        """Store a message that belongs to no payment; a repetition changes nothing. Raises `StoreUnavailable`."""

    def redact(self, key: PaymentKey, digest: str, body: bytes) -> None:
        """Put this body in the place of a stored message's own; its digest and all else of it stay.

        Nothing is written where no such message is stored. Raises `StoreUnavailable`.
        """

    def message(self, key: PaymentKey, digest: str) -> Message | None:
        """One stored message of a payment."""

    def messages(self, key: PaymentKey) -> tuple[Message, ...]:
        """Every stored message of a payment, in no promised order; consistent."""

    def idempotent(self, idempotency_key: str) -> IdempotencyRecord | None:
        """What this key made before; consistent."""

    def select(
        self, wanted: PaymentFilter, *, limit: int, cursor: str | None
    ) -> tuple[tuple[Payment, ...], str | None]:
        """A page of payments, newest first, and the cursor of the next; `InvalidRequest` for a cursor not ours."""

    def due(self, *, now: datetime, limit: int) -> tuple[PaymentKey, ...]:
        """The payments whose ``check_at`` has come, longest waiting first."""

    def changed_on(self, day: date) -> Iterator[Payment]:
        """The payments whose last change was on this day of UTC, unordered ones too, in no promised order.

        One that changes while they are read may be left out: it is then among those of a later day.
        """


class Gate(Protocol):
    """The provider's Gate. Every call may raise `GateUnavailable`: nobody knows whether it happened."""

    def sell(self, payment: Payment) -> str:
        """Ask for the sale and answer the provider's request id; `GateRejected` when it certainly did not happen."""

    def refund(self, payment: Payment, refund: Refund) -> str:
        """Ask for the refund and answer the provider's request id; `GateRejected` when it certainly did not happen.

        A refusal that does not prove that by itself is a `GateUnavailable` with its code.
        """

    def clarify(self, payment: Payment, answers: Mapping[str, str]) -> str:
        """Send the customer's missing data, by path such as ``customer.email``; `GateRejected` when refused."""

    def status(self, key: PaymentKey) -> bytes | None:
        """The provider's answer about a payment, as it came; None when it does not know the payment."""


@dataclass(frozen=True, slots=True)
class DataApiKey:
    """A token of the Data API and the key that was issued with it, which is not the project's (PROTOCOL §8)."""

    token: str = field(repr=False)
    secret_key: str = field(repr=False)


class DataApi(Protocol):
    """The provider's list of operations."""

    def reaches(self, project_id: int) -> bool:
        """Whether there is a token for the project."""

    def operations(
        self, project_id: int, *, since: datetime, until: datetime, offset: int, limit: int
    ) -> tuple[Listed, ...]:
        """A page of the operations that ended in this time, the latest first; fewer than ``limit`` are the last ones.

        Rows move between two pages when operations end meanwhile. May take minutes; raises `DataApiUnavailable`.
        """


class Projects(Protocol):
    """The projects of this installation and their secret keys."""

    def ids(self) -> tuple[int, ...]:
        """All project ids."""

    def secret_keys(self, project_id: int) -> tuple[str, ...]:
        """The keys of a project, the signing one first; raises `UnknownProject`."""

    def data_api_key(self, project_id: int) -> DataApiKey | None:
        """Token and key of the project's Data API; None where none was given, or not in a form that can be used."""

    def refreshed(self) -> bool:
        """Read the secret again, unless that was done a moment ago; whether it was read."""


class Workflow(Protocol):
    """The refund workflow."""

    def start(self, *, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution, or find the one of that name, and answer its ARN; `StoreUnavailable` when it failed."""

    def execution_arn(self, name: str) -> str:
        """The ARN an execution of that name has."""

    def wake(self, task_token: str, output: Mapping[str, Any]) -> bool:
        """Let a waiting execution go on; False when it does not wait any more."""


class Events(Protocol):
    """The merchant's event bus."""

    def publish(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Publish (detail type, detail) pairs; raises `StoreUnavailable` when one was not taken."""


class Operators(Protocol):
    """The people who run this installation."""

    def notify(self, *, subject: str, text: str) -> None:
        """Tell them; raises `StoreUnavailable` when the message was not taken."""


class KeyUses(Protocol):
    """When each secret key was last needed, by its fingerprint."""

    def note(self, project_id: int, use: KeyUse) -> None:
        """Remember the use, to within an hour; a later one is never lost. Raises `StoreUnavailable`."""

    def listed(self, project_id: int) -> tuple[KeyUse, ...]:
        """The last use of every key that a project has ever needed, the latest first; consistent."""


class DeadLetters(Protocol):
    """The batches of stream records that were given up because they could not be published."""

    def names(self, *, after: str | None, limit: int) -> tuple[tuple[str, ...], bool]:
        """At most so many names behind this one, and whether there are more; of one shard the oldest comes first."""

    def records(self, name: str) -> tuple[Mapping[str, Any], ...] | None:
        """The stream records of a dead letter; None when it is gone.

        Raises `DeadLetterUnreadable`, and `StoreUnavailable` when it could not be fetched.
        """

    def delete(self, name: str) -> None:
        """Forget a dead letter for good; raises `StoreUnavailable`."""


class Reports(Protocol):
    """The reports by name, and what a long run keeps to go on from; every call may raise `StoreUnavailable`."""

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """Write a report, all of it or nothing, in the place of the one of that name."""

    def put_over(self, name: str, content: bytes, *, version: str) -> str:
        """Write over this version alone, or where nothing of that name is when it is empty; the version written.

        Raises `StoreConflict` when somebody else wrote first, unless it was the same content.
        """

    def get(self, name: str) -> bytes | None:
        """A whole report; None when there is none of that name."""

    def get_with_version(self, name: str) -> tuple[bytes, str] | None:
        """A whole report and its version, which every write changes; None when there is none of that name."""

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names that begin so, in their order."""


class ReportDraft(Protocol):
    """A report while it is made; lines are written in the order in which they are added."""

    def add_payment(self, line: PaymentLine) -> None:
        """One payment created in the period."""

    def add_operation(self, line: OperationLine) -> None:
        """One operation of the period."""

    def add_open_refund(self, waiting: Waiting) -> None:
        """One refund that has not ended by now."""

    def add_overdue(self, waiting: Waiting) -> None:
        """One payment whose callback should have come by now."""

    def not_all_awaited(self, looked_at: int) -> None:
        """Only so many payments that await something were looked at: more may be open or overdue."""

    def compared(self, project_ids: Collection[int]) -> None:
        """These projects were compared with the provider's list on every day of the period."""

    def add_difference(self, found: Difference) -> None:
        """One difference from the provider's list."""

    def finish(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Every file by its name, complete."""
