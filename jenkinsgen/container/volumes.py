"""Volumes: folders of the server that a container sees as its own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from jenkinsgen.container.setting import Field, Setting
from jenkinsgen.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator

# Options that are not shown: that it may be written to, and what Podman says of every volume.
_USUAL = frozenset({"rw", "rprivate", "rbind", ""})


class _Mount(TypedDict, total=False):
    Source: str
    Target: str
    ReadOnly: bool


def _bind(volume: str) -> str:
    """`/data:/data:ro,rprivate,rbind` -> `/data:/data:ro`."""
    *ends, options = volume.split(":", 2) if volume.count(":") > 1 else (volume, "")
    own = ",".join(option for option in options.split(",") if option not in _USUAL)
    return ":".join([*ends, *([own] if own else [])])


def _mount(volume: str) -> dict[str, Any]:
    """`/on/server:/in/container:ro`, `name:/in/container`."""
    source, target, *mode = volume.split(":")
    kind = "bind" if source.startswith("/") else "volume"
    return {"Type": kind, "Source": source, "Target": target, "ReadOnly": mode == ["ro"]}


def _volume(mount: _Mount) -> str:
    return f"{mount.get('Source', '')}:{mount.get('Target', '')}{':ro' if mount.get('ReadOnly') else ''}"


def _changed(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Weakening]:
    for volume in after:
        if volume not in before:
            yield Weakening("volume-added", volume, "the container gets a volume of the server: {}", (volume,))
    for volume in before:
        if volume not in after:
            yield Weakening("volume-removed", volume, "the container no longer has the volume {}", (volume,))


_BINDS: Field[tuple[str, ...]] = Field(
    ("HostConfig", "Binds"), list[str], write=list, read=lambda binds: tuple(map(_bind, binds))
)

VOLUMES: Setting[tuple[str, ...]] = Setting(
    key="volumes",
    unset=(),
    docker=_BINDS,
    inspected=_BINDS,
    task=Field(
        ("ContainerSpec", "Mounts"),
        list[_Mount],
        write=lambda volumes: [_mount(volume) for volume in volumes],
        read=lambda mounts: tuple(map(_volume, mounts)),
    ),
    shown=lambda volumes: ", ".join(sorted(map(_bind, volumes))) or "none",
    words=("volume", "volume"),
    entries=lambda volumes: {volume: volume for volume in volumes},
    weakened=_changed,
    many=True,
)
