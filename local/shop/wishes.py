"""What the pretend platform can be told to do next, as the shop offers it, and what is set, in plain words."""

from collections.abc import Mapping
from typing import Any

from local.ecommpay.outcomes import OUTCOMES
from local.shop.calls import CallFailed

#: What the next payment may meet, by the ending of an amount that stands for it: the usual ones in our own words.
USUAL_ENDINGS: Mapping[int, str] = {
    0: "The customer decides",
    1: "Paid at once",
    5: "Declined at once",
    10: "Asks for e-mail and phone first (Gate)",
    11: "Two redirects, one after the other",
    6: "The customer never comes back",
    40: "Gate never answers, but takes it (Gate; 15 seconds)",
}
#: The rest of the platform's table, but for what concerns refunds: those are chosen when there is one.
OTHER_ENDINGS: Mapping[int, str] = {
    ending: outcome.summary
    for ending, outcome in OUTCOMES.items()
    if ending not in USUAL_ENDINGS and outcome.refund == "success"
}
CALLBACKS: Mapping[str, str] = {
    "": "As usual",
    "delay": "Late",
    "duplicate": "Twice",
    "lose": "Never (lost)",
    "reorder": "In the wrong order",
}
REFUNDS: Mapping[str, str] = {
    "success": "Carried out",
    "decline": "Declined",
    "reversal": "Carried out as a reversal",
    "lost": "The request is taken, then lost",
    "hang_after": "Carried out, the answer is lost (15 seconds)",
    "silent": "Carried out, never a callback",
    "refuse": "Refused for certain",
    "stuck": "Stays in processing for ever",
}
MOST_CALLBACKS = 20
LONGEST_DELAY_S = 600

_CALLBACK_SET: Mapping[str, str] = {
    "delay": "late",
    "duplicate": "twice",
    "lose": "lost",
    "reorder": "in the wrong order",
}


def read_wish(form: Mapping[str, str]) -> dict[str, Any]:
    """What a form asks for, as `POST /control/next` takes it. Raises CallFailed for what no form of ours offers."""
    wish: dict[str, Any] = {}
    if "ending" in form:
        wish["ending"] = _whole(form["ending"], OUTCOMES)
    if "fate" in form:
        wish["refund"] = _offered(form["fate"], REFUNDS)
    if callbacks := _offered(form.get("callbacks", ""), CALLBACKS):
        wish |= {"callbacks": callbacks, "count": _whole(form.get("count", "1"), range(1, MOST_CALLBACKS + 1))}
    if callbacks == "delay":
        wish["seconds"] = _whole(form.get("seconds", "5"), range(LONGEST_DELAY_S + 1))
    return wish


def wish_so_far(form: Mapping[str, str], **usual: str) -> dict[str, Any]:
    """What a form asks for while somebody is still filling it in; what makes no sense yet counts as the usual."""
    try:
        return read_wish({**usual, **form})
    except CallFailed:
        return read_wish(usual)


def is_usual(wish: Mapping[str, Any]) -> bool:
    """Whether a wish leaves everything as it would be anyway: then what somebody else set is left alone too."""
    return not wish.get("ending") and wish.get("refund", "success") == "success" and "callbacks" not in wish


def told(state: Mapping[str, Any]) -> list[str]:
    """What is set at the platform, one sentence for each; nothing where everything goes its usual way."""
    sale = dict(state["sale"])
    ending = sale.pop("ending", None)
    lines = [] if ending is None else [f"The next payment: {_ending_text(ending)}"]
    lines += [f"The next payment: {axis} {word}" for axis, word in sale.items()]
    if state["refund"]:
        lines.append(f"The next refund: {REFUNDS.get(state['refund'], state['refund'])}")
    for word, count in state["callbacks"].items():
        if count:
            which = "The next callback" if count == 1 else f"The next {count} callbacks"
            late = f"{state['seconds']:g} seconds " if word == "delay" else ""
            lines.append(f"{which}: {late}{_CALLBACK_SET.get(word, word)}")
    return lines


def _ending_text(ending: int) -> str:
    return USUAL_ENDINGS.get(ending) or OUTCOMES[ending].summary.removesuffix(".")


def _offered(word: str, offered: Mapping[str, str]) -> str:
    if word not in offered:
        raise CallFailed(400, "Please choose one of what is offered", word)
    return word


def _whole(text: str, offered: Any) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if number not in offered:
        raise CallFailed(400, "Please choose one of what is offered", text)
    return number
