"""Reads a page back as a document: elements, attributes and visible text, with a parser of the tests' own."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from payments.pages import Page

VOID = {"meta", "input", "link", "br", "img", "path", "circle"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    """Its own words, without those of the elements in it."""
    inner: str = field(default="", compare=False)
    """All its words."""


@dataclass
class Document:
    elements: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def one(self, tag: str) -> Element:
        (element,) = self.all(tag)
        return element

    def role(self, role: str) -> list[Element]:
        return [element for element in self.elements if element.attributes.get("role") == role]

    @property
    def text(self) -> str:
        return " ".join(" ".join(e.text for e in self.elements if e.tag not in {"script", "style"}).split())


class Reader(HTMLParser):
    """Reads a page and complains of what is not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"<{tag}> names an attribute twice"
        self.document.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].text += data
            for element in self.open:
                element.inner += data


def read(page: Page) -> Document:
    reader = Reader()
    reader.feed(page.body)
    reader.close()
    assert reader.open == []
    return reader.document
