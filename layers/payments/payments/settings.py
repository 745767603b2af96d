"""Every setting of the functions, read from the environment in this one place and checked at once.

The standard library does, because the callback path reads settings too and has to start fast.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import urlsplit

from payments.look import Look, LookError, read_look

_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:]+\]")
_LANGUAGES = ("en", "ru", "sw", "zh", "ms")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """An environment variable is missing or makes no sense; says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one installation; a function reads only those it was given."""

    table_name: str
    projects_secret_id: str
    refund_state_machine_arn: str
    event_bus_name: str
    operators_topic_arn: str
    dead_letter_bucket: str
    report_bucket: str
    public_url: str
    gate_url: str
    data_api_url: str
    data_api_interval_keys: tuple[str, str]
    payment_page_url: str
    widget_url: str
    gate_connect_timeout_s: int
    gate_read_timeout_s: int
    refund_callback_timeout_s: int
    support_refund_timeout_s: int
    support_reminder: timedelta
    status_poll_delay_s: int
    status_poll_attempts: int
    payment_page_lifetime: timedelta
    return_check_delay: timedelta
    return_url_hosts: frozenset[str]
    callback_sources: tuple[IPv4Network | IPv6Network, ...]
    status_signature: Literal["optional", "required"]
    refund_reference: Literal["omit", "send"]
    look: Look
    report_time_zone: str
    report_language: str

    @property
    def widget_base(self) -> str:
        """Where the provider's widget is: beside its Payment Page unless set otherwise (PROTOCOL §4.4)."""
        return (self.widget_url or self.payment_page_url).removesuffix("/payment")

    @property
    def loopback_allowed(self) -> bool:
        """Whether plain ``http:`` to loopback hosts may pass: only where the provider itself is on loopback."""
        return urlsplit(self.gate_url).scheme == "http"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings this environment holds; raises `SettingsError` for one that makes no sense."""
    hosts = environment.get("RETURN_URL_HOSTS", "")
    sources = environment.get("CALLBACK_SOURCES", "")
    return Settings(
        table_name=environment.get("TABLE_NAME", ""),
        projects_secret_id=environment.get("PROJECTS_SECRET_ID", ""),
        refund_state_machine_arn=environment.get("REFUND_STATE_MACHINE_ARN", ""),
        event_bus_name=environment.get("EVENT_BUS_NAME", "default"),
        operators_topic_arn=environment.get("OPERATORS_TOPIC_ARN", ""),
        dead_letter_bucket=environment.get("DEAD_LETTER_BUCKET", ""),
        report_bucket=environment.get("REPORT_BUCKET", ""),
        public_url=_origin(environment, "PUBLIC_URL"),
        gate_url=_address(environment, "ECOMMPAY_GATE_URL", "https://api.ecommpay.com"),
        data_api_url=_address(environment, "ECOMMPAY_DATA_API_URL", "https://data.ecommpay.com"),
        data_api_interval_keys=_interval_keys(environment),
        payment_page_url=_address(environment, "ECOMMPAY_PAYMENT_PAGE_URL", "https://paymentpage.ecommpay.com"),
        widget_url=_address(environment, "ECOMMPAY_WIDGET_URL", ""),
        gate_connect_timeout_s=_seconds(environment, "GATE_CONNECT_TIMEOUT_S", 3),
        gate_read_timeout_s=_seconds(environment, "GATE_READ_TIMEOUT_S", 15),
        refund_callback_timeout_s=_seconds(environment, "REFUND_CALLBACK_TIMEOUT_S", 3600),
        support_refund_timeout_s=_seconds(environment, "SUPPORT_REFUND_TIMEOUT_S", 14 * 24 * 3600),
        support_reminder=timedelta(seconds=_seconds(environment, "SUPPORT_REMINDER_S", 3 * 24 * 3600)),
        status_poll_delay_s=_seconds(environment, "STATUS_POLL_DELAY_S", 30),
        status_poll_attempts=_seconds(environment, "STATUS_POLL_ATTEMPTS", 8),
        payment_page_lifetime=timedelta(seconds=_seconds(environment, "PAYMENT_PAGE_LIFETIME_S", 24 * 3600)),
        return_check_delay=timedelta(seconds=_seconds(environment, "RETURN_CHECK_DELAY_S", 20)),
        return_url_hosts=frozenset(_host(host.strip().lower()) for host in hosts.split(",") if host.strip()),
        callback_sources=tuple(_network(source.strip()) for source in sources.split(",") if source.strip()),
        status_signature=_status_signature(environment),
        refund_reference=_refund_reference(environment),
        look=_look(environment),
        report_time_zone=environment.get("REPORT_TIME_ZONE", "") or "UTC",
        report_language=_report_language(environment),
    )


def _seconds(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "") or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 366 * 24 * 3600:
        raise SettingsError(f"{name} has to be a whole number from 1 on, and is {text!r}")
    return int(text)


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    text = (environment.get(name, "") or default).rstrip("/")
    parts = urlsplit(text)
    loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if text and not loopback and (parts.scheme != "https" or not parts.hostname):
        raise SettingsError(f"{name} has to be an https: address (http: on loopback only), and is {text!r}")
    return text


def _origin(environment: Mapping[str, str], name: str) -> str:
    """An address without a path: the customer's pages stand at the root of their host."""
    text = _address(environment, name, "")
    if text and (urlsplit(text).path or urlsplit(text).query or urlsplit(text).fragment):
        raise SettingsError(f"{name} has to be an address without a path, and is {text!r}")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise SettingsError(f"RETURN_URL_HOSTS has to be host names such as shop.example.com, and has {text!r}")
    return text


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise SettingsError(f"CALLBACK_SOURCES has to be networks such as 192.0.2.0/24, and has {text!r}") from error


def _status_signature(environment: Mapping[str, str]) -> Literal["optional", "required"]:
    """Whether an unsigned status answer is believed: where its signature stands is not documented (PROTOCOL §1.4)."""
    match environment.get("STATUS_SIGNATURE", "") or "optional":
        case "optional":
            return "optional"
        case "required":
            return "required"
        case other:
            raise SettingsError(f"STATUS_SIGNATURE is optional or required, and is {other!r}")


def _interval_keys(environment: Mapping[str, str]) -> tuple[str, str]:
    """What start and end of the Data API's interval are called, which is not documented where we could read it.

    The interval itself is (PROTOCOL §8).
    """
    text = environment.get("DATA_API_INTERVAL_KEYS", "") or "start,end"
    match text.split(","):
        case [start, end] if start and end and start != end:
            return start, end
    raise SettingsError(f"DATA_API_INTERVAL_KEYS has to be two names with a comma between, and is {text!r}")


def _refund_reference(environment: Mapping[str, str]) -> Literal["omit", "send"]:
    """Whether a refund request names our id of the refund: card-partner is not known to take it (PROTOCOL §5.3)."""
    match environment.get("REFUND_REFERENCE", "") or "omit":
        case "omit":
            return "omit"
        case "send":
            return "send"
        case other:
            raise SettingsError(f"REFUND_REFERENCE is omit or send, and is {other!r}")


def _report_language(environment: Mapping[str, str]) -> str:
    language = environment.get("REPORT_LANGUAGE", "") or "en"
    if language not in _LANGUAGES:
        raise SettingsError(f"REPORT_LANGUAGE is one of {', '.join(_LANGUAGES)}, and is {language!r}")
    return language


def _look(environment: Mapping[str, str]) -> Look:
    try:
        return read_look(
            name=environment.get("MERCHANT_NAME", ""),
            logo_url=environment.get("MERCHANT_LOGO_URL", ""),
            accent=environment.get("MERCHANT_ACCENT_COLOUR", ""),
        )
    except LookError as error:
        raise SettingsError(f"MERCHANT_NAME, MERCHANT_LOGO_URL, MERCHANT_ACCENT_COLOUR: {error}") from error
