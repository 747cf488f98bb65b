"""`jenkinsgen cleanup`: the last of the stages of a pipeline."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC, run_on_spec
from jenkinsgen.stages.cleanup import cleanup as run_cleanup

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@click.option("--wait", is_flag=True, help="Wait until the bake is over, and watch it where the spec has a guard.")
def cleanup(spec: Path, wait: bool) -> None:
    """Let the old colour finish, then remove it.

    While it bakes (`bake` in the spec) it stays, and one flag goes back to it: jenkinsgen rollback.
    """
    run_on_spec(partial(run_cleanup, wait=wait), spec)
