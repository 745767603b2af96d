"""How the merchant wants its pages to look: its name, its logo and one colour, from which everything readable is made.

Rules of this file
  * Contrast is that of WCAG 2 at level AA: 4.5 to 1 for text, 3 to 1 for what has to be seen.
  * The colour given fills the button, with black or white on it. Where it is text itself it is darkened, and on a dark
    page lightened, no further than needed. A colour too pale to be seen on white is refused: a button nobody finds.
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: What colours are judged against: the cards of the style sheet, light and dark.
LIGHT_CARD, DARK_CARD = "#ffffff", "#171d21"

_TEXT, _SEEN = 4.5, 3.0
#: What shines on a dark page is read more easily a little above the least.
_TEXT_IN_THE_DARK = 6.0
_BLACK, _WHITE = "#000000", "#ffffff"
_OWN_ACCENT = "#0b6b4f"

# Texts and not compiled: every function reads the settings, and only the one with the pages ever uses these.
_COLOUR = r"#[0-9a-f]{6}"
_HOST = r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|http://(?:127\.0\.0\.1|localhost)"
_LOGO = rf"(?P<origin>(?:{_HOST})(?::[0-9]{{1,5}})?)/[!#-&(-;=?-\[\]-~]*"
_LONGEST_NAME = 60


class LookError(ValueError):
    """A name, logo or colour that cannot be shown; says why."""


@dataclass(frozen=True, slots=True)
class Shades:
    """The merchant's colour on one kind of card, as ``#rrggbb``."""

    fill: str
    on_fill: str
    ink: str
    """For links and the mark of focus."""


@dataclass(frozen=True, slots=True)
class Look:
    """A checked look; empty texts where the merchant told nothing."""

    name: str = ""
    logo_url: str = ""
    accent: str = _OWN_ACCENT

    @property
    def logo_origin(self) -> str:
        """The one origin an image may come from, as Content-Security-Policy names it; empty without a logo."""
        match = re.fullmatch(_LOGO, self.logo_url)
        return match["origin"] if match else ""

    @property
    def light(self) -> Shades:
        """The colour on a light card."""
        return Shades(self.accent, _on(self.accent), _readable(self.accent, on=LIGHT_CARD, least=_TEXT))

    @property
    def dark(self) -> Shades:
        """The colour on a dark card."""
        lightened = _readable(self.accent, on=DARK_CARD, least=_TEXT_IN_THE_DARK)
        return Shades(lightened, _on(lightened), lightened)


@dataclass(frozen=True, slots=True)
class Site:
    """What the customer's pages of one installation have in common."""

    templates: Path
    """The folder of the templates; the languages are in ``locales`` beside it."""
    look: Look
    widget_base: str
    """Where the provider's widget is, without a slash at the end."""
    loopback_allowed: bool = False
    """Whether a browser may be sent to plain ``http:`` on this machine: in local runs only."""


def read_look(*, name: str, logo_url: str, accent: str) -> Look:
    """The look these texts describe, each of which may be empty; raises `LookError` for one that cannot be shown."""
    if not (name or logo_url or accent):
        return Look()
    name, accent = name.strip(), accent.lower() or _OWN_ACCENT
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise LookError(f"the merchant's name has to be at most {_LONGEST_NAME} printable characters")
    if logo_url and not re.fullmatch(_LOGO, logo_url):
        raise LookError(f"the logo has to be at an https: address with a path, and is at {logo_url!r}")
    if logo_url and not name:
        raise LookError("a logo wants the merchant's name beside it, for everybody who does not see it")
    if not re.fullmatch(_COLOUR, accent):
        raise LookError(f"the colour has to be written like #0b6b4f, and is {accent!r}")
    if contrast(accent, LIGHT_CARD) < _SEEN:
        reached = f"{contrast(accent, LIGHT_CARD):.1f}"
        raise LookError(f"the colour {accent} is too pale for a button: {reached} to 1 on white, and 3 is the least")
    return Look(name, logo_url, accent)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _on(fill: str) -> str:
    """Black or white: white where it can be read, because it is calmer, else black, which then always can."""
    return _WHITE if contrast(fill, _WHITE) >= _TEXT else _BLACK


@cache
def _readable(colour: str, *, on: str, least: float) -> str:
    """The colour in the first lightness, away from that of the card, in which it can be read there."""
    hue, lightness, saturation = rgb_to_hls(*(part / 255 for part in bytes.fromhex(colour[1:])))
    end = 1.0 if _luminance(on) < 0.5 else 0.0
    steps = (hls_to_rgb(hue, lightness + (end - lightness) * step / 100, saturation) for step in range(101))
    shades = ("#" + bytes(round(part * 255) for part in step).hex() for step in steps)
    return next(shade for shade in shades if contrast(shade, on) >= least)
