"""The NGINX hosts of a deployment by the names that plans give them, the one that leads first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress


def nginx_hosts(pipeline: Pipeline) -> dict[str, HostAddress]:
    """`nginx.host`, which keeps lease, journal and history, and then `nginx.others`."""
    return {NGINX: pipeline.nginx.host, **{f"{NGINX} {other.name}": other for other in pipeline.nginx.others}}


def states_of(nginx: NginxState) -> dict[str, NginxState]:
    """The state that was found on each host."""
    return {NGINX: nginx, **nginx.others}


def strayed(lives: Mapping[str, Colour | None]) -> dict[str, Colour]:
    """The hosts that give the traffic to another colour than the first one does; those that know none are left out."""
    first, *others = lives.items()
    return {name: live for name, live in others if live is not None and live is not first[1]}


def apart(nginx: NginxState) -> dict[str, Colour]:
    """The hosts that give the traffic to another colour than the first one, by their states."""
    return strayed({name: each.live for name, each in states_of(nginx).items()})


def refuse_apart(nginx: NginxState) -> None:
    """Raises StateError when the hosts disagree: a plan from the live colour needs to know which one that is."""
    others = ", ".join(f"{colour} on {name}" for name, colour in apart(nginx).items())
    if others:
        raise StateError(
            f"{nginx.live} is live on {NGINX}, but {others}",
            hint="which of them is right? jenkinsgen status tells what runs. Only the flag of a wrong host is moved "
            "by hand: the file `blue` means blue, none means green (docs/nginx-hosts.md, When they differ)",
        )
