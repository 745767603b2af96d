"""Every port of the system in memory, with the promises of the real part and nothing of AWS or the provider.

`FakeStore` keeps the same promises as the table; `tests/contract/store` holds both against one suite. Values are
immutable, so what a test was given never changes behind its back.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from payments.domain.errors import (
    FieldError,
    InvalidRequest,
    MessageKnown,
    StoreConflict,
    StoreUnavailable,
    UnknownProject,
)
from payments.domain.key_use import KeyUse
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.ports import DataApiKey, IdempotencyRecord, Message, PaymentFilter

Step = Callable[[], None]


def failing(error: Exception) -> Step:
    """A step that raises: for `FakeStore.before_write` and its like."""

    def step() -> None:
        raise error

    return step


class FakeStore:
    """The ledger in memory; one lock makes every call atomic.

    ``before_write`` and ``after_write`` hold steps, and each write takes one of each: a step may raise (a write that
    was not taken, or one whose answer was lost) or write itself (somebody else who was faster).
    """

    def __init__(self) -> None:
        self.before_write: deque[Step] = deque()
        self.after_write: deque[Step] = deque()
        self._lock = threading.RLock()
        self._payments: dict[PaymentKey, Payment] = {}
        self._messages: dict[tuple[PaymentKey, str], Message] = {}
        self._idempotency: dict[str, IdempotencyRecord] = {}

    @property
    def payments(self) -> tuple[Payment, ...]:
        """Everything stored, by key."""
        with self._lock:
            return tuple(self._payments[key] for key in sorted(self._payments))

    def read(self, key: PaymentKey) -> Payment | None:
        """The payment as last written."""
        with self._lock:
            return self._payments.get(key)

    def find(self, payment_id: str) -> tuple[Payment, ...]:
        """The payments of every project that have this id, ordered ones only."""
        return tuple(each for each in self.payments if each.order and each.key.payment_id == payment_id)

    def read_for_message(self, key: PaymentKey, digest: str) -> tuple[Payment | None, bool]:
        """The payment and whether this message is stored already."""
        with self._lock:
            return self._payments.get(key), (key, digest) in self._messages

    def save(
        self, payment: Payment, *, message: Message | None = None, idempotency: IdempotencyRecord | None = None
    ) -> Payment:
        """Write everything or nothing; the payment comes back with its new version."""
        take_step(self.before_write)
        with self._lock:
            if message is not None and (message.key, message.digest) in self._messages:
                raise MessageKnown("This message is stored already.")
            stored = self._payments.get(payment.key)
            if payment.version != (stored.version if stored else 0):
                raise StoreConflict("The payment was written by somebody else.")
            if idempotency is not None and idempotency.idempotency_key in self._idempotency:
                raise StoreConflict("The idempotency key was written by somebody else.")
            written = replace(payment, version=payment.version + 1)
            self._payments[payment.key] = written
            if message is not None:
                self._messages[message.key, message.digest] = message
            if idempotency is not None:
                self._idempotency[idempotency.idempotency_key] = idempotency
        take_step(self.after_write)
        return written

    def keep(self, message: Message) -> None:
        """Store a message that belongs to no payment; a repetition changes nothing."""
        take_step(self.before_write)
        with self._lock:
            self._messages.setdefault((message.key, message.digest), message)
        take_step(self.after_write)

    def redact(self, key: PaymentKey, digest: str, body: bytes) -> None:
        """Put this body in the place of a stored message's own; where none is stored, nothing is written."""
        take_step(self.before_write)
        with self._lock:
            stored = self._messages.get((key, digest))
            if stored is not None:
                self._messages[key, digest] = replace(stored, body=body)
        take_step(self.after_write)

    def message(self, key: PaymentKey, digest: str) -> Message | None:
        """One stored message of a payment."""
        with self._lock:
            return self._messages.get((key, digest))

    def messages(self, key: PaymentKey) -> tuple[Message, ...]:
        """Every stored message of a payment."""
        with self._lock:
            return tuple(each for each in self._messages.values() if each.key == key)

    def idempotent(self, idempotency_key: str) -> IdempotencyRecord | None:
        """What this key made before."""
        with self._lock:
            return self._idempotency.get(idempotency_key)

    def select(
        self, wanted: PaymentFilter, *, limit: int, cursor: str | None
    ) -> tuple[tuple[Payment, ...], str | None]:
        """A page of payments, newest first, and the cursor of the next."""
        after = None if cursor is None else _place_in(cursor, wanted)
        listed = sorted((each for each in self.payments if _is_wanted(each, wanted)), key=_place, reverse=True)
        rest = [each for each in listed if after is None or _place(each) < after]
        page = tuple(rest[:limit])
        return page, _cursor(page[-1], wanted) if len(rest) > limit else None

    def due(self, *, now: datetime, limit: int) -> tuple[PaymentKey, ...]:
        """The payments whose ``check_at`` has come, longest waiting first."""
        waiting = sorted((each.check_at, each.key) for each in self.payments if each.check_at and each.check_at <= now)
        return tuple(key for _, key in waiting[:limit])

    def changed_on(self, day: date) -> Iterator[Payment]:
        """The payments whose last change was on this day of UTC."""
        yield from (each for each in self.payments if each.updated_at.astimezone(UTC).date() == day)


def take_step(steps: deque[Step]) -> None:
    if steps:
        steps.popleft()()


def _is_wanted(payment: Payment, wanted: PaymentFilter) -> bool:
    return (
        payment.order is not None
        and wanted.status in {None, payment.status}
        and wanted.project_id in {None, payment.key.project_id}
        and (wanted.since is None or payment.order.created_at >= wanted.since)
        and (wanted.until is None or payment.order.created_at < wanted.until)
    )


def _place(payment: Payment) -> tuple[str, bytes]:
    """Where a payment stands in a list: among payments of one moment, by project and id as text."""
    assert payment.order is not None
    name = f"{payment.key.project_id}#{payment.key.payment_id}"
    return payment.order.created_at.isoformat(timespec="microseconds"), name.encode("utf-8", "surrogatepass")


def _cursor(payment: Payment, wanted: PaymentFilter) -> str:
    moment, name = _place(payment)
    return base64.urlsafe_b64encode(json.dumps([wanted.status, moment, name.hex()]).encode()).decode()


def _place_in(cursor: str, wanted: PaymentFilter) -> tuple[str, bytes]:
    try:
        status, moment, name = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        place = datetime.fromisoformat(moment), bytes.fromhex(name)
    except (ValueError, TypeError, RecursionError):
        raise InvalidRequest(FieldError("/cursor", "not a cursor of this list")) from None
    in_span = (wanted.since is None or place[0] >= wanted.since) and (wanted.until is None or place[0] < wanted.until)
    if status != wanted.status or not in_span:
        raise InvalidRequest(FieldError("/cursor", "not a cursor of this list"))
    return moment, place[1]


Answer = str | bytes | None | Exception | Callable[[], str | bytes | None]


class FakeGate:
    """The provider's Gate, as a test says.

    ``answers`` holds what the next calls of a kind (``sell``, ``refund``, ``clarify``, ``status``) get: a value, an
    exception to raise, or a function to call, which may write to the store as a fast callback would. Without an answer
    a request is accepted as ``request-1``, ``request-2`` and so on, and no payment is known. ``calls`` is what arrived.
    """

    def __init__(self, **answers: Iterable[Answer]) -> None:
        self.answers: dict[str, deque[Answer]] = {kind: deque(each) for kind, each in answers.items()}
        self.calls: list[tuple[Any, ...]] = []
        self._lock = threading.Lock()

    def sell(self, payment: Payment) -> str:
        """Ask for the sale."""
        return self._request_id("sell", payment)

    def refund(self, payment: Payment, refund: Refund) -> str:
        """Ask for the refund."""
        return self._request_id("refund", payment, refund)

    def clarify(self, payment: Payment, answers: Mapping[str, str]) -> str:
        """Send the customer's missing data."""
        return self._request_id("clarify", payment, dict(answers))

    def status(self, key: PaymentKey) -> bytes | None:
        """The provider's answer about a payment."""
        answer, _ = self._answer("status", key)
        assert answer is None or isinstance(answer, bytes)
        return answer

    def calls_of(self, kind: str) -> list[tuple[Any, ...]]:
        """The calls of one kind, without its name."""
        return [call[1:] for call in self.calls if call[0] == kind]

    def _request_id(self, kind: str, *arguments: Any) -> str:
        answer, number = self._answer(kind, *arguments)
        assert answer is None or isinstance(answer, str)
        return answer or f"request-{number}"

    def _answer(self, kind: str, *arguments: Any) -> tuple[str | bytes | None, int]:
        with self._lock:
            self.calls.append((kind, *arguments))
            number = len(self.calls)
            waiting = self.answers.get(kind)
            answer = waiting.popleft() if waiting else None
        if isinstance(answer, Exception):
            raise answer
        return (answer() if callable(answer) else answer), number


class FakeProjects:
    """The projects of a test; ``rotated`` are the keys that the secret holds by now and a refresh would find."""

    def __init__(
        self,
        keys: Mapping[int, tuple[str, ...]] | None = None,
        *,
        rotated: Mapping[int, tuple[str, ...]] | None = None,
    ) -> None:
        self._keys = keys if keys is not None else {2924: ("local-secret-2924",), 198: ("local-secret-198",)}
        self.rotated = rotated
        self.refreshes = 0

    def ids(self) -> tuple[int, ...]:
        """All project ids."""
        return tuple(self._keys)

    def secret_keys(self, project_id: int) -> tuple[str, ...]:
        """The keys of a project, the signing one first."""
        if project_id not in self._keys:
            raise UnknownProject(f"Project {project_id} is not configured here.")
        return self._keys[project_id]

    def data_api_key(self, project_id: int) -> DataApiKey | None:
        """Token and key of the project's Data API; no test here has one."""
        return None

    def refreshed(self) -> bool:
        """Read the secret again: true as long as ``rotated`` has something to read."""
        if self.rotated is None:
            return False
        self.refreshes += 1
        self._keys, self.rotated = self.rotated, None
        return True


@dataclass
class FakeWorkflow:
    """Executions by name; ``waiting`` are the task tokens that an execution waits with."""

    waiting: set[str] = field(default_factory=set)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    woken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failures: deque[StoreUnavailable] = field(default_factory=deque)

    def start(self, *, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution, or find the one of that name."""
        self._fail()
        self.executions.setdefault(name, dict(payload))
        return self.execution_arn(name)

    def execution_arn(self, name: str) -> str:
        """The ARN an execution of that name has."""
        return f"arn:aws:states:eu-west-1:123456789012:execution:ecommpay-refund:{name}"

    def wake(self, task_token: str, output: Mapping[str, Any]) -> bool:
        """Let a waiting execution go on, once."""
        self._fail()
        if task_token not in self.waiting:
            return False
        self.waiting.remove(task_token)
        self.woken.append((task_token, dict(output)))
        return True

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.popleft()


@dataclass
class FakeEvents:
    """The event bus; ``published`` is what arrived, in order."""

    published: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failures: deque[StoreUnavailable] = field(default_factory=deque)

    def publish(self, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Publish (detail type, detail) pairs."""
        if self.failures:
            raise self.failures.popleft()
        # What cannot be JSON would not leave the real part either.
        self.published.extend((detail_type, json.loads(json.dumps(detail))) for detail_type, detail in entries)


@dataclass
class FakeOperators:
    """The operators; ``told`` is what they read."""

    told: list[tuple[str, str]] = field(default_factory=list)
    failures: deque[StoreUnavailable] = field(default_factory=deque)

    def notify(self, *, subject: str, text: str) -> None:
        """Tell them."""
        if self.failures:
            raise self.failures.popleft()
        self.told.append((subject, text))


@dataclass
class FakeKeyUses:
    """When each key was last needed; ``uses`` by project and fingerprint."""

    uses: dict[tuple[int, str], KeyUse] = field(default_factory=dict)
    failures: deque[StoreUnavailable] = field(default_factory=deque)

    def note(self, project_id: int, use: KeyUse) -> None:
        """Remember the use, unless a later one is remembered already."""
        if self.failures:
            raise self.failures.popleft()
        known = self.uses.get((project_id, use.key))
        if known is None or known.at < use.at:
            self.uses[project_id, use.key] = use

    def listed(self, project_id: int) -> tuple[KeyUse, ...]:
        """The last use of every key of a project, the latest first."""
        own = (use for (project, _), use in self.uses.items() if project == project_id)
        return tuple(sorted(own, key=lambda use: use.at, reverse=True))


@dataclass
class FakeDeadLetters:
    """The dead letters by name: their stream records, or what fetching them raises.

    ``failures`` is what the next deletions raise.
    """

    letters: dict[str, Sequence[Mapping[str, Any]] | Exception] = field(default_factory=dict)
    failures: deque[StoreUnavailable] = field(default_factory=deque)

    def names(self, *, after: str | None, limit: int) -> tuple[tuple[str, ...], bool]:
        """At most so many names behind this one, and whether there are more."""
        rest = sorted(name for name in self.letters if after is None or name > after)
        return tuple(rest[:limit]), len(rest) > limit

    def records(self, name: str) -> tuple[Mapping[str, Any], ...] | None:
        """The stream records of a dead letter; None when it is gone."""
        letter = self.letters.get(name)
        if isinstance(letter, Exception):
            raise letter
        return None if letter is None else tuple(letter)

    def delete(self, name: str) -> None:
        """Forget a dead letter."""
        if self.failures:
            raise self.failures.popleft()
        self.letters.pop(name, None)
