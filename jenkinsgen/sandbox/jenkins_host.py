"""The sandbox's Jenkins server: a container in its network that holds its credentials."""

from __future__ import annotations

import configparser
import http.client
import io
import secrets
import time
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from jenkinsgen.errors import HostError
from jenkinsgen.sandbox import files, hosts
from jenkinsgen.sandbox.docker_cli import docker
from jenkinsgen.sandbox.model import Host

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.sandbox.model import Sandbox
    from jenkinsgen.sandbox.place import Place

ROLE = "jenkins"
USER = "admin"
PORT = 8080
READY_SECONDS = 300
LOOK_SECONDS = 5


def host(sandbox: Sandbox) -> Host:
    return Host(ROLE, ROLE, str(IPv4Network(sandbox.subnet)[12]))


def url(sandbox: Sandbox) -> str:
    return f"http://{host(sandbox).address}:{PORT}/"


def settings_file(place: Place) -> Path:
    """Url, user, token and password, as `--jenkins-file` takes them; mode 0600."""
    return place.folder / "jenkins.ini"


def start(place: Place, sandbox: Sandbox, image: str) -> None:
    """Run Jenkins, and return when it answers. Raises HostError with what is wrong after READY_SECONDS."""
    name = place.container(ROLE)
    state = hosts.states(place).get(name)
    if state is None:
        write_secrets(place, sandbox)
        docker(*run_arguments(place, sandbox, image))
    elif state != "running":
        hosts.wake({name: state})
    _await_ready(place, sandbox)


def write_secrets(place: Place, sandbox: Sandbox) -> None:
    """Make a password and a token, and write them for Jenkins and for who uses it."""
    password, token = secrets.token_urlsafe(16), f"11{secrets.token_hex(16)}"  # 11 is the version of Jenkins' tokens
    own = files.host_folder(place.folder, host(sandbox))
    own.mkdir(parents=True, exist_ok=True)
    held = {
        "JENKINS_URL": url(sandbox),
        "JENKINS_PASSWORD": password,
        "JENKINS_TOKEN": token,
        "REGISTRY_PASSWORD": sandbox.registry_password,
        "DEPLOY_KEY": sandbox.key_file.read_text(),
    }
    for name, content in held.items():
        files.put(own / name, content, files.PRIVATE)
    settings = configparser.ConfigParser(interpolation=None)
    settings[ROLE] = {"url": url(sandbox), "user": USER, "token": token, "password": password}
    text = io.StringIO()
    settings.write(text)
    files.put(settings_file(place), text.getvalue(), files.PRIVATE)


def run_arguments(place: Place, sandbox: Sandbox, image: str) -> tuple[str, ...]:
    """The arguments of `docker` that start Jenkins; no secret is among them."""
    own = host(sandbox)
    secrets_folder = files.host_folder(place.folder, own)
    return (
        *("run", "--detach", "--name", place.container(own.name), "--hostname", own.name, "--label", place.label),
        *("--network", place.prefix, "--ip", own.address),
        # The files are their owner's alone, who is not the image's user `jenkins`.
        *("--user", "root"),
        *("--mount", f"type=bind,source={secrets_folder},target=/run/secrets,readonly"),
        # The place that the spec's file:// URL names.
        *("--mount", f"type=bind,source={sandbox.repository},target={sandbox.repository},readonly"),
        image,
    )


def _await_ready(place: Place, sandbox: Sandbox) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while problem := _problem(host(sandbox)):
        if time.monotonic() > deadline:
            raise HostError(
                f"Jenkins ({url(sandbox)}) is not ready after {READY_SECONDS} s: {problem}",
                hint=f"what it says: docker logs {place.container(ROLE)}",
            )
        time.sleep(1)


def _problem(server: Host) -> str | None:
    """Why Jenkins is not ready; None when it is. While it starts it answers 503."""
    connection = http.client.HTTPConnection(server.address, PORT, timeout=LOOK_SECONDS)
    try:
        connection.request("GET", "/login")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return None if status == http.HTTPStatus.OK else f"it answers {status}"
