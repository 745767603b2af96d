"""Faults of AWS between the functions of a running LocalSystem and its endpoint, call by call.

    with faults_of(system) as faults:
        with faults.planned(on_call("CallbackFunction", 2, Fault.KILLED_AFTER)) as record:
            ...                                 # the second call of the function's first invocation ends its life
        assert record.injected

Rules of this file:

* Only calls that a function makes are met: the test's own clients and the local system's pass untouched.
* A killed invocation is dead: whatever it still tries, in a ``finally`` for example, is not carried out.
* A fault ending in ``_ONCE`` lies below botocore's repetitions and meets the first try alone, so that the repetition is
  what is tested; every other one stands for a call whose repetitions all failed.
* DynamoDB knows a repeated transaction by its request token and moto does not, so here the repetition of a transaction
  whose answer was lost is given the answer that was lost.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from random import Random
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.retries.standard import ExponentialBackoff

from local.lambdas import Outcome
from local.system import LocalSystem
from payments import wiring
from payments.aws import clients

TRANSACTION = "TransactWriteItems"


class Killed(SystemExit):
    """The execution environment is gone in the middle of an invocation; no handler catches a `SystemExit`."""


# What Lambda calls it, so that the workflow meets the error name it would meet in AWS.
Killed.__name__ = "Runtime.ExitError"


class Fault(Enum):
    """What becomes of one AWS call."""

    KILLED_BEFORE = auto()
    KILLED_AFTER = auto()
    THROTTLED = auto()
    THROTTLED_ONCE = auto()
    BROKEN = auto()
    BROKEN_ONCE = auto()
    CONFLICT = auto()
    CANCELLED = auto()
    TIMED_OUT = auto()
    TIMED_OUT_ONCE = auto()
    ANSWER_LOST = auto()
    ANSWER_LOST_ONCE = auto()

    def fits(self, operation: str) -> bool:
        """Whether this can become of such a call: only transactions are cancelled."""
        return operation == TRANSACTION or self not in {Fault.CONFLICT, Fault.CANCELLED}


CRASHES = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
TROUBLES = tuple(fault for fault in Fault if fault not in CRASHES)


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call of a function: the ``number``-th of its ``invocation``-th invocation under this plan, from 1.

    ``payment_id`` is the payment that the function was invoked for, empty where its event is not about one payment.
    """

    function: str
    invocation: int
    number: int
    operation: str
    payment_id: str = field(default="", repr=False)  # plans that throw dice throw them over the rest


#: What happens at a call: nothing, a fault, or something else that goes on just before it.
Plan = Callable[[Call], "Fault | Callable[[], None] | None"]


def on_call(function: str, number: int, happening: Fault | Callable[[], None]) -> Plan:
    """At this call of the function's first invocation and never again."""
    return lambda call: happening if (call.function, call.invocation, call.number) == (function, 1, number) else None


def on_first(function: str, operation: str, happening: Fault | Callable[[], None]) -> Plan:
    """At the function's first call of this operation, in whichever invocation, and never again."""
    left = [happening]
    return lambda call: left.pop() if left and (call.function, call.operation) == (function, operation) else None


def for_each_payment(plans: Mapping[str, Plan]) -> Plan:
    """Each payment under its own plan, by its id; a plan counts only the invocations for its own payment."""
    invocations: dict[tuple[str, str], list[int]] = {}

    def plan(call: Call) -> Fault | Callable[[], None] | None:
        if call.payment_id not in plans:
            return None
        mine = invocations.setdefault((call.function, call.payment_id), [])
        if call.invocation not in mine:
            mine.append(call.invocation)
        return plans[call.payment_id](replace(call, invocation=mine.index(call.invocation) + 1))

    return plan


#: The function through which a test looks at what it has done.
WATCHER = "GetPaymentFunction"


def at_random(seed: object, percent: float, faults: Iterable[Fault] = TROUBLES) -> Plan:
    """At each call with this probability, but for the watcher's; the same seed gives the same calls the same faults."""
    possible = tuple(faults)

    def plan(call: Call) -> Fault | None:
        dice = Random(f"{seed} {call}")
        if call.function == WATCHER or dice.random() * 100 >= percent:
            return None
        return dice.choice([fault for fault in possible if fault.fits(call.operation)])

    return plan


@dataclass(slots=True)
class Record:
    """What was asked of AWS under a plan, and what went wrong."""

    calls: list[Call] = field(default_factory=list)
    injected: list[tuple[Call, Fault]] = field(default_factory=list)

    def operations(self, function: str) -> list[str]:
        """The calls of the function's first invocation."""
        return [call.operation for call in self.calls if (call.function, call.invocation) == (function, 1)]


@dataclass(slots=True)
class _Invocation:
    """What happens in one thread: each invocation of a LocalSystem has its own."""

    function: str
    ordinal: int
    payment_id: str
    calls: int = 0
    dead: bool = False
    fault: Fault | None = None
    operation: str = ""
    lost: AWSResponse | None = None
    """The answer that was taken from the first try."""
    tries: int = 0


class Faults:
    """The faults of one running LocalSystem; nothing fails but under a plan."""

    def __init__(self, functions: Iterable[str]) -> None:
        self._functions = frozenset(functions)
        self._lock = threading.Lock()
        self._here = threading.local()
        self._plan: Plan = lambda _: None
        self._record = Record()
        self._ordinals: Counter[str] = Counter()

    @contextmanager
    def planned(self, plan: Plan) -> Iterator[Record]:
        """Inside, calls fail as planned; the record fills as they are made."""
        before = self._plan
        with self._lock:
            self._plan, self._record, self._ordinals = plan, Record(), Counter()
        try:
            yield self._record
        finally:
            with self._lock:
                self._plan = before

    def attach(self, client: Any) -> None:
        """Stand between this client and its service."""

        def send(request: Any, **_: Any) -> AWSResponse | None:
            return self._send(client, request)

        client.meta.events.register("before-call", self._begin)
        client.meta.events.register("before-send", send)
        client.meta.events.register("after-call", self._end)

    def _begin(self, model: Any, params: Mapping[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """Botocore's ``before-call``: an answer returned here is the answer, whatever the service would say."""
        invocation = self._invocation()
        if invocation is None:
            return None
        if invocation.dead:
            raise Killed
        invocation.calls += 1
        invocation.operation, invocation.fault = model.name, None
        invocation.lost, invocation.tries = None, 0
        happening = self._next(invocation)
        if not isinstance(happening, Fault):
            if happening is not None:
                happening()
            return None
        invocation.fault = happening
        if happening is Fault.KILLED_BEFORE:
            invocation.dead = True
            raise Killed
        if happening is Fault.TIMED_OUT:
            raise ReadTimeoutError(endpoint_url=str(params["url"]))
        return _refusal(happening, model.service_model.service_name, params)

    def _next(self, invocation: _Invocation) -> Fault | Callable[[], None] | None:
        with self._lock:
            call = Call(
                invocation.function,
                invocation.ordinal,
                invocation.calls,
                invocation.operation,
                invocation.payment_id,
            )
            self._record.calls.append(call)
            happening = self._plan(call)
            if isinstance(happening, Fault):
                self._record.injected.append((call, happening))
            return happening

    def _send(self, client: Any, request: Any) -> AWSResponse | None:
        """Botocore's ``before-send``, once for every try: what is returned or raised here may be tried again."""
        invocation = self._invocation()
        if invocation is None:
            return None
        invocation.tries += 1
        if invocation.tries > 1:
            return invocation.lost
        match invocation.fault:
            case Fault.THROTTLED_ONCE | Fault.BROKEN_ONCE:
                code = 503 if invocation.fault is Fault.THROTTLED_ONCE else 500
                return AWSResponse(request.url, code, HTTPHeaders(), _NoBody())
            case Fault.TIMED_OUT_ONCE:
                raise ReadTimeoutError(endpoint_url=request.url)
            case Fault.ANSWER_LOST_ONCE:
                answer = client._endpoint.http_session.send(request)
                answer.content  # noqa: B018  # read now and kept, for the connection goes back to its pool
                invocation.lost = answer if invocation.operation == TRANSACTION else None
                raise ReadTimeoutError(endpoint_url=request.url)
            case _:
                return None

    def _end(self, parsed: Mapping[str, Any], **_: Any) -> None:
        """Botocore's ``after-call``: the service has done it and has answered."""
        invocation = self._invocation()
        if invocation is None:
            return
        if invocation.fault in {Fault.KILLED_AFTER, Fault.ANSWER_LOST} and "Body" in parsed:
            parsed["Body"].close()  # nobody will: its socket would be complained about, whenever it is collected
        if invocation.fault is Fault.KILLED_AFTER:
            invocation.dead = True
            raise Killed
        if invocation.fault is Fault.ANSWER_LOST:
            raise ReadTimeoutError(endpoint_url="of an answer that was lost")

    def _invocation(self) -> _Invocation | None:
        """The invocation this thread is, None outside of functions."""
        known: _Invocation | None = getattr(self._here, "invocation", None)
        if known is not None:
            return known
        # The local system names the thread of an invocation after the function.
        function = threading.current_thread().name.partition("-")[0]
        if function not in self._functions:
            return None
        with self._lock:
            self._ordinals[function] += 1
            ordinal = self._ordinals[function]
        self._here.invocation = _Invocation(function, ordinal, self.payment_here)
        return self._invocation()

    @property
    def payment_here(self) -> str:
        """The payment that the function running in this thread was invoked for; empty where there is none."""
        payment_id: str = getattr(self._here, "payment_id", "")
        return payment_id

    def watch(self, call: Callable[..., Outcome]) -> Callable[..., Outcome]:
        """The same way to call a handler, which runs in a thread of its own, that notes its payment first."""

        def noted(function: Any, payload: str, *rest: Any) -> Outcome:
            self._here.payment_id = _payment_of(json.loads(payload))
            return call(function, payload, *rest)

        return noted


def _payment_of(event: Any) -> str:
    """The payment an event is about: of the workflow's states, of the API, of a direct invocation."""
    if not isinstance(event, dict):
        return ""
    places = (event, event.get("refund"), event.get("input"), event.get("pathParameters"))
    named = (each.get("payment_id") for each in places if isinstance(each, dict))
    return next((str(each) for each in named if each), "")


class _NoBody:
    """The raw side of an answer without a body."""

    def stream(self) -> list[bytes]:
        return []


def _refusal(fault: Fault, service: str, params: Mapping[str, Any]) -> tuple[AWSResponse, dict[str, Any]] | None:
    """The refusal that a service gives after all repetitions, as botocore would have parsed it."""
    more: dict[str, Any] = {}
    match fault:
        case Fault.THROTTLED:
            dynamodb = "ProvisionedThroughputExceededException"
            status, code = 400, dynamodb if service == "dynamodb" else "ThrottlingException"
        case Fault.BROKEN:
            status, code = 500, "InternalServerError"
        case Fault.CONFLICT | Fault.CANCELLED:
            status, code = 400, "TransactionCanceledException"
            reason = "TransactionConflict" if fault is Fault.CONFLICT else "ThrottlingError"
            writes = len(json.loads(params["body"])["TransactItems"])
            more["CancellationReasons"] = [{"Code": reason}, *[{"Code": "None"}] * (writes - 1)]
        case _:
            return None
    parsed = {"Error": {"Code": code, "Message": f"{fault.name} as planned"}, "ResponseMetadata": {}, **more}
    return AWSResponse(params["url"], status, HTTPHeaders(), _NoBody()), parsed


@contextmanager
def faults_of(system: LocalSystem) -> Iterator[Faults]:
    """Faults for everything the functions of this system ask of AWS; botocore's repetitions come without a pause."""
    faults = Faults(function.logical_id for function in system.template.functions)
    for connect in (
        clients.dynamodb,
        clients.secrets_manager,
        clients.step_functions,
        clients.event_bridge,
        clients.sns,
        clients.s3,
    ):
        faults.attach(connect())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.0)
        patch.setattr(system.functions, "_call", faults.watch(system.functions._call))
        yield faults
    wiring.reset()


def start_cold() -> None:
    """Let the next invocation find nothing that an earlier one left in its execution environment: no keys."""
    for part in (wiring.projects, wiring.gate, wiring.data_api):
        part.cache_clear()


@contextmanager
def always_cold() -> Iterator[None]:
    """Inside, every invocation finds an execution environment of its own: it has to read the secret."""

    def fresh(make: Callable[[], Any]) -> Callable[[], Any]:
        here = threading.local()

        def part() -> Any:
            if not hasattr(here, "part"):
                here.part = make()
            return here.part

        return part

    with pytest.MonkeyPatch.context() as patch:
        for name in ("projects", "gate", "data_api"):
            patch.setattr(wiring, name, fresh(getattr(wiring, name).__wrapped__))
        yield


@contextmanager
def ahead(by: timedelta) -> Iterator[None]:
    """Inside, the functions' clock is ahead of ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "clock", lambda: datetime.now(UTC) + by)
        yield
