"""The login for submodules goes to the host of the repository, whatever .gitmodules names."""

from __future__ import annotations

import base64
import http.server
import os
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from examples import pipeline
from pydantic import ValidationError

from jenkinsgen.jenkinsfile.render.jenkinsfile import submodule_command
from jenkinsgen.spec.git_url import web_origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# As Jenkins' git plugin writes it.
ASKPASS = '#!/bin/sh\ncase "$1" in\nUsername*) echo "$GIT_USERNAME" ;;\nPassword*) echo "$GIT_PASSWORD" ;;\nesac\n'


@contextmanager
def git_server() -> Iterator[tuple[str, list[str]]]:
    """A server that wants a login, and the logins that it gets."""
    logins: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = self.headers.get("Authorization", "")
            logins.extend([base64.b64decode(said.split()[1]).decode()] if said else [])
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=git")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", logins
    finally:
        server.shutdown()
        server.server_close()


def fetch(folder: Path, repository: str, submodule: str) -> None:
    """What a build's step does in a checkout whose .gitmodules names a submodule."""
    (folder / ".gitmodules").write_text(f'[submodule "x"]\n path = x\n url = {submodule}\n')
    (folder / "askpass").write_text(ASKPASS)
    (folder / "askpass").chmod(0o700)
    spec = pipeline(f"source: {{repository: '{repository}', submodules: {{credential: git-login}}}}")
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    login = {"GIT_ASKPASS": f"{folder}/askpass", "GIT_USERNAME": "robot", "GIT_PASSWORD": "s3cret"}
    environment = {**clean, **login, "GIT_TERMINAL_PROMPT": "0", "HOME": str(folder)}
    for command in (
        "git init -q",
        f"git update-index --add --cacheinfo 160000,{'1' * 40},x",
        "git add .gitmodules",
        submodule_command(spec.source) or "",
    ):
        subprocess.run(["sh", "-c", command], cwd=folder, env=environment, check=False, capture_output=True, timeout=60)


def test_the_login_goes_to_the_host_of_the_repository(tmp_path: Path):
    with git_server() as (url, logins):
        fetch(tmp_path, f"{url}/shop.git", f"{url}/library.git")
        assert set(logins) == {"robot:s3cret"}


def test_the_login_goes_to_no_host_that_gitmodules_names(tmp_path: Path):
    with git_server() as (url, _), git_server() as (other, logins):
        fetch(tmp_path, f"{url}/shop.git", f"{other}/library.git")
        assert [login for login in logins if "s3cret" in login or "robot" in login] == []


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://git.example.com:8443/shop.git", "https://git.example.com:8443"),
        ("http://git.example.com/shop.git", "http://git.example.com"),
        ("ssh://git@git.example.com:7999/shop.git", "https://git.example.com"),
        ("ssh://git@[2001:db8::11]/shop.git", "https://[2001:db8::11]"),
        ("git@git.example.com:shop/shop.git", "https://git.example.com"),
        ("git.example.com:shop.git", "https://git.example.com"),
        ("git://git.example.com/shop.git", "https://git.example.com"),
        ("file:///srv/git/shop.git", None),
        ("/srv/git/shop.git", None),
    ],
)
def test_the_host_of_a_repository_is_told(url: str, origin: str | None):
    assert web_origin(url) == origin


def test_a_login_for_no_host_is_refused():
    with pytest.raises(ValidationError, match="goes to the host of `repository` alone"):
        pipeline("source: {repository: /srv/git/shop.git, submodules: {credential: git-login}}")
    source = pipeline("source: {repository: /srv/git/shop.git, submodules: {}}").source
    assert submodule_command(source) == "git submodule sync --recursive && git submodule update --init --recursive"
