"""Can one host connect to a port of another? A refusal on an idle port is as good as an answer; silence is not."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed, ok, warning
from jenkinsgen.facts import one
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.facts import Facts
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


class Knock(str, Enum):
    """The result of opening a connection."""

    ANSWERS = "answers"
    REFUSED = "refused, nothing listens"
    SILENT = "no answer"
    UNREACHABLE = "unreachable"

    def __str__(self) -> str:
        return self.value


def read_knock(said: str) -> Knock:
    """Parse the word of the script, or the words of the system."""
    if said == "answers":
        return Knock.ANSWERS
    if said == "silent":
        return Knock.SILENT
    return Knock.REFUSED if "refused" in said.lower() else Knock.UNREACHABLE


def endpoints(pipeline: Pipeline) -> tuple[str, ...]:
    """`ADDRESS PORT` of every colour on every server, as words for the script."""
    ports = [str(pipeline.service.ports.of(colour)) for colour in Colour]
    return tuple(word for server in pipeline.servers for port in ports for word in (server.upstream, port))


def judge_upstreams(host: str, pipeline: Pipeline, facts: Facts, live: Colour | None) -> list[Check]:
    """`reach ADDRESS PORT WORDS` lines from the NGINX host; `live` is the colour that has to answer."""
    if one(facts, "knocks") != "yes":
        remedy = "install bash there, or try by hand: nc -zv ADDRESS PORT"
        return [warning(host, "upstreams", "not looked at: that host has no bash to open connections with", remedy)]
    said: dict[tuple[str, int], str] = {}
    for line in facts.get("reach", []):
        address, port, words = line.split(" ", 2)
        said[address, int(port)] = words
    ports = pipeline.service.ports
    return [
        judge_doors(
            host,
            f"to {server}",
            {colour: said.get((server.upstream, ports.of(colour)), "silent") for colour in Colour},
            server,
            pipeline=pipeline,
            live=live,
        )
        for server in pipeline.servers
    ]


def judge_doors(
    host: str, name: str, said: Mapping[Colour, str], server: Server, *, pipeline: Pipeline, live: Colour | None
) -> Check:
    """Both ports of one server, seen from `host`."""
    knocks = {colour: read_knock(words) for colour, words in said.items()}
    ports = pipeline.service.ports
    found = ", ".join(f"{ports.of(colour)} ({colour}) {knock}" for colour, knock in knocks.items())
    for colour, knock in knocks.items():
        port = ports.of(colour)
        if knock is Knock.SILENT:
            remedy = (
                f"is it up? then a firewall or security group drops it: let {host} through to {server.upstream}:{port}"
            )
            return failed(host, name, found, remedy)
        if knock is Knock.UNREACHABLE:
            return failed(host, name, f"{found}: {said[colour]}", f"does {server.upstream} lead to it, and is it up?")
    if live is not None and knocks[live] is Knock.REFUSED:
        remedy = f"{live} is live: does it run there (jenkinsgen logs SPEC --server {server})? a firewall?"
        return failed(host, name, found, remedy)
    return ok(host, name, found)
