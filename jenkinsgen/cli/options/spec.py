"""Options of the commands that work on one deployment."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from jenkinsgen import timings
from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.values import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.spec.pipeline import Pipeline

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

AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


class _Console(io.TextIOBase):
    """The console of a stage. When it is gone (a closed terminal, a full disk), that must not stop the stage, least of
    all while it takes something back.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def run_on_spec(work: Callable[[Pipeline, Report], object], spec: Path) -> None:
    """Read the spec and do the work."""
    report = Report(cast("TextIO", _Console(sys.stderr)))
    with timings.span("read the spec"):
        pipeline = load_spec(spec).pipeline
    work(pipeline, report)
