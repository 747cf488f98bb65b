"""An engine's JSON as data."""

from __future__ import annotations

import calendar
import time
from typing import Any

from jenkinsgen.deploy.observed import Inspected

Json = dict[str, Any]


def read_inspected(found: Json, of_image: list[str]) -> Inspected:
    """From `GET /containers/ID/json`; `of_image` are the variables of its image, `NAME=value`."""
    state, host, config = found["State"], found["HostConfig"], found["Config"]
    variables = [variable.partition("=")[::2] for variable in config.get("Env") or []]
    return Inspected(
        state=state["Status"],
        exit_code=state["ExitCode"],
        out_of_memory=state["OOMKilled"],
        since=seconds_of(state["StartedAt"]),
        restarts=found.get("RestartCount", 0),
        ports={
            int(inside.partition("/")[0]): tuple(int(each["HostPort"]) for each in outside or [])
            for inside, outside in (host.get("PortBindings") or {}).items()
        },
        memory=host.get("Memory") or None,
        cpus=host["NanoCpus"] / 1e9 if host.get("NanoCpus") else None,
        volumes=tuple(host.get("Binds") or ()),
        restart_policy=(host.get("RestartPolicy") or {}).get("Name", ""),
        environment=dict(variables),
        inherited=frozenset(name for name, value in variables if f"{name}={value}" in of_image),
    )


def seconds_of(moment: str) -> int:
    """`2026-11-23T08:42:10.123456789Z` -> seconds since 1970; 0 for the engine's "never", a day of the year 1."""
    return max(0, calendar.timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S")))
