"""The Jenkinsfile of `job.rollback`, run: what reaches `jenkinsgen rollback`, whatever a person typed in."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jenkinsgen.jenkinsfile.render.write import write_jenkinsfiles
from jenkinsgen.sandbox.jenkinsfile import BuildRequest, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.sandbox.jenkinsfile import BuildResult

pytestmark = pytest.mark.groovy

SPEC = """\
job: {{name: shop, rollback: shop-rollback, triggers: {{cron: H 4 * * *}}}}
source: {{repository: "file://{repository}"}}
build: {{command: "touch was-built"}}
image: {{repository: registry.example.com/shop, credential: registry}}
service:
  name: shop
  ports: {{green: 8080, blue: 8081}}
  container_port: 80
  health: {{path: /}}
  secrets: {{DB_PASSWORD: db}}
servers: [deploy@192.0.2.11]
ssh: {{credential: deploy-key}}
nginx: {{host: deploy@192.0.2.10, server_name: shop.example.com}}
"""
CREDENTIALS = {
    "deploy-key": {"type": "sshUserPrivateKey", "username": "deploy", "private_key": "PRIVATE KEY", "passphrase": ""},
    "registry": {"type": "usernamePassword", "username": "reguser", "password": "regpass"},
    "db": {"type": "string", "secret": "dbpass"},
}
# Leaves what it was given where the build archives it, and ends as it is told.
PROGRAM = """\
#!/usr/bin/env python3
import json, os, pathlib, sys
found = {
    "arguments": sys.argv[1:],
    "spec": pathlib.Path(sys.argv[-1]).is_file(),
    "files": sorted(path.name for path in pathlib.Path().iterdir()),
    "bound": sorted(name for name in os.environ if name.startswith("JENKINSGEN_") and name != "JENKINSGEN_SANDBOX"),
}
pathlib.Path("release.json").write_text(json.dumps(found))
sys.exit(int(os.environ.get("ENDS_WITH", "0")))
"""


@pytest.fixture
def press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., BuildResult]:
    """Runs the rollback of a repository with one spec, as it was rendered and committed."""
    repository, programs = tmp_path / "shop", tmp_path / "programs"
    (repository / "pipelines").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(repository)], check=True)
    (repository / "pipelines/shop.yaml").write_text(SPEC.format(repository=repository))
    monkeypatch.chdir(repository)
    write_jenkinsfiles(Path("pipelines/shop.yaml"))
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", *identity, "commit", "-qm", "shop"], check=True)
    programs.mkdir()
    (programs / "jenkinsgen").write_text(PROGRAM)
    (programs / "jenkinsgen").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    (tmp_path / "credentials.json").write_text(json.dumps(CREDENTIALS))

    def press_it(change: Callable[[str], str] = str, **request: Any) -> BuildResult:
        path = tmp_path / "Jenkinsfile"
        path.write_text(change(Path("pipelines/shop.rollback.Jenkinsfile").read_text()))
        return run(
            BuildRequest(
                jenkinsfile=path,
                workspace=tmp_path / "ws",
                credentials=tmp_path / "credentials.json",
                job_name="shop-rollback",
                **request,
            ),
            subprocess.DEVNULL,
        )

    return press_it


def given(result: BuildResult) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((result.archive / "release.json").read_text())
    return found


def test_nothing_but_a_checkout_and_the_rollback(press: Callable[..., BuildResult], tmp_path: Path):
    result = press(parameters={"VERSION": "0123456789ab-7"})

    assert result.result == "SUCCESS"
    assert [stage.name for stage in result.stages][:2] == ["Checkout", "Roll back"]
    assert given(result) == {
        "arguments": ["rollback", "--to", "0123456789ab-7", "pipelines/shop.yaml"],
        "spec": True,
        "files": [".git", "pipelines"],
        "bound": [
            "JENKINSGEN_REGISTRY_PASSWORD",
            "JENKINSGEN_REGISTRY_USER",
            "JENKINSGEN_SECRET_DB_PASSWORD",
            "JENKINSGEN_SSH_KEY",
            "JENKINSGEN_SSH_PASSPHRASE",
        ],
    }
    assert not (tmp_path / "ws/release.json").exists()


HOSTILE = [
    '$(touch x)"; rm',
    '"; touch x; "',
    "`touch x`",
    "' + evil() + '",
    "${VERSION} $HOME \\",
    "*",
    "two words\nand a line",
    "--help",
]


@pytest.mark.parametrize("version", HOSTILE)
def test_what_is_typed_in_is_one_argument_and_no_code(press: Callable[..., BuildResult], tmp_path: Path, version: str):
    result = press(parameters={"VERSION": version})

    assert result.result == "SUCCESS"
    assert given(result)["arguments"] == ["rollback", "--to", version, "pipelines/shop.yaml"]
    assert sorted(path.name for path in (tmp_path / "ws").iterdir()) == [".git", "pipelines"]


def without_parameters(text: str) -> str:
    """What the very first build of a job sees that nobody gave its parameters: the variable is not set."""
    changed, count = re.subn(r"    parameters \{\n.*\n    \}\n", "", text)
    assert count == 1
    return changed


@pytest.mark.parametrize("change", [str, without_parameters])
def test_without_a_version_it_is_empty(press: Callable[..., BuildResult], change: Callable[[str], str]):
    result = press(change)

    assert result.result == "SUCCESS"
    assert given(result)["arguments"] == ["rollback", "--to", "", "pipelines/shop.yaml"]


def test_a_rollback_that_fails_fails_the_build_and_leaves_its_artifacts(press: Callable[..., BuildResult]):
    result = press(environment={"ENDS_WITH": "6"})

    assert result.result == "FAILURE"
    assert "ERROR: script returned exit code 6" in result.log.read_text()
    assert given(result)["arguments"][0] == "rollback"
