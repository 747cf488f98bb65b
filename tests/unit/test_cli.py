"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
import pytest
from examples import MINIMAL

import jenkinsgen.cli as command_line
from jenkinsgen._version import __version__
from jenkinsgen.errors import JenkinsgenError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs `jenkinsgen ARGUMENTS` in an empty folder; returns exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jenkinsgen", *arguments])
        code = command_line._run()
        return code, *capfd.readouterr()

    return run


def test_the_version_and_the_help_are_data(call: Any):
    assert call("--version") == (0, f"jenkinsgen {__version__}\n", "")
    code, out, err = call("--help")
    assert (code, err) == (0, "")
    for name in command_line.COMMANDS:
        assert re.search(rf"^  {name} ", out, re.MULTILINE)
        assert call(name, "--help")[0] == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("deploy", "there is no command deploy; did you mean deploy-colour?"),
        ("build_image", "did you mean build-image?"),
        ("RENDER", "did you mean render?"),
        ("frobnicate", "there are build-image, "),
    ],
)
def test_an_unknown_command_gets_a_suggestion(call: Any, typed: str, said: str):
    code, out, err = call(typed)
    assert (code, out) == (2, "")
    assert said in err


def test_wrong_usage_is_2(call: Any):
    assert call("build-image")[0] == 2
    assert call("render", "--frobnicate")[0] == 2
    assert call("--frobnicate")[0] == 2


@pytest.mark.parametrize("command", ["render", "build-image", "deploy-colour", "switch-nginx", "cleanup"])
def test_a_missing_spec_is_3_and_named(call: Any, command: str):
    code, out, err = call(command, "nowhere.yaml")
    assert (code, out) == (3, "")
    assert err.startswith("error: nowhere.yaml")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("job:\n\tname: x\n", "spec.yaml:2:1: YAML: "),
        (MINIMAL + "sevice: {}\n", "spec.yaml:12:1: sevice: unknown key; did you mean service?"),
    ],
)
def test_a_wrong_spec_is_3_with_its_place(call: Any, tmp_path: Path, text: str, said: str):
    (tmp_path / "spec.yaml").write_text(text, encoding="utf-8")
    code, out, err = call("render", "spec.yaml")
    assert (code, out) == (3, "")
    assert said in err
    assert "hint: 1 problem in spec.yaml; docs/spec.md explains every key" in err


def test_one_wrong_spec_does_not_stop_the_others(call: Any, tmp_path: Path):
    folder = tmp_path / "pipelines"
    folder.mkdir()
    for name, text in (("a", "- 1\n"), ("b", MINIMAL), ("c", "- 1\n")):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    code, out, err = call("render")
    assert (code, out) == (3, "created   pipelines/b.Jenkinsfile\n")
    assert [line.partition(":")[0] for line in err.splitlines()] == [
        "error",
        "pipelines/c.yaml",
        "hint",
        "hint",
    ]
    assert call("render", "pipelines/b.yaml")[1] == "unchanged pipelines/b.Jenkinsfile\n"


def ends_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(import_module("jenkinsgen.cli.rendering"), "render", failing)


def all_errors() -> list[type[JenkinsgenError]]:
    found = [JenkinsgenError]
    for kind in found:
        found.extend(kind.__subclasses__())
    return sorted(set(found), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", [kind for kind in all_errors() if kind.__module__ == "jenkinsgen.errors"])
def test_every_error_ends_with_its_own_code_and_its_hint(
    call: Any, monkeypatch: pytest.MonkeyPatch, kind: type[JenkinsgenError]
):
    ends_with(monkeypatch, kind("it broke", hint="mend it"))
    assert call("render") == (kind.exit_code, "", "error: it broke\nhint: mend it\n")


def test_a_bug_is_70_with_all_that_a_report_needs(call: Any, monkeypatch: pytest.MonkeyPatch):
    ends_with(monkeypatch, ZeroDivisionError("oops"))
    code, out, err = call("render")
    assert (code, out) == (70, "")
    assert "ZeroDivisionError: oops" in err
    assert f"this is a bug in jenkinsgen {__version__} (Python 3." in err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
        (command_line.Terminated(), 143, "stopped by SIGTERM\n"),
        (command_line.HungUp(), 129, "stopped, because its terminal is gone\n"),
    ],
)
def test_signals_have_the_codes_of_the_shell(
    call: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
):
    ends_with(monkeypatch, error)
    assert call("render")[::2] == (code, said)


SIGNALLED_TWICE = """
import click, os, signal, sys
import jenkinsgen.cli as cli
import jenkinsgen.cli.rendering as rendering

@click.command()
def render():
    try:
        os.kill(os.getpid(), signal.FIRST)
        signal.pause()
    finally:
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), each)
        print("taken back", flush=True)

rendering.render = render
sys.argv = ["jenkinsgen", "render"]
cli.main()
"""


def python(root: Path, *arguments: str, stdout: Any = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=20, check=False, cwd=root)


@pytest.mark.slow
@pytest.mark.parametrize(("first", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_runs_what_takes_back_and_no_second_one_interrupts_it(root: Path, first: str, code: int):
    done = python(root, "-c", SIGNALLED_TWICE.replace("FIRST", first))
    assert (done.returncode, done.stdout) == (code, "taken back\n"), done.stderr


@pytest.mark.slow
def test_what_wants_to_outlive_its_terminal_does(root: Path):
    script = SIGNALLED_TWICE.replace("signal.FIRST", "signal.SIGHUP").replace("signal.pause()", 'print("went on")')
    done = python(root, "-c", "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + script)
    assert done.stdout.startswith("went on\n")


NOBODY_LISTENS = """
import os, sys
from pathlib import Path
from jenkinsgen.cli.options.spec import run_on_spec

def stage(pipeline, report):
    os.close(2)
    report.title("does it go on?")
    print("it does", flush=True)

run_on_spec(stage, Path("shop.yaml"))
"""


@pytest.mark.slow
def test_a_stage_that_nobody_listens_to_any_more_goes_on(tmp_path: Path, root: Path):
    (tmp_path / "shop.yaml").write_text(MINIMAL)
    done = python(root, "-c", NOBODY_LISTENS.replace("shop.yaml", str(tmp_path / "shop.yaml")))
    assert done.stdout == "it does\n"


def test_a_reader_that_goes_away_is_no_bug(root: Path):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as nobody:
        done = python(root, "-m", "jenkinsgen", "--help", stdout=nobody)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.slow
def test_what_a_stage_and_an_error_say_makes_a_terminal_do_nothing(tmp_path: Path, root: Path):
    """A container's log, a journal or a lease may have chosen the words."""
    (tmp_path / "shop.yaml").write_text(MINIMAL)
    script = """
import click, sys
from pathlib import Path
import jenkinsgen.cli as cli
import jenkinsgen.cli.rendering as rendering
from jenkinsgen.cli.options.spec import run_on_spec
from jenkinsgen.errors import StateError

def stage(pipeline, report):
    report.line("\\x1b]0;title\\x07\\x1b[31mred\\x1b[0m")
    raise StateError("\\x1b[2Jcleared\\nnext line")

@click.command()
def render():
    run_on_spec(stage, Path("SPEC"))

rendering.render = render
sys.argv = ["jenkinsgen", "render"]
cli.main()
"""
    done = python(root, "-c", script.replace("SPEC", str(tmp_path / "shop.yaml")))
    assert done.stderr == "    ?]0;title?red\nerror: ?[2Jcleared\nnext line\n"
    assert done.returncode == 8


def test_the_help_has_what_each_command_says_of_itself_and_cuts_nothing(call: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    pages = [("--help",)]
    for name, known in command_line.COMMANDS.items():
        command = command_line.cli.get_command(click.Context(command_line.cli), name)
        assert command is not None
        assert (command.help or "").partition("\n")[0] == known.text
        if isinstance(command, click.Group):
            pages.append((name, "--help"))
    for page in pages:
        lines = call(*page)[1].splitlines()
        listed = [
            line for line in lines[lines.index("  -h, --help  Show this message and exit.") :] if line[:2] == "  "
        ]
        assert [line for line in listed if line.endswith("...") or line[2] == " "] == []


def test_the_help_imports_no_command(root: Path):
    shown = "import sys, jenkinsgen.cli as c\ntry: c.main()\nfinally: print(*sys.modules)"
    done = python(root, "-c", shown, "--help")
    assert done.returncode == 0
    assert "rollback" in done.stdout
    modules = set(done.stdout.splitlines()[-1].split())
    assert {name for name in modules if name.startswith("jenkinsgen.cli.")} == {
        "jenkinsgen.cli.commands",
        "jenkinsgen.cli.output",
    }
    assert not modules & {"docker", "paramiko", "pydantic", "requests", "jenkins"}
