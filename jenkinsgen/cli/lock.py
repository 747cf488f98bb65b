"""`jenkinsgen lock`: the lease of a service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import AS_JSON, SPEC
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.deploy.state.holding import holding_data, holding_lines
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.operate.lock import look_at_lease, release_lease

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def lock() -> None:
    """Show who may deploy now, or give back a lease.

    One build of a service deploys at a time: it holds the lease.
    """


@lock.command()
@SPEC
@AS_JSON
def show(spec: Path, as_json: bool) -> None:
    """Show who holds the lease, and since when.

    And whether that build is known to be dead, so that the next one takes it over.
    """
    pipeline = load_spec(spec).pipeline
    seen = look_at_lease(pipeline, Report())
    if as_json:
        now = seen.found.now if seen.found else None
        hand_over_json(json.dumps({"service": pipeline.service.name, "now": now, "lease": holding_data(seen.holding)}))
    elif seen.holding is not None:
        say("\n".join(holding_lines(seen.holding)))
    elif seen.found is None:
        say(f"nobody holds the lease: {pipeline.service.name} was never deployed")
    else:
        say("nobody holds the lease")


@lock.command()
@SPEC
@click.option("--force", is_flag=True, help="Also when its holder is not known to be dead.")
def release(spec: Path, force: bool) -> None:
    """Give back the lease of a build that is dead.

    Or of one whose lease expired. The history tells who did it.

    The next build would take such a lease over by itself. With --force any lease is given back: a holder that
    still runs stops before its next step, with exit code 8.
    """
    holding = release_lease(load_spec(spec).pipeline, Report(), force=force)
    if holding is None:
        say("nobody holds the lease")
        return
    say(f"given back: the lease of {holding.holder.title}")
