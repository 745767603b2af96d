"""README tells operators exactly the states of a refund that the code knows, and which may follow which."""

from __future__ import annotations

import re
from typing import get_args

import yaml

from payments.domain import errors
from payments.domain.refund import CLOSABLE, TOLD, TRANSITIONS, RefundStatus
from tests.structure.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.split("\n## Refunds\n")[1].split("\n## ")[0]
HEAD = "| state | it means | a step of ours makes it | ECommPay's word makes it |"
WORKFLOW = yaml.safe_load((ROOT / "statemachines/refund.asl.yaml").read_text(encoding="utf-8"))["States"]


def words(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([\w.]+)`", cell))


def state_table() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    rows = SECTION.split(HEAD)[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {state.strip("`"): (words(ours), words(theirs)) for state, _, ours, theirs in cells}


def test_the_states_of_a_refund_in_readme_are_those_of_the_code() -> None:
    assert state_table() == {state: (TRANSITIONS[state], TOLD[state]) for state in get_args(RefundStatus)}


def test_readme_says_where_a_refund_is_closed_by_hand() -> None:
    (sentence,) = re.findall(r"\*\*Closing by hand\*\*, only while it is ([^.]+)\.", SECTION)
    assert words(sentence) == CLOSABLE


def test_readme_explains_every_error_an_execution_ends_with_and_every_state_it_names_is_there() -> None:
    caught = {error for state in WORKFLOW.values() for each in state.get("Catch", []) for error in each["ErrorEquals"]}
    ends = {each for each in caught if hasattr(errors, each)} - {"RefundSettled"}
    assert ends <= words(SECTION)
    named = {each for each in words(SECTION) if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", each)}
    assert {each for each in named if each.endswith("Refund") or each in {"AskSupport", "RefundFailed"}} <= set(
        WORKFLOW
    )
