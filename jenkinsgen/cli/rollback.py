"""`jenkinsgen rollback`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC, WAIT, run_on_spec
from jenkinsgen.stages.rollback import rollback as run_rollback

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@click.option(
    "--to", "version", metavar="VERSION", default="", help="An older version, as jenkinsgen status shows them."
)
@WAIT
def rollback(spec: Path, version: str, wait: float) -> None:
    """Go back to the release before the live one, or to VERSION.

    Where that release still runs, it is one flag. Where it does not, it is started again from its digest, and gets
    traffic when every server is healthy.
    """
    run_on_spec(partial(run_rollback, version=version, wait=wait), spec)
