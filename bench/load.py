"""For orientation: what the local system takes, with its functions in one process and a pretend AWS beside them.

It says how much a developer's machine bears, and nothing about AWS, where every request has a processor of its own.
"""

import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

import requests

from bench.rounds import Row, Spread
from bench.stage import PROJECT_ID, Stage, callback_event

CLIENTS = 4
PAYMENTS = 120
TIMEOUT_S = 60
CUSTOMER = {"id": "buyer-9", "ip_address": "192.0.2.9", "phone": "254700000009", "email": "buyer@example.com"}


def measure_load(stage: Stage) -> list[Row]:
    """Return rows without a goal: requests a second, and between brackets the milliseconds of p50 and p99."""
    url = stage.system.url

    def create(number: int) -> None:
        order = {
            "payment_id": f"load-{number}",
            "project_id": PROJECT_ID,
            "interface": "payment_page",
            "method": "card-partner",
            "amount": 10000,
            "currency": "KES",
            "customer": CUSTOMER,
        }
        _post(f"{url}/payments", json.dumps(order), 201)

    def call_back(number: int) -> None:
        _post(f"{url}/callbacks/ecommpay", callback_event(f"load-{number}")["body"], 200)

    # The first request loads what a process loads once.
    create(PAYMENTS)
    call_back(PAYMENTS)
    rows = [_row(f"POST /payments on {stage.engine}", create), _row("POST /callbacks/ecommpay, the same", call_back)]
    assert stage.system.wait_until_delivered(120)
    return rows


def _row(what: str, request: Callable[[int], None]) -> Row:
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = list(pool.map(_timed, itertools.repeat(request), range(PAYMENTS)))
    rate = PAYMENTS / (time.perf_counter() - began)
    cuts = quantiles(taken, n=100)
    text = f"{what}: requests a second by {CLIENTS} clients; p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"
    return Row("-", text, Spread(rate, rate, rate), "")


def _timed(request: Callable[[int], None], number: int) -> float:
    began = time.perf_counter()
    request(number)
    return time.perf_counter() - began


def _post(url: str, body: str, expected: int) -> None:
    answer = requests.post(url, data=body, headers={"content-type": "application/json"}, timeout=TIMEOUT_S)
    assert answer.status_code == expected, answer.text
