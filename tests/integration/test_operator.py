"""status, plan and history on real servers: what they find, what they would do, and that they change nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import as_root, on

if TYPE_CHECKING:
    from conftest import Workspace

pytestmark = pytest.mark.sandbox

FOLDER = "/var/lib/jenkinsgen/shop"
LOOKS = ("status", "status --json", "plan", "plan --json", "history", "history --json", "lock show", "lock show --json")
ALL = ("build-image", "deploy-colour", "switch-nginx", "cleanup")


def told(workspace: Workspace, command: str, code: int = 0) -> Any:
    """What a command says with --json."""
    found, said = workspace.run(f"{command} --json")
    assert found == code, said
    return json.loads(said)


def traces(workspace: Workspace) -> list[str]:
    """Everything that a command might have touched: containers, images, NGINX's files and the state folder."""
    engines = [
        on(
            workspace.sandbox,
            server,
            "sh",
            "-c",
            "docker ps -a --no-trunc --format '{{.ID}} {{.State}}'; docker images -aq",
        )
        for server in workspace.sandbox.servers
    ]
    files = "find /var/lib/jenkinsgen /etc/nginx -printf '%p %s %T@ %C@ %u %m\\n' | sort"
    return [*engines, as_root(workspace.sandbox, workspace.sandbox.nginx, files)]


def test_before_the_first_deployment(workspace: Workspace):
    before = traces(workspace)

    assert "nothing was ever deployed" in workspace.succeed("status")
    assert "shop was never deployed" in workspace.succeed("lock show")
    assert workspace.succeed("history") == "nothing was ever deployed\n"
    assert told(workspace, "status")["nginx"]["live"] is None
    assert told(workspace, "plan")["colour"] == "green"
    assert traces(workspace) == before


def test_all_only_look_also_for_a_user_who_may_not_write(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"chown -R root: {FOLDER}")
    before = traces(workspace)

    workspace.extra["BUILD_NUMBER"] = ""
    for look in LOOKS:
        code, said = workspace.run(look)
        # The folder of the flag is what a deployment would not go without.
        assert code == (8 if look.startswith("plan") else 0), said
        assert max(map(len, said.splitlines())) <= 120 or "--json" in look
    assert traces(workspace) == before
    assert "the folder of the flag is readonly" in workspace.fail("plan", 8)


def test_status_says_what_runs(workspace: Workspace):
    workspace.deploy()
    first = workspace.release
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    second = workspace.release

    found = told(workspace, "status")

    assert found["nginx"] == {
        "host": workspace.sandbox.nginx.address,
        "error": None,
        "live": "blue",
        "others": {},
        "version": found["nginx"]["version"],
        "site_path": "/etc/nginx/conf.d/jenkinsgen-shop.conf",
        "site": "as the spec would make it",
    }
    assert [server["server"] for server in found["servers"]] == [each.address for each in workspace.sandbox.servers]
    for server in found["servers"]:
        green, blue = server["containers"]
        assert (green["colour"], green["live"], green["version"]) == ("green", False, first["version"])
        assert (blue["colour"], blue["live"], blue["version"]) == ("blue", True, second["version"])
        assert blue["digest"] == second["digest"]
        assert (blue["state"], blue["health"]) == ("running", "healthy")
        assert abs(blue["since"] - found["now"]) < 60
        assert set(server["images"]) == {first["version"], second["version"]}
    assert found["journal"]["live"]["version"] == second["version"]
    (older,) = found["journal"]["older"]
    assert (older["version"], older["warm"]) == (first["version"], True)
    # The next stage of this build is to come.
    assert found["lease"]["build"] == "http://jenkins.test/job/shop/2/"
    assert found["drift"] == []
    workspace.succeed("cleanup")
    said = workspace.succeed("status")
    assert "nobody holds it" in said
    assert f"back to    {first['version']}\n" in said


def test_status_says_what_drifted_and_no_value_of_a_variable(workspace: Workspace):
    workspace.change_spec(service={"environment": {"MODE": "old-mode"}, "secrets": {"DB_PASSWORD": "db-password"}})
    workspace.extra["JENKINSGEN_SECRET_DB_PASSWORD"] = "s3cr3t-x"
    workspace.deploy()
    assert told(workspace, "status")["drift"] == []
    first, second = (server.address for server in workspace.sandbox.servers)
    on(workspace.sandbox, workspace.sandbox.servers[0], "docker", "update", "--restart", "no", "shop-green")
    on(workspace.sandbox, workspace.sandbox.servers[1], "docker", "stop", "-t", "1", "shop-green")
    site = "/etc/nginx/conf.d/jenkinsgen-shop.conf"
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"echo '# by hand' >>{site}")
    workspace.change_spec(
        service={
            "hostname": "shop",
            "memory": "200m",
            "cpus": 1,
            "volumes": [],
            "environment": {"MODE": "new-mode", "MORE": "1"},
        }
    )

    found = told(workspace, "status")
    said = workspace.succeed("status")

    assert {(each["where"], each["what"]) for each in found["drift"]} == {
        (second, "shop-green"),
        (first, "service.hostname"),
        (first, "service.memory"),
        (first, "service.cpus"),
        (first, "service.volumes"),
        (first, "the restart policy"),
        (first, "the variable MODE"),
        (first, "the variable MORE"),
        (workspace.sandbox.nginx.address, site),
    }
    assert f"{first}: service.memory is 100m; wanted: 200m" in said
    assert "exit code" in said
    for value in ("s3cr3t-x", "old-mode", "new-mode"):
        assert value not in said + json.dumps(found)


def test_a_container_has_the_settings_of_the_spec_and_has_not_drifted(workspace: Workspace):
    settings = {"hostname": "shop.internal", "memory": "64m", "cpus": 0.5, "volumes": ["/tmp:/shared:ro"]}
    workspace.change_spec(service=settings)

    workspace.deploy()

    form = "{{.Config.Hostname}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.Binds}}"
    for server in workspace.sandbox.servers:
        found = on(workspace.sandbox, server, "docker", "inspect", "--format", form, "shop-green")
        assert found.strip() == "shop.internal 67108864 500000000 [/tmp:/shared:ro]"
    assert told(workspace, "status")["drift"] == []


def test_a_server_that_cannot_be_reached_hides_nothing(workspace: Workspace):
    workspace.deploy()
    there = [f"deploy@{server.address}" for server in workspace.sandbox.servers]
    nobody = workspace.sandbox.nginx.address.rpartition(".")[0] + ".99"
    workspace.change_spec(servers=[there[0], f"deploy@{nobody}", there[1]])

    found = told(workspace, "status", 4)
    said = workspace.fail("status", 4)

    assert [bool(server["error"]) for server in found["servers"]] == [False, True, False]
    assert [len(server["containers"]) for server in found["servers"]] == [1, 0, 1]
    assert nobody in said
    assert said.count("healthy") == 2
    # A deployment needs all of them.
    assert nobody in workspace.fail("plan", 4)


def test_an_nginx_host_that_cannot_be_reached_hides_nothing(workspace: Workspace):
    workspace.deploy()
    nginx = workspace.sandbox.nginx
    workers = "cat /proc/$(cat /run/nginx.pid)/task/$(cat /run/nginx.pid)/children"
    as_root(workspace.sandbox, nginx, f"kill -STOP $({workers})")
    try:
        found = told(workspace, "status", 7)
    finally:
        as_root(workspace.sandbox, nginx, f"kill -CONT $({workers})")

    assert "does not answer" in found["nginx"]["error"]
    assert found["journal"]["live"]["version"] == workspace.release["version"]
    assert [server["containers"][0]["health"] for server in found["servers"]] == ["healthy", "healthy"]


def test_health_is_looked_at_from_where_the_spec_says(workspace: Workspace):
    workspace.change_spec(service={"health": {"from": "nginx"}})
    workspace.deploy()
    workspace.change_spec(service={"health": {"path": "/nowhere"}})

    found = told(workspace, "status")

    assert {server["containers"][0]["health"] for server in found["servers"]} == {"status 404"}


def test_a_deployment_does_what_the_plan_said(workspace: Workspace):
    workspace.deploy()
    # A build that is killed leaves its container.
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "lock release --force")
    workspace.build()

    plan = told(workspace, "plan")
    outputs = {stage: workspace.succeed(stage) for stage in ALL}

    assert [(each["version"], each["was_live"]) for each in plan["leftovers"]] == [
        (workspace.release["version"].rpartition("-")[0] + "-2", False)
    ] * 2
    assert [planned["stage"] for planned in plan["stages"]] == list(ALL)
    for planned in plan["stages"]:
        done = [line.strip().rpartition(" (")[0] for line in outputs[planned["stage"]].splitlines() if line[0] == " "]
        wanted = [
            f"{host}: {step}".replace("(its digest)", workspace.release["digest"])
            for phase in planned["phases"]
            for host, steps in phase["hosts"].items()
            for step in steps
        ]
        assert sorted(line for line in done if line.startswith(("172.", "the "))) == sorted(wanted)


def test_a_plan_has_no_build_number_outside_of_jenkins(workspace: Workspace):
    workspace.extra["BUILD_NUMBER"] = ""

    assert told(workspace, "plan")["version"].endswith("-(next)")


def test_a_plan_refuses_what_its_stage_would_refuse(workspace: Workspace):
    workspace.deploy()
    server = workspace.sandbox.servers[1]
    image = on(workspace.sandbox, server, "docker", "inspect", "-f", "{{.Image}}", "shop-green").strip()
    on(workspace.sandbox, server, "docker", "run", "-d", "--name", "other", "-p", "8081:8080", image)
    workspace.build()

    found = told(workspace, "plan", 8)
    workspace.succeed("build-image")
    said = workspace.fail("deploy-colour", 8)

    refused = found["stages"][-1]
    assert (refused["stage"], refused["refusal"]["error"]) == ("deploy-colour", "StateError")
    assert refused["refusal"]["message"] in said
    assert refused["refusal"]["hint"] in said
    on(workspace.sandbox, server, "docker", "rm", "-f", "other")


def test_a_plan_refuses_an_older_build(workspace: Workspace):
    workspace.number = 4
    workspace.deploy()
    workspace.number = 3

    assert "build 5 of http://jenkins.test/job/shop/ has been deployed already" in workspace.fail("plan", 8)


def test_history_tells_the_newest_first(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "1s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    workspace.fail("deploy-colour", 6)
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"echo '{{\"half' >>{FOLDER}/history.jsonl")

    found = told(workspace, "history")
    said = workspace.succeed("history -n 1")

    assert [(each["what"], each["result"]) for each in found["events"]] == [
        ("deploy-colour", "ReleaseRefused"),
        ("switch-nginx", "done"),
    ]
    assert found["damaged_lines"] == 1
    assert "ReleaseRefused: deploy-colour" in said
    assert "and 1 older" in said
    assert "1 damaged line" in said
