"""The machine that this runs on: its tools, and what Jenkins bound for the pipeline. Names only, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed, ok
from jenkinsgen.spec.credentials import (
    PULL_PASSWORD,
    PULL_USER,
    REGISTRY_PASSWORD,
    REGISTRY_USER,
    SECRET_PREFIX,
    SSH_KEY,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jenkinsgen.spec.pipeline import Pipeline

AGENT = "agent"


def needed_variables(pipeline: Pipeline) -> dict[str, tuple[str, str]]:
    """Variable -> the key of the spec that asks for it, and the Jenkins credential that it names."""
    needed: dict[str, tuple[str, str]] = {}
    if pipeline.ssh.credential is not None:
        needed[SSH_KEY] = ("ssh.credential", pipeline.ssh.credential)
    if pipeline.image.credential is not None:
        needed[REGISTRY_USER] = needed[REGISTRY_PASSWORD] = ("image.credential", pipeline.image.credential)
    if pipeline.image.pull_credential is not None:
        needed[PULL_USER] = needed[PULL_PASSWORD] = ("image.pull_credential", pipeline.image.pull_credential)
    for name, credential in sorted(pipeline.service.secrets.items()):
        needed[SECRET_PREFIX + name] = ("service.secrets", credential)
    return needed


def judge_variables(pipeline: Pipeline, bound: Collection[str]) -> Iterator[Check]:
    """`bound` are the names of variables that are set and not empty."""
    needed = needed_variables(pipeline)
    for name, (key, credential) in needed.items():
        if name not in bound:
            found = f"{name} is not set; {key} names the credential {credential}"
            yield failed(AGENT, "credentials", found, f"the Jenkinsfile binds it; by hand: export {name}=…")
    there = [name for name in needed if name in bound]
    if there:
        yield ok(AGENT, "credentials", f"set: {', '.join(there)}")


def judge_tool(name: str, version: str) -> Check:
    """A program that a stage calls; `version` is what it says of itself, empty where it is not there."""
    if not version:
        return failed(AGENT, name, "is not installed", f"install it: apt-get install {name}")
    return ok(AGENT, name, version)
