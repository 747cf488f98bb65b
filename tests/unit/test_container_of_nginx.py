"""NGINX in a container: what its scripts find becomes a named problem with a remedy."""

from __future__ import annotations

import os
import subprocess
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from examples import pipeline

from jenkinsgen.doctor.check import Verdict
from jenkinsgen.doctor.nginx import judge_container
from jenkinsgen.facts import read_facts
from jenkinsgen.nginx.container import container_problems, shared_paths

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.facts import Facts

SPEC = "nginx: {container: web}"
FINE = "container running\nmaster 17\nversion 1.22.1\nvalid yes\nnetwork host"


def problems(lines: str) -> list[tuple[str, str, str]]:
    return [(found.name, found.what, found.remedy) for found in container_problems("web", read_facts(lines))]


def test_a_container_that_shares_all_is_fine():
    assert problems(FINE) == []


@pytest.mark.parametrize(
    ("lines", "name", "what", "remedy"),
    [
        ("container absent", "container", "there is no container web", "docs/nginx.md"),
        ("container exited", "container", "does not run (exited)", "docker start web"),
        ("container running\nmaster ", "container", "no NGINX runs in the container web", "docker top web"),
        ("container unknown\nwhy docker: not found", "container", "docker: not found", "docker inspect web"),
        (FINE.replace("host", "own"), "container's network", "a network of its own", "--network host"),
        (
            f"{FINE}\nhidden /etc/nginx\nhidden /var/log/nginx",
            "container's mounts",
            "does not see this host's /etc/nginx, /var/log/nginx",
            "-v /etc/nginx:/etc/nginx:ro -v /var/log/nginx:/var/log/nginx",
        ),
    ],
)
def test_each_problem_has_a_name_and_a_remedy(lines: str, name: str, what: str, remedy: str):
    ((found_name, found_what, found_remedy),) = problems(lines)
    assert found_name == name
    assert what in found_what
    assert remedy in found_remedy


def test_who_may_not_look_claims_nothing():
    assert problems("container unseen\nwhy permission denied") == []
    assert problems(FINE.replace("host", "unseen")) == []


def test_what_a_container_has_to_share():
    assert shared_paths(pipeline(SPEC)) == ("/etc/nginx", "/var/lib/jenkinsgen")
    elsewhere = pipeline(
        "nginx: {container: web, site: /srv/sites/shop.conf, certificate: /etc/tls/a.pem,"
        " certificate_key: /etc/nginx/tls/a.key}\nbake: 1m\nguard: {}"
    )
    assert shared_paths(elsewhere) == (
        *("/etc/nginx", "/var/lib/jenkinsgen", "/var/log/nginx", "/srv/sites", "/etc/tls/a.pem"),
    )


@pytest.mark.parametrize(
    ("lines", "verdicts"),
    [
        (FINE, [("NGINX", Verdict.OK), ("container", Verdict.OK)]),
        ("container exited", [("container", Verdict.FAILED)]),
        ("container unseen\nwhy permission denied", [("NGINX", Verdict.WARNING)]),
        (FINE.replace("host", "unseen"), [("NGINX", Verdict.OK), ("container", Verdict.WARNING)]),
        (FINE.replace("host", "own"), [("container's network", Verdict.FAILED), ("NGINX", Verdict.OK)]),
    ],
)
def test_the_verdicts_of_doctor(lines: str, verdicts: list[tuple[str, Verdict]]):
    found = list(judge_container("192.0.2.10 (NGINX)", pipeline(SPEC), read_facts(lines), "1.22.1"))
    assert [(check.name, check.verdict) for check in found] == verdicts
    assert all(bool(check.remedy) is (check.verdict is not Verdict.OK) for check in found)


def look(folder: Path, docker: str) -> Facts:
    """What observe_container.sh says with a program `docker` that does this."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{docker}\n")
    program.chmod(0o755)
    scripts = resources.files("jenkinsgen.nginx")
    text = "".join(scripts.joinpath(name).read_text() for name in ("container.sh", "observe_container.sh"))
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    command = ["sh", "-c", text, "sh", "we'b", "/etc/nginx"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return read_facts(done.stdout)


def test_docker_that_says_no_is_told_apart(tmp_path: Path):
    absent = 'echo "Error response from daemon: No such container: $5" >&2; exit 1'
    assert look(tmp_path, absent) == {"container": ["absent"]}
    found = look(tmp_path, 'echo "Cannot connect to the Docker daemon" >&2; exit 1')
    assert found["container"] in (["unknown"], ["unseen"])
    assert found["why"] == ["Cannot connect to the Docker daemon"]
    assert look(tmp_path, "echo exited") == {"container": ["exited"]}


def test_a_process_that_is_no_nginx_is_no_master(tmp_path: Path):
    docker = f"case $4 in *Status*) echo running ;; *) echo {os.getpid()} ;; esac"
    assert look(tmp_path, docker) == {"container": ["running"], "master": [""]}
