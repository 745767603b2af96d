"""When a callback that nobody acknowledged is tried again (PROTOCOL §6.1), in seconds of the platform's clock.

At once, six more at 10 seconds, then growing pauses up to four hours, then every four hours: 120 tries, within 11 days.
"""

TRIES = 120
LONGEST_PAUSE_S = 4 * 3600.0
WITHIN_S = 11 * 24 * 3600.0


def pause_after(tries: int) -> float:
    """Return the pause between try number `tries` (the first is 1) and the next one."""
    if tries <= 6:
        return 10.0
    return min(70 + 10 * 1.12 ** (tries - 4), LONGEST_PAUSE_S)


def moments() -> list[float]:
    """Return the moment of every try, counted from the first."""
    result = [0.0]
    while len(result) < TRIES and (moment := result[-1] + pause_after(len(result))) <= WITHIN_S:
        result.append(moment)
    return result


#: The pause after each try but the last.
PAUSES = [later - earlier for earlier, later in zip(moments(), moments()[1:], strict=False)]
