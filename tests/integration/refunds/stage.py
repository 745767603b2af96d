"""Where refunds are played: many executions of the real workflow at once, each with a payment and a trouble of its own.

Everything is real but AWS, which moto plays, and ECommPay, which `local/ecommpay` plays: `refund.asl.yaml`, the handlers,
the stream, HTTP both ways. Payments are paid beforehand, for that is not what is played here.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest
from botocore.config import Config

from ecommpay_signing import loads
from local.ecommpay import DeliverySettings, GateSettings
from local.ecommpay.refund import end_refund
from payments import observability, wiring
from payments.aws import clients
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.ports import Gate
from payments.settings import Settings
from tests.integration.faults.stage import Stage, Told, came_true
from tests.integration.refunds.executions import Executions
from tests.integration.refunds.network import Network
from tests.support.faults import Faults, always_cold, faults_of
from tests.support.local_system import running_system
from tests.support.merchant import Merchant

#: So many payments are begun at the same time; what they set off runs beside them.
AT_ONCE = 3
#: Nothing here is about AWS being slow, and a busy machine may be.
PATIENT = Config(connect_timeout=60, read_timeout=60, max_pool_connections=64)
POLL_S = 0.5
#: How long a refund waits for its callback, and how long where it is to be given up soon.
PATIENCE_S, SOON_S = 60, 6
LETTERS = "ecommpay-operators-inbox"

#: A payment id, and a moment of a function's conversation with Gate about that payment.
Moment = tuple[str, Literal["before", "after"], Literal["refund", "status"]]


@dataclass
class RefundStage(Stage):
    """A stage with a network that can fail and payments that are paid already."""

    network: Network = field(default_factory=Network)
    impatient: set[str] = field(default_factory=set)
    """Payments whose refund is to be given up soon; all others can wait for a busy machine."""
    metrics: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(payment id, metric) → how often it was counted because of that payment."""
    happenings: dict[Moment, Callable[[], None]] = field(default_factory=dict)
    """What happens in a function at a moment, the first time; it may end the invocation."""
    _letters: list[str] = field(default_factory=list)
    _telling: threading.Lock = field(default_factory=threading.Lock)

    @property
    def executions(self) -> Executions:
        """The executions of the workflow."""
        return self._executions

    def __post_init__(self) -> None:
        self._executions = Executions(self.system)

    def accepted(self, payment_id: str) -> int:
        """How many refunds the platform has taken for a payment, whoever asked for them."""
        payment = self.platform.store.payments[(2924, payment_id)]
        return sum(each.type in {"refund", "reversal"} for each in payment.operations)

    def end_stuck_refund(self, payment_id: str, word: str = "success") -> None:
        """Gate ends, at last, the refund that it kept in processing, and calls back."""
        with self.platform.store.lock:
            payment = self.platform.store.payments[(2924, payment_id)]
            end_refund(self.platform, payment, payment.operations[-1], word)

    def ask_once_refunded(self, payment_id: str) -> None:
        """Let the first question for the status of a payment leave only once ECommPay has given the money back."""

        def wait() -> None:
            assert came_true(lambda: self.provider_says(2924, payment_id) == "refunded", patience_s=30)

        self.happenings[(payment_id, "before", "status")] = wait

    def wait_for_executions(self, *, patience_s: float = 300) -> None:
        """Until no execution runs; what is told meanwhile is fetched, for a long queue makes moto slow."""
        deadline = time.monotonic() + patience_s
        while running := self.executions.running():
            assert time.monotonic() < deadline, f"still running: {running}"
            time.sleep(POLL_S)
            self.told("")
        self.told("")

    def told(self, payment_id: str) -> Told:
        """As of any stage; several threads may ask."""
        with self._telling:
            return super().told(payment_id)

    def told_so_far(self, payment_id: str) -> tuple[str, ...]:
        """As `told_once`, of the events that `told` has fetched by now, for whoever asks about many payments."""
        told = self._told.get(payment_id, {})
        assert {kind: len(ids) for kind, ids in told.items()} == dict.fromkeys(told, 1)
        return tuple(sorted(detail_type for detail_type, _ in told))

    def letters_about(self, refund_id: str) -> list[str]:
        """The subjects of the letters that operators got about a refund."""
        queues = self.system.connect("sqs")
        url = queues.get_queue_url(QueueName=LETTERS)["QueueUrl"]
        while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                self._letters.append(str(loads(message["Body"].encode())["Subject"]))
        return [each for each in self._letters if refund_id in each]


def at_once(act: Callable[[Any], object], items: Any, *, threads: int = AT_ONCE) -> None:
    """Do it for all items, a few at the same time; what fails, fails here."""
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(act, item) for item in items]:
            done.result()


@contextlib.contextmanager
def refund_stage(
    run_folder: Path,
    *,
    methods: Sequence[str] = ("card-partner",),
    cold: bool = False,
    step_s: float = 0.01,
    variables: Mapping[str, str] | None = None,
    **changes: Any,
) -> Iterator[RefundStage]:
    """A system whose refunds are quick and whose network to Gate can fail; `changes` are fields of LocalSettings.

    Payments can be paid by these `methods`. Where it is `cold`, every invocation has to read the secret. What Gate has
    taken goes on after `step_s` seconds.
    """
    with (
        Network() as network,
        _patient_clients(),
        running_system(
            run_folder,
            delivery=DeliverySettings(retry_second_s=1 / 3000),
            gate=GateSettings(step_s=step_s),
            function_variables={"ECOMMPAY_GATE_URL": network.url, "GATE_READ_TIMEOUT_S": "10", **(variables or {})},
            **{"status_poll_delay_s": 1, **changes},
        ) as system,
        faults_of(system) as faults,
        always_cold() if cold else contextlib.nullcontext(),
    ):
        network.lead_to(system.platform_url or "")
        stage = RefundStage(system, faults, Merchant(system), network=network)
        with _watched(stage, faults):
            for method in methods:
                stage.paid_already(f"first-{method}", method)
            yield stage


@contextlib.contextmanager
def _patient_clients() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "_CONFIG", clients._CONFIG.merge(PATIENT))
        yield


@contextlib.contextmanager
def _watched(stage: RefundStage, faults: Faults) -> Iterator[None]:
    """Inside, metrics are noted with their payment, and what is to happen around conversations with Gate happens."""
    count, report_published, here = observability.count, observability.report_published, threading.local()

    def noted(metric: str, value: int = 1) -> None:
        stage.metrics[(getattr(here, "payment_id", faults.payment_here), metric)] += value
        count(metric, value)

    def published(payment: Payment, *rest: Any) -> None:
        # A batch of the stream is about many payments.
        here.payment_id = payment.key.payment_id
        report_published(payment, *rest)

    def settings() -> Settings:
        soon = faults.payment_here in stage.impatient
        timeout_s, attempts = (SOON_S, stage.system.settings.status_poll_attempts) if soon else (PATIENCE_S, 8)
        return replace(given(), refund_callback_timeout_s=timeout_s, status_poll_attempts=attempts)

    make, given = wiring.gate, wiring.settings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observability, "count", noted)
        patch.setattr(observability, "report_published", published)
        patch.setattr(wiring, "settings", settings)
        patch.setattr(wiring, "gate", lambda: _WatchedGate(make(), stage))
        yield


class _WatchedGate:
    """Gate, and what happens around a conversation."""

    def __init__(self, gate: Gate, stage: RefundStage) -> None:
        self._gate, self._happenings = gate, stage.happenings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gate, name)

    def refund(self, payment: Payment, refund: Refund) -> str:
        with self._watching(payment.key.payment_id, "refund"):
            return self._gate.refund(payment, refund)

    def status(self, key: PaymentKey) -> bytes | None:
        with self._watching(key.payment_id, "status"):
            return self._gate.status(key)

    @contextlib.contextmanager
    def _watching(self, payment_id: str, what: Literal["refund", "status"]) -> Iterator[None]:
        self._happenings.pop((payment_id, "before", what), lambda: None)()
        try:
            yield
        finally:
            self._happenings.pop((payment_id, "after", what), lambda: None)()
