"""The control panel of the pretend platform: sets what comes next, and does what ECommPay's people do by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from local.shop.amounts import read_amount
from local.shop.calls import CallFailed, give_back_path
from local.shop.merchant import Merchant, order_address
from local.shop.terminal import Command
from local.shop.wishes import is_usual, read_wish, told

REFUND_TYPES = {"refund": "As a refund", "reversal": "As a reversal"}


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows: what is set, the callbacks sent about one payment, or why the platform cannot be asked."""

    url: str
    told: list[str] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""
    commands: list[Command] = field(default_factory=list)


def read_panel(merchant: Merchant, wish: Mapping[str, Any], payment: Mapping[str, Any] | None = None) -> Panel | None:
    """The panel as it is now, with the commands for this wish; None where ECommPay is not a pretend one."""
    if merchant.platform is None:
        return None
    terminal = merchant.terminal
    commands = [*([terminal.set_next(wish)] if wish else []), *terminal.wishes()]
    deliveries: list[dict[str, Any]] = []
    try:
        state = merchant.platform.get("/control/next")
        if payment is not None:
            about = {"project_id": str(payment["project_id"]), "payment_id": payment["payment_id"]}
            deliveries = merchant.platform.get("/control/deliveries", **about)["deliveries"]
            commands.append(terminal.callbacks(payment["project_id"], payment["payment_id"]))
    except CallFailed as failure:
        return Panel(merchant.platform.url, problem=f"{failure.title}. {' '.join(failure.details)}", commands=commands)
    return Panel(merchant.platform.url, told(state), deliveries, commands=commands)


def apply_wish(merchant: Merchant, form: Mapping[str, str]) -> None:
    """Set what a form asks for on its way to something else; a form that asks for nothing special sets nothing."""
    wish = read_wish(form)
    if merchant.platform is not None and not is_usual(wish):
        merchant.platform.post("/control/next", wish)


def set_next(merchant: Merchant, request: Request) -> Response:
    """Set what a form asks for, and nothing else."""
    wish = read_wish(request.form)
    merchant.playground().post("/control/next", wish)
    return _back(request)


def forget(merchant: Merchant, request: Request) -> Response:
    """Forget everything that was set."""
    merchant.playground().delete("/control/next")
    return _back(request)


def give_back(merchant: Merchant, request: Request, payment_id: str) -> Response:
    """Refund as ECommPay's support (all, or the part that was typed) or the Dashboard does."""
    platform = merchant.playground()
    body = give_back_body(request.form)
    payment = merchant.order(payment_id)
    platform.post(give_back_path(payment["project_id"], payment_id), body)
    return redirect(f"{order_address(payment_id)}#platform", 303)


def give_back_body(form: Mapping[str, str]) -> dict[str, Any]:
    """What the platform's people are asked to do. Raises CallFailed for what is no amount or no kind of refund."""
    kind = form.get("kind", "refund")
    if kind not in REFUND_TYPES:
        raise CallFailed(400, "Please choose one of what is offered", kind)
    part = read_amount(form.get("part", ""))
    return {"type": kind, **({} if part is None else {"amount": part})}


def _back(request: Request) -> Response:
    """To the page that the form was on: the front page, or the order it names."""
    order = request.form.get("order", "")
    return redirect(f"{order_address(order) if order else '/'}#platform", 303)
