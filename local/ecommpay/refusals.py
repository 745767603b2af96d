"""Refusals: the platform's codes with their messages, and the one exception that carries them to an answer."""

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "310": "This operation is not allowed by project settings",
    "319": "There is not enough data to create an operation",
    "501": "Internal error",
    "502": "Validation error",
    "2003": "Invalid JSON string",
    "2004": "Required field not provided",
    "2124": "Invalid Customer ID",
    "2154": "Customer ID is required for project",
    "2426": "Invalid Email",
    "2442": "Project ID not found",
    "2541": "Unknown Payment Method",
    "2642": "Operation amount is greater than limit",
    "3023": "Provided currency disabled for Project ID",
    "3024": "Invalid Payment ID",
    "3041": "Payment ID already exists",
    "3060": "Current payment or operation status does not allow this action",
    "3061": "Transaction not found",
    "3081": "State Machine Flow Break",
    "3102": "Invalid payment constraint",
    "3230": "The operation with such merchant_refund_id already exists",
    "3261": "Invalid signature",
    "3262": "Empty signature",
    "3283": "Refund amount more than init amount",
    "3284": "Refund currency mismatched or empty",
    "3285": "Cannot make refund because of timeout block for repeat refund",
    "3358": "Operation amount is less than limit",
    "3609": "Operation amount must be equal to the initial amount",
    "3610": "Refund unavailable for the current operation",
}


class Refused(Exception):
    """The platform will certainly not do what was asked; `code` says why, `field` where, when a place can be named."""

    def __init__(self, code: str, field: str = "") -> None:
        self.code = code
        self.field = field
        super().__init__(code, field)

    @property
    def message(self) -> str:
        """The platform's words for the code, with the field that is meant."""
        return f"{MESSAGES[self.code]}: {self.field}" if self.field else MESSAGES[self.code]
