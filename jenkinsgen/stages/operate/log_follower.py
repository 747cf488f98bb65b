"""Following logs: each container that is there, also the one that comes in its place."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.log_line import STREAMS, LogLine, Source, Splitter
from jenkinsgen.edge.docker import containers as docker_containers
from jenkinsgen.edge.docker.shape import seconds_of
from jenkinsgen.errors import HostError, JenkinsgenError
from jenkinsgen.stages.context.reachable import container_of, live_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jenkinsgen.deploy.log_line import Stream
    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.nginx.host import NginxHost
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline

# How often a follower looks for a container that has come in the place of another, and for another live colour.
LOOK_SECONDS = 1.0
UNKNOWN = "unknown"
# Lines. A slow reader (a terminal that stands still) lets the servers wait, and fills no memory.
_WAITING = 256


class Wanted:
    """The colour to show: the one that was asked for, or the one that is live now."""

    def __init__(self, pipeline: Pipeline, colour: Colour, nginx: NginxHost | None) -> None:
        self._pipeline = pipeline
        self._nginx = nginx
        self.colour = colour

    def look(self) -> bool:
        """Ask NGINX again; True when the colour has changed. Who cannot be asked has not changed."""
        if self._nginx is None:
            return False
        try:
            found = live_colour(self._nginx, self._pipeline)
        except JenkinsgenError:
            return False
        changed = found is not self.colour
        self.colour = found
        return changed


@dataclass(frozen=True, slots=True)
class Past:
    """The log of a container so far, and the time of the last line of each stream."""

    container: Container
    lines: list[LogLine]
    last: dict[Stream, str]


def source_of(server: str, container: Container, colour: Colour, stream: Stream) -> Source:
    return Source(server, colour, container.version or UNKNOWN, stream)


@dataclass(frozen=True, slots=True)
class _Note:
    """Something to say about a server, that no container wrote."""

    server: str
    text: str


def follow_all(
    pipeline: Pipeline,
    engines: Mapping[str, Engine],
    wanted: Wanted,
    pasts: dict[str, Past],
    *,
    report: Report,
    show: Callable[[LogLine], None],
) -> None:
    """Until Ctrl-C. Everything that waits does so in a thread that ends with the process."""
    said: queue.Queue[LogLine | _Note] = queue.Queue(_WAITING)
    for server, engine in engines.items():
        follower = _Follower(pipeline, server, engine, wanted, said)
        threading.Thread(target=follower.run, args=(pasts.get(server),), daemon=True).start()
    look_next = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            message = said.get(timeout=0.1)
        except queue.Empty:
            pass
        else:
            if isinstance(message, LogLine):
                show(message)
            else:
                report.line(message.text, host=message.server)
            continue
        if time.monotonic() > look_next:
            if wanted.look():
                report.title(f"{wanted.colour} is live now")
            look_next = time.monotonic() + LOOK_SECONDS


class _Follower:
    """One server: follows each container that is there, one after the other, or two around a switch."""

    def __init__(
        self,
        pipeline: Pipeline,
        server: str,
        engine: Engine,
        wanted: Wanted,
        said: queue.Queue[LogLine | _Note],
    ) -> None:
        self._pipeline = pipeline
        self._server = server
        self._engine = engine
        self._wanted = wanted
        self._said = said
        self._following: set[str] = set()
        # Container -> stream -> the time of the last line: a container may end and be started again.
        self._last: dict[str, dict[Stream, str]] = {}

    def run(self, past: Past | None) -> None:
        if past is not None:
            self._last[past.container.id] = dict(past.last)
        trouble = ""
        while True:
            try:
                colour = self._wanted.colour
                container = container_of(self._engine, self._pipeline, colour)
                if container is not None and container.running and container.id not in self._following:
                    self._start(container, colour, told=past is None or container.id != past.container.id)
                trouble = ""
            except JenkinsgenError as error:
                if not trouble:
                    trouble = error.message
                    self._say(f"{trouble}; trying again")
            time.sleep(LOOK_SECONDS)

    def _start(self, container: Container, colour: Colour, *, told: bool) -> None:
        if told:
            self._say(f"{container.name}, {container.version or UNKNOWN}, runs")
        self._following.add(container.id)
        threading.Thread(target=self._one, args=(container, colour), daemon=True).start()

    def _one(self, container: Container, colour: Colour) -> None:
        streams = [
            threading.Thread(target=self._stream, args=(container, colour, each), daemon=True) for each in STREAMS
        ]
        for thread in streams:
            thread.start()
        for thread in streams:
            thread.join()
        self._say(f"{container.name}, {container.version or UNKNOWN}, {self._how(container)}")
        self._following.discard(container.id)

    def _how(self, container: Container) -> str:
        """Why its log ended."""
        try:
            ended = self._engine.ended(container.id)
        except HostError as error:
            return f"is lost: {error.message}"
        if ended is None:
            # A restart takes less time than the question.
            return "runs, and its log ended: it was restarted, or the connection was cut"
        return "was removed" if ended.exit_code < 0 else str(ended)

    def _stream(self, container: Container, colour: Colour, stream: Stream) -> None:
        last = self._last.setdefault(container.id, {})
        splitter = Splitter(source_of(self._server, container, colour, stream), last.get(stream, ""))
        try:
            pieces = docker_containers.follow_log(self._engine, container.id, stream, _seconds(splitter.last))
            for piece in pieces:
                for line in splitter.feed(piece):
                    self._said.put(line)
        except HostError:
            # The connection, or the container between being seen and being asked; `run` looks again.
            pass
        for line in splitter.end():
            self._said.put(line)
        last[stream] = splitter.last

    def _say(self, text: str) -> None:
        self._said.put(_Note(self._server, text))


def _seconds(moment: str) -> int:
    """Whole seconds since 1970; 0 for no moment, and for what an engine puts before a line that is none."""
    try:
        return seconds_of(moment) if moment else 0
    except ValueError:
        return 0
