"""`jenkinsgen sandbox demo`: four releases under load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.world import world_options
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.report import Report

if TYPE_CHECKING:
    from rich.table import Table

    from jenkinsgen.sandbox.demo_result import DemoResult


@click.command()
@click.option("--servers", type=click.IntRange(1, 200), help="App servers; 2 for a new sandbox.")
@world_options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def demo(servers: int | None, release: str | None, engine: str | None, as_json: bool) -> int:
    """Release an app four times under load.

    The fourth release never becomes healthy, and is refused.

    The exit code is 0 when no request failed, none was handled twice, and the fourth release was refused.
    """
    from jenkinsgen.sandbox.demo import run_demo  # noqa: PLC0415 - `--help` does not need it

    result = run_demo(servers, Report(), release=release, app_engine=engine)
    problems = result.problems()
    if as_json:
        hand_over_json(json.dumps(result.as_dict(), indent=2))
    else:
        _print_tables(result)
        for problem in problems:
            say(f"wrong: {problem}")
        say(result.line())
    return 1 if problems else 0


def _print_tables(result: DemoResult) -> None:
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False)
    for table in (_releases(result), _load(result), _versions(result)):
        console.print(table)


def _releases(result: DemoResult) -> Table:
    from rich.table import Table  # noqa: PLC0415

    table = Table("stage, seconds", title="Releases", title_justify="left")
    for release in result.releases:
        table.add_column(f"{release.number}: {release.version}", justify="right")
    names = dict.fromkeys(stage.name for release in result.releases for stage in release.build.stages)
    for name in names:
        cells = []
        for release in result.releases:
            stage = next((stage for stage in release.build.stages if stage.name == name), None)
            said = "-" if stage is None or stage.status == "SKIPPED" else f"{stage.seconds:.1f}"
            ended = "failed" if release.healthy else "refused"
            cells.append(f"{said} {ended}" if stage and stage.status == "FAILURE" else said)
        table.add_row(name, *cells)
    table.add_section()
    table.add_row("switch, ms", *("-" if r.switch_ms is None else f"{r.switch_ms:.1f}" for r in result.releases))
    table.add_row("result", *(release.build.result for release in result.releases))
    return table


def _load(result: DemoResult) -> Table:
    from rich.table import Table  # noqa: PLC0415

    table = Table("kind", title=f"Load, {result.load.seconds:.0f} s; answers in ms", title_justify="left")
    for column in ("requests", "failed", "p50", "p99", "max", "late", "opened", "closed"):
        table.add_column(column, justify="right")
    for name, kind in result.load.kinds.items():
        latency = (f"{value:.0f}" for value in (kind.latency.p50, kind.latency.p99, kind.latency.maximum))
        ended = kind.connections.closed_while_idle + kind.connections.cut
        table.add_row(
            name,
            str(kind.requests),
            str(kind.failed),
            *latency,
            str(kind.late),
            str(kind.connections.opened),
            str(ended),
        )
    return table


def _versions(result: DemoResult) -> Table:
    from rich.table import Table  # noqa: PLC0415

    mixed = f"{result.load.mixed_seconds:.3f} s with two at once"
    table = Table("version", title=f"Versions that answered, {mixed}", title_justify="left")
    for column in ("answers", "first answer, s", "last request, s", "last answer, s"):
        table.add_column(column, justify="right")
    for span in result.load.versions:
        times = (f"{at:.3f}" for at in (span.first_answer, span.last_sent, span.last_answer))
        table.add_row(span.version, str(span.answers), *times)
    return table
