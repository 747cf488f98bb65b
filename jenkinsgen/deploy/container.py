"""The container that a spec and a release make, whatever engine runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.container.settings import ContainerSettings
from jenkinsgen.deploy.observed import BUILD_URL, COLOUR, DIGEST, GIT_SHA, SERVICE, VERSION
from jenkinsgen.deploy.steps import StartContainer
from jenkinsgen.spec.addresses import is_loopback

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


def container_name(pipeline: Pipeline, colour: Colour) -> str:
    return f"{pipeline.service.name}-{colour}"


def start_container(pipeline: Pipeline, release: Release) -> StartContainer:
    """All that it needs but its secrets' values."""
    service = pipeline.service
    return StartContainer(
        name=container_name(pipeline, release.colour),
        image=release.reference,
        host_port=service.ports.of(release.colour),
        container_port=service.container_port,
        labels={
            SERVICE: pipeline.identity,
            COLOUR: str(release.colour),
            VERSION: release.version,
            DIGEST: release.digest,
            GIT_SHA: release.git_sha,
            BUILD_URL: release.build_url,
        },
        environment=dict(service.environment),
        secrets=tuple(sorted(service.secrets)),
        settings=ContainerSettings.of(service),
        # Then there is one server alone (spec/addresses.py).
        loopback=any(is_loopback(server.upstream) for server in pipeline.servers),
    )
