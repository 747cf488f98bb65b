"""`jenkinsgen deploy-colour`: the second of the stages of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC, run_on_spec
from jenkinsgen.stages.deploy_colour import deploy_colour as run_deploy_colour

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
def deploy_colour(spec: Path) -> None:
    """Start it on every server, and wait until all are healthy.

    When one server does not get healthy, it is removed everywhere and the old colour keeps serving.
    """
    run_on_spec(run_deploy_colour, spec)
