"""The parts that everything on the platform works with, and how the platform announces what happened to a payment."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.ecommpay.agenda import Agenda
from local.ecommpay.callbacks import callback_body, encode, platform_time
from local.ecommpay.delivery import Courier, Delivery
from local.ecommpay.settings import DataApiSettings, GateSettings, Project
from local.ecommpay.state import Operation, Payment, Store

WRONG_KEY = "not the key of any project"


@dataclass(slots=True)
class Engine:
    """The platform's insides."""

    projects: Mapping[int, Project]
    public_url: str
    clock: Callable[[], datetime]
    settings: GateSettings
    store: Store
    agenda: Agenda
    courier: Courier
    stopping: threading.Event = field(default_factory=threading.Event)
    #: What `POST /control/next` has set for the next sale (axes of outcomes, or an `ending`) and the next refund.
    next_sale: dict[str, Any] = field(default_factory=dict)
    next_refund: str = ""
    data_api: DataApiSettings = field(default_factory=DataApiSettings)
    #: How often the Data API was asked.
    data_api_asked: int = 0


def later(engine: Engine, payment: Payment, step: Callable[[], object], *, after_s: float | None = None) -> None:
    """Take a step of a payment, the store locked: when the acknowledgement is out, or after so many real seconds."""

    def locked() -> None:
        with engine.store.lock:
            step()

    pause = engine.settings.step_s if after_s is None else after_s
    engine.agenda.schedule(locked, lane=("steps", payment.key), after_s=pause)


def announce(engine: Engine, payment: Payment, operation: Operation, *, final: bool) -> list[Delivery]:
    """Send the callback that tells how the operation stands now, unless the outcome wants otherwise."""
    keys = engine.projects[payment.project_id].secret_keys
    word = operation.callbacks
    body = callback_body(payment, operation)
    key = keys[-1] if word == "last_key" else keys[0]
    if word == "semicolon" and final:
        body["operation"]["message"] += "; thank you"
    parcel: dict[str, Any] = {
        "key": payment.key,
        "what": f"{operation.type} {operation.status}",
        "url": operation.callback_url or payment.callback_url,
        "body": encode(body, key),
    }
    if payment.callbacks_disabled or word == "none" or (word == "no_final" and final):
        return [engine.courier.note(**parcel, state="suppressed")]
    pause = payment.callback_delay_s * engine.courier.settings.retry_second_s
    if word == "doubled_late":
        return _send_doubled_and_late(engine, payment, operation, parcel, final=final)
    if word == "doubled":
        return [*engine.courier.send(**parcel), *engine.courier.send(**parcel)]
    if word == "wrong_signature_first":
        engine.courier.send(**parcel | {"body": encode(body, WRONG_KEY), "what": f"{parcel['what']}, wrong signature"})
    return engine.courier.send(**parcel, after_s=pause)


def _send_doubled_and_late(
    engine: Engine, payment: Payment, operation: Operation, parcel: dict[str, Any], *, final: bool
) -> list[Delivery]:
    """Send the redirect and the final callback at once, and everything once more, oldest last, behind the final one."""
    body = callback_body(payment, operation)
    # A repeated callback was seen with a date that differs by a second (PROTOCOL §6.2).
    body["operation"]["date"] = platform_time(operation.updated_at + timedelta(seconds=1))
    copy = parcel | {"body": encode(body, engine.projects[payment.project_id].secret_keys[0])}
    if not final and operation.status != "awaiting redirect result":
        payment.withheld.append(parcel)
        payment.withheld.append(copy)
        return []
    deliveries = engine.courier.send(**parcel)
    payment.withheld.append(copy)
    if final:
        for late in reversed(payment.withheld):
            deliveries += engine.courier.send(**late)
        payment.withheld.clear()
    return deliveries
