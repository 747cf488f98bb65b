"""The machine that figures come from; nothing in it names it."""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from fleet import as_root

if TYPE_CHECKING:
    from jenkinsgen.sandbox import Sandbox


def machine(sandbox: Sandbox) -> dict[str, str]:
    """What it has, and what runs on it. The load says whether it was quiet."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    engine = ["docker", "version", "--format", "{{.Server.Version}}"]
    return {
        "CPU": model[1] if model else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(memory[1]) / 1024**2:.0f} GiB" if memory else "unknown",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "Docker": subprocess.run(engine, check=True, capture_output=True, text=True).stdout.strip(),
        "NGINX": as_root(sandbox, sandbox.nginx, "nginx -v 2>&1").rpartition("/")[2].strip(),
        "load when it began": load(),
    }


def load() -> str:
    """Processes that wanted a core in the last minute, those of the sandbox among them."""
    return f"{os.getloadavg()[0]:.1f}"
