"""The report that a person reads while a stage works: one line per thing done, on stderr, with its seconds."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from jenkinsgen.masks import KNOWN, shown

if TYPE_CHECKING:
    from collections.abc import Iterator


class Report:
    """Writes whole lines, from any thread, with every known secret hidden and nothing that a terminal obeys.

    Plain text: the console of a Jenkins build is a file, not a terminal (docs/design.md), and the same
    words serve both.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._lock = threading.Lock()

    def mask(self, secret: str | None) -> None:
        """Never print this text from now on."""
        KNOWN.add(secret)

    def masked(self, text: str) -> str:
        """The text without any secret."""
        return KNOWN.hidden(text)

    def title(self, text: str) -> None:
        """Begin a part: `==> deploy green to 2 servers`."""
        self._write(f"==> {text}")

    def line(self, text: str, *, host: str | None = None) -> None:
        """Say one thing, about one host or about all."""
        self._write(f"    {host}: {text}" if host else f"    {text}")

    @contextmanager
    def timed(self, text: str, *, host: str | None = None) -> Iterator[None]:
        """Say one thing when it is done, with its seconds; if it fails, say that it failed."""
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.line(f"{text}: failed after {time.monotonic() - started:.1f} s", host=host)
            raise
        self.line(f"{text} ({time.monotonic() - started:.1f} s)", host=host)

    def _write(self, text: str) -> None:
        # The terminal may be gone; the work goes on.
        with self._lock, suppress(OSError):
            print(shown(text), file=self._stream, flush=True)
