"""Logs of containers, and commands in one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.edge.docker import read as docker_read
from jenkinsgen.edge.docker.client import API_SECONDS, PIECE
from jenkinsgen.edge.docker.stream import unframed
from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jenkinsgen.deploy.log_line import Stream
    from jenkinsgen.edge.docker.client import EngineClient
    from jenkinsgen.edge.docker.engine import Engine


# The SDK does not say which stream a line is of, so each is asked for alone.
def read_log(engine: Engine, container: str, stream: Stream, tail: int) -> bytes:
    """The last lines of one stream, each after its time. Raises HostError."""
    out, errors = stream == "stdout", stream == "stderr"
    return engine.ask(
        f"read the log of {container}", lambda api: api.logs(container, out, errors, timestamps=True, tail=tail), bytes
    )


def follow_log(engine: Engine, container: str, stream: Stream, since: int) -> Iterator[bytes]:
    """The lines of one stream from a time on (seconds since 1970), until the container ends. Raises HostError."""
    what = f"follow the log of {container}"

    def question(api: EngineClient) -> Any:
        # The SDK's own waits for a whole frame, whatever length that claims.
        wanted = {"follow": 1, stream: 1, "timestamps": 1, **({"since": since} if since else {})}
        url = f"{api.base_url}/v{api.api_version}/containers/{container}/logs"
        # A quiet application says nothing for hours.
        return api.get(url, params=wanted, stream=True, timeout=(API_SECONDS, None))

    answer: Any = engine.ask(what, question)
    return engine.each(what, unframed(answer.iter_content(PIECE)))


def execute(engine: Engine, container: str, argv: Sequence[str], write: Callable[[Stream, bytes], None]) -> int:
    """Run a command in a container without a shell or a terminal; returns its exit code. Raises HostError."""
    what = f"run {argv[0]} in {container}"
    created = engine.ask(what, lambda api: api.exec_create(container, list(argv)), docker_read.read_created)
    said: Any = engine.ask(what, lambda api: api.exec_start(created, stream=True, demux=True))
    for output, errors in engine.each(what, said):
        if output:
            write("stdout", output)
        if errors:
            write("stderr", errors)
    exit_code = engine.ask(what, lambda api: api.exec_inspect(created), docker_read.read_exit_code)
    if exit_code is None:
        raise HostError(
            f"{engine.name}: {argv[0]} in {container} has not ended, but the connection to it has",
            hint="it may go on there: docker top",
        )
    return exit_code
