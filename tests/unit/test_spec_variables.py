"""Which variables of a build a spec may not choose, and whose modules Python imports in a workspace."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from examples import MINIMAL, pipeline
from pydantic import ValidationError

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.jenkinsfile import _tool_setup
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path

OBEYED = [
    *("PATH", "path", "Path", "HOME", "LD_PRELOAD", "ld_library_path", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "ENV"),
    *("DOCKER_HOST", "docker_host", "DOCKER_CONFIG", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "SSH_AUTH_SOCK"),
    *("PYTHONPATH", "PYTHONSTARTUP", "PIP_INDEX_URL", "JENKINSGEN_SSH_KEY", "JENKINSGEN_SECRET_DB", "IFS"),
    *("http_proxy", "HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS"),
    *("BUILD_NUMBER", "BUILD_URL", "JOB_NAME", "WORKSPACE", "JENKINS_URL", "HUDSON_HOME", "NODE_NAME", "TMPDIR"),
    *("MAVEN_OPTS", "gradle_opts", "JAVA_HOME", "npm_config_registry", "MAKEFLAGS", "GOFLAGS", "CARGO_HOME"),
]


@pytest.mark.parametrize("name", OBEYED)
def test_a_parameter_cannot_replace_a_variable_that_programs_obey(tmp_path: Path, name: str):
    path = tmp_path / "shop.yaml"
    parameters = f"job:\n  name: shop\n  parameters:\n    - name: SAFE\n    - name: {name}\n"
    path.write_text(MINIMAL.replace("job: {name: shop}\n", parameters), encoding="utf-8")
    with pytest.raises(SpecError, match=rf"shop\.yaml:6:13: job\.parameters\[1\]\.name: {name} is a variable that"):
        load_spec(path)


@pytest.mark.parametrize("name", ["VERSION", "ENVIRONMENT", "BUILD_TYPE", "BRANCH", "LDAP_HOST", "PATHS", "GITHUB_ORG"])
def test_other_names_of_parameters_are_free(name: str):
    assert pipeline(f"job: {{name: shop, parameters: [{{name: {name}}}]}}").job.parameters[0].name == name


@pytest.mark.parametrize(
    "changes",
    [
        "job: {name: shop, parameters: [{name: Mode}, {name: MODE}]}",
        "service: {secrets: {db_url: one, DB_URL: two}}",
        "build: {command: make, environment: {mode: a, MODE: b}}",
    ],
)
def test_two_names_that_jenkins_takes_for_one_are_refused(changes: str):
    with pytest.raises(ValidationError, match="are one variable for Jenkins, which disregards case"):
        pipeline(changes)


def test_the_environment_of_a_container_is_no_matter_of_jenkins():
    environment = "{PATH: /app/bin, path: x, PYTHONUNBUFFERED: '1', JAVA_TOOL_OPTIONS: -Xmx1g}"
    spec = pipeline(f"{{service: {{environment: {environment}}}, image: {{build_args: {{HTTP_PROXY: 'http://p'}}}}}}")
    assert len(spec.service.environment) == 4


@pytest.mark.slow
def test_python_in_a_workspace_imports_nothing_of_the_repository(tmp_path: Path):
    setup = _tool_setup(pipeline("tool: {from: pip, version: 1.2.0}"))
    assert setup is not None
    for name in ("logging", "venv", "ensurepip", "pip", "re", "os", "site", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w')\nraise SystemExit(9)\n", encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        ["sh", "-c", setup], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "No matching distribution found for jenkinsgen==1.2.0" in ended.stderr
    assert not (tmp_path / "imported").exists()
