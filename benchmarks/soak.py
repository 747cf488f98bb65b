"""A thousand switches in a row under load: `make soak`.

    python benchmarks/soak.py [--switches 1000] [--servers 2] [--json FILE] [--docs docs/benchmarks.md]

No request may fail or be handled twice, and neither NGINX nor the process that switches may grow. That is one process
for all switches: each goes the whole way of `jenkinsgen rollback` (connections, lease, journal, looks, flag, proof), so
whatever one of them leaves behind adds up where it can be seen. Ends with 1 when something failed or grew.
"""

# ruff: noqa: INP001, S101 - programs, not a package, and asserts that tell mypy what holds

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click
import figures
from figures import Figure
from fleet import Fleet, as_root, fleet, sandbox
from machine import load, machine
from processes import Holding

from jenkinsgen.sandbox.clients.traffic import Load, Profile, Target
from jenkinsgen.sandbox.demo import ORDERS_LOG, SERVER_NAME, read_remote_file
from jenkinsgen.sandbox.demo_result import count_orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.sandbox.clients.traffic_result import LoadResult
    from jenkinsgen.sandbox.demo_result import OrderCount

MOST_SECONDS = 3600.0
# At first caches fill, here and in NGINX: what is the usual is what the first tenth ends with.
WARM_UP = 0.1
# Chosen after the first long run, which grew by 1.3 MiB (docs/benchmarks.md): 2.6 KiB for each switch in between.
MEBIBYTES = 2.0
# A request of NGINX is a file, too, and the load goes on.
NGINX_FILES = 64
_WORKERS = """
for pid in $(cat /run/nginx.pid) $(pgrep -P $(cat /run/nginx.pid)); do
    echo $(sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status) $(ls /proc/$pid/fd | wc -l)
done
"""


@dataclass
class Soak:
    """What was seen, one entry for each switch, and what the load saw."""

    flag_ms: list[float] = field(default_factory=list)
    agent: list[Holding] = field(default_factory=list)
    nginx: list[Holding] = field(default_factory=list)
    """Its master and all workers together; `threads` are its processes."""


@click.command()
@click.option("--switches", default=1000)
@click.option("--servers", default=2)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write what was seen to this file.")
@click.option("--docs", type=click.Path(path_type=Path), help="Also put the table into this page.")
def main(switches: int, servers: int, json_file: Path | None, docs: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name, sandbox(servers) as hosts, fleet(hosts, servers, Path(name)) as some:
        here = machine(hosts)
        versions = _two_warm_releases(some)
        target = Target(hosts.nginx.address, 80, SERVER_NAME, allowed=(IPv4Network(hosts.subnet),))
        users = Load(target, Profile(seconds=MOST_SECONDS)).start()
        soak = Soak()
        try:
            for said in _switches(some, switches, versions):
                soak.flag_ms.append(said.pop("flag_ms"))
                soak.agent.append(Holding(**said))
                soak.nginx.append(_nginx(some))
        finally:
            seen = users.stop()
        orders = count_orders([read_remote_file(hosts, server, ORDERS_LOG) for server in some.servers], seen)
        some.stage("cleanup")
    here["when it ended"] = load()
    table = _figures(soak, seen, orders)
    figures.show(table, here)
    if json_file:
        rounds = {name: [vars(each) for each in held] for name, held in (("agent", soak.agent), ("nginx", soak.nginx))}
        figures.write_json(json_file, table, here, {"flag_ms": soak.flag_ms, **rounds})
    if docs:
        figures.write_into(docs, "make soak", figures.markdown(table, here))
    raise SystemExit(not all(figure.met for figure in table))


def _two_warm_releases(fleet: Fleet) -> tuple[str, str]:
    """The one that is not live first: the first switch goes to it."""
    versions: list[str] = []
    for _ in range(2):
        fleet.workspace.build()
        for stage in ("build-image", "deploy-colour", "switch-nginx"):
            fleet.stage(stage)
        versions.append(fleet.workspace.release["version"])
    return versions[0], versions[1]


def _switches(fleet: Fleet, count: int, versions: tuple[str, str]) -> Iterator[dict[str, Any]]:
    program = Path(__file__).with_name("switches.py")
    workspace = fleet.workspace
    process = subprocess.Popen(
        [sys.executable, str(program), str(workspace.spec_file), str(count), *versions],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode != 0:
        raise SystemExit(f"the switches ended with {process.returncode}")


def _nginx(fleet: Fleet) -> Holding:
    found = [line.split() for line in as_root(fleet.sandbox, fleet.sandbox.nginx, _WORKERS).splitlines()]
    return Holding(sum(int(memory) for memory, _ in found) / 1024, len(found), sum(int(files) for _, files in found))


def _figures(soak: Soak, seen: LoadResult, orders: OrderCount) -> list[Figure]:
    what = f"{len(soak.flag_ms)} switches, {seen.requests} requests in {seen.seconds:.0f} s"
    flags = f"median of {len(soak.flag_ms)}, worst {max(soak.flag_ms):.1f} ms"
    return [
        Figure("requests that failed", seen.failed, "", 0, what),
        Figure("orders handled twice", orders.duplicated, "", 0, f"{len(seen.accepted)} orders"),
        Figure("orders lost", orders.lost, "", 0),
        Figure("kept connections that a switch closed", seen.idle_closed + seen.websockets_cut, "", 0),
        Figure("the flag itself", median(soak.flag_ms), " ms", 5, flags),
        *_growth("the agent", soak.agent, files=0),
        *_growth("NGINX", soak.nginx, files=NGINX_FILES),
    ]


def _growth(who: str, held: list[Holding], *, files: int) -> list[Figure]:
    """The last tenth against the one after the warm-up, each by its median."""
    tenth = max(1, round(len(held) * WARM_UP))
    early, late = held[tenth : 2 * tenth] or held[-1:], held[-tenth:]

    def row(what: str, unit: str, limit: float, first: list[float], last: list[float]) -> Figure:
        before, after = median(first), median(last)
        return Figure(
            f"{who}: {what} that it grew by", after - before, unit, limit, f"from {before:.1f} to {after:.1f}"
        )

    return [
        row("memory", " MiB", MEBIBYTES, [each.mebibytes for each in early], [each.mebibytes for each in late]),
        row("files", "", files, [each.files for each in early], [each.files for each in late]),
        row("threads or processes", "", 0, [each.threads for each in early], [each.threads for each in late]),
    ]


if __name__ == "__main__":
    main()
