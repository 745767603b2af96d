"""`python -m local`: serves the whole system on loopback until Ctrl-C. `make run` runs this."""

import os
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

from local.cloudformation import TemplateError
from local.settings import LocalSettings, SettingsError, read_settings

if TYPE_CHECKING:
    from local.system import LocalSystem

EXIT_BAD_SETTINGS = 2


def main() -> int:
    """The exit code: 0 after a clean stop, 2 when it could not start for a reason the person can mend."""
    stop = _stop_on_signals()
    try:
        settings = read_settings(os.environ)
        return _serve(settings, stop)
    except (SettingsError, TemplateError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_SETTINGS


def _serve(settings: LocalSettings, stop: threading.Event) -> int:
    # After the settings are read: this takes two seconds, and a wrong setting should be told at once.
    from local.system import LocalSystem

    with LocalSystem(settings, make_shop=_open_shop, say=_say) as system:
        _introduce(system)
        stop.wait()
        _say("Stopping.")
    return 0


def _open_shop(system: "LocalSystem") -> Any:
    from local.shop import shop_app

    return shop_app(system.url, system.platform_url, system.aws_url, system.state_machine_arn)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            # Asked twice: whoever asks does not want to wait.
            os._exit(1)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    return stop


def _introduce(system: "LocalSystem") -> None:
    settings = system.settings
    execution_input = '\'{"payment_id": "..."}\''
    _say(f"""
API and pages   {system.url}
Demo shop       {system.url}/
Reports         {system.url}/reports   (make report makes one)
Platform        {system.platform_url or settings.gate_url}
AWS             {system.aws_url}   (region {settings.region}, any credentials)
Projects        {", ".join(settings.projects)}
Table           {system.table_name}{f" at {settings.dynamodb_endpoint}" if settings.dynamodb_endpoint else ""}
Refund workflow {system.state_machine_arn}
Start a refund  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --endpoint-url {system.aws_url} \
--region {settings.region} stepfunctions start-execution --state-machine-arn {system.state_machine_arn} \
--input {execution_input}
Logs            {settings.run_folder}/functions.log (functions), {settings.run_folder}/aws.log (local AWS)
Stop            Ctrl-C

Ready: {system.url}/""")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
