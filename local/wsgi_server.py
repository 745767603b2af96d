"""A threaded HTTP server for one WSGI application, on the loopback address and nowhere else."""

import errno
import socket
import threading
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.settings import LOOPBACK, SettingsError

LISTEN_BACKLOG = 128

WsgiApplication = Any


class _QuietHandler(WSGIRequestHandler):
    """Answers without a line per request and without saying which Python runs it."""

    # Small answers in two writes would each wait for the client's delayed acknowledgement otherwise.
    disable_nagle_algorithm = True
    wbufsize = -1
    server_version = "local"
    sys_version = ""

    def version_string(self) -> str:
        return "ecommpay-checkout"

    def run_wsgi(self) -> None:
        # A client that asks before it sends, as S3's does, waits a second for an answer that stays in the buffer.
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
            del self.headers["Expect"]
        super().run_wsgi()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- the signature is werkzeug's
        """Nothing: the gateway prints its own access line, and a client that hangs up is no news."""


def bind_port(port: int, variable: str) -> socket.socket:
    """A listening socket on the loopback address; port 0 takes a free one. Raises SettingsError when it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen(LISTEN_BACKLOG)
    except OSError as error:
        listening.close()
        reason = "is already in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise SettingsError(f"Port {port} {reason}; set {variable} to another one.") from None
    return listening


class LoopbackServer:
    """Serves one application on an already bound socket from its own thread."""

    def __init__(self, listening: socket.socket, application: WsgiApplication) -> None:
        self.port: int = listening.getsockname()[1]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._server: BaseWSGIServer = make_server(
            LOOPBACK,
            self.port,
            application,
            threaded=True,
            request_handler=_QuietHandler,
            fd=listening.fileno(),
        )
        listening.close()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"http-{self.port}", daemon=True
        )

    def start(self) -> None:
        """Begins to answer; returns at once, since the socket already listens."""
        self._thread.start()

    def stop(self) -> None:
        """Stops answering and frees the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()
