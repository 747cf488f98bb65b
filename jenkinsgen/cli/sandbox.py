"""`jenkinsgen sandbox`: servers in containers on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.world import world_options
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.cli.sandbox_demo import demo
from jenkinsgen.cli.sandbox_run import run
from jenkinsgen.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.sandbox import HostStatus, Sandbox


@click.group()
def sandbox() -> None:
    """Start real servers in containers on this machine."""


sandbox.add_command(demo)
sandbox.add_command(run)


@sandbox.command()
@click.option("--servers", type=click.IntRange(1, 200), help="App servers; 2 for a new sandbox.")
@world_options
@click.option("--jenkins", is_flag=True, help="Also a Jenkins server; its image must be pulled.")
@click.option("--swarm", is_flag=True, help="The app servers as the nodes of one Docker Swarm.")
def up(servers: int | None, release: str | None, engine: str | None, jenkins: bool, swarm: bool) -> None:
    """Start app servers, an NGINX host and a registry.

    Or what is stopped of them.
    """
    from jenkinsgen.sandbox import lifecycle  # noqa: PLC0415 - `--help` does not need it

    made = lifecycle.up(servers, Report(), release=release, app_engine=engine, jenkins=jenkins, as_swarm=swarm)
    _print_found(made, lifecycle.status(made), lifecycle.jenkins_settings())
    if swarm:
        say("swarm: add the line `engine: swarm` to the spec, and its stages talk to app1 alone")


@sandbox.command()
@click.option("--all", "everything", is_flag=True, help="Also the cached image, and the Docker engine if it is ours.")
def down(everything: bool) -> None:
    """Remove the sandbox.

    The cached image stays, so that the next `up` is quick.
    """
    from jenkinsgen.sandbox import lifecycle  # noqa: PLC0415

    lifecycle.down(Report(), everything=everything)


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show the hosts and how to log in to them."""
    from jenkinsgen.sandbox import lifecycle  # noqa: PLC0415

    made = lifecycle.load()
    found = lifecycle.status(made) if made else []
    if as_json:
        hand_over_json(_as_json(made, found))
    elif made:
        _print_found(made, found, lifecycle.jenkins_settings())
    else:
        say("there is no sandbox; start one with: jenkinsgen sandbox up")


def _as_json(made: Sandbox | None, found: list[HostStatus]) -> str:
    described = json.loads(made.to_json()) if made else None
    if described:
        del described["registry_password"]  # it is in the credentials file
    return json.dumps({"sandbox": described, "hosts": [asdict(host) for host in found]}, indent=2)


def _print_found(made: Sandbox, found: list[HostStatus], jenkins_settings: Path | None) -> None:
    _print_table(found)
    say(f"\nworld: {made.world}")
    say(f"spec: {made.spec_file}")
    say(f"try:  JENKINSGEN_SSH_KEY={made.key_file} jenkinsgen status {made.spec_file}")
    if jenkins_settings is not None:
        say(f"jenkins: user, password and token are in {jenkins_settings} (for --jenkins-file)")


def _print_table(found: list[HostStatus]) -> None:
    rows = [("NAME", "ROLE", "ADDRESS", "STATE", "ENGINE", "LOG IN")]
    for host in found:
        engine = (host.engine or "does not answer") if host.role == "app" else "-"
        rows.append((host.name, host.role, host.address, host.state, engine, host.ssh))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
