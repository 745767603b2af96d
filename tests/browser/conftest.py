"""A real Chromium, and small servers for it to meet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.small_server import SmallServer, small_server

# What a busy machine may take; nothing is ever waited for longer than it needs.
expect.set_options(timeout=20_000)
_QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
_STILL = "--disable-component-update --disable-sync"


@pytest.fixture
def shop_side() -> Iterator[SmallServer]:
    """Our own origin: the customer's pages."""
    with small_server() as served:
        yield served


@pytest.fixture
def partner_side() -> Iterator[SmallServer]:
    """The partner's origin, where the customer is sent."""
    with small_server() as served:
        yield served


@pytest.fixture
def elsewhere() -> Iterator[SmallServer]:
    """A third origin."""
    with small_server() as served:
        yield served


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
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def window_without_javascript(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(20_000)
    yield context
    context.close()
