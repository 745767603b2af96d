"""The translators' side of the customer's pages: finds their sentences, keeps the catalogues in step, compiles them.

Run as a command it writes every catalogue anew from the templates, keeping what is translated. What ``gettext`` reads
at run time, the ``.mo`` files, is not kept in git: it is compiled here whenever a catalogue has changed.
"""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from local.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from babel.messages import Catalog

LOCALES = PROJECT_FOLDER / "functions" / "checkout" / "locales"
TEMPLATES = LOCALES.parent / "templates"
CATALOGUE = "*/LC_MESSAGES/checkout.po"
CALLS = ("_", "ngettext")
WIDTH = 120

Sentence = str | tuple[str, str]
"""One sentence, or its forms for one thing and for many."""


def compile_stale(locales: Path = LOCALES) -> list[Path]:
    """Compile every catalogue that is newer than its ``.mo`` file; the files written."""
    stale = [each for each in sorted(locales.glob(CATALOGUE)) if _is_newer(each, each.with_suffix(".mo"))]
    for catalogue in stale:
        _compile(catalogue)
    return [each.with_suffix(".mo") for each in stale]


def sentences(templates: Path = TEMPLATES) -> Iterator[tuple[Sentence, str]]:
    """Every sentence of the pages, with the file it stands in."""
    from jinja2.ext import babel_extract

    from payments.domain.checkout import Problem

    for template in sorted(templates.glob("*.html")):
        options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        for _, call, said, _ in babel_extract(BytesIO(template.read_bytes()), CALLS, (), options):
            texts = [said] if isinstance(said, str) else [each for each in said or () if isinstance(each, str)]
            if texts:
                yield (texts[0], texts[1]) if call == "ngettext" else texts[0], f"templates/{template.name}"
    for problem in Problem:
        yield str(problem), "problems"


def read_catalogue(path: Path) -> "Catalog":
    """One catalogue, as its translator left it; raises for one that cannot be read."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="checkout", abort_invalid=True)


def update(path: Path) -> None:
    """Bring a catalogue up to date: new sentences are empty, those no page says any more are gone."""
    from babel.messages import Catalog
    from babel.messages.pofile import write_po

    known = read_catalogue(path)
    found = Catalog(locale=known.locale, domain="checkout", fuzzy=False)
    # The translator knows better than Babel how many forms a language has.
    found.mime_headers = [("Plural-Forms", known.plural_forms)]
    for sentence, where in sentences():
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

    for catalogue in sorted(LOCALES.glob(CATALOGUE)):
        update(catalogue)
        untranslated = sum(not message.string for message in read_catalogue(catalogue) if message.id)
        print(f"{catalogue.relative_to(PROJECT_FOLDER)}: {untranslated} to translate")
    write_formats(LOCALES)
    compile_stale()


if __name__ == "__main__":
    main()
