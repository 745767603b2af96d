"""A real Chromium, and small servers to meet it: what a page does is seen here, not what it says."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

_QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
_STILL = "--disable-component-update --disable-sync"


@dataclass
class SmallServer:
    """Answers what the test put there, on an origin of its own, and remembers what it was asked."""

    url: str
    answers: dict[str, Callable[[Request], Response]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    posted: list[list[tuple[str, str]]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        if request.path == "/favicon.ico":
            return Response(status=204)
        self.asked.append((request.method, request.path))
        if request.method == "POST":
            self.posted.append(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
        make = self.answers.get(request.path)
        return make(request) if make else Response("not here", 404)


def _serve() -> Iterator[SmallServer]:
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: small.answer(Request(environ))(environ, start), threaded=True
    )
    server.log_startup = server.log = lambda *_: None  # type: ignore[method-assign] # a request line per look is noise
    small = SmallServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield small
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shop_side() -> Iterator[SmallServer]:
    """Our own origin: the customer's pages."""
    yield from _serve()


@pytest.fixture
def partner_side() -> Iterator[SmallServer]:
    """The partner's origin, where the customer is sent."""
    yield from _serve()


@pytest.fixture
def elsewhere() -> Iterator[SmallServer]:
    """A third origin."""
    yield from _serve()


# One browser per module and not per session: the running playwright keeps an event loop that other tests would trip over.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("the browser tests must run here, and Chromium is not installed (apt-get install chromium)")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=f"{_QUIET} {_STILL}".split())
        yield browser
        browser.close()


@pytest.fixture
def browser_window(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def window_without_javascript(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context
    context.close()
