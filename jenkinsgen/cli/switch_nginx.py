"""`jenkinsgen switch-nginx`: the third of the stages of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC, run_on_spec
from jenkinsgen.stages.switch_nginx import switch_nginx as run_switch_nginx

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
def switch_nginx(spec: Path) -> None:
    """Move all traffic to it, and prove it.

    When a server does not answer through NGINX, the old colour is live again.
    """
    run_on_spec(run_switch_nginx, spec)
