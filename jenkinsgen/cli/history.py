"""`jenkinsgen history`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import AS_JSON, SPEC
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.deploy.state.history import history_lines
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.operate.history import history as read

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many, at most.")
@AS_JSON
def history(spec: Path, count: int, as_json: bool) -> None:
    """Show who deployed what, when, with what result.

    The newest first.
    """
    events, damaged = read(load_spec(spec).pipeline, Report())
    shown = events[:count]
    if as_json:
        hand_over_json(json.dumps({"events": [asdict(event) for event in shown], "damaged_lines": damaged}, indent=2))
        return
    say("\n".join(history_lines(shown, damaged, len(events) - len(shown))))
