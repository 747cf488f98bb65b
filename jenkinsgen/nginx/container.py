"""NGINX in a container of its host: what it has to share with it, and what is wrong where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.facts import one
from jenkinsgen.nginx.site import LOG_FOLDER, STATE_FOLDER, log_path, site_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.facts import Facts
    from jenkinsgen.spec.pipeline import Pipeline

CONFIGURATION = "/etc/nginx"
MOUNTS, NETWORK = "container's mounts", "container's network"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why NGINX in this container cannot be what deploys are switched by."""

    name: str
    what: str
    remedy: str


def shared_paths(pipeline: Pipeline) -> tuple[str, ...]:
    """The paths that have to be the same in the container as on its host."""
    nginx = pipeline.nginx
    others = (site_path(pipeline).rpartition("/")[0], nginx.certificate, nginx.certificate_key)
    return (
        CONFIGURATION,
        STATE_FOLDER,
        *((LOG_FOLDER,) if log_path(pipeline) else ()),
        *(path for path in others if path is not None and not f"{path}/".startswith(f"{CONFIGURATION}/")),
    )


def container_problems(name: str, facts: Facts) -> Iterator[Problem]:
    """The problems in what observe_container.sh found; none where it could not look."""
    state = one(facts, "container")
    if state == "unseen":
        return
    if state == "unknown":
        what = f"Docker cannot be asked about the container {name}: {one(facts, 'why')}"
        yield Problem("container", what, f"on that host: docker inspect {name}")
    elif state == "absent":
        remedy = "start it as docs/nginx.md says (NGINX in a container), or name another: nginx.container"
        yield Problem("container", f"there is no container {name}", remedy)
    elif state != "running":
        remedy = f"on that host: docker start {name}; why it ended: docker logs {name}"
        yield Problem("container", f"the container {name} does not run ({state})", remedy)
    elif not one(facts, "master"):
        remedy = f"on that host: docker top {name}; NGINX's master is to be its first process, or started by that one"
        yield Problem("container", f"no NGINX runs in the container {name}", remedy)
    else:
        yield from _not_shared(name, facts)


def _not_shared(name: str, facts: Facts) -> Iterator[Problem]:
    if one(facts, "network") == "own":
        what = f"the container {name} has a network of its own, so NGINX does not know which requests are its host's"
        yield Problem(NETWORK, what, "make it anew with --network host")
    hidden = facts.get("hidden", [])
    if hidden:
        options = " ".join(f"-v {path}:{path}" if path == LOG_FOLDER else f"-v {path}:{path}:ro" for path in hidden)
        what = f"the container {name} does not see this host's {', '.join(hidden)}"
        yield Problem(MOUNTS, what, f"make it anew with {options}")
