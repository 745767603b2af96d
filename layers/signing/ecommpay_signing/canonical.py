"""The text that is signed: the lines of all leaves, in PHP's natural order of their paths, joined by `;`.

Lines whose paths tie in natural order (`a b` and `ab`) stay in the order of the message, as in PHP.
"""

from collections.abc import Mapping

from .errors import MalformedMessage
from .flatten import PathLine, path_lines
from .natural_order import differs_from_byte_order, natural_key
from .numbered_keys import has_numbered_keys, php_array_lines
from .plain import plain_text

#: Natural order looks at every digit and every white space of all paths, so their length has a bound: 32 characters
#: a path, which is more than the provider's have on average, and so many beyond them for a few long ones.
LONG_PATHS_CHARACTERS = 80 * 2**10


def string_to_sign(params: Mapping[str, object]) -> str:
    """Return the text whose HMAC is the signature; leaves out nothing but `frame_mode`."""
    text = plain_text(params)
    if text is not None:
        return text
    return join_naturally(php_array_lines(params) if has_numbered_keys(params) else path_lines(params))


def join_naturally(lines: list[PathLine]) -> str:
    """Join the lines in PHP's natural order of their paths."""
    paths = "\0".join([path for path, _ in lines])
    if not differs_from_byte_order(paths):
        return join_by_code_point(lines)
    if len(paths) > LONG_PATHS_CHARACTERS + 32 * len(lines):
        raise MalformedMessage("The message has far longer paths than could be put into order in good time.")
    return ";".join([line for _, line in sorted(lines, key=lambda entry: natural_key(entry.path))])


def join_by_code_point(lines: list[PathLine]) -> str:
    """Join the lines in code-point order of their paths, which is also the order of their UTF-8 bytes."""
    return ";".join([line for _, line in sorted(lines, key=lambda entry: entry.path)])
