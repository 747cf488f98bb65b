"""NGINX's access log of a service, as the site file writes it: a JSON object in each line."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from jenkinsgen.spec.colour import Colour

_NONE = "-"
# NGINX hands a body on while it comes, so a large one takes as long as its sender needs.
_SMALL_BYTES = 16 * 1024
_SWITCHING_PROTOCOLS = 101
_CLIENT_GONE = 499
_CLIENT_ERRORS, _SERVER_ERRORS = range(400, 500), range(500, 600)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that NGINX passed on to a colour, or answered itself because that colour did not."""

    time: float
    """When it was over, by the clock of the NGINX host, in seconds since 1970."""
    colour: Colour
    status: int
    """The status that the client got."""
    seconds: float
    """Until the colour began to answer, over all its servers that were tried; until it was given up otherwise."""
    received: int
    """Bytes from the client."""

    @property
    def answered(self) -> bool:
        """Is its status the colour's doing? Not when the client left first (499), nor of a WebSocket (101).

        A WebSocket is logged when it ends, with the status of its beginning, which may be hours ago.
        """
        return self.status not in (_CLIENT_GONE, _SWITCHING_PROTOCOLS)

    @property
    def failed(self) -> bool:
        return self.status in _SERVER_ERRORS

    @property
    def waited(self) -> bool:
        """Does `seconds` tell of the colour? Not of a WebSocket, nor while a large body came."""
        return self.status != _SWITCHING_PROTOCOLS and self.received <= _SMALL_BYTES

    @property
    def gone(self) -> bool:
        """Did the client leave before there was an answer?"""
        return self.status == _CLIENT_GONE


@dataclass(frozen=True, slots=True)
class Parsed:
    """The requests in a part of a log."""

    requests: tuple[Request, ...]
    damaged: int
    """Lines that make no sense, as a full disk or a crash leave them."""


def parse_log(text: str) -> Parsed:
    """The requests in whole lines, in their order. What NGINX answered alone is left out: no colour did it."""
    requests: list[Request] = []
    damaged = 0
    for line in text.split("\n"):
        if not line:
            continue
        try:
            request = _request(json.loads(line))
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
            damaged += 1
            continue
        if request is not None:
            requests.append(request)
    return Parsed(tuple(requests), damaged)


def _request(found: dict[str, str]) -> Request | None:
    if not found["colour"] or found["upstream"] in ("", _NONE):
        return None
    status = int(found["status"])
    # The colour had got the beginning of a request whose rest never came (400, 408), or was too long (413).
    if status in _CLIENT_ERRORS and status != _CLIENT_GONE and set(_parts(found["upstream_status"])) == {_NONE}:
        return None
    return Request(
        time=_number(found["time"]),
        colour=Colour(found["colour"]),
        status=status,
        seconds=_waited(found["upstream_header"], found["upstream_seconds"]),
        received=int(found["received"]),
    )


def _waited(header: str, response: str) -> float:
    """The seconds until the first byte of an answer: what comes after it may be slow for the client's sake.

    `0.002, 0.003` are two servers that were tried. One that began no answer has `-` for its header: then the
    time until it was given up counts, because that is how long the client waited.
    """
    pairs = zip(_parts(header), _parts(response), strict=True)
    return sum(_number(first if first != _NONE else until) for first, until in pairs if (first, until) != (_NONE,) * 2)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace(" : ", ", ").split(",")]


def _number(text: Any) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
