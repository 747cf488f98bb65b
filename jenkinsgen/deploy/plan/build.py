"""The plan of build-image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import nginx_hosts, states_of
from jenkinsgen.deploy.observed import BUILD_URL, GIT_SHA, SERVICE, VERSION
from jenkinsgen.deploy.plan.site import check_place, setup_command
from jenkinsgen.deploy.prune import removals, surplus_images, versions_in_use
from jenkinsgen.deploy.steps import AGENT, BuildImage, Phase, Plan, PushImage, RemoveTag, Step, TagImage
from jenkinsgen.errors import StateError, Unproven

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jenkinsgen.deploy.observed import ServerState, StoredImage
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress

LATEST = "latest"


def check_nginx_ready(pipeline: Pipeline, nginx: NginxState) -> None:
    """Could the switch at the end succeed, on every NGINX host? Asked first, so that nothing is built in vain.

    Raises StateError.
    """
    states = states_of(nginx)
    for name, host in nginx_hosts(pipeline).items():
        _check_ready(pipeline, host, states[name])


def _check_ready(pipeline: Pipeline, host: HostAddress, nginx: NginxState) -> None:
    if nginx.missing:
        raise StateError(
            f"{host}: {', '.join(nginx.missing)} is not there",
            hint="mode reload needs the team's two prepared site files on the NGINX host",
        )
    if nginx.root == "no" and (pipeline.nginx.mode == "reload" or nginx.live is None):
        raise StateError(
            f"{host}: NGINX does not serve {pipeline.service.name} yet, and {nginx.user} may not set it up (no sudo)",
            hint=f"an administrator runs once: {setup_command(host)}",
        )
    if nginx.live is None:
        check_place(pipeline, host, nginx)
    if pipeline.nginx.mode == "flag" and nginx.live is not None and nginx.flags != "writable":
        raise StateError(
            f"{host}: the folder of the flag is {nginx.flags} for {nginx.user}",
            hint=f"an administrator runs once: {setup_command(host)}",
        )
    if nginx.doubts and pipeline.nginx.unproven == "refuse":
        raise Unproven(
            f"{host}: a switch could not be proven, so nothing was changed:\n" + in_lines(nginx.doubts),
            hint="mend what these name; or `nginx.unproven: accept`, and a switch goes on without that proof "
            "(docs/nginx.md, Mode reload)",
        )


def in_lines(doubts: Iterable[str]) -> str:
    """The doubts, one below the other."""
    return "\n".join(f"  - {doubt}" for doubt in doubts)


def left_on_agent(
    pipeline: Pipeline, release: Release, agent: ServerState, journal: Journal
) -> tuple[StoredImage, ...]:
    """The images of this service that killed builds left on the agent.

    An agent that is one of the servers as well has other images, which are needed.
    """
    needed = versions_in_use(agent.containers, pipeline.identity) | {release.version}
    return surplus_images(agent.images, needed, journal, pipeline.cleanup.keep_releases)


def plan_build(pipeline: Pipeline, release: Release, *, found: Sequence[StoredImage] = ()) -> Plan:
    """Build the release, push it under `latest` and an immutable tag, leave no tag on the agent.

    Its digest is not asked for: the push gives it. `found` are images on the agent that are to go (`left_on_agent`).
    """
    repository, version = release.repository, release.version
    labels = {
        SERVICE: pipeline.identity,
        VERSION: version,
        GIT_SHA: release.git_sha,
        BUILD_URL: release.build_url,
    }
    image = pipeline.image
    local = f"{repository}:{version}"
    untag = (RemoveTag(f"{repository}:{LATEST}"), RemoveTag(local))
    steps: tuple[Step, ...] = (
        *removals(found),
        BuildImage(image.context, image.dockerfile, local, labels, dict(image.build_args)),
        TagImage(local, repository, LATEST),
        PushImage(repository, version),
        PushImage(repository, LATEST),
        *untag,
    )
    return Plan((Phase("image", {AGENT: steps}),), (Phase("take back", {AGENT: untag}),))
