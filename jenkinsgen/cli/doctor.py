"""`jenkinsgen doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.doctor.check import Verdict, summary
from jenkinsgen.doctor.text import as_json, as_text
from jenkinsgen.errors import CheckFailed
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.operate.doctor import doctor as look

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@SPEC
@click.option("--json", "as_list", is_flag=True, help="For programs: a list of checks.")
def doctor(spec: Path, as_list: bool) -> None:
    """Look for all that could make a deployment fail.

    Nothing is changed.     Ends with 1 when something failed; warnings do not count.
    """
    checks = look(load_spec(spec).pipeline, str(spec), Report())
    if as_list:
        hand_over_json(as_json(checks))
    else:
        say(f"{as_text(checks)}\n{summary(checks)}")
    if any(check.verdict is Verdict.FAILED for check in checks):
        raise CheckFailed(f"a deployment with {spec} would fail", hint="the lines above with -> say what to do")
