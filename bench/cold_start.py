"""R3: the cold start of the built callback function under AWS's runtime client, from process start to first answer.

The bare function makes one client, as `boto3.client` does, and answers. Ours makes two, reads the secret, and answers
once the callback is verified, stored and folded. The FastAPI function verifies and does one PutItem.
"""

from bench.contestants import Contestant, Process, Start, contestants
from bench.rounds import Row, compare, orders
from bench.stage import Stage, callback_event

ROUNDS = 15


def measure_cold_start(stage: Stage) -> list[Row]:
    """Return the rows R3, in seconds by the clock and in processor seconds."""
    built = contestants(stage)
    functions = {name: built[name] for name in ("ours", "bare", "fastapi")}
    started: list[dict[str, Start]] = []
    # The first round fills caches of files and is not counted.
    for number, order in enumerate(orders(list(functions), ROUNDS + 1)):
        started.append({name: _start(functions[name], stage, f"cold-{number}-{name}") for name in order})
    rows = []
    for kind, read in (("time", "wall_s"), ("processor time", "cpu_s")):
        rounds = [{name: getattr(each, read) for name, each in done.items()} for done in started[1:]]
        rows += [
            Row(
                "R3",
                f"cold start, {kind}: ours / a bare function with one DynamoDB client",
                compare(rounds, "ours", "bare"),
                "<= 1.25",
            ),
            Row("R3", f"cold start, {kind}: ours / a FastAPI function", compare(rounds, "ours", "fastapi"), "<= 0.7"),
        ]
    return rows


def _start(contestant: Contestant, stage: Stage, payment_id: str) -> Start:
    stage.order(payment_id)
    process = Process(contestant)
    try:
        process.ask(callback_event(payment_id))
    finally:
        taken = process.end()
    return taken
