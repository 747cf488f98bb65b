"""Images as people have them: each kind is deployed twice by the real stages, and leaves nothing behind."""

from __future__ import annotations

from importlib.resources import files

import pytest
from sandbox_workspace import Workspace, as_root, on

from jenkinsgen.report import Report
from jenkinsgen.sandbox import image

pytestmark = pytest.mark.sandbox

KINDS = files("jenkinsgen.sandbox") / "app" / "kinds"
NAMES = sorted(kind.name.removesuffix(".Dockerfile") for kind in KINDS.iterdir() if kind.name.endswith(".Dockerfile"))
# A shell that is process 1 has no handler for SIGTERM, so only SIGKILL ends it, after `cleanup.grace`.
SIGNALS = {"stopsignal": ["2"], "entrypoint": ["15", "9"]}


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Its servers are without volumes, too."""
    for server in workspace.sandbox.servers:
        as_root(workspace.sandbox, server, "docker volume prune --force --filter all=1 || docker volume prune --force")
    return workspace


def anonymous_volumes(workspace: Workspace) -> list[int]:
    """How many each server has."""
    servers = workspace.sandbox.servers
    return [len(on(workspace.sandbox, server, "docker", "volume", "ls", "--quiet").split()) for server in servers]


def signals(workspace: Workspace, container: str) -> list[str]:
    """By what the container ended on the first server, signal after signal."""
    words = ("docker", "events", "--since", "10m", "--until", "0s", "--filter", "event=kill")
    shown = ("--filter", f"container={container}", "--format", "{{.Actor.Attributes.signal}}")
    return on(workspace.sandbox, workspace.sandbox.servers[0], *words, *shown).split()


@pytest.mark.parametrize("kind", NAMES)
def test_an_image_of_each_kind_is_deployed_and_replaced(workspace: Workspace, kind: str):
    text = (KINDS / f"{kind}.Dockerfile").read_text()
    arguments = {"BASE": image.ensure_python(Report())} if "ARG BASE" in text else {}
    workspace.change_spec(image={"dockerfile": f"kinds/{kind}.Dockerfile", "build_args": arguments})

    workspace.deploy()
    first = anonymous_volumes(workspace)
    replaced = on(workspace.sandbox, workspace.sandbox.servers[0], "docker", "ps", "--quiet", "--no-trunc").strip()
    assert workspace.get() == (200, "1.0.1")
    workspace.deploy()

    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]
    assert anonymous_volumes(workspace) == first == [int("/cache" in text)] * 2
    if kind in SIGNALS:
        assert signals(workspace, replaced) == SIGNALS[kind]


def test_no_kind_is_forgotten():
    assert {"expose", "expose-other", "healthcheck", "entrypoint", "user", "volume", "stopsignal", "python"} <= set(
        NAMES
    )
