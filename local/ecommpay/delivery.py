"""Delivery of callbacks: POST, repeated by the retry calendar until exactly 200 comes back, with a log of every try."""

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import urllib3

from local.ecommpay.agenda import Agenda
from local.ecommpay.retry_calendar import PAUSES
from local.ecommpay.settings import DeliverySettings
from local.ecommpay.state import PaymentKey, Store


@dataclass(slots=True)
class Delivery:
    """One callback on its way, and how its tries went."""

    delivery_id: int
    key: PaymentKey
    what: str
    url: str
    body: bytes
    at: datetime
    #: "waiting", "delivered", "given up", "lost" (by wish), "suppressed" (by wish) or "no address".
    state: str = "waiting"
    tries: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Disturbance:
    """What happens to the next callbacks, as asked by `POST /control/next`."""

    lose: int = 0
    duplicate: int = 0
    delay: int = 0
    reorder: int = 0
    delay_s: float = 0.0


class Courier:
    """Takes callbacks to the merchant; call its methods while holding the store's lock, `attempt` without it."""

    def __init__(
        self, *, store: Store, agenda: Agenda, settings: DeliverySettings, clock: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.agenda = agenda
        self.settings = settings
        self.clock = clock
        self.disturbance = Disturbance(lose=settings.lose_next)
        self._numbers = itertools.count(1)
        #: Callbacks that wait to be overtaken by another one of their payment, oldest first.
        self._held: dict[PaymentKey, list[Delivery]] = {}
        self._random = random.Random()
        self._pool = urllib3.PoolManager(num_pools=16, maxsize=settings.workers, retries=False)

    def send(self, *, key: PaymentKey, what: str, url: str, body: bytes, after_s: float = 0.0) -> list[Delivery]:
        """Put a callback on its way, as often and as late as the settings and disturbances say."""
        disturbance, settings = self.disturbance, self.settings
        if disturbance.lose > 0:
            disturbance.lose -= 1
            return [self.note(key=key, what=what, url=url, body=body, state="lost")]
        if disturbance.reorder > 0 and url:
            disturbance.reorder -= 1
            return [self._hold(self.note(key=key, what=what, url=url, body=body, state="waiting"))]
        copies = settings.copies
        if disturbance.duplicate > 0:
            disturbance.duplicate -= 1
            copies += 1
        pause = after_s + settings.delay_s + self._random.uniform(0, settings.shuffle_s)
        if disturbance.delay > 0:
            disturbance.delay -= 1
            pause += disturbance.delay_s
        deliveries = []
        for _ in range(copies):
            delivery = self.note(key=key, what=what, url=url, body=body, state="waiting" if url else "no address")
            if url:
                self.agenda.schedule(partial(self.attempt, delivery), lane=("callbacks", key), after_s=pause)
            deliveries.append(delivery)
        for overtaken in reversed(self._held.pop(key, []) if url else []):
            self.agenda.schedule(partial(self.attempt, overtaken), lane=("callbacks", key), after_s=pause)
        return deliveries

    def _hold(self, delivery: Delivery) -> Delivery:
        """Keep a callback back until the next one of its payment is sent, or for `overtaking_s`."""
        self._held.setdefault(delivery.key, []).append(delivery)

        def let_go() -> None:
            with self.store.lock:
                held = self._held.get(delivery.key, [])
                if delivery in held:
                    held.remove(delivery)
                    self.agenda.schedule(partial(self.attempt, delivery), lane=("callbacks", delivery.key))

        self.agenda.schedule(let_go, lane=("held", delivery.key), after_s=self.settings.overtaking_s)
        return delivery

    def note(self, *, key: PaymentKey, what: str, url: str, body: bytes, state: str) -> Delivery:
        """Write a callback into the log without sending it."""
        delivery = Delivery(next(self._numbers), key, what, url, body, self.clock(), state)
        self.store.delivery_log.append(delivery)
        return delivery

    def send_again(self, delivery: Delivery) -> None:
        """Start a callback's calendar anew."""
        self.send(key=delivery.key, what=delivery.what, url=delivery.url, body=delivery.body)

    def attempt(self, delivery: Delivery) -> None:
        """Try once; put down the next try unless exactly 200 came back."""
        at = self.clock()
        answer = self._post(delivery.url, delivery.body)
        with self.store.lock:
            delivery.tries.append({"at": at.isoformat(), "answer": answer})
            if answer == 200:
                delivery.state = "delivered"
            elif len(delivery.tries) > len(PAUSES):
                delivery.state = "given up"
            else:
                pause = PAUSES[len(delivery.tries) - 1] * self.settings.retry_second_s
                self.agenda.schedule(partial(self.attempt, delivery), lane=("callbacks", delivery.key), after_s=pause)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.clear()

    def _post(self, url: str, body: bytes) -> int | str:
        """Return the HTTP status, or the name of what went wrong."""
        try:
            response = self._pool.request(
                "POST",
                url,
                body=body,
                headers={"Content-Type": "application/json", "Connection": "close", "User-Agent": "pretend-ecommpay"},
                redirect=False,
                timeout=urllib3.Timeout(total=self.settings.try_timeout_s),
            )
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            return type(error).__name__
        return int(response.status)


def as_json(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as the control API shows it."""
    return {
        "delivery_id": delivery.delivery_id,
        "project_id": delivery.key[0],
        "payment_id": delivery.key[1],
        "what": delivery.what,
        "url": delivery.url,
        "body": json.loads(delivery.body),
        "at": delivery.at.isoformat(),
        "state": delivery.state,
        "tries": list(delivery.tries),
    }
