"""A row of the fault matrix: a fault under load, what a stage says to it, and the clean run after it."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import docker
import pytest
from sandbox_workspace import as_root, make_bare, on
from strategies import BLUE_GREEN

from jenkinsgen.sandbox.clients.traffic import Load, Target
from jenkinsgen.sandbox.demo_result import count_orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox_workspace import Workspace
    from strategies import Strategy

    from jenkinsgen.sandbox import Host, Sandbox
    from jenkinsgen.sandbox.clients.traffic import Profile
    from jenkinsgen.sandbox.clients.traffic_result import LoadResult

DRAIN = "5s"
UNDER_WAY_SECONDS = 1.0
MOST_SECONDS = 60
FOLDER = "/var/lib/jenkinsgen/shop"

# What lies in FOLDER when a run has ended well; and the flag when blue is live.
STATE_FILES = {".lock", "lease.json", "journal.json", "history.jsonl"}


@dataclass
class Row:
    """One line of the table."""

    fault: str
    stage: str = "-"
    """The one that met the fault."""
    exit_code: int | None = None
    requests: int = 0
    failed: int = 0
    lost: int = 0
    """Failed as well, but with the application itself that was killed while it had them."""
    idle_closed: int = 0
    websockets_cut: int = 0
    late: int = 0
    seconds: float = 0.0
    message: str = ""
    """Its first line."""
    hint: str = ""
    problem: str = "it did not come to its end"
    """Why the row is red; empty when it is green."""


@dataclass
class Fault:
    """What a test of the matrix does with its row; the fixture `fault` makes it."""

    row: Row
    workspace: Workspace
    strategy: Strategy = BLUE_GREEN
    never: set[str] = field(default_factory=set)
    """Versions that no request may have been answered by."""
    lost_with_process: set[str] = field(default_factory=set)
    """Kinds of requests of which those may fail that an application had when it was killed itself."""
    goes_back: bool = False
    """Whether a release may have served and been taken back: then one version answers before and after another."""

    @property
    def sandbox(self) -> Sandbox:
        return self.workspace.sandbox

    @property
    def live(self) -> str:
        """The colour that serves, by the flag itself."""
        return as_root(self.sandbox, self.sandbox.nginx, f"[ -e {FOLDER}/blue ] && echo blue || echo green").strip()

    @property
    def idle(self) -> str:
        return "green" if self.live == "blue" else "blue"

    @property
    def idle_port(self) -> int:
        return {"green": 8080, "blue": 8081}[self.idle]

    def await_idle(self) -> None:
        """Until the container of the idle colour is there on every server, beside the live one."""
        self.workspace.await_containers([["shop-blue", "shop-green"]] * len(self.sandbox.servers))

    @property
    def version(self) -> str:
        """Of the build that is under way."""
        return f"1.0.{self.workspace.number}"

    def build(self, **app: object) -> None:
        """Begin the build that meets the fault."""
        self.workspace.build(**app)

    def succeed(self, *stages: str) -> str:
        """Stages that go well before the fault, or in spite of it."""
        return self.workspace.succeed(*stages)

    def deploy(self) -> None:
        """A whole build that goes well."""
        self.build()
        self.succeed(*self.strategy.stages)

    def ends(self, stage: str, code: int, *says: str, hint: str = "", may_have_served: bool = False) -> str:
        """Run the stage that meets the fault; it must end with this code and say all of `says`, and `hint` in its hint.

        Without `may_have_served` no request may ever be answered by this build.
        """
        return self.ended(stage, self.workspace.run(stage), code, *says, hint=hint, may_have_served=may_have_served)

    def wait(
        self,
        stage: str,
        process: subprocess.Popen[str],
        code: int,
        *says: str,
        hint: str = "",
        may_have_served: bool = False,
    ) -> str:
        """The same for a stage that was started with `workspace.start`, so that the fault comes in its middle."""
        try:
            said, _ = process.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            pytest.fail(f"{stage} did not end within {MOST_SECONDS} s; it said\n{said}")
        result = (process.returncode, said)
        return self.ended(stage, result, code, *says, hint=hint, may_have_served=may_have_served)

    def ended(
        self,
        stage: str,
        result: tuple[int, str],
        code: int,
        *says: str,
        hint: str = "",
        may_have_served: bool = False,
    ) -> str:
        """A stage has met the fault: keep what it said for the table, and compare."""
        found, said = result
        self.row.stage, self.row.exit_code = stage, found
        self.row.message = _after("error: ", said)
        self.row.hint = _after("hint: ", said)
        if found != 0 and not may_have_served:
            self.never.add(self.version)
        assert found == code, f"{stage} ended with {found}, not {code}\n{said}"
        assert "Traceback" not in said, said
        for text in says:
            assert text in said, f"{text!r} is not in:\n{said}"
        assert hint in self.row.hint, said
        return said


def _after(mark: str, said: str) -> str:
    return next((line.removeprefix(mark) for line in said.splitlines() if line.startswith(mark)), "")


@dataclass
class Matrix:
    """All rows, on one workspace."""

    workspace: Workspace
    json_file: Path | None = None
    """Where the rows are written, after each of them."""
    rows: list[Row] = field(default_factory=list)
    clean: Strategy | None = None
    """A release serves that was deployed so, and the checks found nothing: the next row may begin with it."""

    @contextmanager
    def row(self, name: str, *, load: bool, alone: bool, strategy: Strategy) -> Iterator[Fault]:
        """A release serves under load; what the `with` block does; a build that goes well; the checks."""
        row = Row(name)
        self.rows.append(row)
        fresh, self.clean = alone or self.clean is not strategy, None
        try:
            with _fault_row(Fault(row, self.workspace, strategy), load=load, fresh=fresh) as fault:
                yield fault
        finally:
            if self.json_file:
                said = [asdict(each) for each in self.rows]
                self.json_file.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        self.clean = None if alone else strategy


@contextmanager
def _fault_row(fault: Fault, *, load: bool, fresh: bool) -> Iterator[Fault]:
    began = time.monotonic()
    row, workspace, strategy = fault.row, fault.workspace, fault.strategy
    running: Load | None = None
    seen: LoadResult | None = None
    try:
        _put_right(workspace, strategy)
        if fresh:
            make_bare(workspace.sandbox)
            fault.deploy()
        if load:
            running = _load(workspace.sandbox, strategy.profile)
        yield fault
        _put_right(workspace, strategy)
        fault.deploy()
        if running:
            time.sleep(UNDER_WAY_SECONDS)
    except BaseException as error:
        row.problem = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise
    finally:
        if running:
            seen = running.stop()
            _count(fault, seen)
        row.seconds = time.monotonic() - began
    problems = [*(_load_problems(fault, seen) if seen else []), *_leftovers(workspace)]
    row.problem = "; ".join(problems)
    assert not problems, "\n".join(problems)


def _put_right(workspace: Workspace, strategy: Strategy) -> None:
    """The spec, the app's settings and the variables of a row without a fault."""
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=workspace.folder, check=True)
    workspace.extra.clear()
    health = {"timeout": "10s", "interval": "100ms"}
    workspace.change_spec(service={"health": health}, cleanup={"drain": DRAIN, "grace": "2s"})
    workspace.change_spec(**strategy.spec)


def _load(sandbox: Sandbox, profile: Profile) -> Load:
    target = Target(sandbox.nginx.address, 80, "shop.test", allowed=(IPv4Network(sandbox.subnet),))
    load = Load(target, profile).start()
    time.sleep(UNDER_WAY_SECONDS)
    return load


def _count(fault: Fault, seen: LoadResult) -> None:
    row = fault.row
    lost = sum(kind.failed for name, kind in seen.kinds.items() if name in fault.lost_with_process)
    row.requests, row.failed, row.lost, row.late = seen.requests, seen.failed - lost, lost, seen.late
    row.idle_closed, row.websockets_cut = seen.idle_closed, seen.websockets_cut


def _load_problems(fault: Fault, seen: LoadResult) -> Iterator[str]:
    """What clients saw that they must not see."""
    workspace = fault.workspace
    for name, kind in seen.kinds.items():
        if kind.failed and name not in fault.lost_with_process:
            yield f"{kind.failed} requests of kind {name} failed: {'; '.join(kind.reasons)}"
    if seen.mixed_seconds > 0 and not fault.goes_back and not fault.strategy.mixed:
        yield f"two versions answered at the same time for {seen.mixed_seconds:.3f} s"
    versions = [span.version for span in seen.versions]
    if not versions or versions[-1] != fault.version or fault.never.intersection(versions):
        yield f"{', '.join(versions)} answered; the last must be {fault.version}, none of {sorted(fault.never)}"
    logs = [on(workspace.sandbox, server, "cat", "data/orders.log") for server in workspace.sandbox.servers]
    orders = count_orders(logs, seen)
    if orders.lost or orders.duplicated:
        yield f"{orders.lost} orders were lost, {orders.duplicated} handled twice"


def _leftovers(workspace: Workspace) -> Iterator[str]:
    """What lies about after a run that ended well and must not."""
    live, nginx = workspace.release["colour"], workspace.sandbox.nginx
    wanted = STATE_FILES | ({"blue"} if live == "blue" else set())
    found = workspace.containers()
    if found != [[f"shop-{live}"]] * len(found):
        yield f"containers on the servers: {found}, but {live} is live"
    status, version = workspace.get()
    if (status, version) != (200, f"1.0.{workspace.number}"):
        yield f"NGINX answers {status} with version {version}, not 1.0.{workspace.number}"
    versions = [running_versions(workspace.sandbox, server) for server in workspace.sandbox.servers]
    if versions != [[workspace.release["version"]]] * len(versions):
        yield f"the servers run {versions}, but {workspace.release['version']} is live"
    # The files of earlier percents stay; who has a canary is told by the link beside that folder.
    find = "find . -mindepth 1 -name canaries -prune -o -mindepth 1 -printf '%P\\n'"
    state = as_root(workspace.sandbox, nginx, f"cd {FOLDER}; {find}")
    if set(state.split()) != wanted:
        yield f"in the state folder: {sorted(state.split())}, not {sorted(wanted)}"
    drafts = as_root(workspace.sandbox, nginx, "find /etc/nginx -name '.*'; find /tmp -mindepth 1 -maxdepth 1")
    if drafts:
        yield f"on the NGINX host: {drafts.split()}"
    if tags := agent_tags(workspace.sandbox):
        yield f"tags on the agent: {tags}"


def running_versions(sandbox: Sandbox, server: Host) -> list[str]:
    """What runs there, by its label."""
    return on(sandbox, server, "docker", "ps", "--format", '{{.Label "jenkinsgen.version"}}').split()


def agent_tags(sandbox: Sandbox) -> list[str]:
    """The tags of this service in the agent's engine."""
    engine = docker.from_env()
    try:
        return [tag for image in engine.images.list() for tag in image.tags if tag.startswith(sandbox.registry)]
    finally:
        engine.close()


COLUMNS = ("fault", "stage", "exit", "requests", "failed", "idle", "websockets", "late", "seconds", "it said")


def table(rows: list[Row]) -> list[str]:
    """The rows as lines of text, a green one with `ok`."""
    cells = [
        (
            row.fault,
            row.stage,
            "-" if row.exit_code is None else str(row.exit_code),
            *(str(count) for count in (row.requests, row.failed, row.idle_closed, row.websockets_cut, row.late)),
            f"{row.seconds:.0f}",
            row.message,
        )
        for row in rows
    ]
    widths = [max(len(line[at]) for line in [COLUMNS, *cells]) for at in range(len(COLUMNS) - 1)]

    def line(state: str, parts: tuple[str, ...]) -> str:
        fixed = (part.ljust(width) for part, width in zip(parts, widths, strict=False))
        return f"{state:4} {'  '.join(fixed)}  {parts[-1]}".rstrip()

    lines = [line("", COLUMNS)]
    for row, parts in zip(rows, cells, strict=True):
        lines.append(line("RED" if row.problem else "ok", parts))
        if row.hint:
            lines.append(f"{'':4} {'hint:':>{widths[0]}}  {row.hint}")
        if row.lost:
            lines.append(f"{'':4} {'lost:':>{widths[0]}}  {row.lost} POSTs, with the process that was killed")
        if row.problem:
            lines.append(f"{'':4} {'problem:':>{widths[0]}}  {row.problem}")
    green = sum(not row.problem for row in rows)
    requests, failed = sum(row.requests for row in rows), sum(row.failed for row in rows)
    return [*lines, f"{green} of {len(rows)} rows are green; {requests} requests, {failed} failed"]
