"""A small server on an origin of its own, which answers what a test put there and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def serve(application: WSGIApplication) -> Iterator[str]:
    """Serve it on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class SmallServer:
    """Answers by path; what is not there is 404."""

    url: str = ""
    answers: dict[str, Callable[[Request], Response]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    posted: list[list[tuple[str, str]]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """Remember the request and answer it."""
        if request.path == "/favicon.ico":
            return Response(status=204)
        self.asked.append((request.method, request.path))
        if request.method == "POST":
            self.posted.append(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
        make = self.answers.get(request.path)
        return make(request) if make else Response("not here", 404)


@contextmanager
def small_server() -> Iterator[SmallServer]:
    """A small server, serving."""
    small = SmallServer()
    with serve(lambda environ, start: small.answer(Request(environ))(environ, start)) as small.url:
        yield small
