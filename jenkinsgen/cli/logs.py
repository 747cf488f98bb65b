"""`jenkinsgen logs` and `jenkinsgen exec`: into the containers of a colour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.spec import SPEC
from jenkinsgen.cli.output import Passing, hand_over_json, say
from jenkinsgen.errors import CheckFailed
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.operate.exec_command import exec_command
from jenkinsgen.stages.operate.logs import logs as show_logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jenkinsgen.deploy.log_line import LogLine, Stream
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server

# Exit codes by which an engine says that the container has no such program.
_ABSENT = {126, 127}
# Bytes; JSON has it as one text.
LONGEST_KEPT = 64 * 1024**2
_NO_PROGRAM = "has the image such a program? there is no shell in between; where it has one: -- sh -c '…'"

COLOUR = click.option(
    "--colour", type=click.Choice([colour.value for colour in Colour]), help="Without it: the one that is live."
)
SERVER = click.option("--server", "name", metavar="NAME", help="One server of the spec; without it: every one.")


def _servers(pipeline: Pipeline, name: str | None) -> tuple[Server, ...]:
    if name is None:
        return pipeline.servers
    found = tuple(each for each in pipeline.servers if name in (str(each), each.ssh.name, str(each.ssh), each.upstream))
    if not found:
        raise click.UsageError(
            f"there is no server {name} in the spec; there are {', '.join(map(str, pipeline.servers))}"
        )
    return found[:1]


@click.command()
@SPEC
@COLOUR
@SERVER
@click.option("--tail", type=click.IntRange(min=0), default=100, show_default=True, help="Lines of each server.")
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C, also over restarts and switches.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one object a line.")
def logs(*, spec: Path, colour: str | None, name: str | None, tail: int, follow: bool, as_json: bool) -> None:
    """Show what the containers of the live colour wrote.

    The last lines of every server, in the order of time.
    """
    pipeline = load_spec(spec).pipeline
    servers = _servers(pipeline, name)
    width = max(len(str(server)) for server in servers)

    def show(line: LogLine) -> None:
        if as_json:
            hand_over_json(_as_json(line))
        else:
            say(f"{line.source.server:<{width}} {line.source.colour:<5} | {line.text}")

    show_logs(
        pipeline,
        Report(),
        show,
        servers=servers,
        colour=Colour(colour) if colour else None,
        tail=tail,
        follow=follow,
    )


def _as_json(line: LogLine) -> str:
    source = line.source
    return json.dumps(
        {
            "server": source.server,
            "colour": source.colour,
            "version": source.version,
            "time": line.time,
            "stream": source.stream,
            "text": line.text,
        }
    )


@click.command("exec")
@SPEC
@COLOUR
@SERVER
@click.option("--json", "as_json", is_flag=True, help="For programs: one object a line.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec(  # noqa: A001 - what the command is called
    spec: Path, colour: str | None, name: str | None, as_json: bool, command: tuple[str, ...]
) -> int:
    """Run a command in the containers of the live colour.

    jenkinsgen exec pipelines/shop.yaml -- ls -l /data

    There is no shell in between; for pipes and variables: -- sh -c '…'.

    On one server it ends with the command's own exit code; on several with 1 when it failed on one of them.
    """
    pipeline = load_spec(spec).pipeline
    servers = _servers(pipeline, name)
    codes: dict[str, int] = {}
    passing, kept = Passing(), Kept()
    for done in exec_command(
        pipeline,
        Report(),
        command,
        kept.anew if as_json else lambda: passing.write,
        servers=servers,
        colour=Colour(colour) if colour else None,
    ):
        codes[done.server] = done.exit_code
        passing.end()
        if as_json:
            found = {"server": done.server, "exit_code": done.exit_code, "output": kept.taken()}
            hand_over_json(json.dumps(found))
    if len(servers) == 1:
        code = codes[str(servers[0])]
        if code in _ABSENT:
            say(f"hint: {_NO_PROGRAM}", err=True)
        return code
    bad = [f"{server} ({code})" for server, code in codes.items() if code != 0]
    if bad:
        raise CheckFailed(
            f"`{command[0]}` did not end with 0 on {', '.join(bad)}",
            hint=_NO_PROGRAM if _ABSENT & set(codes.values()) else None,
        )
    return 0


class Kept:
    """The output of a command on one server, kept for the end: both streams, in the order in which they arrive."""

    def __init__(self) -> None:
        self._said = bytearray()

    def anew(self) -> Callable[[Stream, bytes], None]:
        """For the next server, whatever the one before has left."""
        self._said.clear()
        return self.write

    def write(self, _: Stream, piece: bytes) -> None:
        """Raises CheckFailed for more than LONGEST_KEPT."""
        if len(self._said) + len(piece) > LONGEST_KEPT:
            raise CheckFailed(
                f"it said more than {LONGEST_KEPT // 1024**2} MiB, which are not kept",
                hint="without --json it is passed on as it comes",
            )
        self._said += piece

    def taken(self) -> str:
        return self._said.decode(errors="replace")
