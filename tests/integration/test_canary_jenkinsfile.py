"""The Jenkinsfile of a canary, run: its steps in order, who is asked, and what happens when somebody says no."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jenkinsgen.jenkinsfile.render.write import write_jenkinsfiles
from jenkinsgen.sandbox.jenkinsfile import BuildRequest, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.sandbox.jenkinsfile import BuildResult

    Build = Callable[..., BuildResult]

pytestmark = pytest.mark.groovy

SPEC = """\
extends: base/company.yaml
job: {{name: shop}}
source: {{repository: "file://{repository}"}}
image: {{repository: registry.example.com/shop}}
servers: [deploy@192.0.2.11]
ssh: {{credential: deploy-key, known_hosts: pipelines/known_hosts}}
nginx: {{host: deploy@192.0.2.10, server_name: shop.example.com}}
strategy: canary
guard: {{}}
canary:
  approval: {approval}
  steps: [{{percent: 5, hold: 10s}}, {{percent: 25, hold: 10s, approval: {approval}}}]
"""
BASE = """\
service: {name: shop, ports: {green: 8080, blue: 8081}, container_port: 80, health: {path: /}}
"""
CREDENTIALS = {
    "deploy-key": {"type": "sshUserPrivateKey", "username": "deploy", "private_key": "PRIVATE KEY", "passphrase": ""},
}
# Writes down what it was called with, and what it could see; the stage of FAILS fails.
PROGRAM = """\
#!/bin/sh
for file in pipelines/shop.yaml pipelines/base/company.yaml pipelines/known_hosts; do
    [ -e "$file" ] || echo "$1: no $file" >>"$CALLS"
done
key=no; [ -n "$JENKINSGEN_SSH_KEY" ] && key=yes
[ "$1" = build-image ] && echo '{}' >release.json
release=no; [ -e release.json ] && release=yes
echo "$1 $2 $3 key=$key release=$release" >>"$CALLS"
case "$1 $2 $3" in "$FAILS"*) exit 6 ;; esac
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Runs the deployment of a repository with one spec, as it was rendered and committed."""
    repository, programs = tmp_path / "shop", tmp_path / "programs"
    (repository / "pipelines/base").mkdir(parents=True)
    (repository / "pipelines/base/company.yaml").write_text(BASE)
    (repository / "pipelines/known_hosts").write_text("")
    programs.mkdir()
    (programs / "jenkinsgen").write_text(PROGRAM)
    (programs / "jenkinsgen").chmod(0o755)
    (tmp_path / "credentials.json").write_text(json.dumps(CREDENTIALS))
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.chdir(repository)

    def build_it(*, approval: bool, fails: str = "nothing", **request: Any) -> BuildResult:
        spec = Path("pipelines/shop.yaml")
        spec.write_text(SPEC.format(repository=repository, approval=str(approval).lower()))
        subprocess.run(["git", "init", "-q", "-b", "main"], check=True)
        write_jenkinsfiles(spec)
        subprocess.run(["git", "add", "."], check=True)
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, "commit", "-qm", "shop"], check=True)
        return run(
            BuildRequest(
                jenkinsfile=spec.with_suffix(".Jenkinsfile"),
                workspace=tmp_path / "ws",
                credentials=tmp_path / "credentials.json",
                environment={"CALLS": str(tmp_path / "calls"), "FAILS": fails},
                **request,
            ),
            subprocess.DEVNULL,
        )

    return build_it


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


WHOLE = [
    "build-image pipelines/shop.yaml  key=yes release=yes",
    "deploy-colour pipelines/shop.yaml  key=yes release=yes",
    "canary step 5 key=yes release=yes",
    "canary step 25 key=yes release=yes",
    "switch-nginx pipelines/shop.yaml  key=yes release=yes",
    "cleanup --wait pipelines/shop.yaml key=yes release=yes",
]


@pytest.mark.parametrize("approval", [False, True])
def test_all_steps_and_then_the_switch(build: Build, tmp_path: Path, approval: bool):
    result = build(approval=approval)

    assert result.result == "SUCCESS", result.log.read_text()
    assert calls(tmp_path) == WHOLE
    assert ("Approve 25 %" in [stage.name for stage in result.stages]) is approval
    assert (result.archive / "release.json").is_file()


@pytest.mark.parametrize("approval", [False, True])
def test_a_step_that_fails_ends_the_canary(build: Build, tmp_path: Path, approval: bool):
    result = build(approval=approval, fails="canary step 25")

    assert result.result == "FAILURE"
    release = "no" if approval else "yes"
    assert calls(tmp_path) == [*WHOLE[:4], f"canary abort pipelines/shop.yaml key=yes release={release}"]


def test_who_says_no_ends_the_canary(build: Build, tmp_path: Path):
    result = build(approval=True, approve=False)

    assert result.result == "ABORTED"
    assert calls(tmp_path) == [*WHOLE[:3], "canary abort pipelines/shop.yaml key=yes release=no"]
    # Nobody holds an agent while somebody is asked: the last one was left before.
    log = result.log.read_text()
    assert log.index("[Pipeline] // node") < log.index("Give 25 % of the clients to the new release?")
