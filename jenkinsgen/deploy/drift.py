"""Drift: what runs is not what the spec says. Pure; it names variables, and never tells a value of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.container.settings import SETTINGS, ContainerSettings
from jenkinsgen.deploy.container import container_name
from jenkinsgen.deploy.nginx_hosts import apart, nginx_hosts, states_of
from jenkinsgen.deploy.observed import DIGEST
from jenkinsgen.deploy.plan.site import edits_of, wanted_site
from jenkinsgen.deploy.screen import short_digest
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.nginx.mark import count_edits
from jenkinsgen.nginx.site import site_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.observed import Container, Inspected, ServerState
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Service

# stages/perform/actions.py gives a healthy container this policy, edge/swarm/spec.py a service from the beginning.
RESTART_POLICIES = {"docker": "unless-stopped", "swarm": "any"}
# edge/docker/podman.py gives a container this policy, which is the same there.
_PODMAN_POLICY = "always"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the spec, or the rest of the deployment, would have it."""

    where: str
    """A server, or the NGINX host, or all servers together."""
    what: str
    """The key of the spec, or the thing."""
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} is {self.found}; wanted: {self.wanted}"


def drift(
    pipeline: Pipeline,
    nginx: NginxState | None,
    servers: Mapping[str, ServerState],
    inspected: Mapping[str, Inspected],
    journal: Journal,
) -> tuple[Difference, ...]:
    """All differences. `servers` are those that answered, `inspected` their containers by id.

    Only the live colour is compared with the spec: the idle one is the release before, as its spec was.
    """
    if nginx is None or nginx.live is None:
        return ()
    serving = {name: _serving(pipeline, server, nginx.live) for name, server in servers.items()}
    there = {name: container for name, container in serving.items() if container is not None}
    colour = container_name(pipeline, nginx.live)
    return (
        *(Difference(name, colour, "running", "not there") for name in serving if name not in there),
        *_of_releases(there, journal),
        *_of_containers(pipeline, nginx.live, there, inspected),
        *_of_site(pipeline, nginx),
    )


def _serving(pipeline: Pipeline, server: ServerState, live: Colour) -> Container | None:
    return next((container for container in server.of(pipeline.identity, live) if container.running), None)


def _of_releases(serving: Mapping[str, Container], journal: Journal) -> Iterator[Difference]:
    """All servers run the same, and it is what the journal says."""
    digests = {name: container.labels.get(DIGEST, "") for name, container in serving.items()}
    if len(set(digests.values())) > 1:
        found = ", ".join(f"{short_digest(digest) or 'none'} on {name}" for name, digest in digests.items())
        yield Difference("the servers", "the image", "the same everywhere", found)
    versions = {container.version or "unknown" for container in serving.values()}
    if journal.live and versions and versions != {journal.live}:
        yield Difference("the journal", "the live release", " and ".join(sorted(versions)), journal.live)


def _of_containers(
    pipeline: Pipeline, live: Colour, serving: Mapping[str, Container], inspected: Mapping[str, Inspected]
) -> Iterator[Difference]:
    for name, container in serving.items():
        if container.id in inspected:
            yield from _of_container(pipeline, live, name, inspected[container.id])


def _of_container(pipeline: Pipeline, live: Colour, name: str, found: Inspected) -> Iterator[Difference]:
    service = pipeline.service
    port, wanted_port = found.ports.get(service.container_port, ()), service.ports.of(live)
    published = ", ".join(map(str, port)) or "not published"
    pairs = (
        (f"service.ports.{live}", str(wanted_port), published),
        *((f"service.{key}", wanted, is_now) for key, wanted, is_now in _settings(service, found)),
        ("the restart policy", RESTART_POLICIES[pipeline.engine], _policy(pipeline, found)),
    )
    for what, wanted, is_now in pairs:
        if wanted != is_now:
            yield Difference(name, what, wanted, is_now)
    yield from _of_environment(pipeline, name, found)


def _settings(service: Service, found: Inspected) -> Iterator[tuple[str, str, str]]:
    wanted = ContainerSettings.of(service)
    for each in SETTINGS:
        if each.given and getattr(wanted, each.key) == each.unset:
            continue
        yield each.key, each.shown(getattr(wanted, each.key)), each.shown(getattr(found.settings, each.key))


def _policy(pipeline: Pipeline, found: Inspected) -> str:
    same = pipeline.engine == "docker" and found.restart_policy == _PODMAN_POLICY
    return RESTART_POLICIES["docker"] if same else found.restart_policy or "no"


def _of_environment(pipeline: Pipeline, name: str, found: Inspected) -> Iterator[Difference]:
    plain, secrets = pipeline.service.environment, pipeline.service.secrets
    wanted, there = plain.keys() | secrets.keys(), found.environment
    for variable in sorted(wanted | there.keys() - found.inherited):
        if variable not in there:
            yield Difference(name, f"the variable {variable}", "set", "not set")
        elif variable not in wanted:
            yield Difference(name, f"the variable {variable}", "absent", "set")
        elif variable in plain and plain[variable] != there[variable]:
            yield Difference(name, f"the variable {variable}", "what the spec says", "set to something else")


def _of_site(pipeline: Pipeline, nginx: NginxState) -> Iterator[Difference]:
    hosts, states = nginx_hosts(pipeline), states_of(nginx)
    for name in hosts_with_another_site(pipeline, nginx):
        found = edited_by_hand(pipeline, states[name]) or "another text"
        yield Difference(hosts[name].name, site_path(pipeline), "what the spec would make it", found)
    for name, live in apart(nginx).items():
        yield Difference(hosts[name].name, "live", f"{nginx.live}, as on {hosts[NGINX].name}", str(live))


def edited_by_hand(pipeline: Pipeline, nginx: NginxState) -> str:
    """How much of the site file was edited by hand; empty when nothing was."""
    if not nginx.edited:
        return ""
    added, removed = count_edits(edits_of(pipeline, nginx))
    return f"edited by hand, {added} lines more and {removed} fewer"


def hosts_with_another_site(pipeline: Pipeline, nginx: NginxState) -> tuple[str, ...]:
    """The hosts on which the next switch would install another file; none in mode reload: there it is the team's."""
    if pipeline.nginx.mode == "reload":
        return ()
    text = wanted_site(pipeline, nginx).text
    return tuple(name for name, each in states_of(nginx).items() if each.site_text != text)
