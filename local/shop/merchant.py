"""The merchant behind the shop: whom it calls, and what every page of the shop may need."""

from dataclasses import dataclass
from typing import Any

from local.shop.calls import Caller, CallFailed, payment_path
from local.shop.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Merchant:
    """The public API, the pretend platform's control API where there is one, and the commands for both."""

    api: Caller
    platform: Caller | None
    terminal: Terminal

    def order(self, payment_id: str) -> dict[str, Any]:
        """One payment as the public API tells it. Raises CallFailed."""
        return self.api.get(payment_path(payment_id))

    def playground(self) -> Caller:
        """The pretend platform. Raises CallFailed where ECommPay is not a pretend one."""
        if self.platform is None:
            raise CallFailed(404, "There is no pretend platform to play with")
        return self.platform


def order_address(payment_id: str) -> str:
    """Where the shop shows this order."""
    return f"/shop/orders/{payment_path(payment_id).removeprefix('/payments/')}"
