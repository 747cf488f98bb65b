"""How fast deployments are, how much NGINX's routing costs, and what the agent needs: `make bench`.

    python benchmarks/bench.py [--servers 2,8,16] [--rounds 5] [--json FILE] [--docs docs/benchmarks.md]

All in one run; what is compared with each other is measured on one sandbox. Needs root, a Docker engine, and wrk. Ends
with 1 when a limit is missed.
"""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
import deployments
import figures
import routing
import stand_ins
from figures import Figure
from fleet import START_SECONDS, fleet, sandbox
from machine import load, machine

SERIAL_LIMITS = {2: 0.45, 8: 0.2, 16: 0.2}
FLOOR_LIMITS = {2: 1.5, 8: 1.3, 16: 1.3}
SWITCH_SECONDS, FLAG_MILLISECONDS, ROLLBACK_SECONDS = 1.0, 5.0, 1.0
# A tenth less throughput.
PLAIN_LIMIT = 1.11


@click.command()
@click.option("--servers", default="2,8,16", help="How many, with commas in between.")
@click.option("--rounds", default=5, help="Deployments with each of the three.")
@click.option("--routing", "short_rounds", default=40, help="Rounds of one second with the flag, and as many without.")
@click.option("--stand-ins", "many", default=200, help="How many servers that are none.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write all rounds to this file.")
@click.option("--docs", type=click.Path(path_type=Path), help="Also put the table into this page.")
def main(*, servers: str, rounds: int, short_rounds: int, many: int, json_file: Path | None, docs: Path | None) -> None:
    sizes = [int(size) for size in servers.split(",")]
    found: list[deployments.Deployments] = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            click.echo(f"{size} servers", err=True)
            # Each size has a sandbox of its own: engines that have nothing to do take their part of the cores, too.
            with sandbox(size) as hosts, fleet(hosts, size, Path(name)) as some:
                if size == sizes[0]:
                    here = machine(hosts)
                found.append(deployments.measure(some, rounds))
                if size == sizes[0]:
                    click.echo("routing", err=True)
                    routed = routing.measure(some, short_rounds)
    click.echo(f"{many} stand-ins", err=True)
    looked = stand_ins.measure(many)
    here["when it ended"] = load()
    table = [
        *_of_deployments(found),
        *_of_switches(found),
        *_of_routing(routed),
        *_of_agent(max(found, key=lambda each: each.servers), looked),
    ]
    figures.show(table, here)
    if json_file:
        rows = [asdict(each) for each in found]
        figures.write_json(
            json_file, table, here, {"deployments": rows, "routing": asdict(routed), "stand-ins": asdict(looked)}
        )
    if docs:
        figures.write_into(docs, "make bench", figures.markdown(table, here))
    raise SystemExit(not all(figure.met for figure in table))


def _of_deployments(found: list[deployments.Deployments]) -> list[Figure]:
    rows: list[Figure] = []
    for each in found:
        ours, serial, floor = (f"{median(seconds):.1f} s" for seconds in (each.ours, each.serial, each.floor))
        where = f"{each.servers} servers"
        rows.append(
            Figure(
                f"deployment, {where}, of the serial script's",
                each.beside_serial,
                "x",
                SERIAL_LIMITS.get(each.servers),
                f"{ours} and {serial}, each less {START_SECONDS} s for the app",
            )
        )
        rows.append(
            Figure(
                f"deployment, {where}, of the floor's",
                each.beside_floor,
                "x",
                FLOOR_LIMITS.get(each.servers),
                f"{ours} and {floor}",
            )
        )
    return rows


def _of_switches(found: list[deployments.Deployments]) -> list[Figure]:
    rows: list[Figure] = []
    for each in found:
        where = f"{each.servers} servers"
        stages = ", ".join(f"{name} {median(seconds):.2f} s" for name, seconds in each.stages.items())
        rows.append(
            Figure(f"`switch-nginx`, {where}", median(each.stages["switch-nginx"]), " s", SWITCH_SECONDS, stages)
        )
        rows.append(Figure(f"warm `rollback`, {where}", median(each.rollback), " s", ROLLBACK_SECONDS))
    flags = [taken for each in found for taken in each.flag_ms]
    rows.append(
        Figure(
            "the flag itself", median(flags), " ms", FLAG_MILLISECONDS, f"{len(flags)} times, worst {max(flags):.1f} ms"
        )
    )
    return rows


def _of_routing(routed: routing.Routing) -> list[Figure]:
    rates = f"{median(routed.flag):.0f} and {median(routed.plain):.0f} requests/s, {len(routed.flag)} rounds"
    return [
        Figure("plain `proxy_pass`, of the flag's throughput", 1 / routed.throughput, "x", PLAIN_LIMIT, rates),
        Figure("NGINX's CPU per request, of plain", routed.cpu, "x"),
    ]


def _of_agent(most: deployments.Deployments, looked: stand_ins.Look) -> list[Figure]:
    rows = [(f"the agent, {most.servers} servers", most.peak, "the largest of the four processes")]
    rows.append(
        (f"the agent, {looked.servers} stand-ins", looked.peak, f"connected and looked in {looked.seconds:.1f} s")
    )
    return [
        Figure(where + what, value, unit, detail=detail)
        for where, peak, detail in rows
        for what, value, unit in ((": memory", peak.mebibytes, " MiB"), (": threads", peak.threads, ""))
    ]


if __name__ == "__main__":
    main()
