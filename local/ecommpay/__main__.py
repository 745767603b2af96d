"""Runs the pretend platform alone: `python -m local.ecommpay`; `--help` lists every setting."""

import os
import signal
import sys
from types import FrameType

from werkzeug.exceptions import ServiceUnavailable
from werkzeug.serving import make_server

from local.ecommpay.command_line import read_command_line
from local.ecommpay.platform import Platform


def main() -> None:
    """Serve until Ctrl-C, or until the process is asked to end."""
    chosen = read_command_line(sys.argv[1:], os.environ)
    # The server comes first, because the platform wants to know its own address, and port 0 is any free one.
    server = make_server(chosen.server.host, chosen.server.port, ServiceUnavailable(), threaded=True)
    public_url = chosen.server.public_url or f"http://{chosen.server.host}:{server.server_port}"
    platform = Platform(chosen.projects, public_url=public_url, **chosen.groups)
    server.app = platform.wsgi
    signal.signal(signal.SIGTERM, _end)
    platform.start()
    default = chosen.server.callback_url or "each request's own address"
    print(f"Pretend ECommPay, no money moves. Callbacks go to {default}.")
    print(f"Projects {', '.join(map(str, sorted(chosen.projects)))}")
    for group in chosen.groups.values():
        print(group)
    print(f"Ready: {public_url.rstrip('/')}/", flush=True)
    try:
        server.serve_forever()  # until a KeyboardInterrupt, which it keeps to itself
    finally:
        platform.stop()
    print("Stopped.", flush=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
