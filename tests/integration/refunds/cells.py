"""The ambiguity matrix of a refund: what the network does × what ECommPay tells × what the machinery does, and what must
hold in each cell.

Rules of the cells, in this one place:

* Gate has taken the refund wherever the request arrived and was not refused (`TAKEN`); of the two ways in which a 5xx
  or a page of HTML can come about, this is the one that can pay twice.
* A callback about a refund that Gate has not taken is one of a refund that a person makes in the Dashboard, a moment
  after ours was asked for. So every cell can happen, and every cell is played.
* Without a callback Gate keeps what it took in processing for longer than anybody asks.
* What the machinery does, it does right after the conversation with Gate, before anything of the answer is noted: the
  latest moment at which most is lost. ``Lambda killed and retried`` kills every function of the execution once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    def is_deadly(self) -> bool:
        """Whether each function of the execution dies once."""
        return self.machinery == "Lambda killed and retried"

    @property
    def refusal_is_heard(self) -> bool:
        """Whether our side learns that Gate refused; a function that dies has not noted it."""
        return self.network in REFUSED and self.machinery in {"undisturbed", "redrive"}


#: The matrix in two parts, so that two processes can play it.
ON_THE_WAY = ("request lost", "time-out before send", "answer lost", "reset mid-body")
IN_THE_ANSWER = ("5xx", "duplicate answer", "HTML", *REFUSED)


def cells_of(networks: Iterable[str]) -> list[Cell]:
    """The part of the matrix in which the network does this."""
    every = product(networks, get_args(Callback), get_args(Machinery))
    return [Cell(network, callback, machinery) for network, callback, machinery in every]


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands that can be seen of a cell."""

    execution: str
    """Its error's name, or how it says that the refund ended."""
    refunds: tuple[str, ...]
    """How each refund of the payment stands: ours, and one made in the Dashboard that is not taken for ours."""
    payment: str
    events: tuple[str, ...]
    sent: int
    """Refund requests that left us."""
    received: int
    """Refund requests that reached Gate."""
    returns: int
    """Refunds that ECommPay has taken, whoever asked for them."""
    alarms: int
    """How often the metric was counted that calls a person."""
    letters: int
    """How many letters the operators got."""


ENDS = {"callback success": ("succeeded",), "callback decline": ("declined",)}


def when_it_ends(cell: Cell) -> Standing:
    """What must hold when the execution has ended: paid once or not at all, and told right."""
    told = {"callback success": "RefundSucceeded", "callback decline": "RefundDeclined"}.get(cell.callback)
    ends: tuple[str, ...] = ENDS.get(cell.callback, ())
    events = ["PaymentSucceeded", *([told] if told else [])]
    if cell.refusal_is_heard:
        execution, refunds, events = "GateRejected", ("failed", *ends), [*events, "RefundDeclined"]
    elif told:
        execution, refunds = ends[0], ends
    else:
        execution, refunds, events = "RefundUnresolved", ("unknown",), [*events, "RefundUnresolved"]
    return Standing(
        execution=execution,
        refunds=refunds,
        payment="refunded" if cell.callback == "callback success" else "succeeded",
        events=tuple(sorted(events)),
        sent=1,
        received=0 if cell.network in NEVER_ARRIVED else 1,
        returns=1 if cell.is_taken or told else 0,
        alarms=1 if execution == "RefundUnresolved" else 0,
        letters=1 if execution == "RefundUnresolved" else 0,
    )


def after_a_late_callback(cell: Cell) -> Standing:
    """What must hold once a success was told of a refund that had ended as unknown; nobody is called again."""
    events = ("PaymentSucceeded", "RefundSucceeded", "RefundUnresolved")
    return replace(when_it_ends(cell), refunds=("succeeded",), payment="refunded", events=events, returns=1)


def unresolved(cells: Iterable[Cell]) -> list[Cell]:
    """Those of which nobody knows the end for a while."""
    return [cell for cell in cells if when_it_ends(cell).execution == "RefundUnresolved"]
