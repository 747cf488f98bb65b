"""The entrypoints that a Jenkinsfile calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.spec_options import SPEC, WAIT, run_on_spec
from jenkinsgen.stages.build_image import build_image as run_build_image
from jenkinsgen.stages.cleanup import cleanup as run_cleanup
from jenkinsgen.stages.deploy_colour import deploy_colour as run_deploy_colour
from jenkinsgen.stages.roll_out import roll_out as run_roll_out
from jenkinsgen.stages.switch_nginx import switch_nginx as run_switch_nginx

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


@click.command()
@SPEC
def deploy_colour(spec: Path) -> None:
    """Start it on every server, and wait until all are healthy.

    When one server does not get healthy, it is removed everywhere and the old colour serves on.
    """
    run_on_spec(run_deploy_colour, spec)


@click.command()
@SPEC
def roll_out(spec: Path) -> None:
    """Replace what runs, one batch of servers after the other.

    With `strategy: rolling`, instead of deploy-colour and switch-nginx. When a server does not get healthy, the
    release before runs on all of them again.
    """
    run_on_spec(run_roll_out, spec)


@click.command()
@SPEC
def switch_nginx(spec: Path) -> None:
    """Move all traffic to it, and prove it.

    When a server does not answer through NGINX, the old colour is live again.
    """
    run_on_spec(run_switch_nginx, spec)


@click.command()
@SPEC
@click.option("--wait", is_flag=True, help="Wait until the bake is over, and watch it where the spec has a guard.")
def cleanup(spec: Path, wait: bool) -> None:
    """Let the old colour finish, then remove it.

    While it bakes (`bake` in the spec) it stays, and one flag goes back to it: jenkinsgen rollback.
    """
    run_on_spec(partial(run_cleanup, wait=wait), spec)
