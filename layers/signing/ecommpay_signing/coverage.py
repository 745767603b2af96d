"""What a verified message may be believed in: the part that is signed, and whether that part has only one reading."""

from collections.abc import Mapping

from .flatten import is_leaf, members

_UNSIGNED_KEYS = frozenset({"signature", "frame_mode"})


def signed_view(message: Mapping[str, object]) -> dict[str, object]:
    """Return a copy that holds only what the signature covers, whichever reading `verify` accepted.

    Left out at any depth: keys `signature` (whether a nested one is signed depends on the reading, so none is
    believed), keys `frame_mode`, and lists and objects that hold nothing, or nothing but such things. Where an empty
    element is left out of a list, the elements behind it move up.
    """
    return _signed_members(message)


def is_ambiguous(message: Mapping[str, object]) -> bool:
    """Tell whether somebody without the key could have made this message by cutting a signed text anew.

    The signed text is `path:value;path:value;…` with nothing escaped in values, so that one text, and one signature,
    belong to several messages.

    * `;` in a value or a key: ambiguous, for the value may have swallowed genuine lines. Without any `;`, every line of
      the genuine message that had none is here unchanged. Where a genuine value had one, lines may have been added, but
      only at that value's place in the order; they cannot replace a line, hence no identifier, status or sum.
    * `:` in a key, or an empty key: ambiguous, for `::` in a path has several readings. Outside of a partner's form
      fields no message of the platform has such keys.
    * `:` in a value: ordinary (dates, addresses) and not counted. One can only move the border between path and value
      within a line: `{"date": "12:30"}` and `{"date": {"12": "30"}}`, or, for an object with a single member,
      `{"customer": {"id": "1"}}` and `{"customer": "id:1"}`. That turns a text into an object or an object into a
      text; it never gives a text or a number another value.

    For the same reason a list can pass for an object with keys 0, 1, 2…, and `1` for `"1"`, `true` or `1.0`. So a
    reader must look at the type of what it reads, and take a wrong type for an absent field.

    Nested keys `signature` are looked at too, because one of the accepted readings signs them.
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
        return [
            part for value in container if (part := value if is_leaf(value) else _signed_part(value)) not in ({}, [])
        ]
    raise TypeError(f"a {type(container).__name__} cannot be signed")
