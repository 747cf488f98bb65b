"""The sandbox's Jenkins as far as it can be known without running it."""

from __future__ import annotations

import json
import stat
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml

import jenkinsgen.sandbox
from jenkinsgen.edge.jenkins.settings import read_settings
from jenkinsgen.jobs.preflight import SSH_KEY, USER_AND_PASSWORD, needed_credentials, needed_plugins
from jenkinsgen.sandbox import files, jenkins_host, jenkins_image, lifecycle, shop
from jenkinsgen.sandbox.model import Sandbox, lay_out
from jenkinsgen.sandbox.place import NAME_VARIABLE, Place, here
from jenkinsgen.sandbox.world import World
from jenkinsgen.spec.reading.load import load_spec

RECIPE = Path(jenkinsgen.sandbox.__file__).parent / jenkins_image.FOLDER
KINDS = {"basicSSHUserPrivateKey": SSH_KEY, "usernamePassword": USER_AND_PASSWORD}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv(NAME_VARIABLE, "one")
    return here()


@pytest.fixture
def sandbox(place: Place) -> Sandbox:
    place.folder.mkdir(parents=True)
    made = lay_out(
        prefix=place.prefix,
        folder=place.folder,
        world=World(),
        image="jenkinsgen-sandbox:0",
        subnet=IPv4Network("172.30.77.0/24"),
        servers=2,
        password="p4ss",
    )
    files.write(made, place.folder)
    return made


@pytest.fixture
def casc() -> Any:
    return yaml.safe_load((RECIPE / "casc.yaml").read_text())


def held(casc: Any) -> dict[str, dict[str, Any]]:
    """Id of a credential -> kind, and what it says."""
    (domain,) = casc["credentials"]["system"]["domainCredentials"]
    return {
        said["id"]: {"kind": kind, **said} for credential in domain["credentials"] for kind, said in credential.items()
    }


def test_every_plugin_that_a_jenkinsfile_needs_is_installed(root: Path):
    lines = (RECIPE / "plugins.txt").read_text().splitlines()
    plugins = [line for line in lines if line and not line.startswith("#")]
    specs = [load_spec(path) for path in (root / "tests/golden/render").glob("[!_]*.yaml")]
    needed = {plugin for spec in specs for plugin in needed_plugins(spec.pipeline)}
    assert {"docker-workflow", "workflow-multibranch"} < needed
    assert needed <= set(plugins)
    assert len(plugins) == len(set(plugins))
    assert "configuration-as-code" in plugins


def test_the_dockerfile_is_of_the_base_that_is_pulled():
    text = (RECIPE / "Dockerfile").read_text()
    assert f"\nFROM {jenkins_image.BASE}\n" in text
    copied = {line.split()[1] for line in text.splitlines() if line.startswith("COPY ")}
    assert copied == {path.name for path in RECIPE.iterdir()} - {"Dockerfile"}


def test_credentials_are_those_that_the_spec_names_and_of_their_kind(sandbox: Sandbox, casc: Any):
    sandbox.spec_file.parent.mkdir(parents=True)
    sandbox.spec_file.write_text(shop.spec_text(sandbox))
    needed = needed_credentials(load_spec(sandbox.spec_file).pipeline)

    found = held(casc)

    assert {identifier: {KINDS[each["kind"]]} for identifier, each in found.items()} == needed
    known = json.loads(sandbox.credentials_file.read_text())
    assert {key: each["username"] for key, each in found.items()} == {
        key: each["username"] for key, each in known.items()
    }


def test_every_secret_that_casc_names_is_a_private_file(sandbox: Sandbox, place: Place, casc: Any):
    jenkins_host.write_secrets(place, sandbox)

    own = files.host_folder(place.folder, jenkins_host.host(sandbox))
    names = {path.name for path in own.iterdir()}
    text = json.dumps(casc)
    said = {name for name in names if f"${{{name}}}" in text or f"${{readFile:/run/secrets/{name}}}" in text}
    assert text.count("${") == len(said)
    assert names - said == {"JENKINS_TOKEN"}
    assert "/run/secrets/JENKINS_TOKEN" in (RECIPE / "api-token.groovy").read_text()
    assert {stat.S_IMODE(path.stat().st_mode) for path in own.iterdir()} == {0o600}
    assert (own / "DEPLOY_KEY").read_bytes() == sandbox.key_file.read_bytes()


def test_the_settings_are_a_file_that_the_jobs_commands_take(sandbox: Sandbox, place: Place):
    assert lifecycle.jenkins_settings() is None
    jenkins_host.write_secrets(place, sandbox)

    path = lifecycle.jenkins_settings()
    settings = read_settings(url=None, user=None, ca_file=None, file=path, environment={})

    own = files.host_folder(place.folder, jenkins_host.host(sandbox))
    assert (settings.url, settings.user) == ("http://172.30.77.12:8080/", "admin")
    assert settings.token == (own / "JENKINS_TOKEN").read_text()
    # The form that Jenkins takes for a fixed token: two digits of a version, 32 of hexadecimal.
    assert len(bytes.fromhex(settings.token)) == 17


def test_jenkins_is_removed_with_the_sandbox_and_no_secret_is_an_argument(sandbox: Sandbox, place: Place):
    jenkins_host.write_secrets(place, sandbox)

    arguments = jenkins_host.run_arguments(place, sandbox, "jenkins:1")

    assert arguments[:2] == ("run", "--detach")
    assert arguments[-1] == "jenkins:1"
    assert arguments[arguments.index("--label") + 1] == place.label
    assert arguments[arguments.index("--network") + 1] == sandbox.prefix
    assert arguments[arguments.index("--ip") + 1] == "172.30.77.12"
    assert not {"--env", "--publish", "--privileged"} & set(arguments)
    own = files.host_folder(place.folder, jenkins_host.host(sandbox))
    secrets = [(own / name).read_text() for name in ("JENKINS_PASSWORD", "JENKINS_TOKEN", "REGISTRY_PASSWORD")]
    assert not [secret for secret in secrets if secret in " ".join(arguments)]


def test_its_address_is_nobody_elses(sandbox: Sandbox):
    assert jenkins_host.host(sandbox).address not in {host.address for host in sandbox.hosts}
