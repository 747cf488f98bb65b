"""All settings of a container, and the one table of what each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jenkinsgen.container.limits import CPUS, MEMORY
from jenkinsgen.container.names import HOSTNAME
from jenkinsgen.container.volumes import VOLUMES

if TYPE_CHECKING:
    from jenkinsgen.container.setting import Setting
    from jenkinsgen.spec.service import Service

SETTINGS: tuple[Setting[Any], ...] = (HOSTNAME, MEMORY, CPUS, VOLUMES)
"""All settings, in the order in which people read them."""


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """The settings as a spec wants them, or as an engine says that they are."""

    hostname: str | None = None
    memory: int | None = None
    """Bytes; None for no limit."""
    cpus: float | None = None
    volumes: tuple[str, ...] = ()

    @classmethod
    def of(cls, service: Service) -> ContainerSettings:
        """The settings of a spec."""
        return cls(**{each.key: getattr(service, each.key) for each in SETTINGS})

    def create_body(self) -> dict[str, Any]:
        """The settings in the body of `POST /containers/create`; only those that are set."""
        return self._written({each.key: each.docker for each in SETTINGS})

    def task_template(self) -> dict[str, Any]:
        """The settings in `TaskTemplate` of a service; only those that are set."""
        return self._written({each.key: each.task for each in SETTINGS})

    def _written(self, fields: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for each in SETTINGS:
            value = getattr(self, each.key)
            if value != each.unset:
                fields[each.key].put(body, value)
        return body


def read_container(found: Any) -> ContainerSettings:
    """Parse the answer of `GET /containers/ID/json`. Raises ValueError."""
    return ContainerSettings(**{each.key: each.inspected.get(found, each.unset) for each in SETTINGS})


def read_task_spec(found: Any) -> ContainerSettings:
    """Parse `Spec` of a task (`GET /tasks`). Raises ValueError."""
    return ContainerSettings(**{each.key: each.task.get(found, each.unset) for each in SETTINGS})
