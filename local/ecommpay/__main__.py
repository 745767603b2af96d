"""Runs the pretend platform alone: `python -m local.ecommpay --port 3001`."""

import argparse
import dataclasses
import os
from typing import Any

from werkzeug.serving import make_server

from local.ecommpay.platform import Platform
from local.ecommpay.settings import DEMO_PROJECTS, DataApiSettings, DeliverySettings, GateSettings, read_projects

HOST = "127.0.0.1"


def main() -> None:
    """Serve until Ctrl-C."""
    settings = _read_arguments()
    document = os.environ.get("ECOMMPAY_PROJECTS")
    projects = read_projects(document) if document else dict(DEMO_PROJECTS)
    if settings.callback_url:
        projects = {
            key: dataclasses.replace(project, callback_url=project.callback_url or settings.callback_url)
            for key, project in projects.items()
        }
    delivery, gate = _chosen(DeliverySettings, settings), _chosen(GateSettings, settings)
    data_api = _chosen(DataApiSettings, settings)
    public_url = settings.public_url or f"http://{HOST}:{settings.port}"
    platform = Platform(projects, public_url=public_url, delivery=delivery, gate=gate, data_api=data_api)
    server = make_server(HOST, settings.port, platform.wsgi, threaded=True)
    platform.start()
    print(f"Pretend ECommPay, no money moves: {public_url}/")
    default = settings.callback_url or "each request's own address"
    print(f"  projects   {', '.join(map(str, sorted(projects)))}; callbacks go to {default}")
    print(f"  delivery   {delivery}")
    print(f"  gate       {gate}")
    print(f"  Data API   {data_api}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        platform.stop()
        server.server_close()


def _read_arguments() -> argparse.Namespace:
    """Read the flags; every field of the three settings classes has one, named like it."""
    parser = argparse.ArgumentParser(prog="python -m local.ecommpay", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PLATFORM_PORT", "3001")))
    parser.add_argument("--public-url", default="", help="the address others reach it at")
    parser.add_argument("--callback-url", default="", help="where callbacks of requests without an address go")
    for settings in (DeliverySettings, GateSettings, DataApiSettings):
        for field in dataclasses.fields(settings):
            flag = f"--{field.name.replace('_', '-')}"
            if isinstance(field.default, bool):
                parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default)
            else:
                parser.add_argument(
                    flag, type=type(field.default), default=field.default, help=f"default {field.default}"
                )
    return parser.parse_args()


def _chosen(kind: Any, settings: argparse.Namespace) -> Any:
    return kind(**{field.name: getattr(settings, field.name) for field in dataclasses.fields(kind)})


if __name__ == "__main__":
    main()
