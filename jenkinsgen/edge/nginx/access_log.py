"""Reads NGINX's access log of a service as it grows, on the NGINX host."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, HostError
from jenkinsgen.nginx.access_log import Request, parse_log
from jenkinsgen.nginx.scripts import script

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh.host import SshHost

_SHOWN = 200
LOOK_BYTES = 4 * 1024**2
"""The most that one look reads: what ten thousand requests write."""
_NOT_READABLE, _ABSENT = 13, 14
_NO_INODE, _FROM_THE_END = 0, -1


@dataclass(frozen=True, slots=True)
class Look:
    """The result of one look at the log."""

    requests: tuple[Request, ...]
    time: float
    """The time of the look, by the clock of the NGINX host, which also gives the requests their times."""
    damaged: int = 0
    """Lines that are no requests."""
    skipped: int = 0
    """Bytes that were too many for one look."""


class LogAbsent(HostError):
    """There is no such log: NGINX has not begun it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The place to go on from: in this file, after so many bytes."""

    inode: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of one file, in whole lines."""

    time: float
    current: int
    """The inode that the log has now."""
    place: _Place
    """Behind this piece."""
    skipped: int
    text: str


class AccessLog:
    """A log, and how far it was read. Notices when it was moved away or emptied (logrotate)."""

    def __init__(self, host: SshHost, path: str) -> None:
        self._host = host
        self.path = path
        self._sudo: tuple[str, ...] = ()
        self._place = _Place(_NO_INODE, _FROM_THE_END)
        self._leaving: _Place | None = None
        """The file that the log was until the last look: NGINX writes to it until it hears of the new one."""

    def recent(self, seconds: float) -> Look:
        """The requests of the last `seconds`, as far as LOOK_BYTES reach; `look` goes on from there.

        Raises LogAbsent, and HostError when it may not be read or the host is gone.
        """
        piece = self._read(_Place(_NO_INODE, _FROM_THE_END))
        self._place, self._leaving = piece.place, None
        parsed = parse_log(piece.text)
        young = tuple(request for request in parsed.requests if request.time > piece.time - seconds)
        return Look(young, piece.time, parsed.damaged)

    def look(self) -> Look:
        """The requests since the last look. Raises HostError; what was not read then is found by the next look."""
        pieces = [self._read(self._leaving)] if self._leaving else []
        here = self._read(self._place)
        pieces.append(here)
        moved = here.current not in (here.place.inode, _NO_INODE)
        if moved:
            pieces.append(self._read(_Place(here.current, 0)))
        self._leaving = here.place if moved else None
        self._place = pieces[-1].place
        parsed = [parse_log(piece.text) for piece in pieces]
        return Look(
            requests=tuple(request for part in parsed for request in part.requests),
            time=pieces[-1].time,
            damaged=sum(part.damaged for part in parsed),
            skipped=sum(piece.skipped for piece in pieces),
        )

    def _read(self, place: _Place) -> _Piece:
        head, _, text = self._run(place).partition("\n")
        try:
            time, current, inode, start = _read_head(head)
        except ValueError as error:
            raise CommandFailed(
                f"{self._host.address}: {self.path} cannot be read; the host said: {head[:_SHOWN]!r}",
                hint="is there a POSIX shell with date, stat, tail and head?",
            ) from error
        # A line that is half-written is read when it is whole.
        text = text[: text.rfind("\n") + 1]
        offset = start + len(text)
        skipped = max(0, start - place.offset) if place.inode == inode else 0
        if skipped or (place.offset == _FROM_THE_END and start > 0):
            # It begins somewhere in a line.
            text = text.partition("\n")[2]
        return _Piece(time, current, _Place(inode, offset), skipped, text)

    def _run(self, place: _Place) -> str:
        arguments = [self.path, str(place.inode), str(place.offset), str(LOOK_BYTES)]
        done = self._host.run([*self._sudo, "sh", "-c", script("read_log.sh"), "sh", *arguments])
        if done.exit_code == _NOT_READABLE and not self._sudo:
            self._sudo = ("sudo", "-n")
            return self._run(place)
        if done.exit_code == 0:
            return done.output
        if done.exit_code == _ABSENT:
            raise LogAbsent(
                f"{self._host.address}: there is no {self.path}, by which the guard judges",
                hint="is the site file the one that the spec makes? jenkinsgen nginx setup installs it",
            )
        if self._sudo:
            self._sudo = ()
            raise HostError(
                f"{self._host.address}: {self.path} may not be read, and sudo was refused: {done.errors.strip()}",
                hint="ls -l there tells which group may read it; where it is adm, an administrator runs once, with the "
                "name of the deploying user: usermod -aG adm USER",
            )
        raise CommandFailed(f"{self._host.address}: {self.path} cannot be read: {done.errors.strip()}")


def _read_head(line: str) -> tuple[float, int, int, int]:
    """The time there, the inode that has the name now, the one that was read, and from where. Raises ValueError."""
    time, current, inode, start = line.split()
    found = float(time), int(current), int(inode), int(start)
    if not math.isfinite(found[0]):
        raise ValueError(line)
    return found
