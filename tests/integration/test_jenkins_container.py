"""What of the sandbox's Jenkins needs an engine but not its image.

Registries that refuse or do not answer; and the container's life, with NGINX answering in the place of Jenkins.
"""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.cli import cli
from jenkinsgen.errors import ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox import engine, image, jenkins_host, jenkins_image
from jenkinsgen.sandbox.place import NAME_VARIABLE, here
from jenkinsgen.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def _own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME_VARIABLE, "nojenkins")
    try:
        engine.ensure(here().engine_folder, Report())
    except ToolMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def silent() -> Iterator[str]:
    """A registry that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def everything() -> list[str]:
    """The images of Jenkins, and what this place has."""
    of_place = ("--filter", f"label={here().label}")
    commands = (
        ("image", "ls", "--quiet", jenkins_image.REPOSITORY),
        ("ps", "--all", "--quiet", *of_place),
        ("network", "ls", "--quiet", *of_place),
    )
    said = [subprocess.run(["docker", *each], capture_output=True, text=True, check=True).stdout for each in commands]
    return [*said, str(here().folder.exists())]


def up() -> ToolMissing:
    with click.Context(cli).scope():
        result = CliRunner().invoke(cli, ["sandbox", "up", "--jenkins"], standalone_mode=False)
    assert isinstance(result.exception, ToolMissing)
    return result.exception


def test_a_registry_that_refuses_is_said_before_anything_is_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jenkins_image, "BASE", "127.0.0.1:1/jenkins:none")
    monkeypatch.setattr(jenkins_image, "REPOSITORY", "jenkinsgen-sandbox-nojenkins")
    before = everything()

    error = up()

    assert error.exit_code == 2
    assert error.message.startswith("127.0.0.1:1/jenkins:none cannot be pulled: ")
    assert "\n" not in error.message
    assert error.hint == "the rest of the sandbox works without Jenkins: jenkinsgen sandbox up"
    assert everything() == before
    assert before[-1] == "False"


def test_a_registry_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, silent: str):
    monkeypatch.setattr(jenkins_image, "BASE", f"{silent}/jenkins:none")
    monkeypatch.setattr(jenkins_image, "REPOSITORY", "jenkinsgen-sandbox-nojenkins")
    monkeypatch.setattr(jenkins_image, "ANSWER_SECONDS", 2)

    error = up()

    assert error.message.endswith("cannot be pulled: no registry answered within 2 s")
    assert everything()[-1] == "False"


STAND_IN = """FROM {base}
RUN printf 'events {{}} http {{ server {{ listen 8080; location /login {{ return 200; }} }} }}' > /etc/stand-in.conf
CMD ["nginx", "-c", "/etc/stand-in.conf", "-g", "daemon off;"]
"""


@pytest.fixture
def stand_in() -> Iterator[str]:
    """An image with a server that answers at /login, and nothing else of Jenkins."""
    name = "jenkinsgen-sandbox-nojenkins:1"
    recipe = STAND_IN.format(base=image.ensure(Report(), World()))
    subprocess.run(["docker", "build", "--tag", name, "-"], input=recipe, text=True, capture_output=True, check=True)
    yield name
    sandboxes.down(Report())
    subprocess.run(["docker", "image", "rm", name], capture_output=True, check=True)


def states() -> dict[str, str]:
    made = sandboxes.load()
    assert made is not None
    return {host.name: host.state for host in sandboxes.status(made)}


def test_its_container_comes_wakes_and_goes_with_the_sandbox(monkeypatch: pytest.MonkeyPatch, stand_in: str):
    monkeypatch.setattr(jenkins_image, "ensure", lambda _: stand_in)
    made = sandboxes.up(1, Report())
    assert "jenkins" not in states()

    assert sandboxes.up(None, Report(), jenkins=True) == made
    assert states()["jenkins"] == "running"
    settings = jenkins_host.settings_file(here()).read_text()
    container = here().container("jenkins")
    shown = ["docker", "exec", container, "cat", "/run/secrets/DEPLOY_KEY"]
    assert subprocess.run(shown, capture_output=True, check=True).stdout == made.key_file.read_bytes()

    subprocess.run(["docker", "stop", "--time", "1", container], capture_output=True, check=True)
    assert states()["jenkins"] == "exited"
    sandboxes.up(None, Report(), jenkins=True)
    assert states()["jenkins"] == "running"
    assert jenkins_host.settings_file(here()).read_text() == settings

    sandboxes.down(Report())
    assert everything()[1:] == ["", "", "False"]
