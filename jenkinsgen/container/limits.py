"""How much of its server a container may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pydantic

from jenkinsgen.container.setting import Field, Setting
from jenkinsgen.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEBIBYTE = 1024**2
_NANO = 10**9
_Count = Annotated[int, pydantic.Field(ge=-(2**63), lt=2**63)]
# Engines say 0 for no limit.
_LIMITS = ("Resources", "Limits")


def show_memory(size: int | None) -> str:
    """The size in MiB where that is exact."""
    if size is None:
        return "unlimited"
    return f"{size // _MEBIBYTE}m" if size % _MEBIBYTE == 0 else f"{size} bytes"


def _lowered(before: int | None, after: int | None) -> Iterator[Weakening]:
    if after is not None and (before is None or after < before):
        was = "none" if before is None else show_memory(before)
        yield Weakening("shortened", "memory", "memory limit lowered: {} → {}", (was, show_memory(after)))


def _bytes(*path: str) -> Field[int | None]:
    return Field(path, _Count, write=lambda size: size, read=lambda size: size or None)


def _nano(*path: str) -> Field[float | None]:
    return Field(
        path, _Count, write=lambda cpus: round((cpus or 0) * _NANO), read=lambda nano: nano / _NANO if nano else None
    )


MEMORY: Setting[int | None] = Setting(
    key="memory",
    unset=None,
    docker=_bytes("HostConfig", "Memory"),
    inspected=_bytes("HostConfig", "Memory"),
    task=_bytes(*_LIMITS, "MemoryBytes"),
    shown=show_memory,
    words=("service", "memory limit"),
    entries=lambda size: {} if size is None else {None: show_memory(size)},
    weakened=_lowered,
)
CPUS: Setting[float | None] = Setting(
    key="cpus",
    unset=None,
    docker=_nano("HostConfig", "NanoCpus"),
    inspected=_nano("HostConfig", "NanoCpus"),
    task=_nano(*_LIMITS, "NanoCPUs"),
    shown=lambda cpus: "unlimited" if cpus is None else f"{cpus:g}",
    words=("service", "CPU limit"),
    entries=lambda cpus: {} if cpus is None else {None: str(cpus)},
    weakened=lambda _before, _after: iter(()),
)
