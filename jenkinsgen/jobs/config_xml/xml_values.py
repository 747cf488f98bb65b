"""Values of elements, as Jenkins' own converters take them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import SubElement

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_INTEGER = re.compile(r"-?[0-9]{1,18}")


def text(parent: Element | None, path: str) -> str:
    """The text at a path, `""` where there is no element: nowhere here does Jenkins tell null and empty apart."""
    element = None if parent is None else parent.find(path)
    return "" if element is None else (element.text or "")


def lines(parent: Element | None, path: str) -> str:
    """A text of many lines. A form in a browser may send CR LF, which means the same to Jenkins and to Groovy."""
    return text(parent, path).replace("\r\n", "\n").replace("\r", "\n")


def optional_text(parent: Element | None, path: str) -> str | None:
    return text(parent, path) or None


def boolean(parent: Element, path: str, *, missing: bool = False) -> bool:
    """Only `true` is true; `yes` is false (measured)."""
    if parent.find(path) is None:
        return missing
    return text(parent, path).strip().lower() == "true"


def number(parent: Element, path: str, missing: int) -> int:
    written = text(parent, path).strip()
    return int(written) if _INTEGER.fullmatch(written) else missing


def set_text(parent: Element, tag: str, value: str) -> None:
    """Give a child this text; make the child if there is none."""
    element = parent.find(tag)
    if element is None:
        element = SubElement(parent, tag)
    element.text = value


def set_boolean(parent: Element, tag: str, *, value: bool) -> None:
    set_text(parent, tag, str(value).lower())


def set_optional(parent: Element, tag: str, value: str | None) -> None:
    """Give a child this text; without one, remove the child."""
    if value is None:
        remove(parent, tag)
    else:
        set_text(parent, tag, value)


def remove(parent: Element, tag: str) -> None:
    for element in parent.findall(tag):
        parent.remove(element)


def child(parent: Element, tag: str, class_name: str | None = None) -> Element:
    """The child of this tag, made if there is none. With another class than this, it is made anew and empty."""
    element = parent.find(tag)
    if element is None:
        element = SubElement(parent, tag)
    elif class_name is not None and element.get("class") != class_name:
        element.clear()
    if class_name is not None:
        element.set("class", class_name)
    return element
