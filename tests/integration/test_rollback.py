"""Going back: one flag while the old colour is warm, a deployment from the journal when it is not."""

from __future__ import annotations

import json
import os
import subprocess
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from conftest import as_root

from jenkinsgen.jenkinsfile.render.write import write_jenkinsfiles
from jenkinsgen.sandbox import jenkinsfile
from jenkinsgen.sandbox.demo import command_folder

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

# The window in which errors have to be many enough, and five seconds.


def journal(workspace: Workspace) -> dict[str, Any]:
    text = as_root(workspace.sandbox, workspace.sandbox.nginx, "cat /var/lib/jenkinsgen/shop/journal.json")
    found: dict[str, Any] = json.loads(text)
    return found


def version(workspace: Workspace, number: int) -> str:
    entries = journal(workspace)["entries"]
    return next(entry["release"]["version"] for entry in entries if entry["release"]["build_number"] == number)


def switch_only(workspace: Workspace) -> None:
    """A build that is not cleaned up, as while it bakes."""
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")


def test_a_warm_release_is_one_flag_away(workspace: Workspace):
    workspace.deploy()
    switch_only(workspace)
    assert workspace.get() == (200, "1.0.2")
    workspace.number += 1

    said = workspace.succeed("rollback")

    assert workspace.get() == (200, "1.0.1")
    assert "start shop" not in said
    assert workspace.containers() == [["shop-blue", "shop-green"]] * 2


def test_releases_that_are_gone_are_started_from_their_digests_with_the_same_gates(workspace: Workspace):
    for _ in range(3):
        workspace.deploy()
    first, second, third = (version(workspace, number) for number in (1, 2, 3))

    said = workspace.succeed("rollback")
    assert f"{second} is no longer warm" in said
    assert "healthy 3 times in a row" in said
    assert workspace.get() == (200, "1.0.2")

    # Who presses the button a second time wants the same; further back, one goes by name.
    said = workspace.fail("rollback", 8)
    assert f"{second} is live because {third} was taken back already" in said
    assert f"--to {first}" in said
    assert workspace.get() == (200, "1.0.2")
    workspace.succeed("rollback", options=("--to", first))
    assert workspace.get() == (200, "1.0.1")
    assert [entry["taken_back"] != "" for entry in journal(workspace)["entries"]] == [True, True, False]
    assert f"because {second} was taken back already" in workspace.fail("rollback", 8)
    said = workspace.fail("rollback", 8, options=("--to", "1.0.9"))
    assert f"--to takes one of {third}, {second}" in said

    # By name it goes anywhere; what was left last is still warm.
    said = workspace.succeed("rollback", options=("--to", second))
    assert "no longer warm" not in said
    assert workspace.get() == (200, "1.0.2")
    assert journal(workspace)["live"] == second
    assert first in str(journal(workspace)["entries"][2])


def test_a_warm_release_that_is_ill_is_made_anew(workspace: Workspace):
    workspace.deploy()
    switch_only(workspace)
    for server in workspace.sandbox.servers:
        as_root(workspace.sandbox, server, "kill -STOP $(docker inspect -f '{{.State.Pid}}' shop-green)")

    said = workspace.succeed("rollback")

    assert "is not healthy" in said
    assert workspace.get() == (200, "1.0.1")


def test_a_release_that_does_not_get_healthy_any_more_changes_nothing(workspace: Workspace):
    workspace.deploy()
    workspace.deploy()
    workspace.change_spec(service={"health": {"path": "/no-such-page", "timeout": "2s"}})

    workspace.fail("rollback", 6)

    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"]] * 2


def test_the_next_deployment_ends_what_was_kept_warm(workspace: Workspace):
    workspace.deploy()
    switch_only(workspace)
    switch_only(workspace)

    assert workspace.get() == (200, "1.0.3")
    workspace.succeed("cleanup")
    assert workspace.containers() == [["shop-green"]] * 2


def test_a_release_that_does_badly_while_it_bakes_goes_back_by_itself(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(bake="2m", guard={})
    workspace.build(error_percent=50, trouble_after_seconds=12)
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    baking = workspace.start("cleanup", ("--wait",))
    first_bad = back = 0.0
    end = time.monotonic() + 60
    while not back and time.monotonic() < end:
        status, answered = workspace.get()
        if status == HTTPStatus.INTERNAL_SERVER_ERROR and not first_bad:
            first_bad = time.monotonic()
        if first_bad and answered == "1.0.1":
            back = time.monotonic()
        time.sleep(0.03)
    said, _ = baking.communicate(timeout=60)

    assert baking.returncode == 6, said
    assert "of status 5xx" in said
    assert "is live again" in said
    assert first_bad
    assert first_bad < back, said
    print(f"back {back - first_bad:.1f} s after the first bad answer")  # noqa: T201
    assert all(workspace.get() == (200, "1.0.1") for _ in range(20))


def test_without_a_guard_the_build_does_not_wait_for_the_bake(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(bake="10m")
    workspace.build()
    said = workspace.succeed("build-image", "deploy-colour", "switch-nginx", "cleanup")

    assert "green stays for" in said
    assert workspace.containers() == [["shop-blue", "shop-green"]] * 2
    # The lease is free: nobody who wants to go back has to wait for anything.
    assert "is live again" in workspace.succeed("rollback")
    # Another build takes the place of what was kept warm.
    workspace.deploy()
    assert workspace.get() == (200, "1.0.3")


@pytest.mark.groovy
def test_the_button_of_the_job_goes_back(workspace: Workspace, tmp_path: Path):
    """The rendered rollback job itself, run: checkout, credentials, and the command that it calls."""
    workspace.deploy()
    workspace.deploy()
    rendered = write_jenkinsfiles(workspace.spec_file)
    button = next(path for path in rendered if path.name == "shop.rollback.Jenkinsfile")

    build = jenkinsfile.run(
        jenkinsfile.BuildRequest(
            jenkinsfile=button,
            workspace=tmp_path / "job",
            credentials=workspace.sandbox.credentials_file,
            job_name="shop-rollback",
            environment={"PATH": os.pathsep.join([str(command_folder(tmp_path)), os.environ["PATH"]])},
        ),
        subprocess.DEVNULL,
    )

    assert build.result == jenkinsfile.SUCCESS, build.log.read_text()
    assert workspace.get() == (200, "1.0.1")
    assert json.loads((build.archive / ".jenkinsgen/rollback.json").read_text())["warm"] is False
