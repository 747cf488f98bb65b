"""A stage that is sent a signal exactly where a test wants it: the program itself, with one of its calls wrapped.

    python stopped_stage.py KILL 192.0.2.11 1 deploy-colour pipelines/shop.yaml

sends SIGKILL to the stage before the second step of that server. HOST is a server, `the agent`, `the NGINX`,
`the notes`: what it writes into the state folder of the NGINX host, or `the watch` of a canary. With
`192.0.2.11: StartContainer` only steps of that kind are counted. A place that it never reaches is an error.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from jenkinsgen import cli
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.stages.canary import step as canary
from jenkinsgen.stages.perform.actions import Actions

if TYPE_CHECKING:
    from collections.abc import Callable

NOTES, WATCH = "the notes", "the watch"
WRITES = ("claim", "write", "append", "flag")
NEVER_REACHED = 99
# Long enough for the main thread to hear it, as it would be in the middle of a step that takes a while.
HEARD_SECONDS = 0.3


def main() -> None:
    name, host, place, *arguments = sys.argv[1:]
    number = signal.Signals[f"SIG{name}"]
    began: Counter[str] = Counter()
    lock = threading.Lock()
    sent = threading.Event()

    def at(*places: str) -> None:
        with lock:
            here = host in places and began[host] == int(place) and not sent.is_set()
            began.update(places)
            if not here:
                return
            sent.set()
        # For whoever measures how long it takes the stage to end.
        print(f"signal {time.time()}", flush=True)  # noqa: T201
        os.kill(os.getpid(), number)
        time.sleep(HEARD_SECONDS)

    _wrap(Actions, "__call__", lambda arguments: at(arguments[0], f"{arguments[0]}: {type(arguments[1]).__name__}"))
    _wrap(StateFolder, "_run", lambda arguments: at(NOTES) if arguments[0] in WRITES else None)
    _wrap(canary, "watch_canary", lambda _: at(WATCH))
    sys.argv = ["jenkinsgen", *arguments]
    try:
        cli.main()
    except SystemExit:
        if sent.is_set():
            raise
        sys.exit(NEVER_REACHED)


def _wrap(owner: Any, name: str, before: Callable[[tuple[Any, ...]], None]) -> None:
    original = getattr(owner, name)

    def wrapped(self: Any, *arguments: Any, **options: Any) -> Any:
        before(arguments)
        return original(self, *arguments, **options)

    setattr(owner, name, wrapped)


main()
