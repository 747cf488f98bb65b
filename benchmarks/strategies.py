"""What each strategy costs, on the same servers under the same load: `make strategies`.

    python benchmarks/strategies.py [--servers 4] [--json FILE] [--docs docs/strategies.md]

For each: one release, then the way back from it. Ends with 1 when a request failed.
"""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import json
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import figures
from fleet import START_SECONDS, Fleet, fleet, sandbox
from machine import machine

from jenkinsgen.sandbox.clients.traffic import Load, Profile, Target
from jenkinsgen.sandbox.demo import SERVER_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jenkinsgen.sandbox.clients.traffic_result import LoadResult

MOST_SECONDS = 900.0
LOOK_SECONDS = 0.5
HOLD = "5s"
# All clients of the load have one address, so each request is a client here.
CANARY = {
    "steps": [{"percent": 5, "hold": HOLD}, {"percent": 25, "hold": HOLD}],
    "sticky": "none",
    # How long a deployment takes is measured; whether few clients made enough requests is chance.
    "unjudged": "continue",
}


@dataclass(frozen=True)
class Strategy:
    """What the spec says, and which stages stand between the build and the clean-up."""

    name: str
    spec: Mapping[str, Any]
    stages: Sequence[tuple[str, ...]]
    back: tuple[str, ...]
    """The way back, before the clean-up."""


STRATEGIES = (
    Strategy("blue-green", {}, (("deploy-colour",), ("switch-nginx",)), ("rollback",)),
    Strategy(
        f"canary, 5 % and 25 % for {HOLD} each",
        {"strategy": "canary", "guard": {"window": "2s"}, "canary": CANARY},
        (("deploy-colour",), ("canary step", "5"), ("canary step", "25"), ("switch-nginx",)),
        ("rollback",),
    ),
    Strategy("rolling, one server at a time", {"strategy": "rolling"}, (("roll-out",),), ("rollback",)),
)


@dataclass
class Cost:
    """Of one strategy; seconds."""

    strategy: str
    deploying: float
    """From the image to all clients on the new release."""
    back: float
    mixed: float
    """Both versions answered, in the deployment alone."""
    containers: int
    """The most that one server ran at a time."""
    requests: int
    failed: int
    late: int


@click.command()
@click.option("--servers", default=4)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it to this file.")
@click.option("--docs", type=click.Path(path_type=Path), help="Also put the table into this page.")
def main(servers: int, json_file: Path | None, docs: Path | None) -> None:
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory() as name, sandbox(servers) as hosts:
        here = machine(hosts)
        for strategy in STRATEGIES:
            click.echo(strategy.name, err=True)
            with fleet(hosts, servers, Path(name) / strategy.name.split(",")[0]) as some:
                costs.append(_cost(some, strategy))
    text = _table(costs, here, servers)
    click.echo(text, nl=False)
    if json_file:
        json_file.write_text(json.dumps({"costs": [asdict(each) for each in costs], "machine": here}, indent=2) + "\n")
    if docs:
        figures.write_into(docs, "make strategies", text)
    raise SystemExit(any(each.failed for each in costs))


def _cost(some: Fleet, strategy: Strategy) -> Cost:
    some.workspace.change_spec(**strategy.spec)
    _deploy(some, strategy)
    some.stage("cleanup")
    with _load(some) as users, _counted(some) as most:
        some.workspace.build(start_seconds=START_SECONDS)
        some.stage("build-image")
        deploying = _moved(some, strategy)
        during = users.stop()
    with _load(some) as users:
        began = time.monotonic()
        some.stage(*strategy.back)
        back = time.monotonic() - began
        after = users.stop()
    return Cost(
        strategy.name,
        deploying,
        back,
        during.mixed_seconds,
        most[0],
        *(sum(getattr(seen, what) for seen in (during, after)) for what in ("requests", "failed", "late")),
    )


def _deploy(some: Fleet, strategy: Strategy) -> None:
    some.workspace.build(start_seconds=START_SECONDS)
    some.stage("build-image")
    first = strategy.stages if strategy.name.startswith("rolling") else (("deploy-colour",), ("switch-nginx",))
    for stage in first:
        some.stage(*stage)


def _moved(some: Fleet, strategy: Strategy) -> float:
    began = time.monotonic()
    for stage in strategy.stages:
        some.stage(*stage)
    return time.monotonic() - began


class _Users:
    """A load that ends once."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._seen: LoadResult | None = None

    def stop(self) -> LoadResult:
        if self._seen is None:
            self._seen = self._load.stop()
        return self._seen


@contextmanager
def _load(some: Fleet) -> Iterator[_Users]:
    target = Target(some.sandbox.nginx.address, 80, SERVER_NAME, allowed=(IPv4Network(some.sandbox.subnet),))
    users = _Users(Load(target, Profile(seconds=MOST_SECONDS)).start())
    try:
        yield users
    finally:
        users.stop()


@contextmanager
def _counted(some: Fleet) -> Iterator[list[int]]:
    """The most containers that ran on the first server at any look."""
    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            most[0] = max(most[0], len(some.said_by(some.servers[0], "docker ps -q").split()))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        over.set()
        looking.join()


def _table(costs: list[Cost], here: Mapping[str, str], servers: int) -> str:
    lines = [
        "| | deployed in | both versions serve for | containers on a server, at most | way back | requests | failed |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.strategy} | {each.deploying:.1f} s | {each.mixed:.1f} s | {each.containers} | {each.back:.1f} s "
        f"| {each.requests} | {each.failed} |"
        for each in costs
    ]
    where = "; ".join(f"{name} {value}" for name, value in here.items())
    return "\n".join([*lines, "", f"{servers} servers; {where}."]) + "\n"


if __name__ == "__main__":
    main()
