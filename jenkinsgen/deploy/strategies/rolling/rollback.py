"""The target of a rollback with strategy `rolling`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.pipeline import Pipeline


def in_place(release: Release) -> Release:
    """The release in the live colour, where a rolling deployment replaces what runs."""
    return replace(release, colour=release.colour.other)


def half_way(journal: Journal, world: World, pipeline: Pipeline) -> Release | None:
    """The release that was live when an unfinished roll-out began; None when there is no such roll-out.

    A server that runs nothing is no sign of one: the live release may have crashed there.
    """
    entry, live = journal.entry(journal.live), world.live
    if entry is None or live is None:
        return None
    versions = {each.version for server in world.servers.values() for each in server.of(pipeline.identity, live)}
    return replace(entry.release, colour=live) if world.out or versions - {journal.live} else None
