"""`jenkinsgen plan`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import AS_JSON, SPEC
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.deploy.forecast import forecast_data, forecast_lines
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.operate.plan import plan as plan_stages

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@AS_JSON
def plan(spec: Path, as_json: bool) -> int:
    """Show what a deployment would do now, on every host.

    Nothing is changed. Ends with 0 if the deployment would go, else with the code that it would end with.
    """
    found = plan_stages(load_spec(spec).pipeline, Report())
    if as_json:
        hand_over_json(json.dumps(forecast_data(found), indent=2))
    else:
        say("\n".join(forecast_lines(found)))
    return found.exit_code
