"""A customer's payment with its whole life behind it, for the tests of the erasure, and what is left of the person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from payments.domain.payment import Payment, PaymentKey
from payments.usecases.erase_customer import Erased, erase_customer
from payments.usecases.replay_payments import replay_payments
from tests.unit.domain.told import KEY, at, callback, ordered, refund
from tests.unit.usecases.world import World

#: Every word of the customer that an order or a message tells; the id is among them.
PERSON = ("customer1", "192.0.2.7", "254700000001", "amina", "Amina", "Otieno", "Order 1001", "shop.example")
PAID = callback(
    "success", seconds=60, customer={"id": "customer1", "phone": "254700000001"}, account={"number": "4***1"}
)
LED_ON = callback(
    "awaiting redirect result",
    ("sale", "awaiting redirect result"),
    seconds=5,
    customer={"id": "customer1", "email": "amina@example.com"},
    redirect_data={"url": "https://bank.example/pay?phone=254700000001", "method": "GET", "body": {}},
)
UNPLACED = {**callback("success", seconds=61), "payment": {"status": "success"}, "customer": {"first_name": "Amina"}}
NOWHERE = PaymentKey(KEY.project_id, "")
CHARGEBACK = callback(
    "success", ("chargeback", "success"), seconds=9000, operation_id=400, customer={"email": "amina@example.com"}
)


def erase(world: World, customer_id: str = "customer1", **parts: Any) -> Erased:
    given: dict[str, Any] = {"project_id": None, "cursor": None, "limit": 100, **parts}
    return erase_customer(store=world.store, customer_id=customer_id, clock=world.clock, **given)


def lived_world() -> World:
    """A customer's payment with its whole life behind it: led on, paid, a failed and a declined refund."""
    world = World()
    world.put(ordered(), refund("declined", reason="Amina is unhappy"))
    for message in (LED_ON, PAID, UNPLACED):
        world.receive(message)
    world.clock.now = at(7200)
    return world


def remains(world: World) -> list[str]:
    """The words of the person that the store still holds, in payments or in messages."""
    keys = {each.key for each in world.store.payments} | {NOWHERE}
    held = [repr(each) for each in world.store.payments]
    held += [repr(message) for key in keys for message in world.store.messages(key)]
    return [word for word in PERSON if any(word in each for each in held)]


def differences(world: World) -> tuple[Any, ...]:
    return replay_payments(store=world.store, cursor=None, limit=100, repair=False, clock=world.clock).differences


def bare(payment: Payment) -> Payment:
    """The payment without what an erasure may change."""
    assert payment.order is not None
    nobody = replace(payment.order.customer, id="", ip_address="", phone="", email="", first_name="", last_name="")
    told = replace(payment.order, customer=nobody, description="", return_url="")
    refunds = tuple(replace(each, reason="", message="") for each in payment.refunds)
    return replace(payment, order=told, refunds=refunds, timeline=(), erased_at=None, version=0)
