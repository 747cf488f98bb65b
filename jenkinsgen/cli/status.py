"""`jenkinsgen status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import AS_JSON, SPEC
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.deploy.status.screen import status_data, status_lines
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.operate.status import status as look

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@AS_JSON
def status(spec: Path, as_json: bool) -> int:
    """Show what runs, what gets traffic, who deploys, what drifted.

    Ends with 0 when everything could be looked at, drift or not; with 4 when a host could not be reached.
    """
    found = look(load_spec(spec).pipeline, Report())
    if as_json:
        hand_over_json(json.dumps(status_data(found), indent=2))
    else:
        say("\n".join(status_lines(found)))
    return found.seen.trouble.exit_code if found.seen.trouble else 0
