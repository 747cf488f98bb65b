"""Everything that a command prints leaves here: secrets hidden, and for people nothing that a terminal obeys.

ruff refuses `click.echo` and `sys.stdout` anywhere else.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

from jenkinsgen.errors import ToolMissing
from jenkinsgen.masks import KNOWN, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.deploy.log_line import Stream

_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# C1 controls, line separators, what turns or hides text. JSON itself escapes those below the blank.
_INVISIBLE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_BASIC = 0xFFFF
_LONGEST_LINE = 65536
"""Bytes of a line of which nothing is printed before its end is there."""


def never_fail_at_a_character() -> None:
    """A terminal of another language, or a name of a file that is not UTF-8, must not end a command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def hold_the_doors() -> None:
    """Reopen those of the three streams that a shell closed (`>&-`): else the next file would take their number."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)
    # Python has None for a closed stream. Writing to this stdout fails with an error.
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def let_go() -> None:
    """Drop what could not be written: Python would try again when it ends, and change the exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def was_printing(error: Exception) -> bool:
    """Did click fail to write? It writes its help by itself."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == click.utils.__name__


@contextmanager
def _written(*, err: bool) -> Iterator[None]:
    """Stdout is data: losing it is an error. stderr is talk: losing it ends nothing."""
    try:
        yield
    except BrokenPipeError:
        # The reader has seen enough (`| head`).
        raise
    except OSError as error:
        if not err:
            raise lost(error) from error


def lost(error: OSError) -> ToolMissing:
    """The error for a stdout that cannot be written to."""
    return ToolMissing(
        f"what this prints cannot be written: {error.strerror}",
        hint="is the disk that it goes to full, or was its output closed (`>&-`)?",
    )


def _echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    with _written(err=err):
        click.echo(text, err=err, nl=nl)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """For people."""
    _echo(shown(text), err=err, nl=nl)


def hand_over(text: str, *, nl: bool = True) -> None:
    """For programs: a file that we made, an annotation."""
    _echo(KNOWN.hidden(text), nl=nl)


def hand_over_json(text: str, *, nl: bool = True) -> None:
    """JSON for programs, which can escape what a terminal would obey. Secrets are hidden only in its strings: a
    password of four digits may also be a port.
    """
    safe = _JSON_STRING.sub(lambda found: KNOWN.hidden(found[0]), text)
    _echo(_INVISIBLE.sub(lambda found: _escaped(found[0]), safe), nl=nl)


def _escaped(character: str) -> str:
    # `json.dumps` leaves DEL as it is; beyond the first 65,536 it knows the two halves.
    return f"\\u{ord(character):04x}" if ord(character) <= _BASIC else json.dumps(character)[1:-1]


def print_findings(form: str, text: str) -> None:
    """Print what a check found, in one of the forms `text`, `json`, `github` and `gitlab`."""
    if form == "text":
        say(text, nl=False)
    elif form == "github":
        # Its lines are orders to the runner, ours.
        hand_over(text, nl=False)
    else:
        hand_over_json(text, nl=False)


def agree(question: str) -> bool:
    """A yes or a no."""
    return click.confirm(shown(question), err=True)


def ask(question: str, suggestion: Any) -> Any:
    """A line of text; `suggestion` stands for an empty one."""
    offered = shown(suggestion) if isinstance(suggestion, str) else suggestion
    said = click.prompt(shown(question), offered, err=True)
    return suggestion if said == offered else said


class Lines:
    """Text for people that comes in pieces: what a terminal obeys may be cut in two, so whole lines are said."""

    def __init__(self) -> None:
        self._rest = ""

    def write(self, piece: str) -> None:
        whole, end, self._rest = (self._rest + piece).rpartition("\n")
        if len(self._rest) > _LONGEST_LINE:
            whole, end, self._rest = whole + end + self._rest, "", ""
        if whole or end:
            say(whole + end, nl=False)

    def end(self) -> None:
        """Say what has no end of line."""
        if self._rest:
            say(self._rest)
        self._rest = ""


class Passing:
    """Passes on what a program on a server writes, piece by piece.

    To a file or to another program it goes as it is. To a terminal it goes line by line, so that it cannot do more than
    be read; the same where secrets are known, which a piece may cut in two.
    """

    def __init__(self) -> None:
        self._rests: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}

    def write(self, stream: Stream, piece: bytes) -> None:
        to = sys.stdout if stream == "stdout" else sys.stderr
        if not (to.isatty() or KNOWN):
            _as_it_is(to, piece)
            return
        whole, end, rest = (self._rests[stream] + piece).rpartition(b"\n")
        if len(rest) > _LONGEST_LINE:
            whole, end, rest = whole + end + rest, b"", b""
        self._rests[stream] = rest
        _harmless(to, whole + end)

    def end(self) -> None:
        """Write what has no end of line."""
        for stream, rest in self._rests.items():
            _harmless(sys.stdout if stream == "stdout" else sys.stderr, rest)
        self._rests = {"stdout": b"", "stderr": b""}


def _harmless(to: TextIO, piece: bytes) -> None:
    if not piece:
        return
    if to.isatty():
        with _written(err=to is sys.stderr):
            to.write(shown(piece.decode(errors="replace")))
            to.flush()
    else:
        # Whatever its bytes mean, they come out as they went in.
        _as_it_is(to, KNOWN.hidden(piece.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))


def _as_it_is(to: TextIO, piece: bytes) -> None:
    with _written(err=to is sys.stderr):
        to.buffer.write(piece)
        to.buffer.flush()
