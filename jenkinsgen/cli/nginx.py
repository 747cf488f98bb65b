"""`jenkinsgen nginx`: the site file, to look at or to set up by hand."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.output import hand_over, say
from jenkinsgen.nginx.scripts import INSTALL, script
from jenkinsgen.nginx.site import flag_folder, render_site, site_path, upstreams_of
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline

SPEC = click.argument("spec", type=click.Path(path_type=Path))


def _in_mode_flag(spec: Path) -> Pipeline:
    pipeline = load_spec(spec).pipeline
    if pipeline.nginx.mode != "flag":
        raise click.UsageError("nginx.mode is reload: there the team's own files are used")
    return pipeline


@click.group()
def nginx() -> None:
    """Print the site file, or a script that installs it.

    In mode reload the site files are the team's own.
    """


@nginx.command()
@SPEC
def show(spec: Path) -> None:
    """Print the site file that a deployment would install."""
    pipeline = _in_mode_flag(spec)
    hand_over(render_site(pipeline, upstreams_of(pipeline)).text, nl=False)


@nginx.command()
@SPEC
@click.option("--owner", help="The user that deploys; by default the one of nginx.host.")
@click.option(
    "--take-back",
    is_flag=True,
    help="Also where the file was edited by hand: the edited one is kept beside it, as .NAME.edited.",
)
def setup(spec: Path, owner: str | None, *, take_back: bool) -> None:
    """Print a script that installs the site file.

    An administrator runs it once on the NGINX host, where the deploying user has no sudo:

    jenkinsgen nginx setup pipelines/shop.yaml | ssh root@nginx sh
    """
    pipeline = _in_mode_flag(spec)
    user = owner or pipeline.nginx.host.user
    if user is None:
        raise click.UsageError("nginx.host names no user; say who deploys with --owner")
    site = render_site(pipeline, upstreams_of(pipeline)).text
    flags = flag_folder(pipeline)
    container, service = pipeline.nginx.container or "", pipeline.service.name
    arguments = (site_path(pipeline), flags, user, container, service, "", "yes" if take_back else "", "")
    say(f"{shlex.join(['sh', '-c', script(*INSTALL), 'sh', *arguments])} <<'JENKINSGEN'\n{site}JENKINSGEN")
