"""Who deploys, what is written down, and the bake."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from sandbox_workspace import as_root

if TYPE_CHECKING:
    from conftest import Fault, Rows

pytestmark = pytest.mark.faults

STATE = "/var/lib/jenkinsgen/shop"
STAGES = ("build-image", "deploy-colour", "switch-nginx")


def on_nginx(row: Fault, script: str) -> str:
    return as_root(row.sandbox, row.sandbox.nginx, script)


def test_two_deployments_at_once(fault: Rows):
    with fault("two deployments at once") as row:
        row.workspace.change_spec(service={"health": {"timeout": "20s"}})
        row.build(start_seconds=12)
        row.succeed("build-image")
        first = row.workspace.start("deploy-colour")
        row.await_idle()
        row.workspace.number += 1
        row.ends("build-image", 8, "another deployment is under way", "/job/shop/", hint="jenkinsgen lock show")
        row.workspace.number -= 1
        said, _ = first.communicate(timeout=60)
        assert first.returncode == 0, said
        row.never.clear()
        row.succeed("switch-nginx", "cleanup")


def test_the_holder_of_the_lease_is_dead(fault: Rows):
    """Killed on this agent: known at once. On another one its lease expires: so long nobody gets in."""
    with fault("lease holder dead") as row:
        row.workspace.change_spec(service={"health": {"timeout": "20s"}})
        row.build(start_seconds=12)
        row.succeed("build-image")
        holder = row.workspace.start("deploy-colour")
        row.await_idle()
        holder.kill()
        row.wait("deploy-colour", holder, -9)
        on_nginx(row, f'sed -i \'s/"boot": ".*"/"boot": "another machine"/\' {STATE}/lease.json')
        on_nginx(row, f"touch -d '-20 seconds' {STATE}/lease.json")
        row.build()
        said = row.succeed("build-image")
        assert "waiting" in said
        assert "took the lease over" in said


def test_an_older_build_after_a_newer_one(fault: Rows):
    with fault("an older build after a newer") as row:
        newer = row.workspace.number
        row.workspace.number = newer - 1
        row.ends("build-image", 8, f"build {newer} of", "which is older", hint="--allow-older", may_have_served=True)
        row.workspace.number = newer


def test_the_journal_is_half_written(fault: Rows):
    with fault("journal corrupted (half-written)") as row:
        on_nginx(row, f"cd {STATE}; head -c 100 journal.json >half; cat half >journal.json; rm half")
        before = row.workspace.release["version"]
        row.build()
        row.ended("build-image", row.workspace.run("build-image"), 0, "the journal on the NGINX host is damaged")
        row.succeed("deploy-colour", "switch-nginx", "cleanup")
        # What served when it was lost is known again, from its containers.
        assert before in on_nginx(row, f"cat {STATE}/journal.json")


def test_it_crashes_during_the_bake(fault: Rows):
    with fault("healthy, then crashing during the bake") as row:
        row.goes_back = True
        row.workspace.change_spec(bake="1m", guard={})
        row.build()
        row.succeed(*STAGES)
        process = row.workspace.start("cleanup", ("--wait",))
        time.sleep(4)
        server = row.sandbox.servers[0]
        # What NGINX may not send again, a POST, is lost with the process that had it; nothing else may be.
        row.lost_with_process = {"order", "upload"}
        as_root(row.sandbox, server, f"kill -KILL $(docker inspect -f '{{{{.State.Pid}}}}' shop-{row.live})")
        row.wait("cleanup", process, 6, "started again", "is live again", may_have_served=True)


def test_a_rollback_under_load(fault: Rows):
    with fault("rollback to a warm release") as row:
        row.goes_back = True
        row.workspace.change_spec(bake="1m")
        row.build()
        row.succeed(*STAGES, "cleanup")
        row.ended("rollback", row.workspace.run("rollback"), 0, "is live again", may_have_served=True)


def test_a_rollback_to_one_that_is_gone_under_load(fault: Rows):
    with fault("rollback to a release that is gone") as row:
        row.goes_back = True
        row.build()
        row.succeed(*STAGES, "cleanup")
        row.ended("rollback", row.workspace.run("rollback"), 0, "no longer warm", may_have_served=True)


def test_a_stuck_stage_that_is_stopped_takes_nothing_from_the_build_after_it(fault: Rows):
    """What it would take back has the name of what is live by now."""
    with fault("a stuck stage is stopped after another build") as row:
        row.workspace.change_spec(service={"health": {"timeout": "60s"}})
        row.build(start_seconds=30)
        row.succeed("build-image")
        release = row.workspace.folder / "release.json"
        stuck_release, stuck_number = release.read_text(), row.workspace.number
        stuck = row.workspace.start("deploy-colour")
        row.await_idle()
        stuck.send_signal(signal.SIGSTOP)
        try:
            on_nginx(row, f"touch -d '-60 seconds' {STATE}/lease.json")
            row.build()
            row.succeed(*STAGES, "cleanup")
        finally:
            stuck.send_signal(signal.SIGTERM)
            stuck.send_signal(signal.SIGCONT)
        newer = release.read_text(), row.workspace.number
        release.write_text(stuck_release)
        row.workspace.number = stuck_number
        row.wait("deploy-colour", stuck, 143, "take back failed", "is no longer held by this process")
        release.write_text(newer[0])
        row.workspace.number = newer[1]
