"""The merchant's door: what requests must look like, with every broken field named; pydantic stays in this room."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from payments.domain.errors import FieldError, InvalidRefundRequest, InvalidRequest
from payments.domain.methods import METHODS
from payments.domain.money import CURRENCIES, Money
from payments.domain.payment import Customer, Interface, PaymentKey, Status
from payments.domain.targets import is_safe_target
from payments.ports import PaymentFilter
from payments.usecases.create_payment import NewPayment
from payments.usecases.reserve_refund import RefundWanted

#: Bytes of all texts together that a Payment Page address may carry; each may become three characters of it.
LONGEST_TEXTS = 1_800
LARGEST_AMOUNT = 999_999_999_999
PAYMENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._~:-]{0,254}$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_IDEMPOTENCY_KEY = re.compile("[ -~]{0,255}")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EMAIL = re.compile(r"[^@\s,<>\"]+@[^@\s,<>\"]+\.[^@\s,<>\"]+")


def _plain(text: str) -> str:
    if ";" in text:
        raise ValueError("may not contain a semicolon: it would make the signed text ambiguous")
    if _CONTROL.search(text):
        raise ValueError("may not contain control characters")
    return text


def _ip_address(text: str) -> str:
    # A zone (fe80::1%eth0) is a name of the sender's own machine, and may hold anything.
    try:
        return str(ipaddress.ip_address(text if "%" not in text else ""))
    except ValueError as error:
        raise ValueError("has to be an IPv4 or IPv6 address") from error


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("has to be an e-mail address")
    return text


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("has to be an ISO 4217 alpha-3 code in capital letters")
    return code


def _known_method(code: str) -> str:
    if code not in METHODS:
        raise ValueError(f"has to be one of {', '.join(METHODS)}")
    return code


def _return_url(url: str) -> str:
    if not is_safe_target(url, allow_loopback_http=True):
        raise ValueError("has to be an absolute https: address without user info (http: for loopback hosts only)")
    return url


def _whole_number(text: object) -> object:
    """Digits only: pydantic would read 2_0, 20.0 and white space as numbers too."""
    if isinstance(text, str) and not re.fullmatch("-?[0-9]{1,12}", text):
        raise ValueError("has to be a whole number")
    return text


def _moment(text: object) -> datetime:
    """A time of RFC 3339 in UTC; pydantic would read bare numbers and dates as times too."""
    try:
        if isinstance(text, str) and _RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is no time of this calendar") from error
    raise ValueError("has to be a time with its offset, such as 2026-11-21T00:00:00Z")


def _day(text: object) -> date:
    """A day of the calendar; pydantic would read times and numbers as days too."""
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is no day of this calendar") from error
    raise ValueError("has to be a day such as 2026-11-21")


def _described(**schema: Any) -> Any:
    """What the description of the API says of a rule that is checked in Python."""
    return Field(json_schema_extra=schema)


# What a merchant may be expected to write, as patterns; `is_safe_target` and `_email` decide what is taken.
_LABEL = "(?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"https://(?:[A-Za-z0-9]{_LABEL}\.)*[A-Za-z]{_LABEL}|http://(?:localhost|127\.0\.0\.1)"
_ADDRESS = rf"^(?:{_HOST})(?::(?:[1-9][0-9]{{0,3}}|[1-5][0-9]{{4}}))?(?:[/?#][!-:<-\[\]-~]*)?$"
_EMAIL_PART = r"""[^@\s,;<>"\x00-\x1f\x7f-\x9f]+"""

Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255),
    AfterValidator(_plain),
    _described(pattern=r"^[^;\x00-\x1f\x7f-\x9f\u2028\u2029]+$"),
]
Email = Annotated[Text, AfterValidator(_email), _described(pattern=rf"^{_EMAIL_PART}@{_EMAIL_PART}\.{_EMAIL_PART}$")]
IpAddress = Annotated[str, AfterValidator(_ip_address), _described(anyOf=[{"format": "ipv4"}, {"format": "ipv6"}])]
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, description="Minor units: 1000 is 10.00.")]
ProjectId = Annotated[int, Field(ge=0, le=2**31 - 1, description="Needed when several projects are configured.")]
Currency = Annotated[str, AfterValidator(_currency), _described(enum=sorted(CURRENCIES))]
MethodCode = Annotated[str, AfterValidator(_known_method), _described(enum=list(METHODS))]
Phone = Annotated[
    str,
    BeforeValidator(lambda text: text.removeprefix("+") if isinstance(text, str) else text),
    StringConstraints(pattern=r"^[0-9]{4,24}$"),
    _described(pattern=r"^\+?[0-9]{4,24}$"),
]
ReturnUrl = Annotated[
    str,
    StringConstraints(max_length=2048),
    AfterValidator(_plain),
    AfterValidator(_return_url),
    _described(pattern=_ADDRESS),
]
QueryNumber = BeforeValidator(_whole_number)
Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]


class _Strict(BaseModel):
    """No type is bent to fit, and no unknown field is lost in silence."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CustomerFields(_Strict):
    """Who pays. The more of it, the fewer questions the customer is asked on the way."""

    id: Text = Field(description="Unique per customer within the project, and stable.")
    ip_address: IpAddress = Field("", description="Required for gate.")
    phone: Phone = Field("", description="4 to 24 digits.")
    email: Email = ""
    first_name: Text = ""
    last_name: Text = ""


class CreatePayment(_Strict):
    """The body of ``POST /payments``."""

    payment_id: Annotated[str, StringConstraints(pattern=PAYMENT_ID)] = Field(
        "", description="Unique within the project; generated when absent."
    )
    project_id: ProjectId | None = None
    interface: Interface
    method: MethodCode = Field("", description="Required for gate; on payment_page it preselects.")
    amount: Amount
    currency: Currency
    description: Text = ""
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}$")] = Field("", description="ISO 639-1.")
    customer: CustomerFields
    return_url: ReturnUrl = Field("", description="Where the result page leads back to.")

    def wanted(self, *, idempotency_key: str, return_url_hosts: frozenset[str]) -> NewPayment:
        """The same for the use case; raises `InvalidRequest` for what no single field is to blame for."""
        _check_return_host(self.return_url, return_url_hosts)
        customer = self.customer
        texts = (self.description, customer.id, customer.email, customer.first_name, customer.last_name)
        if self.interface == "payment_page" and sum(len(text.encode()) for text in texts) > LONGEST_TEXTS:
            detail = f"with the customer's data longer than {LONGEST_TEXTS} bytes: it does not fit into an address"
            raise InvalidRequest(FieldError("/description", detail))
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return NewPayment(
            interface=self.interface,
            method=self.method,
            money=Money(self.amount, self.currency),
            customer=Customer(**self.customer.model_dump()),
            fingerprint=hashlib.sha256(canonical.encode()).hexdigest(),
            payment_id=self.payment_id,
            project_id=self.project_id,
            description=self.description,
            language=self.language,
            return_url=self.return_url,
            idempotency_key=idempotency_key,
        )


class StartRefund(_Strict):
    """The body of ``POST /payments/{payment_id}/refunds``; everything is optional."""

    amount: Amount | None = Field(None, description="Minor units; absent means all that is left.")
    reason: Text = ""
    project_id: ProjectId | None = None


class RefundInput(_Strict):
    """The input of an execution of the refund workflow."""

    payment_id: Text
    project_id: ProjectId | None = None
    amount: Amount | None = None
    reason: Text = ""
    refund_id: Text = Field("", description="A refund that the API reserved, or one to go on with.")

    def wanted(self) -> RefundWanted:
        """The same for the use case."""
        return RefundWanted(**self.model_dump())


class ListQuery(BaseModel):
    """The query of ``GET /payments``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status | None = None
    since: Moment | None = Field(None, alias="from", description="Created at or after, RFC 3339.")
    until: Moment | None = Field(None, alias="to", description="Created before, RFC 3339.")
    limit: Annotated[int, QueryNumber] = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=4096, description="next_cursor of the page before.")
    project_id: Annotated[ProjectId, QueryNumber] | None = None

    def wanted(self) -> PaymentFilter:
        """The same for the store."""
        return PaymentFilter(self.status, self.project_id, self.since, self.until)


class ReplayInput(_Strict):
    """What an operator gives the replay function."""

    cursor: str | None = None
    limit: int = Field(100, ge=1, le=100)
    repair: bool = False


class CloseRefundInput(_Strict):
    """What an operator gives the closing function; the reason is kept and shown, so it names nobody."""

    payment_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    project_id: ProjectId | None = None
    refund_id: Text = Field("", description="The one refund that waits to be closed when absent.")
    status: Literal["succeeded", "failed"]
    reason: Text


class RedriveInput(_Strict):
    """What an operator gives the redrive function."""

    cursor: str | None = Field(None, min_length=1, max_length=1024)
    limit: int = Field(100, ge=1, le=1000)


class EraseInput(_Strict):
    """What an operator gives the erasing function: a customer, or one payment by both parts of its key."""

    customer_id: Text = ""
    payment_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] = ""
    project_id: ProjectId | None = None
    cursor: str | None = None
    limit: int = Field(100, ge=1, le=100)

    def payment(self) -> PaymentKey | None:
        """The one payment that is meant, None for a customer's; raises `InvalidRequest` unless it is clear."""
        if bool(self.customer_id) == bool(self.payment_id):
            raise InvalidRequest(FieldError("/customer_id", "has to be given, or payment_id in its place"))
        if not self.payment_id:
            return None
        if self.project_id is None:
            raise InvalidRequest(FieldError("/project_id", "is required with a payment_id"))
        return PaymentKey(self.project_id, self.payment_id)


class ProjectQuery(BaseModel):
    """The query of the routes that name one payment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project_id: Annotated[ProjectId, QueryNumber] | None = None


class ProjectPath(BaseModel):
    """The path of the routes that name a project."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project_id: Annotated[ProjectId, QueryNumber]


_Any = TypeVar("_Any", bound=BaseModel)


def parse(model: type[_Any], value: Mapping[str, Any]) -> _Any:
    """The value as this model; raises `InvalidRequest` with every broken field."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidRequest(*_field_errors(error)) from None


def parse_query(model: type[_Any], query: Mapping[str, str]) -> _Any:
    """The query string as this model; raises `InvalidRequest` with every broken parameter."""
    return parse(model, query)


def named_project(body: Mapping[str, Any], query: Mapping[str, str]) -> Mapping[str, Any]:
    """The body with the project that the query names; raises `InvalidRequest` when the two do not agree."""
    asked = parse_query(ProjectQuery, query).project_id
    if asked is None:
        return body
    if body.get("project_id", asked) != asked:
        raise InvalidRequest(FieldError("/project_id", "is another one in the body than in the query"))
    return {"project_id": asked, **body}


def idempotency_key(headers: Mapping[str, str]) -> str:
    """The ``Idempotency-Key``, empty when there is none; raises `InvalidRequest` for one that is not printable."""
    key = headers.get("idempotency-key", "")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest(FieldError("/Idempotency-Key", "has to be 1 to 255 printable ASCII characters"))
    return key


def parse_refund_input(value: object) -> RefundInput:
    """The input of an execution; raises `InvalidRefundRequest` in one sentence a person can act on."""
    try:
        return RefundInput.model_validate(value)
    except ValidationError as error:
        broken = "; ".join(f"{each.pointer or 'the input'} {each.detail}" for each in _field_errors(error))
        example = '{"payment_id": "order-1001"}'
        raise InvalidRefundRequest(f"The input is not a refund request like {example}: {broken}.") from None


def _field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    return tuple(
        FieldError("".join(f"/{_escaped(part)}" for part in each["loc"]), _detail(each))
        for each in error.errors(include_url=False, include_input=False)
    )


def _detail(each: Mapping[str, Any]) -> str:
    """pydantic's own sentence, but for our own checks and for what a merchant would not say so."""
    match each["type"]:
        case "extra_forbidden":
            return "is not a field of this request"
        case "missing":
            return "is required"
        case "model_type" | "dict_type":
            return "has to be an object"
        case _:
            text = str(each["msg"]).removeprefix("Value error, ")
            return text[0].lower() + text[1:]


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _check_return_host(url: str, hosts: frozenset[str]) -> None:
    host = re.sub(r"^https?://|[:/?#].*$", "", url).lower()
    if url and hosts and host not in hosts:
        raise InvalidRequest(FieldError("/return_url", "its host is not on the list of allowed hosts"))
