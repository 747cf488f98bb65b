"""The demo's releases under load in each world that servers may be of: `make worlds`.

    python benchmarks/worlds.py [--world trixie]... [--json FILE] [--docs docs/sandbox.md]

Each world is a sandbox of its own that is made, used and removed. Ends with 1 when one is not as it promises.
"""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import figures
from fleet import as_root

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.report import Report
from jenkinsgen.sandbox.demo import run_demo
from jenkinsgen.sandbox.place import NAME_VARIABLE
from jenkinsgen.sandbox.world import World, all_worlds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.sandbox import Host, Sandbox
    from jenkinsgen.sandbox.demo_result import DemoResult

SERVERS = 2
WORLDS = {str(world): world for world in all_worlds()}


@dataclass(frozen=True)
class Versions:
    """What the hosts of a world say that they are."""

    engine: str
    nginx: str
    openssh: str


@dataclass(frozen=True)
class Outcome:
    """What the demo showed in one world. Without `versions` it was not even made."""

    world: str
    versions: Versions | None
    deployed: int = 0
    refused: int = 0
    requests: int = 0
    failed: int = 0
    duplicated: int = 0
    problems: tuple[str, ...] = ()


@click.command()
@click.option("--world", "names", type=click.Choice(list(WORLDS)), multiple=True, help="Only this one; repeatable.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it to this file.")
@click.option("--docs", type=click.Path(path_type=Path), help="Also put the table into this page.")
def main(names: tuple[str, ...], json_file: Path | None, docs: Path | None) -> None:
    os.environ.setdefault(NAME_VARIABLE, "worlds")
    outcomes = [_try(WORLDS[name]) for name in names or WORLDS]
    text = table(outcomes)
    click.echo(text, nl=False)
    for outcome in outcomes:
        for problem in outcome.problems:
            click.echo(f"wrong: {outcome.world}: {problem}")
    if json_file:
        json_file.write_text(json.dumps([asdict(each) for each in outcomes], indent=2) + "\n", encoding="utf-8")
    if docs:
        figures.write_into(docs, "make worlds", text)
    raise SystemExit(any(outcome.problems for outcome in outcomes))


def _try(world: World) -> Outcome:
    """The demo in this world; the next one is tried whatever comes of it."""
    report = Report()
    report.title(f"world: {world}")
    versions = None
    sandboxes.down(report)
    try:
        versions = _versions(world, sandboxes.up(SERVERS, report, release=world.release, app_engine=world.engine))
        return _outcome(world, versions, run_demo(SERVERS, report))
    except JenkinsgenError as error:
        return Outcome(str(world), versions, problems=(error.message,))
    finally:
        sandboxes.down(report)


def _versions(world: World, sandbox: Sandbox) -> Versions:
    engine = next(host.engine for host in sandboxes.status(sandbox) if host.role == "app")
    nginx = as_root(sandbox, sandbox.nginx, "nginx -v 2>&1")
    return Versions(f"{world.engine.capitalize()} {engine}", nginx.rpartition("/")[2].strip(), _openssh(sandbox.nginx))


def _openssh(host: Host) -> str:
    """As sshd says it to everybody: `SSH-2.0-OpenSSH_9.2p1 Debian-2`."""
    with socket.create_connection((host.address, 22), timeout=10) as connection:
        return connection.recv(100).decode().partition("OpenSSH_")[2].split()[0]


def _outcome(world: World, versions: Versions, demo: DemoResult) -> Outcome:
    return Outcome(
        str(world),
        versions,
        deployed=demo.deployments,
        refused=demo.refused,
        requests=demo.load.requests,
        failed=demo.load.failed,
        duplicated=demo.orders.duplicated,
        problems=tuple(demo.problems()),
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """A row for each world."""
    lines = [
        "| world | app servers | NGINX | OpenSSH | deployed | refused | requests | failed | handled twice |",
        "|---|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for each in outcomes:
        said = (each.versions.engine, each.versions.nginx, each.versions.openssh) if each.versions else ("", "", "")
        counts = (each.deployed, each.refused, each.requests, each.failed, each.duplicated)
        lines.append(f"| {' | '.join(map(str, (each.world, *said, *counts)))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
