"""The pretend ECommPay platform as one WSGI application, with its background work between `start` and `stop`."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.ecommpay import control, gate, partner, payment_page
from local.ecommpay.agenda import Agenda
from local.ecommpay.data_api import get_operations
from local.ecommpay.delivery import Courier
from local.ecommpay.engine import Engine
from local.ecommpay.outcomes import AXES, CALLBACK_WORDS, OUTCOMES
from local.ecommpay.pages import money, page
from local.ecommpay.refund import REFUNDABLE
from local.ecommpay.sale import end_overdue
from local.ecommpay.settings import DataApiSettings, DeliverySettings, GateSettings, Project
from local.ecommpay.state import Store
from local.ecommpay.widget import show_widget

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 1024 * 1024
SWEEP_S = 0.25
SHOWN_PAYMENTS = 20

View = Callable[..., Response]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Platform:
    """ECommPay as a merchant meets it; no money moves.

    `projects` by id; `public_url` is the address it is reached at; `clock` gives aware UTC times.
    """

    def __init__(
        self,
        projects: Mapping[int, Project],
        *,
        public_url: str,
        clock: Callable[[], datetime] = utc_now,
        delivery: DeliverySettings = DeliverySettings(),  # noqa: B008 - frozen
        gate: GateSettings = GateSettings(),  # noqa: B008 - frozen
        data_api: DataApiSettings = DataApiSettings(),  # noqa: B008 - frozen
    ) -> None:
        store = Store()
        agenda = Agenda(workers=delivery.workers)
        self.engine = Engine(
            projects=projects,
            public_url=public_url.rstrip("/"),
            clock=clock,
            settings=gate,
            store=store,
            agenda=agenda,
            courier=Courier(store=store, agenda=agenda, settings=delivery, clock=clock),
            stopping=threading.Event(),
            data_api=data_api,
        )
        agenda.schedule(self._sweep, lane="sweep")

    def start(self) -> None:
        """Start sending callbacks and ending what nobody came back to."""
        self.engine.stopping.clear()
        self.engine.agenda.start()

    def stop(self) -> None:
        """Stop the background work; answers that hang are let go."""
        self.engine.stopping.set()
        self.engine.agenda.stop()
        self.engine.courier.close()

    def wsgi(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one HTTP request."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = LARGEST_BODY
        try:
            view, arguments = ROUTES.bind_to_environ(environ).match()
            response: Any = VIEWS[view](self.engine, request, **arguments)
        except HTTPException as error:
            response = error
        return response(environ, start_response)  # type: ignore[no-any-return]  # a Response or an HTTPException: both are WSGI

    def _sweep(self) -> None:
        """End what is overdue, again and again; the agenda keeps the next time while it is stopped."""
        self.engine.agenda.schedule(self._sweep, lane="sweep", after_s=SWEEP_S)
        with self.engine.store.lock:
            end_overdue(self.engine)


def show_start(engine: Engine) -> Response:
    """Show what this is, what the amounts mean and how to drive it."""
    with engine.store.lock:
        latest = list(reversed(engine.store.payments.values()))[:SHOWN_PAYMENTS]
        payments = [
            {
                "project_id": payment.project_id,
                "payment_id": payment.payment_id,
                "sum": money(payment.balance, payment.currency),
                "status": payment.status,
                "refundable": payment.status in REFUNDABLE,
                "refund_address": f"/control/payments/{payment.project_id}/{quote(payment.payment_id, safe='')}/refund",
            }
            for payment in latest
        ]
    return page(
        "start.html",
        title="Pretend ECommPay",
        projects=sorted(engine.projects),
        outcomes=OUTCOMES,
        axes=AXES,
        callback_words=CALLBACK_WORDS,
        public_url=engine.public_url,
        payments=payments,
    )


VIEWS: Mapping[str, View] = {
    "start": lambda engine, _request: show_start(engine),
    "gate": gate.answer_gate,
    "payment page": payment_page.open_page,
    "confirm": payment_page.confirm,
    "result": lambda engine, _request, token: payment_page.show_result(engine, token),
    "resume": lambda engine, _request, token: payment_page.resume(engine, token),
    "widget": lambda _engine, _request, kind: show_widget(kind),
    "partner": partner.show_partner,
    "visit": lambda engine, _request, session: partner.show_visit(engine, session),
    "decide": partner.decide,
    "operations": get_operations,
    "payments": lambda engine, _request: control.list_payments(engine),
    "payment": lambda engine, _request, project_id, payment_id: control.show_payment(engine, project_id, payment_id),
    "refund": control.refund_payment,
    "next": control.set_next,
    "requests": lambda engine, _request: control.list_requests(engine),
    "deliveries": control.list_deliveries,
    "redeliver": control.redeliver,
}

ROUTES = Map(
    [
        Rule("/", endpoint="start", methods=["GET"]),
        Rule("/v2/payment/<path:path>", endpoint="gate", methods=["POST"]),
        Rule("/payment", endpoint="payment page", methods=["GET", "POST"]),
        Rule("/payment/confirm", endpoint="confirm", methods=["POST"]),
        Rule("/payment/result/<token>", endpoint="result", methods=["GET"]),
        Rule("/payment/resume/<token>", endpoint="resume", methods=["POST"]),
        Rule("/shared/merchant.<any(js, css):kind>", endpoint="widget", methods=["GET"]),
        Rule("/partner/pay", endpoint="partner", methods=["POST"]),
        Rule("/partner/<session>", endpoint="visit", methods=["GET"]),
        Rule("/partner/<session>", endpoint="decide", methods=["POST"]),
        Rule("/bank/pay/<session>", endpoint="visit", methods=["GET"]),
        Rule("/bank/pay/<session>", endpoint="decide", methods=["POST"]),
        Rule("/v1/operations/get", endpoint="operations", methods=["POST"]),
        Rule("/control/payments", endpoint="payments", methods=["GET"]),
        Rule("/control/payments/<int:project_id>/<path:payment_id>/refund", endpoint="refund", methods=["POST"]),
        Rule("/control/payments/<int:project_id>/<path:payment_id>", endpoint="payment", methods=["GET"]),
        Rule("/control/next", endpoint="next", methods=["GET", "POST", "DELETE"]),
        Rule("/control/requests", endpoint="requests", methods=["GET"]),
        Rule("/control/deliveries", endpoint="deliveries", methods=["GET"]),
        Rule("/control/callbacks/redeliver", endpoint="redeliver", methods=["POST"]),
    ],
    merge_slashes=False,
)
