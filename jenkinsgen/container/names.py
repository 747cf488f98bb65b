"""What a container is called."""

from __future__ import annotations

from jenkinsgen.container.setting import Field, Setting


def _text(*path: str) -> Field[str | None]:
    return Field(path, str, write=lambda name: name, read=lambda name: name or None)


HOSTNAME: Setting[str | None] = Setting(
    key="hostname",
    unset=None,
    docker=_text("Hostname"),
    inspected=_text("Config", "Hostname"),
    task=_text("ContainerSpec", "Hostname"),
    shown=lambda name: name or "the engine's own",
    words=("service", "host name in the container"),
    entries=lambda name: {} if name is None else {None: name},
    weakened=lambda _before, _after: iter(()),
    given=True,
)
