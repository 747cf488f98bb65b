"""The program, and `python -m jenkinsgen`: until its modules are there, Ctrl-C ends it without a word."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line and end the process with a documented exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Nothing was done yet, so there is nothing to take back.
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from jenkinsgen.cli import main as run  # noqa: PLC0415 - click and what it needs take a tenth of a second

    run()


if __name__ == "__main__":
    main()
