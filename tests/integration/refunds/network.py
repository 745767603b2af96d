"""The network between the functions and Gate: a relay on loopback that loses, breaks and repeats what it should carry.

Real connections, so that the Gate client meets what it would meet. Trouble is planned for one payment and meets its
refund requests alone; status requests pass.
"""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType, TracebackType
from typing import Protocol, Self, cast

PATIENCE_S = 30


class Relayed(Protocol):
    """One connection: what came in over it, and the way on to Gate."""

    connection: socket.socket

    def ask_gate(self) -> bytes:
        """Hand the request on; Gate's whole answer as it came."""


def _lose_request(_: Relayed) -> None:
    """The connection ends before anything got through."""


def _hold_request(relayed: Relayed) -> None:
    """Nothing gets through and nothing comes back, until the client gives up."""
    relayed.connection.recv(1)


def _lose_answer(relayed: Relayed) -> None:
    relayed.ask_gate()


def _answer_500(relayed: Relayed) -> None:
    relayed.ask_gate()
    relayed.connection.sendall(_page("502 Bad Gateway"))


def _answer_html(relayed: Relayed) -> None:
    relayed.ask_gate()
    relayed.connection.sendall(_page("200 OK"))


def _answer_twice(relayed: Relayed) -> None:
    relayed.connection.sendall(relayed.ask_gate() * 2)


def _reset(relayed: Relayed) -> None:
    """Half of the body arrives, then the connection is reset."""
    head, body = relayed.ask_gate().split(b"\r\n\r\n", 1)
    relayed.connection.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])
    relayed.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


TROUBLES: Mapping[str, Callable[[Relayed], None]] = MappingProxyType(
    {
        "time-out before send": _hold_request,
        "request lost": _lose_request,
        "5xx": _answer_500,
        "answer lost": _lose_answer,
        "reset mid-body": _reset,
        "duplicate answer": _answer_twice,
        "HTML": _answer_html,
    }
)


def _page(status: str) -> bytes:
    body = b"<html><title>Something on the way</title></html>"
    return f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Network(socketserver.ThreadingTCPServer):
    """The relay, between ``with`` and its end; tell it with `lead_to` where Gate is."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.troubles: dict[str, str] = {}
        """By payment id; a word that is none of `TROUBLES` is no trouble of the network."""
        self.refunds_sent: Counter[str] = Counter()
        """How many refund requests left for Gate, whether they arrived or not, by payment id."""
        self.status_asked: Counter[str] = Counter()
        self.gate: tuple[str, int] = ("127.0.0.1", 0)

    @property
    def url(self) -> str:
        """Where the functions take Gate to be."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def lead_to(self, url: str) -> None:
        """Gate's own address."""
        host, _, port = url.removeprefix("http://").partition(":")
        self.gate = (host, int(port))

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def note(self, path: str, body: Mapping[str, Mapping[str, str]]) -> Callable[[Relayed], None] | None:
        """Count a request; what is to happen to it."""
        payment_id = body["general"]["payment_id"]
        if path.endswith("/refund"):
            self.refunds_sent[payment_id] += 1
            return TROUBLES.get(self.troubles.get(payment_id, ""))
        if path.endswith("/status"):
            self.status_asked[payment_id] += 1
        return None


class _Relay(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.connection: socket.socket = self.request
        self.connection.settimeout(PATIENCE_S)
        with suppress(OSError):
            self._received, path, body = _read_request(self.connection)
            trouble = cast("Network", self.server).note(path, json.loads(body))
            if trouble is None:
                self.connection.sendall(self.ask_gate())
            else:
                trouble(self)

    def ask_gate(self) -> bytes:
        with socket.create_connection(cast("Network", self.server).gate, timeout=PATIENCE_S) as gate:
            gate.sendall(self._received)
            with gate.makefile("rb") as stream:
                return stream.read()


def _read_request(connection: socket.socket) -> tuple[bytes, str, bytes]:
    """The whole request as it came, its path and its body."""
    with connection.makefile("rb") as stream:
        head = b""
        length = 0
        while (line := stream.readline()) not in {b"\r\n", b""}:
            head += line
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        body = stream.read(length)
    return head + b"\r\n" + body, head.split(b" ", 2)[1].decode(), body
