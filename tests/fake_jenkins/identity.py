"""What GET config.xml answers before Jenkins saved the job: the posted text after one identity transform."""

from __future__ import annotations

import re
from xml.parsers import expat

LINE_ENDS_OF_1_1 = re.compile("\r\u0085|[\u0085\u2028]")
CONTROL = re.compile(r"&#(?:x0*([0-9a-fA-F]+)|0*([0-9]+));")


class NotXml(Exception):
    """The document is refused with status 500."""


def declared_version(text: str) -> str:
    """The version in the declaration; 1.0 without one."""
    match = re.match(r"""\s*<\?xml[^>]*version=["'](1\.[01])["']""", text)
    return match[1] if match else "1.0"


def decoded(body: bytes) -> str:
    """A posted document as characters, its line ends as XML of its version has them."""
    text = body.decode()
    return LINE_ENDS_OF_1_1.sub("\n", text) if declared_version(text) == "1.1" else text


def with_stand_ins(text: str) -> str:
    """Control characters, which only XML 1.1 can refer to and expat not at all, as private ones.

    Raises NotXml for one in a document of version 1.0.
    """

    def stand_in(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else int(match[2])
        if code >= 0x20 or code in (0x9, 0xA, 0xD):
            return match[0]
        if declared_version(text) == "1.0":
            raise NotXml(f"Character reference {match[0]} is an invalid XML character.")
        return chr(0xE000 + code)

    return re.sub(r"^\s*<\?xml[^>]*\?>", "", CONTROL.sub(stand_in, text))


def without_stand_ins(text: str) -> str:
    return re.sub("[\ue001-\ue01f]", lambda match: chr(ord(match[0]) - 0xE000), text)


class _Writer:
    """Writes what the parser reports as Xalan's serialiser does."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.open_tag = False
        self.in_cdata = False
        self.depth = 0
        self.comment_before_root = False

    def start(self, name: str, attributes: list[str]) -> None:
        self._close_tag()
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        self.parts.append(f"<{name}" + "".join(f' {key}="{_escaped(value)}"' for key, value in pairs))
        self.open_tag = True
        self.depth += 1

    def end(self, name: str) -> None:
        self.parts.append("/>" if self.open_tag else f"</{name}>")
        self.open_tag = False
        self.depth -= 1

    def text(self, data: str) -> None:
        self._close_tag()
        self.parts.append(data if self.in_cdata else _escaped(data))

    def start_cdata(self) -> None:
        self._close_tag()
        self.parts.append("<![CDATA[")
        self.in_cdata = True

    def end_cdata(self) -> None:
        self.parts.append("]]>")
        self.in_cdata = False

    def comment(self, data: str) -> None:
        self._close_tag()
        self.parts.append(f"<!--{data}-->")
        self.comment_before_root = self.comment_before_root or self.depth == 0

    def _close_tag(self) -> None:
        if self.open_tag:
            self.parts.append(">")
        self.open_tag = False


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("[\r\x7f-\x9f\ue001-\ue01f\U00010000-\U0010ffff]", _reference, text)


def _reference(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"&#{code - 0xE000 if 0xE000 < code < 0xE020 else code};"


def transformed(text: str) -> str:
    """The text after the transform. Raises NotXml."""
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    writer = _Writer()
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.StartCdataSectionHandler = writer.start_cdata
    parser.EndCdataSectionHandler = writer.end_cdata
    parser.CommentHandler = writer.comment
    try:
        parser.Parse(with_stand_ins(text), True)
    except expat.ExpatError as error:
        raise NotXml(str(error)) from error
    version = "1.0" if writer.comment_before_root else declared_version(text)
    return f'<?xml version="{version}" encoding="UTF-8"?>' + "".join(writer.parts)
