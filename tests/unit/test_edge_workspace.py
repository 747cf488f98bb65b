"""The Jenkins workspace: environment, git, and the files that stages hand on."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from examples import pipeline, release
from sshd import USER_KEY

from jenkinsgen.deploy.release import FILE, Build
from jenkinsgen.edge import workspace
from jenkinsgen.errors import ImageError, KeyFileError, StateError
from jenkinsgen.report import Report
from jenkinsgen.spec import credentials
from jenkinsgen.spec.source import Artifact


@pytest.fixture(autouse=True)
def _empty_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "BUILD_NUMBER",
        "BUILD_URL",
        credentials.SSH_KEY,
        credentials.SSH_PASSPHRASE,
        credentials.SSH_USER,
        credentials.REGISTRY_USER,
        credentials.REGISTRY_PASSWORD,
        credentials.PULL_USER,
        credentials.PULL_PASSWORD,
    ):
        monkeypatch.delenv(name, raising=False)


def artifact(source: str, to: str) -> Artifact:
    return Artifact.model_validate({"from": source, "to": to})


def test_a_release_is_read_back_by_the_next_stage():
    assert workspace.read_release() is None
    workspace.write_release(release())
    assert workspace.read_release() == workspace.required_release() == release()
    assert [path.name for path in Path().iterdir()] == [FILE]


def test_a_missing_or_damaged_release_says_which_stage_to_run():
    with pytest.raises(StateError, match=f"there is no {FILE} in ") as caught:
        workspace.required_release()
    assert "build-image" in str(caught.value.hint)
    Path(FILE).write_text("{", encoding="utf-8")
    with pytest.raises(StateError, match="damaged"):
        workspace.read_release()


def test_reports_are_written_beside_each_other():
    workspace.write_report("build-image", "{}")
    workspace.write_report("cleanup", "{}")
    assert sorted(path.name for path in Path(".jenkinsgen").iterdir()) == ["build-image.json", "cleanup.json"]


@pytest.mark.parametrize(
    ("environment", "build"),
    [
        ({"BUILD_NUMBER": "7", "BUILD_URL": "https://ci/7/"}, Build(7, "https://ci/7/")),
        ({"BUILD_NUMBER": "7"}, Build(7, "")),
        ({"BUILD_NUMBER": "seven"}, None),
        ({}, None),
    ],
)
def test_the_build_is_what_jenkins_says(environment: dict[str, str], build: Build | None):
    assert workspace.current_build(environment) == build


def test_without_a_build_number_no_image_gets_a_version():
    with pytest.raises(StateError, match="BUILD_NUMBER is not set"):
        workspace.required_build()


@pytest.mark.parametrize(
    ("to", "placed"), [("docker/", "docker/app-1.jar"), ("docker/app.jar", "docker/app.jar"), (".", "app-1.jar")]
)
def test_the_one_artifact_is_copied_into_the_context(to: str, placed: str):
    Path("build").mkdir()
    Path("build/app-1.jar").write_bytes(b"\x00jar")
    assert workspace.place_artifact(artifact("build/app-*.jar", to)) == placed
    assert Path(placed).read_bytes() == b"\x00jar"


def test_no_artifact_or_too_many_are_refused_with_their_names():
    with pytest.raises(ImageError, match="matches no file"):
        workspace.place_artifact(artifact("app-*.jar", "docker/"))
    for number in (1, 2):
        Path(f"app-{number}.jar").touch()
    with pytest.raises(ImageError, match=r"matches app-1\.jar, app-2\.jar"):
        workspace.place_artifact(artifact("app-*.jar", "docker/"))


@pytest.mark.parametrize("version", ["1.4.0", "0.0.1-SNAPSHOT"])
def test_spring_boots_plain_jar_is_known_and_the_pattern_of_the_examples_passes_it_by(version: str):
    for name in (f"shop-{version}.jar", f"shop-{version}-plain.jar"):
        Path(name).touch()
    with pytest.raises(ImageError, match=r"Spring Boot.*enabled = false"):
        workspace.place_artifact(artifact("shop-*.jar", "docker/"))
    narrow = "shop-*-SNAPSHOT.jar" if "SNAPSHOT" in version else "shop-?.?.?.jar"
    assert workspace.place_artifact(artifact(narrow, "docker/")) == f"docker/shop-{version}.jar"


def test_an_artifact_that_cannot_be_written_says_where():
    Path("app.jar").touch()
    Path("docker").touch()
    with pytest.raises(ImageError, match=r"docker/app\.jar: cannot be written"):
        workspace.place_artifact(artifact("app.jar", "docker/app.jar"))


def test_secrets_come_from_the_bound_variables_and_are_masked(monkeypatch: pytest.MonkeyPatch):
    spec = pipeline("service: {secrets: {DB: db-id, EMPTY: other-id}}")
    monkeypatch.setenv("JENKINSGEN_SECRET_DB", "hunter2")
    monkeypatch.setenv("JENKINSGEN_SECRET_EMPTY", "")
    said = io.StringIO()
    report = Report(said)
    assert workspace.secrets(spec, report) == {"DB": "hunter2", "EMPTY": ""}
    report.line("it is hunter2")
    assert "hunter2" not in said.getvalue()


def test_a_secret_that_was_not_bound_is_named_not_guessed():
    with pytest.raises(StateError, match="JENKINSGEN_SECRET_DB is not set"):
        workspace.secrets(pipeline("service: {secrets: {DB: db-id}}"), Report(io.StringIO()))


def test_the_registrys_login_comes_from_both_variables(monkeypatch: pytest.MonkeyPatch):
    spec = pipeline("image: {credential: registry-login}")
    assert workspace.registry(pipeline(), Report(io.StringIO())) is None
    monkeypatch.setenv(credentials.REGISTRY_USER, "ci")
    with pytest.raises(StateError, match=r"image\.credential is registry-login"):
        workspace.registry(spec, Report(io.StringIO()))
    monkeypatch.setenv(credentials.REGISTRY_PASSWORD, "hunter2")
    assert workspace.registry(spec, Report(io.StringIO())) == {"username": "ci", "password": "hunter2"}


def test_servers_pull_with_a_login_of_their_own_and_never_with_that_of_the_push(monkeypatch: pytest.MonkeyPatch):
    report = Report(io.StringIO())
    monkeypatch.setenv(credentials.REGISTRY_USER, "ci")
    monkeypatch.setenv(credentials.REGISTRY_PASSWORD, "hunter2")
    both = pipeline("image: {credential: registry-login, pull_credential: registry-reader}")
    with pytest.raises(StateError, match=r"image\.pull_credential is registry-reader, but JENKINSGEN_PULL_USER and"):
        workspace.pull_login(both, report)
    monkeypatch.setenv(credentials.PULL_USER, "reader")
    monkeypatch.setenv(credentials.PULL_PASSWORD, "r3ad")
    assert workspace.pull_login(both, report) == {"username": "reader", "password": "r3ad"}
    assert workspace.registry(both, report) == {"username": "ci", "password": "hunter2"}
    assert workspace.pull_login(pipeline("image: {credential: registry-login}"), report) == workspace.registry(
        both, report
    )
    assert workspace.pull_login(pipeline(), report) is None


def test_the_stages_that_talk_to_servers_are_not_given_the_login_of_the_push():
    both = pipeline("image: {credential: registry-login, pull_credential: registry-reader}")
    assert [each.arguments["credentialsId"] for each in credentials.registry_binding(both)] == ["registry-login"]
    assert [each.arguments["credentialsId"] for each in credentials.pull_binding(both)] == ["registry-reader"]
    assert credentials.pull_binding(pipeline("image: {credential: x}"))[0].arguments["credentialsId"] == "x"
    assert credentials.pull_binding(pipeline()) == ()


def test_the_ssh_login_is_what_jenkins_bound_or_the_users_own(monkeypatch: pytest.MonkeyPatch):
    own = workspace.login(pipeline(), Report(io.StringIO()))
    assert (own.user, own.key_file, own.passphrase, own.known_hosts) == (None, None, None, None)
    spec = pipeline("ssh: {credential: key, known_hosts: pipelines/known_hosts}")
    with pytest.raises(StateError, match="JENKINSGEN_SSH_KEY is not set"):
        workspace.login(spec, Report(io.StringIO()))
    monkeypatch.setenv(credentials.SSH_KEY, "key")
    with pytest.raises(KeyFileError, match="the SSH key key cannot be used: it is not there"):
        workspace.login(spec, Report(io.StringIO()))
    USER_KEY.write_private_key_file("key")
    monkeypatch.setenv(credentials.SSH_USER, "deploy")
    bound = workspace.login(spec, Report(io.StringIO()))
    assert (bound.user, bound.key_file, bound.known_hosts) == ("deploy", "key", "pipelines/known_hosts")


def test_the_commit_is_the_one_that_is_checked_out():
    with pytest.raises(StateError, match="the commit cannot be told"):
        workspace.git_head()
    commit = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(commit, check=True)
    assert len(workspace.git_head()) == 40
