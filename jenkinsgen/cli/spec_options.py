"""What the commands that work on one deployment have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jenkinsgen.spec.values import parse_duration

SPEC = click.argument("spec", type=click.Path(path_type=Path))


class Duration(click.ParamType[float]):
    """`90s`, `10m`: as in a spec."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return value if isinstance(value, float) else parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


WAIT = click.option(
    "--wait", type=Duration(), default=0.0, help="How long to wait for another deployment to end (90s, 10m)."
)
