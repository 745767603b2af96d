"""The replay at the end of every LocalSystem of the suite: each payment in its table is what its messages say.

So the whole suite is the test, whatever its functions went through. The end of a run tells how many payments it were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # every run of the suite asks what was replayed, also one that starts no system
    from local.system import LocalSystem

FUNCTION = "ReplayFunction"
LONGEST_PAGE = 100

#: How many payments each system of this process had that has ended since somebody asked.
_checked: list[int] = []


def refuse_differences(system: LocalSystem) -> None:
    """AssertionError when a stored payment is not what its messages say; a template without replay has no payments."""
    if FUNCTION not in {function.logical_id for function in system.template.functions}:
        return
    checked, differences = 0, list[Any]()
    wanted: dict[str, Any] | None = {"limit": LONGEST_PAGE, "cursor": None}
    while wanted is not None:
        outcome = system.functions.invoke(FUNCTION, wanted)
        assert not outcome.failed, f"the replay at the end of a system failed: {outcome.payload}"
        page = outcome.value()
        checked += page["checked"]
        differences += page["differences"]
        wanted = page["next_cursor"] and {**wanted, "cursor": page["next_cursor"]}
    assert not differences, f"of {checked} payments in {system.settings.run_folder} differ: {differences}"
    _checked.append(checked)


def replayed() -> list[int]:
    """The payments of each system that has ended since this was asked last."""
    ended = list(_checked)
    _checked.clear()
    return ended
