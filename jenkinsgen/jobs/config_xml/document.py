"""XML as Jenkins writes and reads it, to and from an element tree.

Jenkins declares XML 1.1, which Python's parser does not know. What differs for us (measured on 2.504.3):

- Control characters may be written as references, `&#x1b;`.
- In a document that is posted as 1.1, U+0085 and U+2028 are line ends and become LF. In one that Jenkins wrote
  they are themselves, although it is declared as 1.1: it is read back by a parser that takes it for 1.0.
"""

from __future__ import annotations

import copy
import re
from xml.etree import ElementTree as ET

from jenkinsgen.errors import JenkinsError

_DECLARATION = "<?xml version='{}' encoding='UTF-8'?>\n"
_CONTROL_REFERENCE = re.compile(r"&#(?:x0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}));")
_CONTROL_CHARACTERS = frozenset(range(0x1, 0x20)) - {0x9, 0xA, 0xD}
# Written as references: XML allows the control characters in no other way, and a bare CR would become LF.
_NEEDS_REFERENCE = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u2028]")
_ONLY_IN_XML_1_1 = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f]")
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_PRIVATE_USE = range(0xF0000, 0xFFFD0, 0x20)
_DEEPEST = 100


def parse(text: str) -> ET.Element:
    """The root of a document that Jenkins sent.

    Raises JenkinsError if it is not XML, or has a DOCTYPE, which Jenkins never writes.
    """
    if "<!DOCTYPE" in text:
        raise JenkinsError("the configuration has a DOCTYPE, which Jenkins never writes; it was not read")
    # The text is decoded already, so what the declaration says about its encoding must not be heard.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    base = _unused_block(text)
    text = _CONTROL_REFERENCE.sub(lambda match: _stand_in(match, base), text)
    try:
        # No DOCTYPE, so no entities to expand.
        root = ET.fromstring(text, ET.XMLParser(target=_Shallow()))  # noqa: S314
    except (ET.ParseError, ValueError) as error:
        raise JenkinsError(f"the configuration is not well-formed XML: {error}") from error
    _restore(root, base)
    return root


class _Shallow(ET.TreeBuilder):
    """Refuses what is nested deeper than any job: the functions that walk the tree call themselves for each level."""

    depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"elements are nested more than {_DEEPEST} deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def serialise(root: ET.Element) -> str:
    """A document that Jenkins reads back as the same text, character for character.

    Raises JenkinsError for a character that XML cannot carry.
    """
    indented = copy.deepcopy(root)
    ET.indent(indented)
    # 1.0 where it can be: 1.1 only adds unwanted line ends.
    version = "1.1" if any(map(_ONLY_IN_XML_1_1.search, root.itertext())) else "1.0"
    return f"{_DECLARATION.format(version)}{_written(indented)}\n"


def _written(element: ET.Element) -> str:
    # ElementTree's own writer would not do: it cannot write a control character.
    attributes = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in element.attrib.items())
    inside = escape(element.text or "") + "".join(_written(child) for child in element)
    body = f"<{element.tag}{attributes}>{inside}</{element.tag}>" if inside else f"<{element.tag}{attributes}/>"
    return body + escape(element.tail or "")


def escape(text: str, *, quote: bool = False) -> str:
    """Text for an element or, with `quote`, for an attribute in double quotes."""
    impossible = _IMPOSSIBLE.search(text)
    if impossible is not None:
        raise JenkinsError(
            f"character U+{ord(impossible[0]):04X} cannot be part of a Jenkins job",
            hint="remove it from the spec",
        )
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quote:
        text = text.replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")
    return _NEEDS_REFERENCE.sub(lambda match: f"&#{ord(match[0])};", text)


def _unused_block(text: str) -> int:
    """32 private characters that the text does not use, to stand for 32 control characters."""
    used = {ord(character) & ~0x1F for character in text if ord(character) >= _PRIVATE_USE.start}
    unused = next((base for base in _PRIVATE_USE if base not in used), None)
    if unused is None:
        raise JenkinsError("the configuration uses every private character; it was not read")
    return unused


def _stand_in(match: re.Match[str], base: int) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(base + code) if code in _CONTROL_CHARACTERS else match[0]


def _restore(root: ET.Element, base: int) -> None:
    table = {base + code: code for code in _CONTROL_CHARACTERS}
    for element in root.iter():
        if element.text:
            element.text = element.text.translate(table)
