"""Every command: where it is defined, and its line in the help.

The lines stand here, and not only in the commands, because importing all of them (docker, paramiko, pydantic) for
`jenkinsgen --help` would cost a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Command:
    """A command of jenkinsgen."""

    module: str
    """The one of jenkinsgen.cli that defines it under its name."""
    text: str
    """The first line of its own help."""


GROUPS: Mapping[str, Mapping[str, Command]] = {
    "Deploy (the stages of a pipeline, in this order)": {
        "build-image": Command("build_image", "Build and push the image for the colour that is idle."),
        "deploy-colour": Command("deploy_colour", "Start it on every server, and wait until all are healthy."),
        "switch-nginx": Command("switch_nginx", "Move all traffic to it, and prove it."),
        "roll-out": Command("roll_out", "Replace what runs, one batch of servers after the other."),
        "cleanup": Command("cleanup", "Let the old colour finish, then remove it."),
    },
    "Operate": {
        "status": Command("status", "Show what runs, what gets traffic, who deploys, what drifted."),
        "rollback": Command("rollback", "Go back to the release before the live one, or to VERSION."),
        "canary": Command("canary", "Give a release some of the clients first, or end that."),
        "doctor": Command("doctor", "Look for all that could make a deployment fail."),
        "plan": Command("plan", "Show what a deployment would do now, on every host."),
        "logs": Command("logs", "Show what the containers of the live colour wrote."),
        "exec": Command("logs", "Run a command in the containers of the live colour."),
        "history": Command("history", "Show who deployed what, when, with what result."),
        "lock": Command("lock", "Show who may deploy now, or give back a lease."),
    },
    "Write and review pipelines": {
        "init": Command("init", "Write the first spec of a project."),
        "render": Command("rendering", "Write the Jenkinsfile of each spec next to it."),
        "explain": Command("reference", "Tell what a key of the spec means."),
        "schema": Command("reference", "Print the JSON Schema of a spec, for editors."),
        "lint": Command("lint", "Check Jenkinsfiles as Jenkins would, without a server."),
        "trace": Command("trace", "Tell what a Jenkinsfile would do, in order."),
        "review": Command("review", "Tell what a pull request changes in what pipelines do."),
    },
    "Set up servers": {
        "jobs": Command("jobs", "Plan, write and run the jobs on the Jenkins server."),
        "preflight": Command("preflight", "Ask the Jenkins server whether it has what pipelines need."),
        "nginx": Command("nginx", "Print the site file, or a script that installs it."),
    },
    "Try it": {
        "sandbox": Command("sandbox", "Start real servers in containers on this machine."),
    },
}

COMMANDS: Mapping[str, Command] = {name: command for group in GROUPS.values() for name, command in group.items()}
