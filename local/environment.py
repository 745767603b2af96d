"""The environment the handlers run in: the template's variables with local values, and AWS pointing at this machine.

In-process handlers share one `os.environ`, so a name must mean the same to every function.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from local.cloudformation import TemplateError
from local.settings import LOOPBACK, LocalSettings
from local.template import Function


def shared_variables(functions: Iterable[Function], settings: LocalSettings, urls: Mapping[str, str]) -> dict[str, str]:
    """All variables of all functions, what differs locally put in. Raises TemplateError on two values for one name."""
    local = {
        **urls,
        "REFUND_CALLBACK_TIMEOUT_S": str(settings.refund_callback_timeout_s),
        "STATUS_POLL_DELAY_S": str(settings.status_poll_delay_s),
        "STATUS_POLL_ATTEMPTS": str(settings.status_poll_attempts),
        "RETURN_CHECK_DELAY_S": str(settings.return_check_delay_s),
        "RETURN_URL_HOSTS": settings.return_url_hosts,
        "ECOMMPAY_WIDGET_URL": settings.widget_url,
        "MERCHANT_NAME": settings.merchant_name,
        "MERCHANT_LOGO_URL": settings.merchant_logo_url,
        "MERCHANT_ACCENT_COLOUR": settings.merchant_accent_colour,
        "REFUND_REFERENCE": settings.refund_reference,
        "REPORT_TIME_ZONE": settings.report_time_zone,
        "REPORT_LANGUAGE": settings.report_language,
        **settings.function_variables,
    }
    shared: dict[str, str] = {}
    for function in functions:
        for name, value in function.variables.items():
            if shared.setdefault(name, value) != value and name not in local:
                raise TemplateError(f"{name} has two values in the template; functions in one process need one.")
    return {**shared, **local}


def aws_variables(aws_url: str, region: str, dynamodb_endpoint: str | None = None) -> dict[str, str]:
    """What makes every AWS client of this process, the functions' and ours, talk to the local endpoint.

    With a `dynamodb_endpoint`, table and stream are there and everything else stays at `aws_url`.
    """
    engine = (
        {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb_endpoint}
        if dynamodb_endpoint
        else {}
    )
    return {
        **engine,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        # Nothing of the developer's own AWS configuration may leak in, and no request may leave the machine.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{LOOPBACK},localhost",
        "no_proxy": f"{LOOPBACK},localhost",
    }


def process_environment(function: Function, *, task: Path, opt: Path) -> dict[str, str]:
    """What a process of this function is given: its own variables with this process's values, and what Lambda sets."""
    given = {name: os.environ[name] for name in (*function.variables, *aws_variables("", ""))}
    return {
        **given,
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL_")},
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": f"{opt}/python",
        # Nothing can be written beside the code in Lambda either: byte code is there, or it is made at every start.
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAMBDA_TASK_ROOT": str(task),
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
    }


@contextlib.contextmanager
def changed_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Inside, `os.environ` has these variables and none that sends AWS clients elsewhere; then it is as before."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_ENDPOINT_URL_") or name in {"AWS_PROFILE", "AWS_SESSION_TOKEN"}:
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
