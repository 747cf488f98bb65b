"""The app servers, and the way to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from breaking import RESTART_ENGINE, await_in, silent_registry, undone, with_live_restore, without_ssh
from sandbox_workspace import as_root, on

if TYPE_CHECKING:
    from conftest import Rows

pytestmark = pytest.mark.faults


def test_a_server_is_unreachable_at_the_start(fault: Rows):
    with fault("one server unreachable at the start") as row:
        server = row.sandbox.servers[1]
        row.build()
        row.succeed("build-image")
        with without_ssh(row.sandbox, server):
            row.ends(
                "deploy-colour",
                4,
                f"{server.address}: cannot be reached by SSH",
                hint="may this machine reach its SSH port",
            )


def test_a_server_is_unreachable_after_the_pull(fault: Rows):
    with fault("one server unreachable after the pull") as row:
        server = row.sandbox.servers[1]
        row.build(start_seconds=4)
        row.succeed("build-image")
        process = row.workspace.start("deploy-colour")
        row.await_idle()
        with without_ssh(row.sandbox, server):
            row.wait("deploy-colour", process, 4, server.address, hint="up, and")


def test_a_server_is_unreachable_just_before_the_switch(fault: Rows):
    with fault("one server unreachable just before the switch") as row:
        server = row.sandbox.servers[1]
        row.build()
        row.succeed("build-image", "deploy-colour")
        with without_ssh(row.sandbox, server):
            row.ends(
                "switch-nginx",
                4,
                f"{server.address}: cannot be reached by SSH",
                hint="may this machine reach its SSH port",
            )


def test_the_connection_is_cut_in_the_middle_of_a_command(fault: Rows):
    """While a pull waits for a registry that says nothing, so that it is the middle for certain."""
    with fault("SSH connection cut mid-command") as row:
        server = row.sandbox.servers[0]
        row.build()
        row.succeed("build-image")
        with silent_registry(row.sandbox):
            process = row.workspace.start("deploy-colour")
            await_in(row.sandbox, server, f"ss -Htn dst {row.sandbox.registry} | grep -q .")
            as_root(row.sandbox, server, "pkill -u deploy sshd")
            row.wait("deploy-colour", process, 4, f"the Docker engine of deploy@{server.address} broke", hint="again")


def test_an_engine_is_restarted(fault: Rows):
    """With live-restore, without which an engine takes the live container with it, whoever deploys."""
    with fault("Docker engine restarted on one server during the deployment") as row:
        server = row.sandbox.servers[0]
        with with_live_restore(row.sandbox, server):
            row.build(start_seconds=5)
            row.succeed("build-image")
            process = row.workspace.start("deploy-colour")
            row.await_idle()
            as_root(row.sandbox, server, RESTART_ENGINE)
            row.wait("deploy-colour", process, 4, f"{server.address}: Docker", hint="its Docker engine running?")


def test_a_port_is_taken_by_a_container(fault: Rows):
    with fault("port taken by a foreign container") as row:
        server, port = row.sandbox.servers[0], row.idle_port
        image = on(row.sandbox, server, "docker", "inspect", "-f", "{{.Image}}", f"shop-{row.live}").strip()
        take = f"docker run -d --name other -p {port}:8080 {image} >/dev/null"
        row.build()
        row.succeed("build-image")
        with undone(row.sandbox, server, take, "docker rm -f other >/dev/null"):
            row.ends("deploy-colour", 8, f"port {port} is taken by the container other", hint="service.ports")


def test_a_port_is_taken_by_a_program(fault: Rows):
    with fault("port taken by a foreign program") as row:
        server, port = row.sandbox.servers[0], row.idle_port
        take = f"/usr/sbin/sshd -p {port} -o PidFile=/run/other.pid"
        row.build()
        row.succeed("build-image")
        with undone(row.sandbox, server, take, "kill $(cat /run/other.pid)"):
            row.ends("deploy-colour", 4, f"{server.address}: Docker", "address already in use", hint="service.ports")
