"""The `docker` program. It works with every engine and needs nothing from Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

from jenkinsgen.errors import CommandFailed, ToolMissing


def docker(*arguments: str, seconds: float = 60, stdin: Path | None = None) -> str:
    """Run `docker ARGUMENTS` and return what it wrote to stdout, without the last newline.

    Raises ToolMissing where there is no `docker`, CommandFailed when it ends badly or takes too long.
    """
    words = [word for word in arguments if not word.startswith("-")]
    said = " ".join(["docker", *words[:2]])
    try:
        with (stdin or Path("/dev/null")).open("rb") as source:
            done = subprocess.run(
                ["docker", *arguments],
                stdin=source,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
    except FileNotFoundError:
        raise ToolMissing(
            "the `docker` program is not installed",
            hint="install Docker (on Debian and Ubuntu: apt-get install docker.io)",
        ) from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"`{said}` did not end within {seconds:.0f} s") from None
    if done.returncode != 0:
        reason = done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}"
        raise CommandFailed(f"`{said}` failed: {reason}")
    return done.stdout.strip()


def lines(*arguments: str) -> list[str]:
    """The lines of what `docker ARGUMENTS` writes; none for an empty answer."""
    return docker(*arguments).splitlines()
