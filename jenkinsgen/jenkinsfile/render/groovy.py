r"""Text as a Groovy literal.

Only single-quoted strings are ever rendered: `$` means nothing in them, so a value cannot become code.
Everything outside printable ASCII is written as `\uXXXX`: a controller with another default charset reads
the same text. Checked against Groovy 2.4.21, the version that Jenkins embeds.
"""

from __future__ import annotations

_NAMED = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FIRST_PRINTABLE, _LAST_PRINTABLE = " ", "~"


def groovy(text: str) -> str:
    """A single-quoted Groovy string that evaluates to exactly `text`.

    Raises TypeError for what is no text, ValueError for U+FFFF, at which Groovy takes the file to end.
    """
    if not isinstance(text, str):
        # A team's template may bring anything, and None must not become 'None'.
        raise TypeError(f"the filter groovy takes text, not {text!r}")
    if "\uffff" in text:
        raise ValueError("U+FFFF cannot be written in Groovy")
    return "'" + "".join(_escaped(character) for character in text) + "'"


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if _FIRST_PRINTABLE <= character <= _LAST_PRINTABLE:
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def groovy_map(pairs: dict[str, str]) -> str:
    """A Groovy map whose keys are our own words and whose values are text: `[name: 'x', url: 'y']`."""
    return "[" + ", ".join(f"{key}: {groovy(value)}" for key, value in pairs.items()) + "]"
