"""A stage hangs at the worst moment, another build takes over, and then it goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Workspace, as_root

pytestmark = pytest.mark.sandbox


@pytest.fixture
def other(workspace: Workspace) -> Workspace:
    """Another build of the job, in a workspace of its own."""
    folder = workspace.folder.with_name("other")
    shutil.copytree(workspace.folder, folder)
    return Workspace(workspace.sandbox, folder, number=10)


def frozen(workspace: Workspace, method: str, stage: str) -> subprocess.Popen[str]:
    """The stage; it is stopped before it calls the method."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("frozen_stage.py")), method, stage, "pipelines/shop.yaml"],
        cwd=workspace.folder,
        env={**workspace.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line == "frozen\n":
            return process
    process.communicate()
    pytest.fail(said)


def goes_on(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGCONT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0, said
    assert "Traceback" not in said
    return said


def test_what_is_taken_back_late_is_not_what_another_build_made_live(workspace: Workspace, other: Workspace):
    """Both builds give their container one name; only its own is a stage's to remove."""
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "3s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    hanging = frozen(workspace, "Engine.remove_container", "deploy-colour")
    try:
        other.succeed("lock release", options=("--force",))
        other.deploy()
        assert other.get() == (200, "1.0.11")
        goes_on(hanging)
    finally:
        hanging.kill()

    assert all(other.get() == (200, "1.0.11") for _ in range(10))
    assert other.containers() == [["shop-blue"]] * 2


def test_a_cleanup_that_hangs_never_removes_what_people_went_back_to(workspace: Workspace):
    """The flag is moved by hand, without any lease, after the drain and right before the removal."""
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    hanging = frozen(workspace, "RemoveContainer", "cleanup")
    try:
        as_root(workspace.sandbox, workspace.sandbox.nginx, "rm /var/lib/jenkinsgen/shop/blue")
        assert workspace.get() == (200, "1.0.1")
        goes_on(hanging)
    finally:
        hanging.kill()

    assert all(workspace.get() == (200, "1.0.1") for _ in range(10))


def test_a_site_file_that_comes_late_moves_no_traffic(workspace: Workspace, other: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.change_spec(nginx={"proxy": {"read_timeout": "50s"}})
    workspace.succeed("build-image", "deploy-colour")
    hanging = frozen(workspace, "InstallSite", "switch-nginx")
    try:
        other.succeed("lock release", options=("--force",))
        other.change_spec(nginx={"proxy": {"read_timeout": "50s"}})
        other.deploy()
        assert other.get() == (200, "1.0.11")
        goes_on(hanging)
    finally:
        hanging.kill()

    assert all(other.get() == (200, "1.0.11") for _ in range(10))
