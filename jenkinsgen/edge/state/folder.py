"""The state folder of a service on the NGINX host: its lease, its journal, its history."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.state.history import Event, dump_event, parse_history
from jenkinsgen.deploy.state.journal import Journal, dump_journal, parse_journal
from jenkinsgen.deploy.state.lease import FoundLease, Lease, dump_lease, parse_lease
from jenkinsgen.edge.ssh.root import as_root
from jenkinsgen.errors import CommandFailed, LeaseLost, NginxError, StateError
from jenkinsgen.nginx.canary import LINK, Gate, read_gate
from jenkinsgen.nginx.rolling import OUT
from jenkinsgen.nginx.scripts import script
from jenkinsgen.nginx.site import flag_folder

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline

LEASE, JOURNAL = "lease.json", "journal.json"
_SHOWN = 200
# Seconds, or nanoseconds; an age is negative after the clock was set back.
_NUMBER = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Found:
    """The content of the folder. `now` is the clock of that host, in seconds since 1970."""

    now: int
    lease: FoundLease
    journal: Journal
    journal_damage: str = ""
    """Why the journal could not be read; it is taken for empty then."""
    gate: Gate | None = None
    """The canary."""
    out: int = 0
    """The batch of servers that is out of the traffic (nginx/rolling.py); 0 for none."""
    copies: tuple[FoundLease | None, ...] = ()
    """The lease as `nginx.others` have it, None where there is no folder yet."""


class StateFolder:
    """Every method raises HostError when the host cannot be reached."""

    def __init__(self, host: SshHost, pipeline: Pipeline) -> None:
        self._host = host
        self._service = pipeline.service.name
        self._folder = flag_folder(pipeline)

    @property
    def path(self) -> str:
        return self._folder

    def make(self) -> None:
        """Make the folder, for the user that is logged in, where it is not there. Raises CommandFailed."""
        # Root has no part in it where the user may do it alone.
        if self._host.run(["mkdir", "-m", "755", self._folder]).exit_code == 0:
            return
        user, sudo = as_root(self._host)
        give = f'{script("root.sh")}give_folder "$1" "$2"'
        done = self._host.run([*sudo, "sh", "-euc", give, "sh", self._folder, user])
        if done.exit_code != 0:
            said = (done.output + done.errors).strip()
            raise CommandFailed(f"{self._host.address}: {self._folder} cannot be made: {said}")

    def read(self) -> Found | None:
        """Read the folder; None when there is none: nothing was ever deployed."""
        output = self._run("read")
        if output is None:
            return None
        try:
            return read_found(output)
        except ValueError as error:
            raise CommandFailed(
                f"{self._host.address}: {self._folder} cannot be looked at ({error}); "
                f"the host said: {output[:_SHOWN]!r}",
                hint="is there a POSIX shell with date, stat and base64?",
            ) from error

    def claim(self, lease: Lease, instead_of: FoundLease) -> bool:
        """Write the lease if the one that was found is still there; False when another process was faster."""
        try:
            self._run("claim", instead_of.checksum or "-", stdin=dump_lease(lease))
        except LeaseLost:
            return False
        return True

    def renew(self, lease: Lease) -> None:
        """Renew the lease: its holder lives. Raises LeaseLost when another process holds it."""
        self._run("renew", lease.token)

    def write_lease(self, held: Lease, new: Lease) -> None:
        """Hand the lease over, or give it back. Raises LeaseLost."""
        self._run("write", held.token, LEASE, stdin=dump_lease(new))

    def write_journal(self, held: Lease, journal: Journal) -> None:
        """Raises LeaseLost."""
        self._run("write", held.token, JOURNAL, stdin=dump_journal(journal))

    def set_flag(self, held: Lease, colour: Colour) -> float:
        """The switch: one file comes or goes, if the lease is still mine. Returns the milliseconds it took there.

        Raises LeaseLost; NginxError when the folder cannot be written.
        """
        return self._changed("blue", "flag", held.token, str(colour))

    def set_canary(self, held: Lease, gate: Gate) -> float:
        """So many percent get the colour that is not live, from one moment on. Returns the milliseconds of it.

        Raises LeaseLost; NginxError when the folder cannot be written.
        """
        return self._changed(LINK, "canary", held.token, str(gate.live), str(gate.percent))

    def end_canary(self, held: Lease) -> None:
        """Take all clients from the colour that is not live. Raises as `set_canary` does."""
        self._changed(LINK, "no-canary", held.token)

    def set_out(self, held: Lease, batch: int) -> None:
        """Traffic goes past this batch of servers; with 0, to all. Raises as `set_canary` does."""
        self._changed(OUT, OUT, held.token, str(batch))

    def _changed(self, name: str, action: str, *arguments: str) -> float:
        try:
            begun, _, ended = (self._run(action, *arguments) or "").strip().partition(" ")
        except StateError as error:
            if isinstance(error, LeaseLost):
                raise
            raise NginxError(
                f"{self._host.address}: {self._folder}/{name} cannot be changed",
                hint="does its folder belong to this user, and is the disk full?",
            ) from error
        # An unknown duration is no reason to take the change back.
        return (int(ended) - int(begun)) / 1e6 if _NUMBER.fullmatch(begun) and _NUMBER.fullmatch(ended) else 0.0

    def append(self, event: Event) -> None:
        """One line more in the history."""
        self._run("append", stdin=dump_event(event))

    def history(self) -> tuple[tuple[Event, ...], int]:
        """The last 10,000 events, the oldest first, and how many lines are damaged."""
        return parse_history(self._run("history") or "")

    def _run(self, action: str, *arguments: str, stdin: str = "") -> str | None:
        """Run the script; None when there is no folder."""
        done = self._host.run(["sh", "-c", _SCRIPT, "sh", self._folder, action, *arguments], stdin=stdin)
        place = f"{self._host.address}: {self._folder}"
        match done.exit_code:
            case 0:
                return done.output
            case 5:
                raise CommandFailed(
                    f"{self._host.address}: there is no `flock`, so two builds could not be kept apart",
                    hint="install it there: it is part of util-linux, and of BusyBox",
                )
            case 6:
                return None
            case 7:
                raise StateError(
                    f"{place} cannot be written", hint="does it belong to the user that deploys, and is the disk full?"
                )
            case 10:
                raise StateError(
                    f"{place} may not be entered, so nobody can tell what was deployed",
                    hint="does it belong to the user that deploys? ls -ld on that host tells",
                )
            case 8:
                raise StateError(f"{place}/.lock stays taken", hint="who holds it? fuser -v on that file tells")
            case 9:
                raise LeaseLost(f"the lease of {self._service} is no longer held by this process")
        said = (done.errors or done.output).strip()
        raise CommandFailed(f"{place}: `{action}` ended with {done.exit_code}: {said}")


def read_found(output: str) -> Found:
    """Parse what the script printed for `read`. Raises ValueError when it is something else.

    Files of another shape are no such error: an unreadable lease has no holder, a damaged journal begins anew.
    """
    facts = dict(line.partition(" ")[::2] for line in output.splitlines())
    if "now" not in facts:
        raise ValueError("it did not say what time it is")
    lease, journal = (
        base64.b64decode(facts[name], validate=True) if name in facts else None for name in (LEASE, JOURNAL)
    )
    damage, read = "", Journal()
    if journal is not None:
        try:
            read = parse_journal(_text(journal))
        except ValueError as error:
            damage = str(error)
    checksum = None if lease is None else hashlib.sha256(lease).hexdigest()
    found = FoundLease(None if lease is None else parse_lease(_text(lease)), _number(facts.get("age", "0")), checksum)
    out = facts.get(OUT, "")
    return Found(
        _number(facts["now"]),
        found,
        read,
        damage,
        read_gate(facts.get("canary", "")),
        _number(out) if _NUMBER.fullmatch(out) else 0,
    )


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:_SHOWN]!r} is no number")
    return int(text)


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


_SCRIPT = script("state_folder.sh")
