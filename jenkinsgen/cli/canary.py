"""`jenkinsgen canary`: some of the clients for a release."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import AS_JSON, SPEC, WAIT, run_on_spec
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.deploy.strategies.canary.owner import canary_data, canary_lines
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.canary.abort import canary_abort
from jenkinsgen.stages.canary.by_hand import canary_promote, canary_set
from jenkinsgen.stages.canary.show import look_at_canary
from jenkinsgen.stages.canary.step import canary_step

if TYPE_CHECKING:
    from pathlib import Path

PERCENT = click.argument("percent", type=click.IntRange(1, 99))


@click.group()
def canary() -> None:
    """Give a release some of the clients first, or end that."""


@canary.command()
@PERCENT
@SPEC
def step(percent: int, spec: Path) -> None:
    """One step of the spec, as the Jenkinsfile takes it.

    This build's release gets PERCENT of the clients and is watched for as long as the step says. When it does
    badly, the live colour has all clients again.
    """
    run_on_spec(partial(canary_step, percent=percent), spec)


@canary.command(name="set")
@click.argument("percent", type=click.IntRange(0, 99))
@SPEC
@WAIT
def set_percent(percent: int, spec: Path, wait: float) -> None:
    """Give PERCENT of the clients to what was deployed last.

    It is not watched. With 0 only testers get it (canary.override in the spec).
    """
    run_on_spec(partial(canary_set, percent=percent, wait=wait), spec)


@canary.command()
@SPEC
@WAIT
def promote(spec: Path, wait: float) -> None:
    """Move all traffic to it, and prove it."""
    run_on_spec(partial(canary_promote, wait=wait), spec)


@canary.command()
@SPEC
def abort(spec: Path) -> None:
    """Move all clients back, then remove it.

    In a build of Jenkins only what that build began; by hand whatever there is.
    """
    run_on_spec(canary_abort, spec)


@canary.command()
@SPEC
@AS_JSON
def show(spec: Path, as_json: bool) -> None:
    """Show how many percent it has, since when, and whose it is."""
    pipeline = load_spec(spec).pipeline
    seen = look_at_canary(pipeline, Report())
    if as_json:
        hand_over_json(json.dumps({"service": pipeline.service.name, "canary": canary_data(seen)}))
    else:
        say("\n".join(canary_lines(seen)))
