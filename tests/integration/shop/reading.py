"""What a person reads on a page of the shop, and the commands a person copies from it."""

from __future__ import annotations

import re
from html import unescape


def text_of(html: str) -> str:
    """The words of a page, without its style, its script and its tags."""
    return " ".join(unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


def commands_of(html: str) -> dict[str, str]:
    """The commands of a page by the id of the place they stand in."""
    found = re.findall(r'<pre><code id="([\w-]+)">(.*?)</code></pre>', html, flags=re.DOTALL)
    return {place: unescape(text) for place, text in found}
