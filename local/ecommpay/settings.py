"""What the pretend platform can be told: its projects, how Gate answers, how callbacks are delivered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataApiKey:
    """A Data API token and the key issued with it (PROTOCOL §8)."""

    token: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Project:
    """A merchant's project: the first key signs, every key verifies; `callback_url` serves requests that name none."""

    project_id: int
    secret_keys: tuple[str, ...]
    callback_url: str = ""
    data_api: DataApiKey | None = None


@dataclass(frozen=True, slots=True)
class GateSettings:
    """How Gate answers where the protocol leaves it open (PROTOCOL §10)."""

    #: HTTP status of an answer that refuses a request.
    refusal_http_status: int = 400
    #: Whether the acknowledgement's request_id has the part number behind it that the operation's has.
    suffix_in_acknowledgement: bool = True
    #: Acknowledge requests without merchant_callback_url or customer.ip_address and then do nothing.
    silent_without_contact: bool = False
    #: Real seconds between the acknowledgement and what follows from it.
    step_s: float = 0.1
    #: Real seconds that "never answers" lasts when the client does not give up.
    hang_s: float = 90.0
    #: Real seconds between one provider's failure and the next one's redirect: callbacks are dated in whole seconds.
    cascade_s: float = 1.0
    #: Seconds until a redirect that nobody comes back from is declined.
    redirect_term_s: float = 900.0
    #: Seconds until a clarification that nobody answers is declined.
    clarification_term_s: float = 1800.0
    #: Seconds until a redirect is declined whose amount says that nobody comes back in time.
    short_term_s: float = 3.0


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How callbacks travel."""

    #: Real seconds that one second of the retry calendar lasts; 1 is the real calendar, eleven days long.
    retry_second_s: float = 1 / 60
    #: Real seconds a try may take.
    try_timeout_s: float = 10.0
    #: How many things happen at once: callbacks on their way, and steps of payments.
    workers: int = 8
    #: How often every callback is sent.
    copies: int = 1
    #: How many callbacks, from the start, are never sent at all.
    lose_next: int = 0
    #: Real seconds that every callback is held back.
    delay_s: float = 0.0
    #: Real seconds that a callback waits to be overtaken, when it was asked to be; then it goes out all the same.
    overtaking_s: float = 5.0
    #: Hold every callback back for a random part of this many real seconds, so that they overtake each other.
    shuffle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DataApiSettings:
    """How the Data API answers (PROTOCOL §8), and what it tells wrongly, for a reconciliation to find."""

    #: Real seconds that every answer takes; the real one may take five minutes.
    data_api_delay_s: float = 0.0
    #: The most rows of one answer, and so many where a request does not say.
    data_api_most_rows: int = 1000
    #: So many requests, from the start, are answered 502.
    data_api_fail_first: int = 0
    #: Every so many-th operation, by its id, is told wrongly: in turn it is missing, has another status, amount or
    #: currency, or is told twice. 0 is none.
    data_api_fault_every: int = 0


DEMO_PROJECTS: Mapping[int, Project] = {
    2924: Project(
        2924,
        ("local-secret-2924",),
        data_api=DataApiKey("local-data-api-token-2924-0000", "local-data-api-secret-2924"),
    ),
    198: Project(
        198, ("local-secret-198",), data_api=DataApiKey("local-data-api-token-198-00000", "local-data-api-secret-198")
    ),
}


def read_projects(document: str) -> dict[int, Project]:
    """Read the ECOMMPAY_PROJECTS document (CONTRACT §1); a project may also name its own `callback_url`."""
    projects = {}
    for project_id, entry in json.loads(document).items():
        data_api = entry.get("data_api")
        projects[int(project_id)] = Project(
            project_id=int(project_id),
            secret_keys=tuple(entry["secret_keys"]),
            callback_url=entry.get("callback_url", ""),
            data_api=DataApiKey(data_api["token"], data_api["secret_key"]) if data_api else None,
        )
    return projects
