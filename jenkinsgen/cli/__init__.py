"""The command line: parses, calls, prints. `main` is the only place where the program ends."""

from __future__ import annotations

import difflib
import gc
import importlib
import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from jenkinsgen import timings
from jenkinsgen._version import __version__
from jenkinsgen.cli.commands import COMMANDS, GROUPS
from jenkinsgen.cli.output import hold_the_doors, let_go, lost, never_fail_at_a_character, say, was_printing
from jenkinsgen.errors import JenkinsgenError, StateError
from jenkinsgen.masks import KNOWN
from jenkinsgen.spec.credentials import is_secret
from jenkinsgen.surroundings import here

if TYPE_CHECKING:
    from types import FrameType, ModuleType

HUNG_UP = 129
INTERRUPTED = 130
TERMINATED = 143
BUG = 70
# A terminal that is closed, or a connection to it that breaks, sends SIGHUP.
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class LazyGroup(click.Group):
    """A group that knows its commands' names without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        command: click.Command = getattr(_imported(known.module), cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        # One column for all groups. Click's own would import every command to ask for its text.
        width = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), command.text) for name, command in commands.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            close = difflib.get_close_matches(name.replace("_", "-").lower(), COMMANDS, n=1)
            more = f"did you mean {close[0]}?" if close else f"there are {', '.join(COMMANDS)}"
            ctx.fail(f"there is no command {name}; {more}")
        return super().resolve_command(ctx, args)


def _imported(module: str) -> ModuleType:
    # The objects of modules stay until the process ends. So the collector searches them neither now nor later: that
    # would take a fifth of the time that a stage needs to start.
    gc.disable()
    try:
        with timings.span("import"):
            return importlib.import_module(f"jenkinsgen.cli.{module}")
    finally:
        gc.freeze()
        gc.enable()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Most take the spec of a service: jenkinsgen status pipelines/shop.yaml. "
    "`jenkinsgen COMMAND --help` tells more of each.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Zero-downtime deployments of a Docker service behind NGINX, as reviewed Jenkins pipelines."""


class Terminated(BaseException):
    """SIGTERM, as an exception, so that `finally` and compensation run in the process that was signalled.

    Jenkins sends SIGTERM when a build is stopped and waits 20 s before it goes on (docs/design.md).
    """


class HungUp(Terminated):
    """Raised by SIGHUP."""


def _raise_once(signal_number: int, _frame: FrameType | None) -> NoReturn:
    # One signal is enough: Jenkins sends a second SIGTERM, people press Ctrl-C twice, and then they close the
    # terminal; nothing may interrupt what takes a half-done deployment back.
    for each in _STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise {signal.SIGTERM: Terminated, signal.SIGHUP: HungUp}.get(signal.Signals(signal_number), KeyboardInterrupt)


def main() -> NoReturn:
    """Run the command line and end the process with a documented exit code."""
    timings.begin()
    hold_the_doors()
    never_fail_at_a_character()
    for name, value in os.environ.items():
        if is_secret(name):
            # Whatever the command is, before anything of it can say a word.
            KNOWN.add(value)
    # Paramiko imports it where it is installed, with asyncio and unittest, for a kind of ssh_config that is never read
    # here.
    sys.modules.setdefault("invoke", None)  # type: ignore[arg-type]
    code = _run()
    for each in _STOPPING:
        # How it ends is decided.
        signal.signal(each, signal.SIG_IGN)
    _save_timings()
    let_go()
    sys.exit(code)


def _listen_to_signals() -> None:
    for each in _STOPPING:
        # `nohup jenkinsgen …` wants to outlive its terminal.
        if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _raise_once)


def _run() -> int:
    try:
        _listen_to_signals()
        code = cli.main(prog_name="jenkinsgen", standalone_mode=False)
    except JenkinsgenError as error:
        _say(f"error: {error}")
        return error.exit_code
    except click.ClickException as error:
        _show(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        return INTERRUPTED
    except HungUp:
        _say("stopped, because its terminal is gone")
        return HUNG_UP
    except Terminated:
        _say("stopped by SIGTERM")
        return TERMINATED
    except SystemExit:
        # Click ends like this, and with 1, when the reader of stdout went away (`jenkinsgen … | head`).
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a report
        found = _trouble_around(error)
        if found is not None:
            _say(f"error: {found}")
            return found.exit_code
        _report_bug()
        return BUG
    return code if isinstance(code, int) else 0


def _trouble_around(error: Exception) -> JenkinsgenError | None:
    """The fault in the process's surroundings that is behind this error, if there is one: no bug of ours."""
    if isinstance(error, OSError) and was_printing(error):
        return lost(error)
    try:
        here()
    except StateError as gone:
        # No path has a meaning there.
        return gone
    return None


def _save_timings() -> None:
    # They never change how a command ends.
    try:
        timings.save(" ".join(["jenkinsgen", *sys.argv[1:2]]))
    except (OSError, ValueError) as error:
        _say(f"warning: {timings.VARIABLE}: {error}")


def _say(text: str) -> None:
    # The terminal may be gone.
    with suppress(OSError):
        # A host, a container or a file that others may write can have chosen some of these words.
        say(text, err=True)


def _show(error: click.ClickException) -> None:
    """Show what click says of a wrong usage, which quotes names of files and arguments."""
    said = io.StringIO()
    error.show(said)
    _say(said.getvalue().rstrip("\n"))


def _report_bug() -> None:
    import platform  # noqa: PLC0415 - only a bug needs them
    import traceback  # noqa: PLC0415

    _say(
        f"{traceback.format_exc()}"
        f"this is a bug in jenkinsgen {__version__} (Python {platform.python_version()}, {platform.platform()});"
        " please report it with the lines above"
    )
