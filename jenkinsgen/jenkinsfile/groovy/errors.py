"""The one way in which a text is not Groovy."""

from __future__ import annotations


class GroovySyntaxError(Exception):
    """The compiler would refuse this text.

    `line` and `column` count from 1, in UTF-16 units as the Java compiler counts; `message` is worded after
    the compiler's own.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.message = message
        self.line = line
        self.column = column
