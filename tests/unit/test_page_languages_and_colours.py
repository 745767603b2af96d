"""What a page is written in: the customer's language, and colours that can be told apart."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from payments.domain.checkout import KeepWaiting
from payments.pages import render
from tests.support.page_reader import read
from tests.support.page_samples import CHECKOUT, NONCE, TEMPLATES, checkout_page


def with_a_second_language(folder: Path) -> Path:
    (folder / "locales").mkdir()
    (folder / "templates").mkdir()
    for file in TEMPLATES.iterdir():
        (folder / "templates" / file.name).write_text(file.read_text("utf-8"), "utf-8")
    english = json.loads((CHECKOUT / "locales" / "en.json").read_text("utf-8"))
    (folder / "locales" / "en.json").write_text(json.dumps(english), "utf-8")
    (folder / "locales" / "sw.json").write_text(json.dumps({**english, "check_again": "Angalia tena"}), "utf-8")
    return folder / "templates"


@pytest.mark.parametrize(
    ("language", "accept_language", "taken"),
    [
        ("sw", "en", "sw"),
        ("SW", "", "sw"),
        ("", "sw", "sw"),
        ("", "sw-KE,sw;q=0.9,en;q=0.8", "sw"),
        ("", "en;q=0.3, sw;q=0.7", "sw"),
        ("", "de, fr;q=0.9, sw;q=0.1", "sw"),
        ("", "sw;q=0, en;q=0.1", "en"),
        ("", "de", "en"),
        ("xx", "sw", "sw"),
        ("../en", "sw", "sw"),
        ("", "swahili", "en"),
        ("", "", "en"),
        ("", "*;q=;;,,\x00" * 100, "en"),
    ],
)
def test_the_payment_then_the_browser_choose_the_language(
    tmp_path: Path, language: str, accept_language: str, taken: str
) -> None:
    page = replace(checkout_page(KeepWaiting(returned=False)), language=language)
    templates = with_a_second_language(tmp_path)
    document = read(render(page, templates=templates, nonce=NONCE, accept_language=accept_language))
    assert document.one("html").attributes == {"lang": taken}
    assert document.all("a")[0].text == {"en": "Check again", "sw": "Angalia tena"}[taken]


def test_every_language_has_the_texts_of_the_first() -> None:
    texts = {file.stem: json.loads(file.read_text("utf-8")) for file in (CHECKOUT / "locales").glob("*.json")}
    for language, mapping in texts.items():
        assert set(mapping) == set(texts["en"]), language
        for name, text in mapping.items():
            assert text.count("{") == texts["en"][name].count("{"), (language, name)


def relative_luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("ink", "card", 4.5),
        ("soft", "card", 4.5),
        ("deep", "card", 4.5),
        ("on-deep", "deep", 4.5),
        ("bad", "bad-ground", 4.5),
        ("bad", "card", 3),
        ("calm", "card", 3),
        ("field", "card", 3),
    ],
)
def test_colours_can_be_told_apart(scheme: str, ink: str, ground: str, least: float) -> None:
    css = (TEMPLATES / "style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", css.split(":root")[["light", "dark"].index(scheme) + 1]))
    dark, bright = sorted((relative_luminance(colours[ink]), relative_luminance(colours[ground])))
    assert (bright + 0.05) / (dark + 0.05) >= least
