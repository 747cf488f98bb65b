"""What the runner needs before it starts: Groovy, Java, credentials, a build number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.errors import CommandFailed, SpecError, ToolMissing
from jenkinsgen.sandbox import groovy_runtime
from jenkinsgen.sandbox.jenkinsfile import next_number, read_credentials, read_result

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Groovy 2.4.21 and no Java yet."""
    groovy = tmp_path / "groovy" / "bin" / "groovy"
    groovy.parent.mkdir(parents=True)
    groovy.touch(mode=0o755)
    (tmp_path / "groovy" / "lib").mkdir()
    (tmp_path / "groovy" / "lib" / "groovy-2.4.21.jar").touch()
    monkeypatch.setenv("PATH", str(groovy.parent))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(groovy_runtime, "JVM_FOLDER", tmp_path / "jvm")
    return tmp_path


def add_java(folder: Path, name: str, version: str) -> Path:
    java = folder / "jvm" / name / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch(mode=0o755)
    (java.parent.parent / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return java


@pytest.mark.parametrize(
    ("versions", "best"),
    [
        (["11.0.2", "17.0.15", "25.0.3"], "17.0.15"),
        (["21.0.1", "25"], "21.0.1"),
        (["1.8.0_392", "11"], "11"),
    ],
)
def test_the_newest_java_that_groovy_likes_is_taken(installed: Path, versions: list[str], best: str):
    found = {version: add_java(installed, f"java-{version}", version) for version in versions}

    assert groovy_runtime.find().java == found[best]


def test_what_is_missing_is_named(installed: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ToolMissing, match="no Java 9 or newer"):
        groovy_runtime.find()
    add_java(installed, "java-17", "17")
    (installed / "groovy" / "lib" / "groovy-2.4.21.jar").rename(installed / "groovy" / "lib" / "groovy-3.0.9.jar")
    with pytest.raises(ToolMissing, match=r"is not Groovy 2\.4"):
        groovy_runtime.find()
    monkeypatch.setenv("PATH", str(installed))
    with pytest.raises(ToolMissing, match="`groovy` is not installed"):
        groovy_runtime.find()


def test_a_key_file_is_read_from_beside_the_credentials(tmp_path: Path):
    (tmp_path / "deploy_key").write_text("KEY\n")
    path = tmp_path / "credentials.json"
    path.write_text(
        json.dumps({"deploy-key": {"type": "sshUserPrivateKey", "username": "deploy", "key_file": "deploy_key"}})
    )

    assert read_credentials(path) == {
        "deploy-key": {"type": "sshUserPrivateKey", "username": "deploy", "private_key": "KEY\n"}
    }


@pytest.mark.parametrize("text", ["", "[]", '{"id": "secret"}', '{"id": {"key_file": "nowhere"}}'])
def test_unusable_credentials_are_refused(tmp_path: Path, text: str):
    path = tmp_path / "credentials.json"
    path.write_text(text)

    with pytest.raises(SpecError, match="not a file of credentials"):
        read_credentials(path)


def test_numbers_go_on_after_the_last_build(tmp_path: Path):
    assert next_number(tmp_path / "none yet") == 1
    for name in ("2", "10", "not a build"):
        (tmp_path / name).mkdir()
    assert next_number(tmp_path) == 11


def test_a_build_without_a_result_is_an_error(tmp_path: Path):
    with pytest.raises(CommandFailed, match="ended without a result"):
        read_result(tmp_path)
