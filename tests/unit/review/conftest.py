"""Real git repositories with a base and a pull request."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from jenkinsgen.cli.review import review
from jenkinsgen.jenkinsfile.render.write import find_specs, write_jenkinsfiles

if TYPE_CHECKING:
    from click.testing import Result

SPEC = """\
job: {name: Shop}
source: {repository: https://git.example.com/shop.git, credential: git_token}
build: {command: make dist}
image: {repository: registry.example.com/shop, credential: registry_login}
service:
  name: shop
  ports: {green: 8080, blue: 8081}
  container_port: 8080
  health: {path: /health}
  secrets: {DB_PASSWORD: db_password}
servers:
  - deploy@192.0.2.11
  - deploy@192.0.2.12
ssh: {credential: deploy_key, known_hosts: known_hosts}
nginx:
  host: deploy@192.0.2.1
  server_name: shop.example.com
  certificate: /etc/ssl/shop.pem
  certificate_key: /etc/ssl/shop.key
"""


@dataclass(frozen=True)
class Checkout:
    """A git repository; paths are those from its root."""

    folder: Path

    def git(self, *arguments: str) -> str:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def render(self) -> None:
        for path in find_specs([Path("pipelines")]):
            write_jenkinsfiles(path)

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", "a change")
        return self.git("rev-parse", "HEAD")

    def review(self, *arguments: str) -> Result:
        return CliRunner().invoke(review, list(arguments), catch_exceptions=False, standalone_mode=False)

    def markdown(self) -> str:
        """The review of what is committed, without the names of commits."""
        result = self.review("main")
        assert result.exit_code == 0
        return re.sub(r"From [0-9a-f]{12} to [0-9a-f]{12}", "From BASE to HEAD", result.stdout)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A repository with one pipeline on main, and the branch of a pull request checked out."""
    monkeypatch.chdir(tmp_path)
    made = Checkout(tmp_path)
    made.git("init", "-q", "-b", "main")
    made.write("pipelines/shop.yaml", SPEC)
    made.render()
    made.commit()
    made.git("checkout", "-qb", "pull-request")
    return made
