"""A repository on disk with a spec in it, and the command line run there."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from jenkinsgen.cli import _run

ROOT = Path(__file__).parent.parent.parent
SPEC = """\
job: {name: shop}
source: {repository: https://git.example.com/shop.git}
build: {command: make}
image: {repository: registry.example.com/shop}
service:
  name: shop
  ports: {green: 8080, blue: 8081}
  container_port: 80
  health: {path: /health}
servers: [deploy@192.0.2.11, deploy@192.0.2.12]
nginx: {host: deploy@192.0.2.10, server_name: shop.example.com}
"""


def spec_of(name: str, number: int = 1) -> str:
    """The same of another service, which has ports of its own on these servers."""
    return SPEC.replace("shop", name).replace("8081", str(8081 + 2 * number)).replace("8080", str(8080 + 2 * number))


_WHO = {f"GIT_{role}_{what}": "shop@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True)
class Ended:
    """What a call of the command line left behind."""

    returncode: int
    stdout: str
    stderr: str


class Checkout:
    """A git repository whose folder pipelines/ holds specs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        (folder / "pipelines").mkdir()

    def write(self, path: str, text: str) -> Path:
        target = self.folder / path
        target.write_text(text, encoding="utf-8", newline="")
        return target

    def read(self, path: str) -> str:
        return (self.folder / path).read_bytes().decode()

    def change(self, path: str, before: str, after: str) -> None:
        text = self.read(path)
        assert before in text
        self.write(path, text.replace(before, after))

    def git(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **_WHO, "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", *words]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=check)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def jenkinsgen(self, *words: str, given: str = "") -> Ended:
        """Run the command line in this process, which spares a second for importing it; `given` is typed in."""
        before = Path.cwd()
        out, err = io.StringIO(), io.StringIO()
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            patch.object(sys, "argv", ["jenkinsgen", *words]),
            patch.object(sys, "stdin", io.StringIO(given)),
        ):
            os.chdir(self.folder)
            try:
                code = _run()
            finally:
                os.chdir(before)
        return Ended(code, out.getvalue(), err.getvalue())
