"""Nothing on a page is left in English: every sentence is in every catalogue, and every page is really made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from local.catalogues import CHECKOUT, SPEAKERS, Sentence, Speaker, compile_stale, read_catalogue, sentences, update
from payments.domain.checkout import AskFor, Problem
from payments.pages import Page, render_not_found
from payments.pages.fields import INPUTS
from tests.support.page_reader import read
from tests.support.page_samples import ASKING, LANGUAGES, NONCE, SITE, STEPS, shown

LOCALES = CHECKOUT.locales
SAID: dict[Speaker, set[Sentence]] = {each: {sentence for sentence, _ in sentences(each)} for each in SPEAKERS}
FIELDS = [f"{group}.{name}" for group in ("customer", "billing", "shipping") for name in INPUTS]
#: As many at once as are ever asked (``gate/messages.py``).
QUESTIONS = [AskFor(tuple(FIELDS[start : start + 20])) for start in range(0, len(FIELDS), 20)]

#: Names, codes and addresses: the same in every language.
NOBODYS_LANGUAGE = re.compile(r"ECommPay|order-1001|pay\.example\.com|\b[A-Z]{3}\b|\bKE\b")
COUNTED = ("You have {minutes} minute left, until {time}.", "You have {minutes} minutes left, until {time}.")
WORD = re.compile(r"[^\W\d_]{2,}")


def translations(path: Path) -> dict[Sentence, tuple[str, ...]]:
    catalogue = read_catalogue(path)
    return {
        (message.id if isinstance(message.id, str) else (message.id[0], message.id[1])): forms(message.string)
        for message in catalogue
        if message.id
    }


def forms(told: str | Iterable[str] | None) -> tuple[str, ...]:
    return (told,) if isinstance(told, str) else tuple(told or ())


def parts(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def gaps(path: Path, said: set[Sentence]) -> Iterator[str]:
    """What a translator has to look at."""
    known = translations(path)
    yield from (f"not in the catalogue: {each}" for each in said - set(known))
    yield from (f"on no page any more: {each}" for each in set(known) - said)
    counted = read_catalogue(path).num_plurals
    for sentence, told in known.items():
        if not all(told) or len(told) != (1 if isinstance(sentence, str) else counted):
            yield f"not translated: {sentence}"
        wanted = parts(sentence if isinstance(sentence, str) else sentence[1])
        if any(parts(each) != wanted for each in told):
            yield f"other parts than the sentence has: {sentence}"
    yield from (f"left to a machine's guess: {each.id}" for each in read_catalogue(path) if each.id and each.fuzzy)


def texts(page: Page) -> list[str]:
    """What can be seen or is read out, with names, codes and addresses left out."""
    elements = [each for each in read(page).elements if each.tag not in {"style", "script"}]
    spoken = [each.attributes.get(name) or "" for each in elements for name in ("alt", "aria-label", "title")]
    found = [NOBODYS_LANGUAGE.sub(" ", each).strip() for each in [*(e.text for e in elements), *spoken]]
    return [each for each in found if WORD.search(each)]


def every_page(language: str) -> Iterator[Page]:
    for step in (*STEPS.values(), *QUESTIONS, *(replace(ASKING, problem=problem) for problem in Problem)):
        yield shown(step, language=language)
    yield render_not_found(site=SITE, nonce=NONCE, accept_language=language)


@pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda speaker: speaker.name)
def test_there_is_a_catalogue_for_every_language_but_the_first(speaker: Speaker) -> None:
    assert [path.parts[-3] for path in speaker.catalogues()] == [each for each in LANGUAGES if each != "en"]


@pytest.mark.parametrize(
    ("speaker", "path"), [(speaker, path) for speaker in SPEAKERS for path in speaker.catalogues()]
)
def test_every_sentence_is_translated_and_no_translation_is_left_over(speaker: Speaker, path: Path) -> None:
    assert list(gaps(path, SAID[speaker])) == []


def test_a_gap_in_a_catalogue_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "ru" / "LC_MESSAGES" / "checkout.po"
    path.parent.mkdir(parents=True)
    text = (LOCALES / "ru" / "LC_MESSAGES" / "checkout.po").read_text("utf-8")
    text = text.replace('msgstr "Продолжить"', 'msgstr ""').replace('"Перейти на {host}"', '"Перейти на {hots}"')
    text = text.replace('msgid "Check again"', 'msgid "Look again"').replace("осталось {minutes} минут,", "осталось,")
    path.write_text(text, "utf-8")
    assert sorted(gaps(path, SAID[CHECKOUT])) == [
        "not in the catalogue: Check again",
        "not translated: Continue",
        "on no page any more: Look again",
        f"other parts than the sentence has: {COUNTED}",
        "other parts than the sentence has: Continue to {host}",
    ]


def test_an_update_takes_in_new_sentences_keeps_translations_and_changes_nothing_where_all_is_well(
    tmp_path: Path,
) -> None:
    path = tmp_path / "zh" / "LC_MESSAGES" / "checkout.po"
    path.parent.mkdir(parents=True)
    whole = (LOCALES / "zh" / "LC_MESSAGES" / "checkout.po").read_text("utf-8")
    path.write_text(whole.replace('msgid "Check again"', 'msgid "Look again"'), "utf-8")

    update(path, CHECKOUT)
    assert path.read_text("utf-8") == whole.replace('msgstr "重新查询"', 'msgstr ""')

    path.write_text(whole, "utf-8")
    update(path, CHECKOUT)
    assert path.read_text("utf-8") == whole


def test_a_catalogue_is_compiled_when_it_has_changed_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "ms" / "LC_MESSAGES" / "checkout.po"
    path.parent.mkdir(parents=True)
    path.write_bytes((LOCALES / "ms" / "LC_MESSAGES" / "checkout.po").read_bytes())
    compiled = path.with_suffix(".mo")

    assert (compile_stale(CHECKOUT.catalogues(tmp_path)), compile_stale([path])) == ([compiled], [])
    compiled.write_bytes(b"")
    later = compiled.stat().st_mtime + 10
    os.utime(path, (later, later))
    assert compile_stale([path]) == [compiled]
    assert compiled.read_bytes() == (LOCALES / "ms" / "LC_MESSAGES" / "checkout.mo").read_bytes()
    assert [each.name for each in sorted(path.parent.iterdir())] == ["checkout.mo", "checkout.po"]


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_page_shows_an_english_sentence_in_another_language(language: str) -> None:
    english = {text for page in every_page("en") for text in texts(page)}
    assert len(english) > 70
    left = {text for page in every_page(language) for text in texts(page)} & english
    assert left == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_small_in_every_language(language: str) -> None:
    assert max(len(page.body.encode()) for page in every_page(language)) < 15 * 1024
