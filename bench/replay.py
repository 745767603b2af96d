"""R6: whether folding and replaying ten times the callbacks takes ten times the work, or more.

Folding goes through the use case that replays: every stored body is read, checked and folded anew. The one payment gets
a new operation with every second callback, which is the most that can come of it: a customer who tries time and again.
"""

from functools import partial

from bench.rounds import Row, compare, measure_rounds
from payments.domain.payment import Payment
from payments.usecases.receive_callback import receive_callback
from tests.integration.hostile.load import IndexedStore, loaded_store, replay_all
from tests.support.fakes import FakeProjects
from tests.unit.domain.told import KEY, at, callback, order
from tests.unit.usecases.world import SECRET, Clock, signed

FEW_CALLBACKS, MANY_CALLBACKS = 20, 200
FEW_PAYMENTS, MANY_PAYMENTS = 30, 300


def measure_replay() -> list[Row]:
    """Return the rows R6."""
    few, many = (_one_payment(count) for count in (FEW_CALLBACKS, MANY_CALLBACKS))
    folding = measure_rounds({"few": partial(replay_all, few), "many": partial(replay_all, many)}, rounds=31, calls=2)
    (few, some_callbacks), (many, all_callbacks) = (
        loaded_store(size, seed=17) for size in (FEW_PAYMENTS, MANY_PAYMENTS)
    )
    replaying = measure_rounds({"few": partial(replay_all, few), "many": partial(replay_all, many)}, rounds=11, calls=1)
    return [
        Row(
            "R6",
            f"replay one payment with {MANY_CALLBACKS} callbacks / with {FEW_CALLBACKS}",
            compare(folding, "many", "few"),
            "<= 11",
        ),
        Row(
            "R6",
            f"replay {MANY_PAYMENTS} payments with {all_callbacks} callbacks / {FEW_PAYMENTS} with {some_callbacks}",
            compare(replaying, "many", "few"),
            f"<= {11 * all_callbacks / (10 * some_callbacks):.1f}",
        ),
    ]


def _one_payment(callbacks: int) -> IndexedStore:
    store, projects, clock = IndexedStore(), FakeProjects(), Clock()
    store.save(Payment(key=KEY, updated_at=at(0), order=order(created_at=at(0)), submission="acknowledged"))
    for number in range(callbacks):
        status = ("processing", "decline")[number % 2]
        told = callback(status, ("sale", status), seconds=number, operation_id=number // 2)
        receive_callback(store=store, projects=projects, body=signed(told, SECRET), clock=clock)
    return store
