"""Which images may go: one decision for every path that makes room on a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.observed import SERVICE, VERSION
from jenkinsgen.deploy.steps import RemoveImage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from jenkinsgen.deploy.observed import Container, ServerState, StoredImage
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal


def surplus_images(
    images: Sequence[StoredImage], needed: Collection[str], journal: Journal, keep_releases: int
) -> tuple[StoredImage, ...]:
    """The unneeded ones of `images` (all of one service on one server, the newest first).

    Never one of a `needed` version: live, warm, or being deployed. Of the others `keep_releases` stay: the newest
    that were live and were not taken back, as the journal has it; where there is no journal, the newest by age.
    """
    others = [image for image in images if image.version not in needed]
    by_age = list(dict.fromkeys(image.version for image in others))
    kept = journal.kept(keep_releases) if journal.entries else frozenset(by_age[:keep_releases])
    return tuple(image for image in others if image.version not in kept)


def versions_in_use(containers: Iterable[Container], identity: str) -> set[str]:
    """The versions that have a container, running or not, ours or one that a person made of our image to look at it.

    Containers inherit the labels of their image; without its image a stopped one never starts again.
    """
    return {
        container.labels[VERSION]
        for container in containers
        if container.labels.get(SERVICE) == identity and VERSION in container.labels
    }


def removals(images: Iterable[StoredImage]) -> tuple[RemoveImage, ...]:
    return tuple(RemoveImage(image.id, image.version) for image in images)


def refused_image(server: ServerState, release: Release) -> tuple[RemoveImage, ...]:
    """The removal of a refused release's image; none when the image was there before the attempt."""
    if any(image.version == release.version for image in server.images):
        return ()
    if any(container.version == release.version for container in server.containers):
        return ()
    return (RemoveImage(release.reference, release.version),)
