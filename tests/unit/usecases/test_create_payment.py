"""Creating a payment: checked, stored, and only then sold, once, whoever else is at it at the same moment."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payments.domain.checkout_token import redeem
from payments.domain.errors import (
    FieldError,
    GateRejected,
    GateUnavailable,
    InvalidRequest,
    PaymentConflict,
    StoreUnavailable,
)
from payments.domain.money import Money
from payments.domain.payment import Customer, Order, Payment, PaymentKey, TimelineEntry
from tests.support.fakes import FakeGate, FakeProjects, failing
from tests.unit.domain.told import KES_100, KEY, NOON, at, callback
from tests.unit.usecases.world import CUSTOMER, PAGE_LIFETIME, SECRET, World, new_payment

OTHER_BODY = {"money": Money(20_000, "KES")}


def test_a_gate_payment_is_stored_and_sold_and_answered_as_it_is_stored() -> None:
    world = World()

    payment, made = world.create(idempotency_key="key-1")

    assert made
    assert payment == world.payment()
    token = payment.order.checkout_token if payment.order else ""
    assert payment == Payment(
        key=KEY,
        updated_at=NOON,
        order=Order(
            interface="gate",
            method="card-partner",
            money=KES_100,
            description="Order 1001",
            language="en",
            customer=CUSTOMER,
            return_url="https://shop.example/orders/1001",
            public_url="https://pay.example",
            checkout_token=token,
            fingerprint=new_payment().fingerprint,
            created_at=NOON,
            expires_at=None,
        ),
        submission="acknowledged",
        request_id="request-1",
        timeline=(
            TimelineEntry(NOON, "api", "created for 100.00 KES by gate"),
            TimelineEntry(NOON, "api", "sale accepted by Gate"),
        ),
        check_at=at(10),
        checks=0,
        version=2,
    )
    assert redeem(token, secret_keys_of=world.projects.secret_keys, now=NOON + timedelta(days=59)) == KEY
    assert payment.status == "processing"


def test_a_payment_by_page_is_stored_and_nothing_is_sent() -> None:
    world = World()

    payment, made = world.create(interface="payment_page", method="", customer=Customer("customer1"))

    assert made
    assert (payment.status, payment.submission, payment.version) == ("created", "none", 1)
    assert payment.order is not None
    assert payment.order.expires_at == NOON + PAGE_LIFETIME
    assert payment.check_at == NOON + PAGE_LIFETIME + timedelta(minutes=2)
    assert world.gate.calls == []


def test_the_page_ends_at_a_whole_second_as_the_provider_reads_it() -> None:
    world = World()
    world.clock.now = NOON + timedelta(microseconds=999_999)

    payment, _ = world.create(interface="payment_page")

    assert payment.order is not None
    assert payment.order.expires_at == NOON + PAGE_LIFETIME


def test_the_payment_is_stored_before_anything_is_sent() -> None:
    world = World()
    found: list[Payment | None] = []

    def look() -> str:
        found.append(world.store.read(KEY))
        return "sale-1"

    world.gate = FakeGate(sell=[look])
    world.create()

    assert [(each.submission, each.status, each.version) for each in found if each] == [("sending", "processing", 1)]


def test_nothing_is_sent_when_the_store_does_not_take_the_payment() -> None:
    world = World()
    world.store.before_write.append(failing(StoreUnavailable("down")))

    with pytest.raises(StoreUnavailable):
        world.create()

    assert (world.gate.calls, world.store.payments) == ([], ())


def test_a_write_whose_answer_was_lost_is_found_by_the_repetition_and_nothing_is_sold_twice() -> None:
    world = World()
    world.store.after_write.append(failing(StoreUnavailable("no answer")))
    with pytest.raises(StoreUnavailable):
        world.create()

    payment, made = world.create()

    assert (made, payment.status, world.gate.calls) == (False, "processing", [])
    assert payment.check_at == at(10)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({}, {}),
        ({"idempotency_key": "key-1"}, {"idempotency_key": "key-1"}),
        ({"idempotency_key": "key-1"}, {}),
        ({}, {"idempotency_key": "key-1"}),
        ({"idempotency_key": "key-1"}, {"idempotency_key": "key-2"}),
        ({"payment_id": "", "idempotency_key": "key-1"}, {"payment_id": "", "idempotency_key": "key-1"}),
        ({"interface": "payment_page"}, {"interface": "payment_page"}),
    ],
    ids=["by id", "by both", "id, key forgotten", "id, key added", "id, another key", "by key", "page by id"],
)
def test_the_same_request_again_finds_the_payment_and_sends_nothing(
    first: dict[str, Any], again: dict[str, Any]
) -> None:
    world = World()
    made, new = world.create(**first)
    sold = len(world.gate.calls)

    for _ in range(3):
        found, new_again = world.create(**again)
        assert (new, new_again) == (True, False)
        assert (found.key, found.order, found.status) == (made.key, made.order, made.status)

    assert len(world.gate.calls) == sold
    assert len(world.store.payments) == 1


def test_a_key_that_came_with_a_repetition_counts_from_then_on() -> None:
    world = World()
    world.create()
    world.create(idempotency_key="key-1")

    with pytest.raises(PaymentConflict, match=r"This Idempotency-Key was used for another request\."):
        world.create(payment_id="order-1002", idempotency_key="key-1")


@pytest.mark.parametrize(
    ("first", "again", "sentence"),
    [
        ({}, OTHER_BODY, "Payment order-1001 exists and was another request."),
        ({}, {"description": "Order 1002"}, "Payment order-1001 exists and was another request."),
        ({}, {"interface": "payment_page"}, "Payment order-1001 exists and was another request."),
        ({}, {**OTHER_BODY, "idempotency_key": "key-1"}, "Payment order-1001 exists and was another request."),
        (
            {"idempotency_key": "key-1"},
            {**OTHER_BODY, "idempotency_key": "key-1"},
            "This Idempotency-Key was used for another request.",
        ),
        (
            {"idempotency_key": "key-1"},
            {"payment_id": "order-1002", "idempotency_key": "key-1"},
            "This Idempotency-Key was used for another request.",
        ),
        (
            {"payment_id": "", "idempotency_key": "key-1"},
            {"payment_id": "", **OTHER_BODY, "idempotency_key": "key-1"},
            "This Idempotency-Key was used for another request.",
        ),
    ],
)
def test_another_request_under_a_known_id_or_key_is_refused(
    first: dict[str, Any], again: dict[str, Any], sentence: str
) -> None:
    world = World()
    made, _ = world.create(**first)

    with pytest.raises(PaymentConflict) as refused:
        world.create(**again)

    assert str(refused.value) == sentence
    assert world.store.payments == (made,)
    assert len(world.gate.calls) == 1


def test_without_an_id_every_request_is_a_payment_of_its_own() -> None:
    world = World()

    keys = [world.create(payment_id="")[0].key for _ in range(3)]

    assert keys == [PaymentKey(2924, f"made-{number}") for number in (1, 2, 3)]


def test_the_same_id_in_two_projects_is_two_payments() -> None:
    world = World()

    both = [world.create(project_id=project)[0] for project in (2924, 198)]

    assert [each.key for each in both] == [PaymentKey(2924, "order-1001"), PaymentKey(198, "order-1001")]
    assert len(world.gate.calls_of("sell")) == 2


def test_gate_that_refuses_for_certain_leaves_a_failed_payment_with_its_code() -> None:
    world = World(gate=FakeGate(sell=[GateRejected("refused", code="2541", message="Invalid project")]))

    with pytest.raises(GateRejected):
        world.create()

    payment = world.payment()
    assert (payment.status, payment.code, payment.message) == ("failed", "2541", "Invalid project")
    assert (payment.check_at, world.story()[-1]) == (None, ("api", "sale refused by Gate, code 2541"))
    assert world.create() == (payment, False)
    assert len(world.gate.calls) == 1


def test_gate_that_gives_no_clear_answer_leaves_the_payment_to_be_checked_and_never_sells_again() -> None:
    world = World(gate=FakeGate(sell=[GateUnavailable("no answer")]))

    payment, made = world.create()

    assert (made, payment.status, payment.submission, payment.check_at) == (True, "processing", "unclear", at(10))
    assert world.create() == (payment, False)
    assert len(world.gate.calls) == 1


def test_a_callback_faster_than_the_answer_of_gate_is_not_lost_by_writing_that_answer() -> None:
    world = World()

    world.gate = FakeGate(sell=[world.hearing(callback("success", seconds=5), "sale-1")])

    payment, _ = world.create()

    assert (payment.status, payment.request_id, payment.submission) == ("succeeded", "sale-1", "acknowledged")
    assert payment == world.payment()


def test_a_callback_between_the_read_and_the_write_of_that_answer_is_not_lost_either() -> None:
    world = World()

    def accept() -> str:
        world.store.before_write.append(world.hearing(callback("success")))
        return "sale-1"

    world.gate = FakeGate(sell=[accept])

    payment, _ = world.create()

    assert (payment.status, payment.request_id) == ("succeeded", "sale-1")


ENETS = {"method": "enets", "money": Money(10_000, "SGD")}
NOBODY = Customer("customer1")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"method": ""}, [FieldError("/method", "required for gate")]),
        (
            {"method": "", "customer": NOBODY},
            [FieldError("/method", "required for gate"), FieldError("/customer/ip_address", "required for gate")],
        ),
        ({"money": Money(999, "KES")}, [FieldError("/amount", "at least 1000 (10.00 KES)")]),
        ({"money": Money(20_000_001, "KES")}, [FieldError("/amount", "at most 20000000 (200000.00 KES)")]),
        ({"money": KES_100, "method": "enets"}, [FieldError("/currency", "enets takes SGD only")]),
        (
            {**ENETS, "customer": NOBODY},
            [
                FieldError("/customer/ip_address", "required for gate"),
                FieldError("/customer/first_name", "required by enets on gate"),
                FieldError("/customer/last_name", "required by enets on gate"),
                FieldError("/customer/email", "required by enets on gate"),
            ],
        ),
        (
            {**ENETS, "customer": replace(CUSTOMER, email="")},
            [FieldError("/customer/email", "required by enets on gate")],
        ),
        (
            {"interface": "payment_page", "money": Money(99, "USD")},
            [FieldError("/amount", "at least 100 (1.00 USD)")],
        ),
        ({"project_id": None}, [FieldError("/project_id", "required, because several projects are configured")]),
        ({"project_id": 5}, [FieldError("/project_id", "not a project of this installation")]),
    ],
)
def test_what_the_catalogue_does_not_allow_is_refused_before_anything_is_stored(
    changes: dict[str, Any], errors: list[FieldError]
) -> None:
    world = World()

    with pytest.raises(InvalidRequest) as refused:
        world.create(**changes)

    assert list(refused.value.errors) == errors
    assert (world.store.payments, world.gate.calls) == ((), [])


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": replace(CUSTOMER, phone="", email="")},
        {**ENETS, "money": Money(1, "SGD")},
        {**ENETS, "interface": "payment_page", "customer": NOBODY},
        {"interface": "payment_page", "method": "", "money": Money(1, "EUR"), "customer": NOBODY},
    ],
    ids=["recommended data", "enets minimum", "the page asks", "the customer chooses"],
)
def test_what_the_platform_asks_for_or_judges_itself_is_not_refused(changes: dict[str, Any]) -> None:
    assert World().create(**changes)[1]


def test_with_one_project_nobody_has_to_name_it() -> None:
    world = World(projects=FakeProjects({2924: (SECRET,)}))

    assert world.create(project_id=None)[0].key == KEY
