"""The settings of the local system: the only module in `local/` that reads the environment.

A value that cannot be right is refused here, with one sentence that names the variable, before anything starts.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
DEMO_PROJECTS: Mapping[str, Any] = MappingProxyType(
    {
        "2924": {
            "secret_keys": ["local-secret-2924"],
            "data_api": {"token": "local-data-api-token-2924-0000", "secret_key": "local-data-api-secret-2924"},
        },
        "198": {
            "secret_keys": ["local-secret-198"],
            "data_api": {"token": "local-data-api-token-198-00000", "secret_key": "local-data-api-secret-198"},
        },
    }
)
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9a-f:]+\]")
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class SettingsError(ValueError):
    """A setting that cannot be used; the text is one sentence for the person who started the process."""


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """What `make run` can be told. A port of 0 takes a free one; an address of None means the pretend platform.

    `dynamodb_endpoint` (DYNAMODB_ENDPOINT) is another DynamoDB engine on this machine; None means moto's own.
    `schedule_minute_s` (SCHEDULE_MINUTE_S) is how many seconds a minute of the template's `rate(...)` lasts here.
    `function_variables` are for tests: further variables of the functions, stronger than the template's.
    """

    port: int = 3000
    platform_port: int = 3001
    aws_port: int = 3002
    gate_url: str | None = None
    payment_page_url: str | None = None
    data_api_url: str | None = None
    dynamodb_endpoint: str | None = None
    projects: Mapping[str, Any] = field(default_factory=lambda: DEMO_PROJECTS)
    public_url: str | None = None
    refund_callback_timeout_s: int = 10
    status_poll_delay_s: int = 2
    status_poll_attempts: int = 3
    return_check_delay_s: int = 20
    return_url_hosts: str = ""
    widget_url: str = ""
    merchant_name: str = ""
    merchant_logo_url: str = ""
    merchant_accent_colour: str = ""
    refund_reference: str = "omit"
    report_time_zone: str = "UTC"
    report_language: str = "en"
    region: str = "eu-west-1"
    schedule_minute_s: float = 2.0
    template: Path = PROJECT_FOLDER / "template.yaml"
    run_folder: Path = PROJECT_FOLDER / ".run"
    function_variables: Mapping[str, str] = field(default_factory=lambda: NO_VARIABLES)


def read_settings(environ: Mapping[str, str]) -> LocalSettings:
    """Settings from environment variables; an empty one counts as absent. Raises SettingsError."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    gate_url = _read_url(given, "ECOMMPAY_GATE_URL")
    settings = LocalSettings(
        port=_read_port(given, "PORT", 3000),
        platform_port=_read_port(given, "PLATFORM_PORT", 3001),
        aws_port=_read_port(given, "AWS_PORT", 3002),
        gate_url=gate_url,
        payment_page_url=_read_url(given, "ECOMMPAY_PAYMENT_PAGE_URL") or _beside(gate_url),
        data_api_url=_read_url(given, "ECOMMPAY_DATA_API_URL") or _beside(gate_url),
        dynamodb_endpoint=_read_engine(given),
        projects=_read_projects(given),
        public_url=_read_url(given, "PUBLIC_URL"),
        refund_callback_timeout_s=_read_count(given, "REFUND_CALLBACK_TIMEOUT_S", 10),
        status_poll_delay_s=_read_count(given, "STATUS_POLL_DELAY_S", 2),
        status_poll_attempts=_read_count(given, "STATUS_POLL_ATTEMPTS", 3),
        return_check_delay_s=_read_count(given, "RETURN_CHECK_DELAY_S", 20),
        return_url_hosts=_read_hosts(given),
        widget_url=_read_url(given, "ECOMMPAY_WIDGET_URL") or "",
        merchant_name=given.get("MERCHANT_NAME", ""),
        merchant_logo_url=given.get("MERCHANT_LOGO_URL", ""),
        merchant_accent_colour=given.get("MERCHANT_ACCENT_COLOUR", ""),
        refund_reference=_read_word(given, "REFUND_REFERENCE", ("omit", "send")),
        report_time_zone=_read_zone(given),
        report_language=_read_word(given, "REPORT_LANGUAGE", ("en", "ru", "sw", "zh", "ms")),
        run_folder=_run_folder(_read_port(given, "PORT", 3000)),
        region=_read_region(given),
        schedule_minute_s=float(_read_count(given, "SCHEDULE_MINUTE_S", 2)),
    )
    _refuse_shared_ports(settings)
    if settings.public_url is not None and urlsplit(settings.public_url).path:
        raise SettingsError(f"PUBLIC_URL must be an address without a path, not {settings.public_url!r}.")
    if gate_url is not None and settings.payment_page_url is None:
        raise SettingsError("ECOMMPAY_PAYMENT_PAGE_URL must be given too when ECOMMPAY_GATE_URL names a real platform.")
    return settings


def _read_port(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise SettingsError(f"{name} must be a port number between 0 and 65535 (0 takes a free one), not {text!r}.")
    return int(text)


def _read_count(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,8}", text) or int(text) == 0:
        raise SettingsError(f"{name} must be a whole number of at least 1, not {text!r}.")
    return int(text)


def _read_word(given: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """One of these words, the first where none is given."""
    text = given.get(name, words[0])
    if text not in words:
        raise SettingsError(f"{name} must be {' or '.join(words)}, not {text!r}.")
    return text


def _read_zone(given: Mapping[str, str]) -> str:
    name = given.get("REPORT_TIME_ZONE", "UTC")
    if name not in available_timezones():
        raise SettingsError(f"REPORT_TIME_ZONE must be a time zone such as Africa/Nairobi, not {name!r}.")
    return name


def _read_region(given: Mapping[str, str]) -> str:
    region = given.get("AWS_REGION", "eu-west-1")
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", region):
        raise SettingsError(f"AWS_REGION must be an AWS region such as eu-west-1, not {region!r}.")
    return region


def _read_url(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{name} must be a plain address such as https://api.ecommpay.com, not {text!r}.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(f"{name} must use https: plain http: is allowed for this machine only, not for {text!r}.")
    return text.rstrip("/")


def _run_folder(port: int) -> Path:
    """A second system beside the first one writes logs of its own."""
    return PROJECT_FOLDER / ".run" if port == 3000 else PROJECT_FOLDER / ".run" / f"port-{port}"


def _read_hosts(given: Mapping[str, str]) -> str:
    text = given.get("RETURN_URL_HOSTS", "")
    wrong = [host for host in text.split(",") if host.strip() and not _HOST.fullmatch(host.strip())]
    if wrong:
        raise SettingsError(f"RETURN_URL_HOSTS must be host names such as shop.example.com, not {wrong[0].strip()!r}.")
    return text


def _read_engine(given: Mapping[str, str]) -> str | None:
    """Payments of a demo never leave the machine, so an engine elsewhere, AWS's own too, is refused."""
    url = _read_url(given, "DYNAMODB_ENDPOINT")
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.path or not is_loopback(parts.hostname or ""):
        raise SettingsError(
            f"DYNAMODB_ENDPOINT must be an engine on this machine, http://{LOOPBACK}:8000, not {url!r}."
        )
    return url


def is_loopback(host: str) -> bool:
    """Whether the host name or literal address can only mean this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _beside(gate_url: str | None) -> str | None:
    """Where the platform's other services are when only Gate is named: one stand-in on this machine serves them all."""
    return gate_url if gate_url is not None and is_loopback(urlsplit(gate_url).hostname or "") else None


def _read_projects(given: Mapping[str, str]) -> Mapping[str, Any]:
    text = given.get("ECOMMPAY_PROJECTS")
    if text is None:
        return DEMO_PROJECTS
    try:
        projects = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"ECOMMPAY_PROJECTS is not JSON: {error}.") from None
    if not isinstance(projects, dict) or not projects:
        raise SettingsError("ECOMMPAY_PROJECTS must be a JSON object with at least one project id as key.")
    for project_id, project in projects.items():
        _check_project(project_id, project)
    return projects


def _check_project(project_id: str, project: object) -> None:
    # The values are secrets: a message names the place, never the value.
    where = f"ECOMMPAY_PROJECTS, project {project_id!r}"
    if not re.fullmatch(r"[1-9][0-9]{0,17}", project_id):
        raise SettingsError(f"{where}: a project id is a whole number written as text.")
    keys = project.get("secret_keys") if isinstance(project, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and key for key in keys):
        raise SettingsError(f"{where}: secret_keys must be a list of at least one non-empty text.")


def _refuse_shared_ports(settings: LocalSettings) -> None:
    chosen = [port for port in (settings.port, settings.platform_port, settings.aws_port) if port]
    if len(set(chosen)) < len(chosen):
        raise SettingsError("PORT, PLATFORM_PORT and AWS_PORT must be three different ports.")
