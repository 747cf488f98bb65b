"""Text of others inside Markdown and Mermaid: shown exactly, never taken for markup."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[A-Za-z0-9 /-]")
_BACKTICKS = re.compile(r"`+")
# Control characters, and those that turn the direction of what follows or show as nothing at all:
# a command must not look like another one.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
LONGEST_SPAN = 400
LONGEST_LABEL = 60


def visible(text: str) -> str:
    r"""The text on one line with what cannot be seen written out: `⏎` for a newline, `\u{202e}` for others."""
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == "\n":
        return "⏎"
    if character == "\t":
        return "⇥"
    if unicodedata.category(character) in _INVISIBLE:
        return f"\\u{{{ord(character):x}}}"
    # Blanks of other widths look like the usual one.
    return character if unicodedata.category(character) != "Zs" or character == " " else f"\\u{{{ord(character):x}}}"


def shortened(text: str, longest: int) -> str:
    """The beginning and the end of a text that is too long, with the count of what is left out."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters … {text[-half:]}"


def code_span(text: str) -> str:
    """Inline code: inside it neither mentions nor links nor HTML mean anything. Not for tables, see `table_cell`."""
    shown = visible(shortened(text, LONGEST_SPAN))
    if not shown.strip():
        return "(blank)" if shown else "(empty)"
    fence = _longer_than_any(shown, 1)
    # One blank on each side is not shown; without it a backtick at the edge would belong to the fence.
    edge = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def table_cell(text: str) -> str:
    """Inline code for the cell of a table, where a `|` ends even inline code: so it is written as an entity."""
    if "|" not in text and "`" not in text:
        return code_span(text)
    shown = visible(shortened(text, LONGEST_SPAN))
    return f"<code>{''.join(each if _PLAIN.fullmatch(each) else f'&#{ord(each)};' for each in shown)}</code>"


def _longer_than_any(text: str, least: int) -> str:
    return "`" * max(least, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))


def code_block(lines: list[str], language: str = "") -> list[str]:
    """A fenced block whose fence is longer than any in it."""
    shown = [visible(shortened(line, LONGEST_SPAN)) for line in lines]
    fence = _longer_than_any("\n".join(shown), 3)
    return [f"{fence}{language}", *shown, fence]


def mermaid_label(text: str) -> str:
    """Text for between the double quotes of a label: Mermaid's entity codes for all but letters and digits."""
    shown = visible(shortened(text, LONGEST_LABEL))
    return "".join(each if _is_harmless(each) else f"#{ord(each)};" for each in shown)


def _is_harmless(character: str) -> bool:
    return character == " " or character.isalnum()
