"""Many switches, to and fro between two warm releases, in one process: `jenkinsgen rollback` as a function, each time.

    python benchmarks/switches.py SPEC COUNT VERSION VERSION   what soak.py starts, to have a process to itself

Works in the current folder, as a stage does. Prints a line for each switch: the milliseconds of the flag, and what
this process holds now.
"""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import click
from processes import holding

from jenkinsgen.report import Report
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.rollback import rollback


def main(spec: str, count: str, *versions: str) -> None:
    pipeline = load_spec(Path(spec)).pipeline
    for number in range(int(count)):
        rollback(pipeline, Report(io.StringIO()), version=versions[number % len(versions)])
        said = json.loads(Path(".jenkinsgen/rollback.json").read_text(encoding="utf-8"))
        if not said["warm"]:
            raise SystemExit(f"{said['to']} was not warm any more")
        click.echo(json.dumps({"flag_ms": said["switch_ms"], **asdict(holding(os.getpid()))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
