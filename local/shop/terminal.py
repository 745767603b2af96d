"""Every action of the shop as a command for a terminal, ready to be copied: curl for HTTP, aws for the workflow.

The commands are whole: they run as they stand, in any POSIX shell on the machine that serves the shop.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from local.resources import EVENTS_QUEUE
from local.shop.calls import give_back_path, payment_path

#: The local AWS takes any; the tool wants some.
_CREDENTIALS = "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"


@dataclass(frozen=True, slots=True)
class Command:
    """A command under the words for what it does."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """The addresses that the commands name; the AWS ones are empty where no local AWS is known."""

    api_url: str
    platform_url: str = ""
    aws_url: str = ""
    state_machine_arn: str = ""

    def buy(self, body: Mapping[str, Any]) -> Command:
        """Create a payment."""
        return Command("Create the payment", _curl(f"{self.api_url}/payments", body))

    def orders(self) -> Command:
        """List the newest payments."""
        return Command("List the newest payments", _curl(f"{self.api_url}/payments?limit=10"))

    def order(self, payment_id: str) -> Command:
        """Read one payment."""
        return Command("Read the payment and its timeline", _curl(self.api_url + payment_path(payment_id)))

    def refund(self, payment_id: str, body: Mapping[str, Any]) -> list[Command]:
        """Start a refund: through the API, and as an operator starts the workflow."""
        by_api = _curl(f"{self.api_url}{payment_path(payment_id)}/refunds", body)
        workflow = ["start-execution", "--state-machine-arn", self.state_machine_arn]
        workflow += ["--input", json.dumps({"payment_id": payment_id, **body})]
        return [
            Command("Ask the API for it", by_api),
            *self._aws("Or start the workflow, as its console does", "stepfunctions", workflow),
        ]

    def history(self, execution: str) -> list[Command]:
        """Read what an execution of the workflow did, step by step."""
        words = ["get-execution-history", "--execution-arn", execution]
        return self._aws("Its history, step by step", "stepfunctions", words)

    def events(self) -> list[Command]:
        """Look at the events for the merchant's other systems, and leave them in the queue."""
        account = self.state_machine_arn.split(":")[4] if self.state_machine_arn else ""
        words = ["receive-message", "--queue-url", f"{self.aws_url}/{account}/{EVENTS_QUEUE}"]
        words += ["--max-number-of-messages", "10", "--visibility-timeout", "0"]
        return self._aws("Look at the events for your other systems", "sqs", words)

    def set_next(self, wish: Mapping[str, Any]) -> Command:
        """Tell the pretend platform what to do next."""
        return Command("Set what comes next", _curl(f"{self.platform_url}/control/next", wish))

    def wishes(self) -> list[Command]:
        """Read what is set at the pretend platform, and forget it."""
        address = f"{self.platform_url}/control/next"
        return [Command("See what is set", _curl(address)), Command("Forget it all", f"curl -s -X DELETE {address}")]

    def give_back(self, project_id: int, payment_id: str, body: Mapping[str, Any]) -> Command:
        """Refund as ECommPay's support or the Dashboard does."""
        address = self.platform_url + give_back_path(project_id, payment_id)
        return Command("Give it back at ECommPay", _curl(address, body))

    def callbacks(self, project_id: int, payment_id: str) -> Command:
        """List the callbacks that the pretend platform sent about a payment."""
        query = urlencode({"project_id": project_id, "payment_id": payment_id}, quote_via=quote)
        return Command("List the callbacks it sent", _curl(f"{self.platform_url}/control/deliveries?{query}"))

    def _aws(self, title: str, service: str, words: list[str]) -> list[Command]:
        if not self.aws_url or not self.state_machine_arn:
            return []
        lines = [_CREDENTIALS, f"aws --endpoint-url {shlex.quote(self.aws_url)} --region {self._region} {service}"]
        lines.append(f"  {words[0]}")
        lines += [f"  {words[at]} {shlex.quote(words[at + 1])}" for at in range(1, len(words), 2)]
        return [Command(title, " \\\n".join(lines))]

    @property
    def _region(self) -> str:
        return shlex.quote(self.state_machine_arn.split(":")[3])


def _curl(address: str, body: Mapping[str, Any] | None = None) -> str:
    command = f"curl -s {shlex.quote(address)}"
    if body is None:
        return command
    # A body of a few fields fits a line; a longer one is read line by line.
    text = json.dumps(body, indent=2 if len(body) > 3 else None)
    return f"{command} -d {shlex.quote(text)}"
