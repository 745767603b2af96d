"""The translators' side of the pages and of the reports: finds their sentences and keeps the catalogues in step.

Run as a command it writes every catalogue anew from what is said, keeping what is translated. What ``gettext`` reads
at run time, the ``.mo`` files, is not kept in git: it is compiled here whenever a catalogue has changed.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from local.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from babel.messages import Catalog

CALLS = ("_", "ngettext")
WIDTH = 120

Sentence = str | tuple[str, str]
"""One sentence, or its forms for one thing and for many."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One function that speaks languages; its catalogues bear its name."""

    name: str

    @property
    def locales(self) -> Path:
        """The folder of its languages."""
        return PROJECT_FOLDER / "functions" / self.name / "locales"

    @property
    def templates(self) -> Path:
        """The folder of its templates."""
        return self.locales.parent / "templates"

    def catalogues(self, locales: Path | None = None) -> list[Path]:
        """Its catalogues, by language."""
        return sorted((locales or self.locales).glob(f"*/LC_MESSAGES/{self.name}.po"))


CHECKOUT, REPORT = SPEAKERS = Speaker("checkout"), Speaker("report")


def compile_stale(catalogues: Iterable[Path] | None = None) -> list[Path]:
    """Compile every catalogue, or each of these, that is newer than its ``.mo`` file; the files written."""
    if catalogues is None:
        catalogues = (each for speaker in SPEAKERS for each in speaker.catalogues())
    stale = [each for each in catalogues if _is_newer(each, each.with_suffix(".mo"))]
    for catalogue in stale:
        _compile(catalogue)
    return [each.with_suffix(".mo") for each in stale]


def sentences(speaker: Speaker) -> Iterator[tuple[Sentence, str]]:
    """Every sentence of its pages and tables, with the file it stands in."""
    from jinja2.ext import babel_extract

    for template in sorted(speaker.templates.glob("*.html")):
        options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        for _, call, said, _ in babel_extract(BytesIO(template.read_bytes()), CALLS, (), options):
            texts = [said] if isinstance(said, str) else [each for each in said or () if isinstance(each, str)]
            if texts:
                yield (texts[0], texts[1]) if call == "ngettext" else texts[0], f"templates/{template.name}"
    yield from _problems() if speaker is CHECKOUT else _headings()


def _problems() -> Iterator[tuple[Sentence, str]]:
    from payments.domain.checkout import Problem

    yield from ((str(each), "problems") for each in Problem)


def _headings() -> Iterator[tuple[Sentence, str]]:
    from payments.reports.tables import SHEETS

    for table in SHEETS:
        yield from ((each, "tables") for each in (table.title, *(column.heading for column in table.columns)))


def read_catalogue(path: Path) -> "Catalog":
    """One catalogue, as its translator left it; raises for one that cannot be read."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain=path.stem, abort_invalid=True)


def update(path: Path, speaker: Speaker) -> None:
    """Bring a catalogue up to date: new sentences are empty, those no page says any more are gone."""
    from babel.messages import Catalog
    from babel.messages.pofile import write_po

    known = read_catalogue(path)
    found = Catalog(locale=known.locale, domain=path.stem, fuzzy=False)
    # The translator knows better than Babel how many forms a language has.
    found.mime_headers = [("Plural-Forms", known.plural_forms)]
    for sentence, where in sentences(speaker):
        found.add(sentence, locations=[(where, 0)])
    for message in found:
        before = known.get(message.id)
        if message.id and before is not None:
            message.string = before.string
    lines = BytesIO()
    write_po(lines, found, width=WIDTH, sort_by_file=True, include_lineno=False, omit_header=True)
    path.write_text(_head(known) + lines.getvalue().decode(), "utf-8")


def _head(catalogue: "Catalog") -> str:
    """Only what gettext needs to know, and a date that stands still: without one Babel writes that of the day into what
    it compiles, and every build would look like a new version."""
    parts = {
        "POT-Creation-Date": "2026-11-21 00:00+0000",
        "Language": str(catalogue.locale),
        "Plural-Forms": catalogue.plural_forms,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in parts.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'


def _is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def _compile(path: Path) -> None:
    from babel.messages.mofile import write_mo

    made = BytesIO()
    write_mo(made, read_catalogue(path))
    # Renamed into place: several test processes may be here at once.
    beside = path.with_suffix(f".{os.getpid()}.mo")
    beside.write_bytes(made.getvalue())
    beside.replace(path.with_suffix(".mo"))


def main() -> None:
    """Update every catalogue, compile them, and write the forms of amounts and times."""
    from local.cldr import write_formats

    for speaker in SPEAKERS:
        for catalogue in speaker.catalogues():
            update(catalogue, speaker)
            untranslated = sum(not message.string for message in read_catalogue(catalogue) if message.id)
            print(f"{catalogue.relative_to(PROJECT_FOLDER)}: {untranslated} to translate")
        write_formats(speaker.locales)
    compile_stale()


if __name__ == "__main__":
    main()
