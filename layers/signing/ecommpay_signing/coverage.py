"""What a verified message may be believed in: the part its signature covers, and whether that part can be read in two ways."""

from collections.abc import Mapping

from .flatten import is_leaf, members

_UNSIGNED_KEYS = frozenset({"signature", "frame_mode"})


def signed_view(message: Mapping[str, object]) -> dict[str, object]:
    """Return a copy that holds only what the signature covers, whichever accepted reading of `verify` it was made in.

    Left out at any depth: keys `signature` (whether a nested one is signed depends on the reading, so none is believed),
    keys `frame_mode`, and lists and objects that hold nothing, or nothing but such things. Where an empty element is left
    out of a list, the elements behind it move up.
    """
    return _signed_members(message)


def is_ambiguous(message: Mapping[str, object]) -> bool:
    """Tell whether somebody without the key could have cut a signed text anew to get this message.

    The signed text is `path:value;path:value;…` with nothing escaped in values, so one text, and one signature, can
    belong to several messages.

    * `;` in a value or a key: the value may have swallowed other lines, or in the genuine message the lines may have been
      a value. Ambiguous. A message without any `;` has exactly the lines of the genuine one, unless the genuine one had
      a `;` in a value; then this message can only have more lines, at that value's place in the order, and the ones that
      decide (identifiers, statuses, sums) stand where the platform put them.
    * `:` in a key, or an empty key: both leave `::` in the path, which has several readings. Ambiguous; no message of the
      platform has such keys outside of a partner's form fields.
    * `:` in a value is ordinary (dates, addresses) and not counted. The line itself stays as the platform signed it; one
      can only move the border between its path and its value: `{"date": "12:30"}` and `{"date": {"12": "30"}}`, or an
      object with one member and a text in its place, `{"customer": {"id": "1"}}` and `{"customer": "id:1"}`. This can hide
      a field and can never put another value in a field that is a number or a text. So can a list pass for an object with keys
      0, 1, 2…, and `1` for `"1"` or `true`. A reader must therefore look at the type of what it reads, and take the wrong type for absent.

    Nested keys `signature` are looked at too, because they are signed in one of the accepted readings.
    """
    pending: list[object] = [message]
    while pending:
        for key, value in members(pending.pop()):
            if key == "frame_mode":
                continue
            if key == "" or ";" in key or ":" in key:
                return True
            if isinstance(value, str):
                if ";" in value:
                    return True
            elif not is_leaf(value):
                pending.append(value)
    return False


def _signed_members(level: Mapping[str, object]) -> dict[str, object]:
    view = {}
    for key, value in level.items():
        if key in _UNSIGNED_KEYS:
            continue
        if is_leaf(value):
            view[key] = value
        elif part := _signed_part(value):
            view[key] = part
    return view


def _signed_part(container: object) -> dict[str, object] | list[object]:
    if isinstance(container, Mapping):
        return _signed_members(container)
    if isinstance(container, (list, tuple)):
        return [part for value in container if (part := value if is_leaf(value) else _signed_part(value)) not in ({}, [])]
    raise TypeError(f"a {type(container).__name__} cannot be signed")
