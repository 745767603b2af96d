"""R4: a callback in a process that is warm, beside a handler that verifies and does one PutItem.

And, without a goal, beside one that makes the very two calls that ours makes and has no code of ours: what is left
then is ours. All on the same engine, in processes of their own. Every callback is the first one about its payment.
"""

import itertools
from collections.abc import Iterator

from bench.contestants import Process, contestants, timed
from bench.rounds import Round, Row, compare, orders
from bench.stage import Stage, callback_event

ROUNDS = 15
CALLS = 20
WHY = (
    "Ours asks DynamoDB twice: for the payment, and to write it and the message as one transaction. A handler that "
    "does these two calls and nothing else is the floor, and stands in the next rows; one PutItem knows no payment, so "
    "it cannot tell the merchant anything."
)


def measure_warm_callback(stage: Stage) -> list[Row]:
    """Return the rows R4, in seconds by the clock and in processor seconds of the function."""
    built = contestants(stage)
    processes = {name: Process(timed(built[name], stage)) for name in ("ours", "minimal", "two_calls")}
    numbers = itertools.count()
    wall: list[Round] = []
    cpu: list[Round] = []
    try:
        for order in orders(list(processes), ROUNDS + 1):
            taken = {name: list(_ask(processes[name], stage, numbers)) for name in order}
            wall.append({name: sum(each[0] for each in calls) for name, calls in taken.items()})
            cpu.append({name: sum(each[1] for each in calls) for name, calls in taken.items()})
    finally:
        for process in processes.values():
            process.end()
    rows = []
    for kind, rounds in (("time", wall[1:]), ("processor time", cpu[1:])):
        what = f"warm callback on {stage.engine}, {kind}: {{}} / {{}}"
        one, two = "verify and one PutItem", "verify and the same two calls"
        rows += [
            Row("R4", what.format("ours", one), compare(rounds, "ours", "minimal"), "<= 1.5", WHY),
            Row("R4", what.format(two, one), compare(rounds, "two_calls", "minimal"), ""),
            Row("R4", what.format("ours", two), compare(rounds, "ours", "two_calls"), ""),
        ]
    return rows


def _ask(process: Process, stage: Stage, numbers: Iterator[int]) -> Iterator[tuple[float, float]]:
    """Seconds and processor seconds of each call."""
    names = [f"warm-{next(numbers)}" for _ in range(CALLS)]
    for payment_id in names:
        stage.order(payment_id)
    for payment_id in names:
        answer = process.ask(callback_event(payment_id))
        yield answer["wall_s"], answer["cpu_s"]
