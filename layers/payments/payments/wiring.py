"""Puts the parts together for the functions, each once per execution environment and only when first needed.

Imports stand inside the functions on purpose: the callback function never loads the HTTP client, and the reading
functions never load the secret's client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from payments.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.domain.period import Period
    from payments.look import Site
    from payments.ports import (
        DataApi,
        DeadLetters,
        Events,
        Gate,
        KeyUses,
        Operators,
        Projects,
        ReportDraft,
        Reports,
        Store,
        Workflow,
    )
    from payments.usecases.open_page import Visit
    from payments.usecases.reconcile import Desk
    from payments.usecases.reconciliation_result import Summary
    from payments.web import Request

#: Seconds that a page may be kept waiting by a question to Gate; PROTOCOL §5.6 has seen plug-ins wait as long.
_HURRY_S = 5

#: Seconds for one page of the provider's list, repetitions included; PROTOCOL §8 speaks of about five minutes.
_DATA_API_PATIENCE_S = 330


@cache
def settings() -> Settings:
    """The settings of this function."""
    return read_settings()


@cache
def store() -> Store:
    """The table."""
    from payments.aws import clients
    from payments.aws.dynamodb import DynamoStore

    return DynamoStore(clients.dynamodb(), settings().table_name)


@cache
def key_uses() -> KeyUses:
    """When each key was last needed, in the table."""
    from payments.aws import clients
    from payments.aws.key_uses import KeyUseTable

    return KeyUseTable(clients.dynamodb(), settings().table_name)


@cache
def projects() -> Projects:
    """The projects and their keys, from the secret."""
    from payments.aws import clients
    from payments.aws.secrets import SecretProjects

    return SecretProjects(clients.secrets_manager(), settings().projects_secret_id)


@cache
def gate() -> Gate:
    """The provider's Gate."""
    return _gate(longest_s=settings().gate_read_timeout_s)


def gate_in_a_hurry() -> Gate:
    """Gate for a question while a customer looks on: what it does not tell soon, the callback or the schedule will."""
    return _gate(longest_s=_HURRY_S)


def _gate(*, longest_s: int) -> Gate:
    from payments.gate.client import GateClient

    return GateClient(
        settings().gate_url,
        projects(),
        connect_timeout_s=settings().gate_connect_timeout_s,
        read_timeout_s=min(settings().gate_read_timeout_s, longest_s),
        status_signature=settings().status_signature,
        refund_reference=settings().refund_reference,
    )


@cache
def data_api() -> DataApi:
    """The provider's list of operations."""
    from payments.gate.data_api import DataApiClient

    return DataApiClient(
        settings().data_api_url,
        projects(),
        connect_timeout_s=settings().gate_connect_timeout_s,
        patience_s=_DATA_API_PATIENCE_S,
        interval_keys=settings().data_api_interval_keys,
    )


@cache
def workflow() -> Workflow:
    """The refund workflow."""
    from payments.aws import clients
    from payments.aws.step_functions import RefundWorkflow

    return RefundWorkflow(clients.step_functions(), settings().refund_state_machine_arn)


@cache
def events() -> Events:
    """The merchant's event bus."""
    from payments.aws import clients
    from payments.aws.events import EventBus

    return EventBus(clients.event_bridge(), settings().event_bus_name)


@cache
def operators() -> Operators:
    """The operators' topic."""
    from payments.aws import clients
    from payments.aws.operators import OperatorsTopic

    return OperatorsTopic(clients.sns(), settings().operators_topic_arn)


@cache
def dead_letters() -> DeadLetters:
    """The bucket of what could not be published."""
    from payments.aws import clients
    from payments.aws.dead_letters import DeadLetterBucket

    return DeadLetterBucket(clients.s3(), settings().dead_letter_bucket)


@cache
def reports() -> Reports:
    """The bucket of reports."""
    from payments.aws import clients
    from payments.aws.report_store import ReportBucket

    return ReportBucket(clients.s3(), settings().report_bucket)


def desk(report: Callable[[Summary], None], *, seconds_left: float) -> Desk:
    """All that a reconciliation works with, and so many seconds to do it in."""
    from payments.usecases.reconcile import Desk

    return Desk(
        store=store(),
        gate=gate(),
        data_api=data_api(),
        reports=reports(),
        events=events(),
        report=report,
        ends=clock() + timedelta(seconds=seconds_left),
        clock=clock,
        call=f"{clock():%Y%m%dT%H%M%S}-{uuid4().hex[:12]}",
    )


def drafting(templates: Path) -> Callable[[Period, datetime], AbstractContextManager[ReportDraft]]:
    """Begins the drafts of reports, in the merchant's language and look."""
    from payments.reports import draft, words

    def begin(period: Period, made_at: datetime) -> AbstractContextManager[ReportDraft]:
        said = words.words_for(settings().report_language, zone=period.zone, locales=templates.parent / "locales")
        return draft.drafting(period=period, words=said, look=settings().look, made_at=made_at, templates=templates)

    return begin


def time_zone() -> tzinfo:
    """The merchant's time zone; raises `SettingsError` for one that nobody knows."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(settings().report_time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"REPORT_TIME_ZONE is no time zone: {settings().report_time_zone!r}") from error


def visit(request: Request) -> Visit:
    """A browser that came to a customer's page."""
    from payments.usecases.open_page import Visit

    returned, embedded = (request.query.get(name) == "1" for name in ("returned", "embed"))
    return Visit(
        store(),
        projects(),
        request.path["token"],
        returned=returned,
        now=clock(),
        gate=gate_in_a_hurry,
        patience=settings().return_check_delay,
        payment_page_base=settings().payment_page_url,
        loopback_allowed=settings().loopback_allowed,
        embedded=embedded,
    )


def site(templates: Path) -> Site:
    """What the customer's pages of this installation have in common."""
    from payments.look import Site

    return Site(templates, settings().look, settings().widget_base, loopback_allowed=settings().loopback_allowed)


def payment_images(record: Mapping[str, Any]) -> tuple[Payment | None, Payment | None]:
    """The payment before and after the write that a stream record tells of; None where there was, or is, none."""
    from payments.aws.items import payment_from_image

    images = (record["dynamodb"].get(side) for side in ("OldImage", "NewImage"))
    before, after = (payment_from_image(image) if image else None for image in images)
    return before, after


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def new_payment_id() -> str:
    """An id for a payment that came without one."""
    return f"pay-{uuid4().hex}"


def new_refund_id() -> str:
    """An id for a refund, also the name of its execution."""
    return f"rf-{uuid4().hex}"


def reset() -> None:
    """Forget every part, so that the next one is made from the environment as it is then."""
    from payments.aws import clients

    clients.forget()
    parts = (settings, store, key_uses, projects, gate, data_api, workflow, events, operators, dead_letters, reports)
    for part in parts:
        part.cache_clear()
