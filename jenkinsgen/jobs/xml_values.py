"""Values of elements, as Jenkins' own converters take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def text(parent: Element | None, path: str) -> str:
    """The text at a path; `""` where there is no element: Jenkins tells null and empty apart nowhere we look."""
    element = None if parent is None else parent.find(path)
    return "" if element is None else (element.text or "")


def optional_text(parent: Element | None, path: str) -> str | None:
    return text(parent, path) or None


def boolean(parent: Element, path: str, *, missing: bool = False) -> bool:
    """Only `true` is true; `yes` is false (measured)."""
    if parent.find(path) is None:
        return missing
    return text(parent, path).strip().lower() == "true"


def number(parent: Element, path: str, missing: int) -> int:
    written = text(parent, path).strip()
    return int(written) if written.lstrip("-").isdecimal() else missing
