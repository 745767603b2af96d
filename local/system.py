"""The whole system in one process: starts it, stops it, and tells where everything is. `make run` and the tests use it.

Handlers run inside this process and share its environment, so a process runs one LocalSystem at a time.
"""

import contextlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from local.aws import AwsEndpoint, running_moto
from local.botocore_files import files_read_once
from local.catalogues import compile_stale
from local.ecommpay import DataApiSettings, DeliverySettings, GateSettings, Platform, read_projects
from local.environment import aws_variables, changed_environment, shared_variables
from local.function_output import FUNCTION_OUTPUT
from local.gateway import Gateway, WsgiApplication
from local.lambdas import LambdaHost
from local.report_shelf import report_shelf
from local.resources import create_resources
from local.schedules import Scheduler
from local.settings import LOOPBACK, PROJECT_FOLDER, LocalSettings, SettingsError
from local.streams import StreamFeed
from local.template import Function, Template, read_template
from local.wsgi_server import LoopbackServer, bind_port

LAYERS = (PROJECT_FOLDER / "layers" / "signing", PROJECT_FOLDER / "layers" / "payments")
ENGINE_POLL_S = 0.15
TABLE_SERVICES = ("dynamodb", "dynamodbstreams")
LOGGED = ("local", "moto", "botocore", "urllib3", "werkzeug")

_running = threading.Lock()


class AlreadyRunning(RuntimeError):
    """A second LocalSystem was started in one process."""


class LocalSystem:
    """Use it with `with`, or call start() and stop(). The addresses are known once it has started.

    `delivery`, `gate` and `data_api` tell the pretend platform how to behave. `say` gets what a person at the console
    should see: access lines and warnings. `make_shop` gets this system, whose addresses are known by then, and gives
    the demo shop. `make_host` gets the template's functions and gives what runs them.
    """

    def __init__(
        self,
        settings: LocalSettings,
        *,
        delivery: DeliverySettings | None = None,
        gate: GateSettings | None = None,
        data_api: DataApiSettings | None = None,
        make_shop: "Callable[[LocalSystem], WsgiApplication] | None" = None,
        say: Callable[[str], None] | None = None,
        make_host: Callable[[Iterable[Function]], LambdaHost] = LambdaHost,
    ) -> None:
        self.settings = settings
        self.template: Template = read_template(settings.template, region=settings.region)
        self.functions = make_host(self.template.functions)
        self.url = self.aws_url = self.public_url = ""
        self.platform: Platform | None = None
        self.platform_url: str | None = None
        self._delivery = delivery or DeliverySettings()
        self._gate = gate or GateSettings()
        self._data_api = data_api or DataApiSettings()
        self._make_shop = make_shop
        self._say = say
        self._feeds: list[StreamFeed] = []
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._clients_lock = threading.Lock()
        self._stack = contextlib.ExitStack()

    @property
    def state_machine_arn(self) -> str:
        """The ARN of the refund workflow."""
        return self.template.state_machines[0].arn

    @property
    def table_name(self) -> str:
        """The name of the payments table."""
        return self.template.tables[0].name

    def connect(self, service: str) -> Any:
        """A boto3 client of the local AWS or the chosen engine, one per service, safe to use from any thread."""
        with self._clients_lock:
            if service not in self._clients:
                if self._session is None:
                    self._session = boto3.session.Session("local", "local", region_name=self.settings.region)
                engine = self.settings.dynamodb_endpoint if service in TABLE_SERVICES else None
                self._clients[service] = self._session.client(
                    service, endpoint_url=engine or self.aws_url, config=Config(max_pool_connections=64)
                )
            return self._clients[service]

    def wait_until_delivered(self, timeout_s: float = 10) -> bool:
        """Whether the stream's functions saw every write made so far within the time."""
        return all(feed.wait_until_delivered(timeout_s) for feed in self._feeds)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when everything answers. Raises SettingsError for a port in use, AlreadyRunning, TemplateError."""
        if not _running.acquire(blocking=False):
            raise AlreadyRunning("A LocalSystem runs in this process already; stop it before another one starts.")
        with contextlib.ExitStack() as stack:
            stack.callback(_running.release)
            self._start(stack)
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """Ends everything in the opposite order and gives the environment back."""
        self._stack.close()

    def _start(self, stack: contextlib.ExitStack) -> None:
        settings = self.settings
        api = bind_port(settings.port, "PORT")
        stack.callback(api.close)
        aws = bind_port(settings.aws_port, "AWS_PORT")
        stack.callback(aws.close)
        self.url, self.aws_url = (f"http://{LOOPBACK}:{socket.getsockname()[1]}" for socket in (api, aws))
        self.public_url = settings.public_url or self.url
        platform = self._make_platform(stack)
        if platform is not None:
            stack.callback(platform.stop)
        stack.enter_context(changed_environment(self._variables()))
        stack.enter_context(files_read_once())
        stack.enter_context(_layers_importable())
        _refuse_bad_settings()
        compile_stale()
        stack.enter_context(_logs_in(settings.run_folder))
        FUNCTION_OUTPUT.open(settings.run_folder / "functions.log", show_warnings=self._say is not None)
        stack.callback(FUNCTION_OUTPUT.close_file)
        stack.callback(self.functions.stop)
        stack.callback(_forget_clients)
        _forget_clients()
        endpoint = LoopbackServer(aws, AwsEndpoint(self.functions, on_table_write=self._note_write))
        stack.callback(endpoint.stop)
        stack.enter_context(running_moto(endpoint.port))
        endpoint.start()
        create_resources(self.template, self.connect, settings.projects)
        for problem in self.functions.load_all():
            self._tell(f"  warning: {problem}")
        if platform is not None:
            platform.start()
        self._start_feeds(stack)
        scheduler = Scheduler(
            self.template.schedules,
            self.functions.invoke,
            minute_s=settings.schedule_minute_s,
            region=settings.region,
        )
        stack.callback(scheduler.stop)
        scheduler.start()
        shop = self._make_shop(self) if self._make_shop else None
        reports = report_shelf(self.connect, _report_bucket(self.template))
        pages = Gateway(self.template.routes, self.functions.invoke, shop=shop, reports=reports, say=self._say)
        gateway = LoopbackServer(api, pages)
        stack.callback(gateway.stop)
        gateway.start()

    def _make_platform(self, stack: contextlib.ExitStack) -> LoopbackServer | None:
        """The pretend platform's server, not started yet; None when the settings name another platform."""
        settings = self.settings
        own = {f"http://{host}:{settings.platform_port}" for host in (LOOPBACK, "localhost")}
        if settings.gate_url is not None and settings.gate_url not in own:
            return None
        listening = bind_port(settings.platform_port, "PLATFORM_PORT")
        stack.callback(listening.close)
        self.platform_url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        callback_url = f"{self.public_url}/callbacks/ecommpay"
        projects = {
            key: replace(project, callback_url=project.callback_url or callback_url)
            for key, project in read_projects(json.dumps(dict(settings.projects))).items()
        }
        self.platform = Platform(
            projects,
            public_url=self.platform_url,
            delivery=self._delivery,
            gate=self._gate,
            data_api=self._data_api,
        )
        self.platform.start()
        stack.callback(self.platform.stop)
        return LoopbackServer(listening, self.platform.wsgi)

    def _variables(self) -> dict[str, str]:
        settings = self.settings
        urls = {
            "PUBLIC_URL": self.public_url,
            "ECOMMPAY_GATE_URL": settings.gate_url or self.platform_url or "",
            "ECOMMPAY_PAYMENT_PAGE_URL": settings.payment_page_url or self.platform_url or "",
            "ECOMMPAY_DATA_API_URL": settings.data_api_url or self.platform_url or "",
        }
        return {
            **shared_variables(self.template.functions, settings, urls),
            **aws_variables(self.aws_url, settings.region, settings.dynamodb_endpoint),
        }

    def _start_feeds(self, stack: contextlib.ExitStack) -> None:
        # Writes to another engine do not pass through here, so its stream is looked at time and again.
        poll_every_s = ENGINE_POLL_S if self.settings.dynamodb_endpoint else None
        self._feeds = [
            StreamFeed(mapping, self.functions, self.connect, poll_every_s=poll_every_s)
            for mapping in self.template.stream_mappings
        ]
        for feed in self._feeds:
            stack.callback(feed.stop)
            feed.start()

    def _note_write(self) -> None:
        for feed in self._feeds:
            feed.note_write()

    def _tell(self, text: str) -> None:
        if self._say is not None:
            self._say(text)


def _report_bucket(template: Template) -> str:
    return next(
        (each.variables["REPORT_BUCKET"] for each in template.functions if "REPORT_BUCKET" in each.variables), ""
    )


@contextlib.contextmanager
def _layers_importable() -> Iterator[None]:
    """The layers on the import path, as Lambda puts them there."""
    added = [str(layer) for layer in LAYERS if str(layer) not in sys.path]
    sys.path[:0] = added
    try:
        yield
    finally:
        for path in added:
            sys.path.remove(path)


def _refuse_bad_settings() -> None:
    """What the functions would refuse at a customer's first visit is told at once, and nothing is started."""
    from payments import settings

    try:
        settings.read_settings()
    except settings.SettingsError as error:
        raise SettingsError(str(error)) from error


@contextlib.contextmanager
def _logs_in(folder: Path) -> Iterator[None]:
    """Warnings of everything that is not a function go to aws.log, not over the console."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "aws.log", mode="w", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.setLevel(logging.WARNING)
    for name in LOGGED:
        logging.getLogger(name).addHandler(handler)
    try:
        yield
    finally:
        for name in LOGGED:
            logging.getLogger(name).removeHandler(handler)
        handler.close()


def _forget_clients() -> None:
    """Clients made for one system must not talk to the next one's endpoint."""
    boto3.DEFAULT_SESSION = None
    wiring = sys.modules.get("payments.wiring")
    if wiring is not None:
        wiring.reset()
