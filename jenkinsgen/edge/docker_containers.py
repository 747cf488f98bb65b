"""What a container writes, and commands in one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge.docker_trouble import TROUBLE, reason
from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import docker

    from jenkinsgen.deploy.log_line import Stream
    from jenkinsgen.edge.docker_engine import Engine


# The SDK does not say which stream a line is of, so each is asked for alone.
def read_log(engine: Engine, container: str, stream: Stream, tail: int) -> bytes:
    """The last lines of one stream, each after its time. Raises HostError."""
    out, errors = stream == "stdout", stream == "stderr"
    return engine.ask(lambda api: api.logs(container, out, errors, timestamps=True, tail=tail))


def follow_log(engine: Engine, container: str, stream: Stream, since: int) -> Iterator[bytes]:
    """The same from a time on (seconds since 1970), until the container ends. Raises HostError."""
    out, errors = stream == "stdout", stream == "stderr"
    pieces = engine.ask(lambda api: api.logs(container, out, errors, stream=True, timestamps=True, since=since or None))
    try:
        yield from pieces
    except TROUBLE as error:
        raise HostError(f"the log of {container} broke off: {reason(error)}") from error


def execute(engine: Engine, container: str, argv: Sequence[str], write: Callable[[Stream, bytes], None]) -> int:
    """Run a command in a container without a shell or a terminal; returns its exit code. Raises HostError."""

    def question(api: docker.APIClient) -> int:
        identity = api.exec_create(container, list(argv))["Id"]
        for output, errors in api.exec_start(identity, stream=True, demux=True):
            if output:
                write("stdout", output)
            if errors:
                write("stderr", errors)
        return int(api.exec_inspect(identity)["ExitCode"])

    return engine.ask(question)
