"""The git repository of the sandbox: a small app and a spec that deploys it to the sandbox's servers."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, ToolMissing

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.sandbox.model import Sandbox

BRANCH = "main"


def make_repository(sandbox: Sandbox) -> None:
    """Write the app and the spec into a new repository, with one commit on branch main."""
    with as_file(files("jenkinsgen.sandbox") / "app") as app:
        shutil.copytree(app, sandbox.repository)
    sandbox.spec_file.parent.mkdir()
    sandbox.spec_file.write_text(spec_text(sandbox))
    git(sandbox.repository, "init", "--quiet", "--initial-branch", BRANCH)
    # Later commits need no identity of the user's own, and git must not ask that user for a signature.
    for key, value in (("name", "sandbox"), ("email", "sandbox@localhost")):
        git(sandbox.repository, "config", f"user.{key}", value)
    git(sandbox.repository, "config", "commit.gpgSign", "false")
    git(sandbox.repository, "add", ".")
    git(sandbox.repository, "commit", "--quiet", "--message", "A shop that counts its orders")


def spec_text(sandbox: Sandbox) -> str:
    """The spec for the sandbox's servers."""
    import jinja2  # noqa: PLC0415 - only a new sandbox needs it

    template = (files("jenkinsgen.sandbox") / "shop.yaml.j2").read_text()
    environment = jinja2.Environment(  # noqa: S701 - YAML, not HTML
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(template).render(sandbox=sandbox, branch=BRANCH)


def commit_release(sandbox: Sandbox, version: str, *, healthy: bool) -> None:
    """Commit a new version of the app, with the Jenkinsfile that its spec renders to now."""
    from jenkinsgen.jenkinsfile.render.write import write_jenkinsfiles  # noqa: PLC0415 - pydantic, which `up` does not need

    settings = sandbox.repository / "app.conf"
    text = re.sub(r"^version=.*$", f"version={version}", settings.read_text(), flags=re.MULTILINE)
    settings.write_text(re.sub(r"^healthy=.*$", f"healthy={'yes' if healthy else 'no'}", text, flags=re.MULTILINE))
    write_jenkinsfiles(sandbox.spec_file)
    git(sandbox.repository, "add", ".")
    git(sandbox.repository, "commit", "--quiet", "--allow-empty", "--message", f"Release {version}")


def git(repository: Path, *arguments: str) -> None:
    """Run git in a repository. Raises CommandFailed, or ToolMissing where there is no git."""
    try:
        done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ToolMissing(
            "`git` is not installed", hint="install git (Debian and Ubuntu: apt-get install git)"
        ) from None
    if done.returncode != 0:
        raise CommandFailed(f"`git {arguments[0]}` in {repository} failed: {done.stderr.strip()}")
