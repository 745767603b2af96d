"""A Gate on loopback that answers each connection as the test says, down to resets and single bytes."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Answer = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class ScriptedGate:
    """Serves in a thread of its own between ``with`` and its end."""

    answer: Answer
    received: list[Received] = field(default_factory=list)
    _listener: socket.socket = field(init=False, repr=False)
    _thread: threading.Thread = field(init=False, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=10)
        self._listener.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(10)
                self.received.append(_receive(connection))
                self.answer(connection, self._ended)


def _receive(connection: socket.socket) -> Received:
    with connection.makefile("rb") as stream:
        line = stream.readline().decode().strip()
        headers = {}
        while (header := stream.readline().decode().strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        return Received(line, headers, stream.read(int(headers.get("content-length", 0))))


def answering(status: int, body: object, *headers: str) -> Answer:
    """An ordinary answer; anything but bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = (f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}", *headers, "", "")

    def answer(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall("\r\n".join(lines).encode() + content)

    return answer


def silent(_: socket.socket, ended: threading.Event) -> None:
    """No answer at all, while the connection stays open."""
    ended.wait(10)


def closing(_: socket.socket, __: threading.Event) -> None:
    """The connection is closed without a word."""


def resetting(connection: socket.socket, _: threading.Event) -> None:
    """The answer begins, then the connection is reset."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"status": "succ')
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cutting(connection: socket.socket, _: threading.Event) -> None:
    """The answer stops in the middle, as if that were its end."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"status": "success", "request')


def dripping(connection: socket.socket, ended: threading.Event) -> None:
    """The answer comes a byte at a time and never ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not ended.wait(0.02):
        connection.sendall(b" ")


def flooding(connection: socket.socket, ended: threading.Event) -> None:
    """The answer never ends, and is fast."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not ended.is_set():
        connection.sendall(b" " * 65536)


def babbling(connection: socket.socket, _: threading.Event) -> None:
    """Something that is not HTTP."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


def chunked(connection: socket.socket, _: threading.Event) -> None:
    """An ordinary success in chunks."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece in (b'{"status": "suc', b'cess", "request_id": "r-9"}'):
        connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    connection.sendall(b"0\r\n\r\n")
