"""`jenkinsgen build-image`: the first of the stages of a pipeline."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC, WAIT, run_on_spec
from jenkinsgen.stages.build_image import build_image as run_build_image

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@WAIT
@click.option(
    "--allow-older",
    is_flag=True,
    envvar="JENKINSGEN_ALLOW_OLDER",
    help="Deploy although a newer build of the same job has been live.",
)
def build_image(spec: Path, wait: float, allow_older: bool) -> None:
    """Build and push the image for the colour that is idle.

    NGINX is asked which colour gets the traffic; the other one is idle.
    """
    run_on_spec(partial(run_build_image, wait=wait, allow_older=allow_older), spec)
