"""The four entrypoints that a Jenkinsfile calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jenkinsgen.report import Report
from jenkinsgen.spec.load import load_spec
from jenkinsgen.stages.build_image import build_image as run_build_image
from jenkinsgen.stages.cleanup import cleanup as run_cleanup
from jenkinsgen.stages.deploy_colour import deploy_colour as run_deploy_colour
from jenkinsgen.stages.switch_nginx import switch_nginx as run_switch_nginx

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.spec.pipeline import Pipeline

SPEC = click.argument("spec", type=click.Path(path_type=Path))


def _run(stage: Callable[[Pipeline, Report], object], spec: Path) -> None:
    stage(load_spec(spec).pipeline, Report())


@click.command()
@SPEC
def build_image(spec: Path) -> None:
    """Build and push the image for the colour that gets no traffic."""
    _run(run_build_image, spec)


@click.command()
@SPEC
def deploy_colour(spec: Path) -> None:
    """Start that colour on every server and wait until all are healthy."""
    _run(run_deploy_colour, spec)


@click.command()
@SPEC
def switch_nginx(spec: Path) -> None:
    """Move all traffic to it, and prove it."""
    _run(run_switch_nginx, spec)


@click.command()
@SPEC
def cleanup(spec: Path) -> None:
    """Let the old colour finish, then remove it."""
    _run(run_cleanup, spec)
