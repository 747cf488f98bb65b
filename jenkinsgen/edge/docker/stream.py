"""The streams of an engine's API: lines of JSON, and the frames of a log. Bounded, whatever is sent."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from jenkinsgen.relay import NotYet, Over, Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STREAM_BYTES = 1024**3
"""All that a pull, a push or a build may say."""
LINE_BYTES = 1024**2
"""One line of it."""
_FRAME_HEADER = 8
_STREAMS = (0, 1, 2)
_WAKE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a stream may say nothing, and how long it may last: seconds."""

    silence: float
    whole: float


# A pull or push tells its progress all the time, but a slow disk may unpack a big layer without a word.
TRANSFER = Patience(600.0, 4 * 3600.0)
# A `RUN` says what it likes, when it likes.
BUILD = Patience(3600.0, 12 * 3600.0)


class TooLong(requests.RequestException, ValueError):
    """More bytes than anything sensible has."""


class Silent(TimeoutError):
    """A stream of the engine said nothing for too long, or did not end."""


def read_json(text: bytes) -> Any:
    """Raises ValueError, also for what is nested too deep."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("JSON that is nested too deep") from error


def json_lines(pieces: Iterable[bytes]) -> Iterator[Any]:
    """One value for each line. Raises ValueError for what is no JSON, TooLong."""
    rest, total = bytearray(), 0
    for piece in pieces:
        total += len(piece)
        rest += piece
        *lines, rest = rest.split(b"\n")
        if total > STREAM_BYTES or len(rest) > LINE_BYTES:
            raise TooLong(f"more than {STREAM_BYTES // 1024**2} MiB, or than {LINE_BYTES // 1024} KiB in a line")
        yield from (read_json(bytes(line)) for line in lines if line.strip())
    if rest.strip():
        yield read_json(bytes(rest))


def unframed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The output of a container, without the frames that the engine wraps it in: `stream 0 0 0 length`, then bytes.

    Nothing waits for the end of a frame, whatever length it claims. Raises ValueError for what is no frame.
    """
    header, left = b"", 0
    for each in pieces:
        piece = each
        while piece:
            if left:
                written, piece = piece[:left], piece[left:]
                left -= len(written)
                yield written
                continue
            wanted = _FRAME_HEADER - len(header)
            header, piece = header + piece[:wanted], piece[wanted:]
            if len(header) == _FRAME_HEADER:
                if header[0] not in _STREAMS or any(header[1:4]):
                    raise ValueError("a log without the frames of the API")
                header, left = b"", int.from_bytes(header[4:], "big")


def listened_to(start: Callable[[], Any], check: Callable[[], None], patience: Patience) -> Iterator[Any]:
    """The messages of an engine's stream; `check` is called now and then, also while it is silent, and may raise.

    A registry that stops in the middle of a layer, or a long `RUN`, says nothing for ever, and a thread that
    waits for it cannot be stopped. So that thread is left behind; it ends with the connection. Raises Silent.
    """
    relay: Relay[Any] = Relay(lambda say: _say_all(start(), say))
    began = heard = time.monotonic()
    while True:
        check()
        if time.monotonic() - began > patience.whole:
            raise Silent(f"it has not ended within {patience.whole:.0f} s")
        try:
            message = relay.take(_WAKE_SECONDS)
        except Over:
            return
        except NotYet:
            if time.monotonic() - heard > patience.silence:
                raise Silent(f"it said nothing for {patience.silence:.0f} s") from None
            continue
        heard = time.monotonic()
        yield message


def _say_all(messages: Iterable[Any], say: Callable[[Any], None]) -> None:
    for message in messages:
        say(message)
