"""What an engine says of a thing is told apart from what it says of a call; errors name the call that failed."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from fake_engine import Asked, FakeEngine, Reply, not_found, stream

from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.run import Cancelled
from jenkinsgen.edge.docker import images as docker_images
from jenkinsgen.edge.docker import look as docker_look
from jenkinsgen.edge.docker.client import EngineClient
from jenkinsgen.edge.docker.engine import Engine
from jenkinsgen.edge.docker.stream import Patience
from jenkinsgen.errors import HostError, ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REFERENCE = "registry.example.com/shop@sha256:" + "0" * 64
LOGIN = {"username": "ci", "password": "s3cr3t"}
ID = "0123456789ab" + "c" * 52
# Docker's and Podman's words for a thing that is not there, and for a call that they do not know.
GONE = [
    pytest.param(not_found(f"No such container: {ID}"), id="docker"),
    pytest.param(not_found(f'no container with name or ID "{ID}" found: no such container'), id="podman"),
]
NO_SUCH_CALL = [
    pytest.param(not_found("page not found"), id="docker"),
    pytest.param(Reply(b"Not Found\n", 404), id="podman"),
    pytest.param(Reply(b"404 page not found\n", 404), id="a proxy"),
    pytest.param(Reply(b"", 404), id="without a word"),
]
CALLS: list[tuple[str, Callable[[Engine], Any]]] = [
    (r"stop the container 0123456789ab: .*\(POST /containers/0123", lambda engine: engine.remove_container(ID, 2.0)),
    (r"remove the container 0123456789ab: .*\(DELETE /cont", lambda engine: engine.remove_container(ID, 0.0)),
    ("remove the tag shop:1: ", lambda engine: engine.remove_tag("shop:1")),
    ("remove the image 0123456789ab: ", lambda engine: engine.remove_image(f"sha256:{ID}")),
    ("inspect the container 0123456789ab: ", lambda engine: engine.ended(ID)),
    ("inspect the container shop-blue: ", lambda engine: engine.inspect("shop-blue")),
    ("inspect the container shop-blue: ", lambda engine: engine.restarts("shop-blue")),
    ("inspect the image registry.example.com/shop@", lambda engine: engine.has(REFERENCE)),
    ("set the restart policy of shop-blue: .*/containers/shop-blue/update", lambda e: e.keep_running("shop-blue")),
    ("list its containers: ", lambda engine: engine.containers()),
    ("tag a as b:c: ", lambda engine: engine.tag("a", "b", "c")),
    (f"ask the registry for {REFERENCE}: ", lambda engine: docker_look.ask_registry(engine, REFERENCE, None)),
]


@pytest.mark.parametrize("reply", NO_SUCH_CALL)
@pytest.mark.parametrize(("named", "call"), CALLS, ids=[named for named, _ in CALLS])
def test_an_engine_without_a_call_has_not_said_that_the_thing_is_gone(
    reply: Reply, named: str, call: Callable[[Engine], Any]
):
    with (
        FakeEngine(lambda _: reply) as fake,
        pytest.raises(HostError, match=rf"192\.0\.2\.11: Docker cannot {named}") as error,
    ):
        call(fake.engine)

    assert "have this call" in str(error.value)


@pytest.mark.parametrize("reply", GONE)
def test_what_is_gone_is_removed_and_has_ended(reply: Reply):
    with FakeEngine(lambda _: reply) as fake:
        engine = fake.engine
        engine.remove_container(ID, 2.0)
        assert engine.inspect(ID) is None
        ended = engine.ended(ID)
    assert isinstance(ended, Ended)
    assert str(ended) == "is not there any more: somebody removed it"


@pytest.mark.parametrize("said", ["No such image: x", "x: image not known", "unrecognized image ID sha256:1"])
def test_an_image_that_is_gone_is_removed(said: str):
    with FakeEngine(lambda _: Reply({"message": said}, 404)) as fake:
        engine = fake.engine
        engine.remove_image("sha256:1")
        engine.remove_tag("shop:1")
        assert not engine.has(REFERENCE)


def test_a_404_about_something_else_is_an_error_and_no_absence():
    with (
        FakeEngine(lambda _: not_found("network backend not found")) as fake,
        pytest.raises(HostError, match="cannot remove the container x: network backend not found"),
    ):
        fake.engine.remove_container("x", 0)


@pytest.mark.parametrize("given", [{}, None, {"jenkinsgen.lease": "another"}])
def test_an_engine_that_does_not_know_the_filter_does_not_make_us_remove_everything(given: dict[str, str] | None):
    others = [{"Id": ID, "State": "running", "Labels": given}]
    ours = [{"Id": "ours", "State": "running", "Labels": {"jenkinsgen.lease": "mine"}}]

    def answer(asked: Asked) -> Reply:
        return Reply([*others, *ours]) if asked.path == "/containers/json" else Reply(status=204)

    with FakeEngine(answer) as fake:
        fake.engine.remove_started("jenkinsgen.lease", "mine")

    assert [str(each) for each in fake.asked if each.method == "DELETE"] == ["DELETE /containers/ours"]


def test_images_that_an_engine_names_past_the_filter_are_not_ours():
    found = [
        {"Id": "sha256:1", "Created": 1, "Labels": {"jenkinsgen.service": "a", "jenkinsgen.version": "7"}},
        {"Id": "sha256:2", "Created": 2, "Labels": {"jenkinsgen.service": "b"}},
        {"Id": "sha256:3", "Created": 3, "Labels": None},
    ]
    with FakeEngine(lambda _: Reply(found)) as fake:
        assert [image.id for image in fake.engine.images("a")] == ["sha256:1"]


def nothing_there(pulling: Reply) -> FakeEngine:
    return FakeEngine(lambda asked: pulling if asked.path == "/images/create" else not_found("No such image: x"))


def stands_still() -> Iterator[bytes]:
    yield b'{"status": "Downloading"}\n'
    time.sleep(3)


def test_a_pull_that_says_nothing_for_too_long_ends_by_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(docker_images, "TRANSFER", Patience(0.5, 60.0))
    with (
        nothing_there(Reply(pieces=stands_still)) as fake,
        pytest.raises(ImageError, match="cannot be pulled: it said nothing for") as said,
    ):
        docker_images.pull(fake.engine, REFERENCE, LOGIN, lambda: None)

    assert "stand still" in str(said.value)


def test_a_pull_that_stands_still_can_be_cancelled():
    ended = threading.Event()
    looks = 0

    def stands_still_until_the_end() -> Iterator[bytes]:
        yield b'{"status": "Downloading"}\n'
        ended.wait(600)

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks > 2:
            raise Cancelled("cancelled")

    with nothing_there(Reply(pieces=stands_still_until_the_end)) as fake:
        with pytest.raises(Cancelled):
            docker_images.pull(fake.engine, REFERENCE, LOGIN, check)
        ended.set()


def test_what_lies_on_the_server_is_not_asked_of_the_registry():
    with FakeEngine(lambda _: Reply({"Id": "sha256:1"})) as fake:
        docker_images.pull(fake.engine, REFERENCE, LOGIN, lambda: None)

    assert [each.method for each in fake.asked] == ["GET"]


def test_an_error_in_the_stream_of_a_pull_is_the_registrys():
    with (
        nothing_there(stream({"status": "Pulling"}, {"error": "manifest unknown"})) as fake,
        pytest.raises(ImageError, match="manifest unknown") as said,
    ):
        docker_images.pull(fake.engine, REFERENCE, LOGIN, lambda: None)

    assert "build again" in str(said.value)


@pytest.fixture
def cut() -> Iterator[Engine]:
    """An engine whose connections end before they say a word."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                listening.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    port = listening.getsockname()[1]
    yield Engine(EngineClient(f"tcp://127.0.0.1:{port}", "1.41", own=False), "192.0.2.11")
    listening.close()


def test_a_cut_connection_to_the_engine_is_an_error_of_the_host(cut: Engine):
    with pytest.raises(HostError, match=r"192\.0\.2\.11: Docker does not answer: .* \(asked to list its containers\)"):
        cut.containers()


def test_a_pull_whose_connection_breaks_is_an_error_of_the_host():
    def breaks() -> Iterator[bytes]:
        yield b'{"status": "Downloading"}\n'
        raise ConnectionResetError

    with (
        nothing_there(Reply(pieces=breaks)) as fake,
        pytest.raises(HostError, match=r"the connection to the Docker engine of 192\.0\.2\.11 broke"),
    ):
        docker_images.pull(fake.engine, REFERENCE, LOGIN, lambda: None)


@pytest.mark.parametrize("answer", [{}, {"Size": 1000}, {"Id": ""}])
def test_an_answer_that_names_no_image_does_not_say_that_the_image_is_there(answer: dict[str, Any]):
    with FakeEngine(lambda _: Reply(answer)) as fake, pytest.raises(HostError, match="inspect the image"):
        fake.engine.has(REFERENCE)
