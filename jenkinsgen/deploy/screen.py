"""Text for a screen of 120 columns: moments, how long ago, columns."""

from __future__ import annotations

import textwrap
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from jenkinsgen.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 120
SHORT_DIGEST = 12
# The column behind a label: `  lease      `.
INDENT = 13
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def moment(seconds: int) -> str:
    """Seconds since 1970 -> `2026-11-23 08:42:10`, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        # A file that was edited by hand may say so.
        return "in no known year"


def lasting(seconds: float) -> str:
    """Seconds -> `42 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: what a person wants to know of it."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def short_digest(digest: str) -> str:
    """`sha256:27d2840c4e06…` -> its first characters."""
    return digest.rpartition(":")[2][:SHORT_DIGEST]


def fitting(line: str) -> str:
    """One line of the screen: what is too long is cut, and seen to be."""
    line = _one_line(line)
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def folding(line: str, indent: int) -> list[str]:
    """One line as several, where it is too long: for a message, whose end may be what matters."""
    return textwrap.wrap(_one_line(line), WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False) or [""]


def _one_line(text: str) -> str:
    return visible(" ".join(text.splitlines()).rstrip()).expandtabs(4)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [fitting("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))) for row in rows]
