"""The journal as it would be, had every build been able to write down what it did."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jenkinsgen.deploy.state.journal import became_live, release_of
from jenkinsgen.deploy.strategies.registry import strategy_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


def reconciled(
    journal: Journal,
    pipeline: Pipeline,
    live: Colour | None,
    containers: Iterable[Container],
    now: int,
    *,
    out: int = 0,
) -> Journal:
    """The journal as it would be, had every build been able to write down what it did; `out` is the batch of servers
    that is out of the traffic.

    A build that is killed between its switch and its last word leaves NGINX ahead of the journal, and a damaged
    journal is empty; the labels of the live containers tell what serves.
    """
    if live is None:
        return journal
    serving = [c for c in containers if c.version and c.running and c.belongs_to(pipeline.identity, live)]
    counts = Counter(container.version for container in serving)
    if not serving or journal.live in counts:
        return journal
    # A server that was out of the spec for a while may still run a release of long ago.
    [(version, servers)] = counts.most_common(1)
    if strategy_of(pipeline).is_unfinished(journal, servers, out):
        return journal
    found = next(container for container in serving if container.version == version)
    return became_live(journal, release_of(found, pipeline, live), now)
