"""The merchant's name, logo and colour on the pages, and that everything can be read in it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.look import DARK_CARD, LIGHT_CARD, Look, LookError, read_look
from payments.pages import render_not_found
from payments.settings import SettingsError, read_settings
from tests.support.page_reader import read
from tests.support.page_samples import NONCE, SITE, STEPS, result, shown

LOGO = "https://cdn.shop.example:8443/logo%20(1).svg?v=2&w=400"
SCHEMES = ("light", "dark")


def relative_luminance(colour: str) -> float:
    """After the text of WCAG, and apart from the code that is tested."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    dark, bright = sorted((relative_luminance(one), relative_luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@cache
def colours(look: Look, scheme: str) -> dict[str, str]:
    """The colours of a page as its style sheet has them."""
    body = shown(result("succeeded"), site=replace(SITE, look=look)).body
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", body.split(":root")[1 + SCHEMES.index(scheme)])
    assert len(found) == 18
    return dict(found)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("ink", "card", 4.5),
        ("ink", "panel", 4.5),
        ("soft", "card", 4.5),
        ("soft", "panel", 4.5),
        ("field", "card", 3),
        ("good", "good-ground", 4.5),
        ("bad", "bad-ground", 4.5),
        ("bad", "card", 4.5),
        ("back", "back-ground", 4.5),
        ("calm", "calm-ground", 4.5),
    ],
)
def test_colours_can_be_told_apart(scheme: str, ink: str, ground: str, least: float) -> None:
    found = colours(Look(), scheme)
    assert ratio(found[ink], found[ground]) >= least


def readable(look: Look) -> bool:
    for scheme in SCHEMES:
        found = colours(look, scheme)
        pairs = [("on-accent", "accent", 4.5), ("link", "card", 4.5), ("accent", "card", 3)]
        if any(ratio(found[ink], found[ground]) < least for ink, ground, least in pairs):
            return False
    return True


@pytest.mark.parametrize(
    "accent", ["", "#0B6B4F", "#000000", "#1f5fae", "#d9480f", "#b3261e", "#6a1b9a", "#0000ff", "#ff0000", "#949494"]
)
def test_every_colour_that_is_taken_can_be_read_on_light_and_on_dark(accent: str) -> None:
    assert readable(read_look(name="", logo_url="", accent=accent))


@given(st.binary(min_size=3, max_size=3))
def test_a_colour_is_refused_or_can_be_read(three: bytes) -> None:
    accent = f"#{three.hex()}"
    if ratio(accent, "#ffffff") < 3:
        with pytest.raises(LookError):
            read_look(name="", logo_url="", accent=accent)
    else:
        assert readable(read_look(name="", logo_url="", accent=accent))


def test_the_button_has_white_letters_where_they_can_be_read_and_black_ones_elsewhere() -> None:
    looks = [read_look(name="", logo_url="", accent=accent) for accent in ("#0b6b4f", "#d9480f")]
    assert [(each.light.fill, each.light.on_fill) for each in looks] == [("#0b6b4f", "#ffffff"), ("#d9480f", "#000000")]


def test_colours_are_judged_against_the_cards_of_the_style_sheet() -> None:
    assert [colours(Look(), scheme)["card"] for scheme in SCHEMES] == [LIGHT_CARD, DARK_CARD]


@pytest.mark.parametrize("name", STEPS)
def test_a_page_shows_the_merchants_name(name: str) -> None:
    document = read(shown(STEPS[name], site=replace(SITE, look=Look(name="Ann & Söhne"))))
    assert document.one("header").inner.strip() == "Ann & Söhne"
    assert document.one("title").text == f"{document.one('h1').text} – Ann & Söhne"


@pytest.mark.parametrize("name", STEPS)
def test_a_page_shows_the_merchants_logo_and_lets_in_images_of_its_one_origin(name: str) -> None:
    page = shown(STEPS[name], site=replace(SITE, look=Look("Shop", LOGO)))
    assert read(page).one("img").attributes == {"src": LOGO, "alt": "Shop", "height": "40"}
    extra = " https://paymentpage.example.com" if name == "widget" else ""
    assert f"; img-src https://cdn.shop.example:8443{extra}; " in page.headers["content-security-policy"]


def test_the_page_that_is_not_there_has_the_same_look() -> None:
    page = render_not_found(site=replace(SITE, look=Look("Shop", LOGO, "#1f5fae")), nonce=NONCE)
    assert read(page).one("img").attributes["alt"] == "Shop"
    assert "--accent: #1f5fae;" in page.body
    assert "; img-src https://cdn.shop.example:8443; " in page.headers["content-security-policy"]


def test_the_settings_hold_the_look() -> None:
    environment = {"MERCHANT_NAME": " Shop ", "MERCHANT_LOGO_URL": LOGO, "MERCHANT_ACCENT_COLOUR": "#1F5FAE"}
    assert read_settings(environment).look == Look("Shop", LOGO, "#1f5fae")
    assert read_settings({}).look == Look("", "", "#0b6b4f")


@pytest.mark.parametrize(
    ("name", "logo", "colour", "reason"),
    [
        ("x" * 61, "", "", "the merchant's name has to be at most 60 printable characters"),
        ("a\nb", "", "", "the merchant's name has to be at most 60 printable characters"),
        ("", LOGO, "", "a logo wants the merchant's name beside it, for everybody who does not see it"),
        *(
            ("Shop", url, "", f"the logo has to be at an https: address with a path, and is at {url!r}")
            for url in (
                "http://shop.example/logo.svg",
                "https://shop.example",
                "https://a@shop.example/logo.svg",
                "data:image/svg+xml,<svg/>",
                "https://shop.example/a b.svg",
                'https://shop.example/"onload=',
                "https://shop.example;script-src/x",
                "//shop.example/logo.svg",
                "https://shop.example/\r\nx",
            )
        ),
        ("", "", "green", "the colour has to be written like #0b6b4f, and is 'green'"),
        ("", "", "#0b6", "the colour has to be written like #0b6b4f, and is '#0b6'"),
        ("", "", "#ffd400", "the colour #ffd400 is too pale for a button: 1.4 to 1 on white, and 3 is the least"),
    ],
)
def test_a_look_that_cannot_be_shown_is_refused_with_its_reason(name: str, logo: str, colour: str, reason: str) -> None:
    environment = {"MERCHANT_NAME": name, "MERCHANT_LOGO_URL": logo, "MERCHANT_ACCENT_COLOUR": colour}
    with pytest.raises(SettingsError) as refused:
        read_settings(environment)
    assert str(refused.value) == f"MERCHANT_NAME, MERCHANT_LOGO_URL, MERCHANT_ACCENT_COLOUR: {reason}"


def test_a_local_run_may_show_a_logo_of_this_machine() -> None:
    look = read_look(name="Shop", logo_url="http://127.0.0.1:3000/shop/logo.svg", accent="")
    assert look.logo_origin == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("environment", "base"),
    [
        ({}, "https://paymentpage.ecommpay.com"),
        ({"ECOMMPAY_PAYMENT_PAGE_URL": "https://page.example/payment"}, "https://page.example"),
        (
            {"ECOMMPAY_PAYMENT_PAGE_URL": "https://page.example", "ECOMMPAY_WIDGET_URL": "https://widget.example/"},
            "https://widget.example",
        ),
    ],
)
def test_the_widget_is_where_payment_page_is_unless_set_otherwise(environment: dict[str, str], base: str) -> None:
    assert read_settings(environment).widget_base == base
