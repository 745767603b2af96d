"""The ambiguity matrix of a refund: what the network does × what ECommPay tells × what the machinery does, and what must
hold in each cell.

Rules of the cells, in this one place:

* Gate has taken the refund wherever the request arrived and was not refused (`TAKEN`); of the two ways in which a 5xx
  or a page of HTML can come about, this is the one that can pay twice.
* A callback about a refund that Gate has not taken is one of a refund that a person makes in the Dashboard, right after
  ours was asked for. So every cell can happen, and every cell is played.
* Without a callback Gate keeps what it took in processing for longer than anybody asks.
* What the machinery does, it does right after the conversation with Gate, before anything of the answer is noted: the
  latest moment at which most is lost. ``Lambda killed and retried`` kills every function of the execution once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

from tests.integration.refunds.network import TROUBLES

Callback = Literal["callback success", "callback decline", "no callback"]
Machinery = Literal["undisturbed", "Lambda time-out", "Lambda killed and retried", "redrive"]

#: Gate itself says no, in two ways.
REFUSED = ("200 with an error body", "4xx with an error body")
NEVER_ARRIVED = frozenset({"request lost", "time-out before send"})
TAKEN = frozenset(TROUBLES) - NEVER_ARRIVED


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; its name is a sentence, its payment id is its name without spaces."""

    network: str
    callback: Callback
    machinery: Machinery

    @property
    def name(self) -> str:
        return f"{self.network}, {self.callback}, {self.machinery}"

    @property
    def payment_id(self) -> str:
        return self.name.replace(", ", "_").replace(" ", "-")

    @property
    def is_taken(self) -> bool:
        return self.network in TAKEN

    @property
    def refusal_is_heard(self) -> bool:
        """Whether our side learns that Gate refused; a function that dies has not noted it."""
        return self.network in REFUSED and self.machinery in {"undisturbed", "redrive"}


CELLS = [
    Cell(network, callback, machinery)
    for network, callback, machinery in product((*TROUBLES, *REFUSED), get_args(Callback), get_args(Machinery))
]


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands: the execution's end, each refund of the payment, the payment, what the world was told."""

    execution: str
    refunds: tuple[str, ...]
    payment: str
    events: tuple[str, ...]


def when_it_ends(cell: Cell) -> Standing:
    """What must hold when the execution has ended."""
    in_dashboard = {"callback success": ("succeeded",), "callback decline": ("declined",), "no callback": ()}
    told = {"callback success": "RefundSucceeded", "callback decline": "RefundDeclined"}.get(cell.callback)
    payment = "refunded" if cell.callback == "callback success" else "succeeded"
    if cell.refusal_is_heard:
        events = ("PaymentSucceeded", "RefundDeclined", *([told] if told else []))
        return Standing("GateRejected", ("failed", *in_dashboard[cell.callback]), payment, tuple(sorted(events)))
    if told is None:
        return Standing("RefundUnresolved", ("unknown",), payment, ("PaymentSucceeded", "RefundUnresolved"))
    status = in_dashboard[cell.callback]
    return Standing(status[0], status, payment, ("PaymentSucceeded", told))


def after_a_late_callback(cell: Cell) -> Standing:
    """What must hold once a success was told of a refund that had ended as unknown."""
    assert when_it_ends(cell).refunds == ("unknown",)
    events = ("PaymentSucceeded", "RefundSucceeded", "RefundUnresolved")
    return Standing("RefundUnresolved", ("succeeded",), "refunded", events)
