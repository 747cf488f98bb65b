"""`jenkinsgen roll-out`: with `strategy: rolling` the stage between build-image and cleanup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC, run_on_spec
from jenkinsgen.stages.roll_out import roll_out as run_roll_out

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
def roll_out(spec: Path) -> None:
    """Replace what runs, one batch of servers after the other.

    With `strategy: rolling`, instead of deploy-colour and switch-nginx. When a server does not get healthy, the
    release before runs on all of them again.
    """
    run_on_spec(run_roll_out, spec)
