"""The lease: one deployment of a service at a time. Pure: what was found goes in, who may go on comes out.

It lies on the NGINX host, beside the flag that it protects. Its age is judged by that host's clock alone, and by
how long a waiting build saw it unchanged, so that no two clocks are ever compared.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from jenkinsgen.deploy.bounds import Count, Moment, ProcessId  # noqa: TC001 - pydantic reads the annotations

# Renewed six times before it expires: a connection may be cut and opened again in between.
LEASE_SECONDS = 30
RENEW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the agent, told apart from every other that ever ran anywhere."""

    boot: str
    """The id that the kernel gave to this boot."""
    namespace: str
    """The namespace of process ids; a container has its own."""
    pid: ProcessId
    started: Count
    """The start in the kernel's ticks since the boot: a number is used again, a number with its start is not."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of a lease."""

    build: str
    """BUILD_URL; outside of Jenkins USER@HOST:FOLDER."""
    user: str
    host: str
    stage: str
    process: Process | None
    """None between two stages of a build, when no process is there that could have died."""

    @property
    def title(self) -> str:
        return f"{self.build} ({self.stage}, {self.user} on {self.host})"


@dataclass(frozen=True, slots=True)
class Lease:
    """`token` is new for every process that takes it: an older process of the same build cannot act any more."""

    token: str
    holder: Holder | None
    """None when it was given back."""
    since: Moment
    """Seconds since 1970, by the clock of the NGINX host."""


@dataclass(frozen=True, slots=True)
class FoundLease:
    """A lease as it lies there."""

    lease: Lease | None
    """None when there is none, or when it is damaged: then no process can hold it."""
    age: int
    """Seconds since it was taken or renewed, by the clock of its own host; negative after that clock was set back."""
    checksum: str | None
    """The SHA-256 of its very bytes, to be replaced by comparison; None when there is none."""

    @property
    def holder(self) -> Holder | None:
        return self.lease.holder if self.lease else None


def free_because(
    found: FoundLease, me: Holder, *, unchanged: float, dead: str | None, urgent: bool = False
) -> str | None:
    """Why `me` may take the lease; None when it may not. An empty reason needs no word.

    `unchanged` is for how many seconds I have seen it without a renewal, `dead` why its holder is otherwise known to
    be dead. An `urgent` command does not wait for a build that is between two stages: nothing of it runs, and its next
    stage looks at the world anew.
    """
    holder = found.holder
    if holder is None or holder.build == me.build:
        return ""
    if urgent and holder.process is None:
        return "it is between two stages, and this cannot wait"
    if dead:
        return dead
    if found.age >= LEASE_SECONDS:
        return f"it was not renewed for {found.age} s"
    if unchanged >= LEASE_SECONDS:
        return f"it was not renewed while this build watched it for {unchanged:.0f} s"
    return None


def process_died(holder: Holder, here: Process, alive: bool) -> str | None:
    """Is the holder a process of this very machine that has ended? `alive` says whether it still runs."""
    process = holder.process
    if process is None or (process.boot, process.namespace) != (here.boot, here.namespace) or alive:
        return None
    return f"its process {process.pid} on this agent has ended"


def handed_over(lease: Lease) -> Lease:
    """For the next stage of the same build."""
    assert lease.holder is not None  # noqa: S101 - only a holder hands over
    return replace(lease, holder=replace(lease.holder, process=None))


def given_back(lease: Lease) -> Lease:
    return replace(lease, holder=None)


def dump_lease(lease: Lease) -> str:
    return json.dumps(asdict(lease), indent=2) + "\n"


def parse_lease(text: str) -> Lease | None:
    """None when it is damaged: no process can have renewed what none can read."""
    try:
        return _FORM.validate_json(text, strict=True)
    except ValueError:
        return None


_FORM = TypeAdapter(Lease)
