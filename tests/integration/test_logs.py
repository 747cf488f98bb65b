"""logs and exec on real containers: what they wrote, what they go on to write, and commands in them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from conftest import on

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

# Says its arguments, one a line, and ends with the first one; the image of the app has nothing else to run.
SAY = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **arguments) {
    for (int i = 2; i < count; i++) printf("[%s]\n", arguments[i]);
    fflush(stdout);
    fprintf(stderr, "to stderr\n");
    return atoi(arguments[1]);
}
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jenkinsgen", *arguments]


def run(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*arguments),
        cwd=workspace.folder,
        env=workspace.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done


def add_say(workspace: Workspace) -> None:
    (workspace.folder / "say.c").write_text(SAY)
    subprocess.run(["cc", "-static", "-o", "say", "say.c"], cwd=workspace.folder, check=True)
    dockerfile = workspace.folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("COPY app ", "COPY app say "))


def test_lines_of_all_servers_in_the_order_of_time(workspace: Workspace):
    workspace.deploy()
    done = run(workspace, "logs", "pipelines/shop.yaml", "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert {line["server"] for line in lines} == {server.address for server in workspace.sandbox.servers}
    assert {line["version"] for line in lines} == {workspace.release["version"]}
    assert {(line["colour"], line["stream"]) for line in lines} == {("green", "stdout")}

    server = workspace.sandbox.servers[1].address
    done = run(workspace, "logs", "pipelines/shop.yaml", "--tail", "1", "--server", server)
    assert done.stdout == f"{server} green | version 1.0.1 listens on port 8080\n"
    assert run(workspace, "logs", "pipelines/shop.yaml", "--tail", "0").stdout == ""


def test_what_is_not_there_is_told(workspace: Workspace):
    nothing = run(workspace, "logs", "pipelines/shop.yaml")
    assert nothing.returncode == 8
    assert "no colour of shop is live yet" in nothing.stderr
    workspace.deploy()
    idle = run(workspace, "logs", "pipelines/shop.yaml", "--colour", "blue")
    assert idle.returncode == 8
    assert "shop-blue is on none of" in idle.stderr
    unknown = run(workspace, "exec", "pipelines/shop.yaml", "--server", "app9", "--", "/app")
    assert unknown.returncode == 2
    assert workspace.sandbox.servers[0].address in unknown.stderr
    assert run(workspace, "exec", "pipelines/shop.yaml", "--colour", "blue", "--", "/app").returncode == 4


def test_one_server_that_is_away_hides_nothing_of_the_others(workspace: Workspace):
    workspace.deploy()
    first = workspace.sandbox.servers[0].address
    away = first.rpartition(".")[0] + ".99"
    workspace.change_spec(servers=[f"deploy@{away}", f"deploy@{first}"])
    done = run(workspace, "logs", "pipelines/shop.yaml", "--colour", "green")
    assert done.returncode == 4
    assert f"{first} green | version 1.0.1 listens" in done.stdout
    assert f"{away}: left out: " in done.stderr


def await_text(read: Callable[[], str], *texts: str) -> None:
    end = time.monotonic() + 30
    while not all(text in read() for text in texts):
        assert time.monotonic() < end, f"{texts} not in {read()}"
        time.sleep(0.2)


def test_following_goes_over_a_restart_and_a_switch_and_ends_with_ctrl_c(workspace: Workspace):
    workspace.deploy()
    first = workspace.sandbox.servers[0]
    with (workspace.folder / "followed").open("w+") as file:
        path = workspace.folder / "followed"
        process = subprocess.Popen(
            command("logs", "pipelines/shop.yaml", "--follow"),
            cwd=workspace.folder,
            env={**workspace.environment, "PYTHONUNBUFFERED": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            await_text(path.read_text, "version 1.0.1 listens")
            time.sleep(2)
            on(workspace.sandbox, first, "docker", "restart", "-t", "1", "shop-green")
            await_text(path.read_text, f"{first.address}: shop-green, ")
            assert any(how in path.read_text() for how in (", ended with exit code", ", runs, and its log ended"))
            # Followed again: the second start is shown, the first one not once more.
            await_text(lambda: str(path.read_text().count(f"{first.address} green | version 1.0.1 listens")), "2")
            workspace.deploy()
            await_text(
                path.read_text,
                "==> blue is live now",
                *(f"{each.address} blue  | version 1.0.2 listens" for each in workspace.sandbox.servers),
            )
            assert path.read_text().count(f"{first.address} green | version 1.0.1 listens") == 2
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 130
        finally:
            process.kill()
            process.wait()


def test_a_command_runs_in_the_container_without_a_shell(workspace: Workspace):
    add_say(workspace)
    workspace.deploy()
    first, second = (server.address for server in workspace.sandbox.servers)
    both = run(workspace, "exec", "pipelines/shop.yaml", "--", "/say", "0", "a b", "$HOME", "--json")
    assert both.returncode == 0, both.stderr
    assert both.stdout == "[a b]\n[$HOME]\n[--json]\n" * 2
    assert both.stderr.count("to stderr\n") == 2
    assert both.stderr.index(f"==> {first}: shop-green") < both.stderr.index(f"==> {second}: shop-green")

    one = run(workspace, "exec", "pipelines/shop.yaml", "--server", second, "--", "/say", "7")
    assert one.returncode == 7
    failed = run(workspace, "exec", "pipelines/shop.yaml", "--json", "--", "/say", "7", "x")
    assert failed.returncode == 1
    assert f"{first} (7), {second} (7)" in failed.stderr
    found = [json.loads(line) for line in failed.stdout.splitlines()]
    assert [each["server"] for each in found] == [first, second]
    # Two streams of one program: the engine may see either one first.
    assert all(sorted(each["output"].split("\n")) == ["", "[x]", "to stderr"] for each in found)
    assert {each["exit_code"] for each in found} == {7}
    missing = run(workspace, "exec", "pipelines/shop.yaml", "--server", first, "--", "/nothing")
    assert missing.returncode in (126, 127)
    assert "no such file" in missing.stdout + missing.stderr


def test_one_server_that_does_not_run_it_fails_the_command_after_the_others(workspace: Workspace):
    add_say(workspace)
    workspace.deploy()
    first, second = workspace.sandbox.servers
    on(workspace.sandbox, first, "docker", "stop", "-t", "1", "shop-green")
    done = run(workspace, "exec", "pipelines/shop.yaml", "--colour", "green", "--", "/say", "0", "x")
    assert done.returncode == 4
    assert done.stdout == "[x]\n"
    assert f"{first.address}: shop-green does not run there" in done.stderr
    assert f"==> {second.address}: shop-green" in done.stderr
