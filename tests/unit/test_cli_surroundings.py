"""Where a command runs: full disks, closed outputs, folders that are gone, Ctrl-C at once. Never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jenkinsgen import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROGRAM = f"{sys.executable} -m jenkinsgen"
SPEC = ROOT / "pipelines/momo-prod-be.yaml"


def in_shell(script: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, cwd=folder, timeout=60)


@pytest.mark.parametrize("command", ["--help", "--version", "schema", "explain service"])
@pytest.mark.parametrize(("where", "why"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")])
def test_what_cannot_be_written_is_told_and_is_no_success(command: str, where: str, why: str):
    done = in_shell(f"{PROGRAM} {command} {where}")
    assert done.stderr.startswith(f"error: what this prints cannot be written: {why}\nhint: ")
    assert len(done.stderr.splitlines()) == 2
    assert done.returncode == 2


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-", "<&-"])
def test_talk_that_nobody_hears_ends_nothing(where: str):
    done = in_shell(f"{PROGRAM} render --check {SPEC} {where}; echo $?; {PROGRAM} --version {where}; echo $?")
    assert done.stdout == f"0\njenkinsgen {__version__}\n0\n"
    assert "Traceback" not in done.stderr


def test_no_file_becomes_an_output_that_was_closed():
    """Else what a stage says would be written into the first connection that it opens."""
    script = """
import os, sys, tempfile
from jenkinsgen.cli.output import hold_the_doors
hold_the_doors()
number = os.open(sys.executable, os.O_RDONLY)
os._exit(number)
"""
    done = in_shell(f"{sys.executable} -c '{script}' <&- >&- 2>&-")
    assert done.returncode == 3


def test_a_program_that_is_started_has_the_doors_as_well():
    script = """
import subprocess
from jenkinsgen.cli.output import hold_the_doors
hold_the_doors()
raise SystemExit(subprocess.run(["cat"], check=False).returncode)
"""
    assert in_shell(f"{sys.executable} -c '{script}' <&-").returncode == 0


def test_a_reader_that_has_seen_enough_is_no_trouble():
    done = in_shell(f"{PROGRAM} schema | head -c 1; exit ${{PIPESTATUS[0]}}")
    assert done.stdout == "{"
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["review"], ["init"], ["render"], ["lint"], ["status", "x.yaml"], ["trace", "Jenkinsfile"]],
)
def test_a_folder_that_was_removed_is_told_as_such(tmp_path: Path, arguments: Sequence[str]):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = in_shell(f"cd {gone} && rmdir {gone} && {sys.executable} -m jenkinsgen {' '.join(arguments)}")
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert (done.returncode == 0) == (arguments == ["--help"])
    if arguments in (["review"], ["init"]):
        assert done.stderr.startswith("error: the folder that this runs in has been removed\n")


EARLY = """
import os, signal, sys

class AtOnce:
    def find_spec(self, name, path=None, target=None):
        if name == "MODULE":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, AtOnce())
sys.argv = ["jenkinsgen", "schema"]
from jenkinsgen.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["jenkinsgen.cli", "click", "pydantic", "jenkinsgen.cli.reference"])
def test_an_interrupt_at_once_ends_without_a_traceback(module: str):
    done = subprocess.run(
        [sys.executable, "-c", EARLY.replace("MODULE", module)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.returncode == 130


def test_an_interrupt_at_the_end_does_not_change_how_it_ended():
    script = """
import os, signal, sys
import jenkinsgen.cli as cli

cli._save_timings = lambda: os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["jenkinsgen", "--version"]
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
