"""The text of a file that is linted, traced and reviewed, from its bytes."""

from __future__ import annotations

import codecs

from jenkinsgen.jenkinsfile.groovy.bounds import LONGEST_TEXT, TooLarge
from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError

# The longer mark first: UTF-32's begins with UTF-16's.
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class NotUtf8(GroovySyntaxError):
    """Jenkins reads such bytes as UTF-8 all the same, and puts a replacement character for each that it cannot."""


def text_of(content: bytes) -> str:
    """The text of a file. Raises TooLarge, NotUtf8; both know the place."""
    if len(content) > LONGEST_TEXT:
        # No more than what fits is looked at, or read from its source.
        raise TooLarge(f"longer than {LONGEST_TEXT:,} bytes", 1, 1)
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            raise NotUtf8(f"not UTF-8: it begins as {name} does", 1, 1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise NotUtf8(f"not UTF-8: byte 0x{content[error.start]:02x} begins no character", line, column) from error
