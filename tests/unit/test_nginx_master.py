"""A process is NGINX's master because it says so, not because a file has its number."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.nginx.scripts import script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MASTER = "nginx: master process /usr/sbin/nginx"


@contextmanager
def process_called(name: str) -> Iterator[int]:
    with subprocess.Popen([name, "60"], executable="/bin/sleep") as process:
        try:
            yield process.pid
        finally:
            process.kill()


def said(text: str, folder: Path, *arguments: str) -> str:
    """What a script prints where NGINX's file of its number lies in a folder."""
    text = text.replace("/run/nginx.pid", f"{folder}/nginx.pid")
    done = subprocess.run(
        ["sh", "-euc", text, "sh", *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout + done.stderr


def looked_at_by_doctor() -> str:
    """The lines of doctor's script that look for NGINX alone."""
    text = resources.files("jenkinsgen.doctor").joinpath("nginx.sh").read_text(encoding="utf-8")
    begin, end = text.index("    master=''"), text.index("    # `nginx -t` makes")
    return text[begin:end]


SCRIPTS = {
    "install": lambda: script("container.sh") + 'echo "master $(host_master)"',
    "doctor": looked_at_by_doctor,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_number_of_another_process_is_no_master(tmp_path: Path, name: str):
    text = SCRIPTS[name]()
    file = tmp_path / "nginx.pid"
    assert said(text, tmp_path) == "master \n"
    with process_called(MASTER) as nginx, process_called("postgres") as other:
        for number, found in ((str(nginx), str(nginx)), (str(other), ""), ("", ""), ("999999999", ""), ("x", "")):
            file.write_text(f"{number}\n")
            assert said(text, tmp_path) == f"master {found}\n"


def test_a_configuration_is_not_printed_for_a_stale_number(tmp_path: Path):
    with process_called("postgres") as other:
        (tmp_path / "nginx.pid").write_text(f"{other}\n")
        assert "nginx does not run" in said(script("container.sh", "dump.sh"), tmp_path, "")
