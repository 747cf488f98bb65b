"""What goes to an engine, what does not, and how long anybody listens to one."""

from __future__ import annotations

import base64
import gc
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from fake_engine import Asked, FakeEngine, Reply, not_found, server_with, stream

from jenkinsgen.deploy.steps import BuildImage, PushImage
from jenkinsgen.edge.docker import client as docker_client
from jenkinsgen.edge.docker import connect as docker_connect
from jenkinsgen.edge.docker import containers as docker_containers
from jenkinsgen.edge.docker import images as docker_images
from jenkinsgen.edge.docker import look as docker_look
from jenkinsgen.edge.docker import stream as docker_stream
from jenkinsgen.edge.docker.client import EngineClient
from jenkinsgen.edge.docker.connect import local_engine
from jenkinsgen.edge.docker.engine import Engine
from jenkinsgen.edge.docker.stream import Patience
from jenkinsgen.errors import HostError, ImageError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REFERENCE = "registry.example.com/shop@sha256:" + "0" * 64
LOGIN = {"username": "ci", "password": "s3cr3t"}
VERSION = Reply({"Version": "20.10.24", "ApiVersion": "1.41"})
CONFIG = {
    "auths": {"registry.example.com": {"auth": base64.b64encode(b"agent:agents-own").decode()}},
    "HttpHeaders": {"X-Agent": "agents-own"},
    "proxies": {"default": {"httpProxy": "http://agents-own.example.com"}},
}


@pytest.fixture
def _agent_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user that runs this has done `docker login`, and has a ~/.netrc."""
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password agents-own\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))


def secret_in(asked: Asked) -> bool:
    """Does a request say anything of the agent's own?"""
    told = [*asked.headers.values(), asked.body.decode()]
    told += [_decoded(value) for value in asked.headers.values()]
    return any(
        "agents-own" in each or _decoded(CONFIG["auths"]["registry.example.com"]["auth"]) in each for each in told
    )


def _decoded(value: str) -> str:
    try:
        return base64.urlsafe_b64decode(value).decode()
    except ValueError:
        return ""


def has_it_after_a_pull(*said: dict[str, Any]) -> FakeEngine:
    pulled = threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.path == "/version":
            return VERSION
        if asked.path == "/images/create":
            pulled.set()
            return stream(*said or [{"status": "Pull complete"}])
        return Reply({"Id": "sha256:1", "Size": 1}) if pulled.is_set() else not_found("No such image: x")

    return FakeEngine(answer)


def pull(engine: Engine, login: docker_images.Registry = None) -> None:
    docker_images.pull(engine, REFERENCE, login, lambda: None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_an_engine_is_never_followed(status: int):
    with FakeEngine(lambda _: Reply([])) as elsewhere:
        away = (("Location", f"http://127.0.0.1:{elsewhere.port}/x"),)
        with FakeEngine(lambda _: Reply(b"x" * 1000, status, away)) as fake:
            with pytest.raises(
                HostError, match=r"cannot list its containers.* a redirect to .*, which is not followed"
            ):
                fake.engine.containers()
            with pytest.raises(HostError, match="redirect"):
                fake.engine.start(_step(), {"DB": "hidden"})

    assert elsewhere.asked == []


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirected_pull_gives_no_login_away_and_does_not_count_as_done(status: int, tmp_path: Path):
    with FakeEngine(lambda _: stream({"status": "Pull complete"})) as elsewhere:
        away = (("Location", f"http://127.0.0.1:{elsewhere.port}/images/create"),)

        def answer(asked: Asked) -> Reply:
            if asked.path == "/images/create":
                return Reply(b"", status, away)
            return VERSION if asked.path == "/version" else not_found("No such image: x")

        with (
            FakeEngine(answer) as fake,
            server_with(fake, tmp_path) as server,
            pytest.raises(ImageError, match=r"cannot be pulled: .*redirect"),
        ):
            pull(server.engine, LOGIN)

    assert elsewhere.asked == []


def test_a_pull_that_says_it_is_done_is_done_when_the_engine_has_the_image():
    def answer(asked: Asked) -> Reply:
        return stream({"status": "Pull complete"}) if asked.path == "/images/create" else not_found("No such image: x")

    with FakeEngine(answer) as fake, pytest.raises(ImageError, match="does not have it"):
        pull(fake.engine, LOGIN)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_agent_never_sees_an_engine(variable: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with FakeEngine(lambda _: Reply([])) as proxy, FakeEngine(lambda _: Reply([])) as fake:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        fake.engine.containers()

    assert (proxy.asked, len(fake.asked)) == ([], 1)


@pytest.mark.usefixtures("_agent_logged_in")
def test_the_agents_own_login_and_settings_never_go_to_a_server(tmp_path: Path):
    with has_it_after_a_pull() as fake:
        pull(fake.engine)
        docker_look.ask_registry(fake.engine, REFERENCE, None)
        with pytest.raises(HostError):
            fake.engine.start(_step(), {})
    with has_it_after_a_pull() as behind_ssh, server_with(behind_ssh, tmp_path) as server:
        pull(server.engine, LOGIN)

    asked = [*fake.asked, *behind_ssh.asked]
    assert {"POST /images/create", "POST /containers/create"} <= {str(each) for each in asked}
    assert any("/distribution/" in each.path for each in asked)
    assert [str(each) for each in asked if secret_in(each)] == []
    assert "X-Registry-Auth" not in fake.find("POST /images/create").headers
    sent = behind_ssh.find("POST /images/create").headers["X-Registry-Auth"]
    assert json.loads(base64.urlsafe_b64decode(sent)) == LOGIN


def test_without_a_credential_a_server_pulls_with_its_own_means(tmp_path: Path):
    there = threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.path == "/version":
            return VERSION
        return Reply({"Id": "sha256:1", "Size": 1}) if there.is_set() else not_found("No such image: x")

    def run(channel: Any, _command: str) -> None:
        there.set()
        channel.send_exit_status(0)

    with FakeEngine(answer) as fake, server_with(fake, tmp_path, run) as server:
        pull(server.engine)

    assert server.commands == [f"docker pull {REFERENCE}"]
    assert "POST /images/create" not in map(str, fake.asked)


@pytest.mark.parametrize(
    ("code", "said", "kind", "hint"),
    [
        (1, "Error response from daemon: unauthorized: authentication required", ImageError, "docker login there"),
        (1, "Error response from daemon: manifest unknown", ImageError, "build again"),
        (1, "Cannot connect to the Docker daemon at unix:///x", HostError, "docker pull"),
        (127, "sh: 1: docker: not found", HostError, "docker pull"),
    ],
)
def test_a_pull_by_the_servers_own_means_that_fails_says_why(
    code: int, said: str, kind: type[Exception], hint: str, tmp_path: Path
):
    def run(channel: Any, _command: str) -> None:
        channel.sendall_stderr(said.encode())
        channel.send_exit_status(code)

    answers = {"/version": VERSION}
    with (
        FakeEngine(lambda asked: answers.get(asked.path, not_found("No such image: x"))) as fake,
        server_with(fake, tmp_path, run) as server,
        pytest.raises(kind, match="cannot be pulled") as error,
    ):
        pull(server.engine)

    assert said in str(error.value)
    assert hint in str(error.value)


# The SDK does not close a socket that could not be connected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_the_agent_that_may_not_use_its_engine_is_told_the_group_that_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")

        def refused(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        # Root may do everything.
        monkeypatch.setattr(socket.socket, "connect", refused)
        said = said_without_an_engine()
        gc.collect()
    group = path.stat().st_gid
    assert "Permission denied" in said
    assert f"which group {group} may: with tool: container, tool.docker_group: {group}" in said


def said_without_an_engine() -> str:
    with pytest.raises(ToolMissing, match="the agent's Docker engine cannot be used") as error:
        local_engine()
    return str(error.value)


# The SDK does not close a socket that could not be connected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("address", "hint"), [("unix:///nowhere/docker.sock", "there is no /nowhere"), ("tcp://127.0.0.1:9", "DOCKER_HOST")]
)
def test_the_agent_without_an_engine_is_told_where_it_was_looked_for(
    address: str, hint: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCKER_HOST", address)
    said = said_without_an_engine()
    gc.collect()
    assert hint in said


def test_a_file_of_docker_logins_that_cannot_be_read_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    (tmp_path / "config.json").write_text('{"auths": {"registry.example.com": {"auth": "no base64"}}}')
    said_without_an_engine()


BUILD = BuildImage(".", "Dockerfile", "registry.example.com/shop-blue:1", {}, {})


def _built(folder: Path, engine: Engine, login: docker_images.Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Dockerfile").write_text("FROM registry.example.com/base\n")
    monkeypatch.chdir(folder)
    docker_images.build(engine, BUILD, login, lambda _: None, lambda: None)


@pytest.mark.usefixtures("_agent_logged_in")
def test_the_login_goes_with_the_build_for_a_private_base_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with FakeEngine(lambda _: stream({"stream": "Successfully built"})) as fake:
        agent = Engine(EngineClient(f"tcp://127.0.0.1:{fake.port}", "1.41", own=True), "agent")
        _built(tmp_path, agent, LOGIN, monkeypatch)
        with_login = json.loads(base64.urlsafe_b64decode(fake.find("POST /build").headers["X-Registry-Config"]))
        fake.asked.clear()
        own = Engine(EngineClient(f"tcp://127.0.0.1:{fake.port}", "1.41", own=True), "agent")
        _built(tmp_path, own, None, monkeypatch)
        without = json.loads(base64.urlsafe_b64decode(fake.find("POST /build").headers["X-Registry-Config"]))

    assert with_login == {"registry.example.com": LOGIN}
    assert without["registry.example.com"]["password"] == "agents-own"


def test_the_login_of_docker_hub_goes_by_the_name_that_engines_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "Dockerfile").write_text("FROM acme/base\n")
    monkeypatch.chdir(tmp_path)
    step = BuildImage(".", "Dockerfile", "acme/shop-blue:1", {}, {})
    with FakeEngine(lambda _: stream({"stream": "Successfully built"})) as fake:
        docker_images.build(fake.engine, step, LOGIN, lambda _: None, lambda: None)

        sent = fake.find("POST /build").headers["X-Registry-Config"]
    assert json.loads(base64.urlsafe_b64decode(sent)) == {"https://index.docker.io/v1/": LOGIN}


def test_a_context_that_looks_like_an_address_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "github.com" / "shop"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    step = BuildImage("github.com/shop", "Dockerfile", "registry.example.com/shop:1", {}, {})
    with FakeEngine(lambda _: stream({"stream": "Successfully built"})) as fake:
        docker_images.build(fake.engine, step, None, lambda _: None, lambda: None)
        asked = fake.find("POST /build")
    assert "remote" not in asked.query
    assert asked.headers["Content-Type"] == "application/tar"


def test_a_push_returns_the_digest_or_fails():
    digest = "sha256:" + "1" * 64
    said = [{"status": "Pushed", "id": "abc"}, {"aux": {"Tag": "1", "Digest": digest, "Size": 5}}]
    lines: list[str] = []
    with FakeEngine(lambda _: stream(*said)) as fake:
        step = PushImage("registry.example.com/shop", "1")
        assert docker_images.push(fake.engine, step, LOGIN, lines.append, lambda: None) == digest
    assert lines == ["layer abc: pushed"]
    for wrong in ([], [{"aux": {"Digest": "latest"}}]):
        with FakeEngine(lambda _, wrong=wrong: stream(*wrong)) as fake, pytest.raises(ImageError, match="no digest"):
            docker_images.push(fake.engine, step, LOGIN, lines.append, lambda: None)


def endless(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(docker_client, "ANSWER_BYTES", 10**6)
    with FakeEngine(lambda _: Reply(pieces=lambda: endless(b" " * 60_000))) as fake:
        with pytest.raises(HostError, match=r"cannot be read: its answer has more than .* \(asked to list its cont"):
            fake.engine.containers()
        # The log is only told besides.
        assert fake.engine.log("shop-blue") == ""


@pytest.mark.slow
def test_an_answer_that_trickles_ends_with_its_time():
    def slowly() -> Iterator[bytes]:
        while True:
            yield b" "
            time.sleep(0.05)

    with FakeEngine(lambda _: Reply(pieces=slowly)) as fake:
        engine = fake.engine
        engine.api.timeout = 1  # type: ignore[attr-defined]
        with pytest.raises(HostError, match="does not answer: no whole answer within 1 s"):
            engine.containers()


@pytest.mark.parametrize("piece", [b"x" * 60_000, b'{"status": "%s"}\n' % (b"Downloading" * 1000)])
def test_a_stream_without_end_and_a_line_without_end_are_left(piece: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(docker_stream, "STREAM_BYTES", 3 * 10**6)

    def answer(asked: Asked) -> Reply:
        return Reply(pieces=lambda: endless(piece)) if asked.path == "/images/create" else not_found("No such image: x")

    with FakeEngine(answer) as fake, pytest.raises(HostError, match="cannot be read: more than"):
        pull(fake.engine, LOGIN)


def test_a_stream_that_goes_on_for_ever_ends_with_its_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(docker_images, "TRANSFER", Patience(5.0, 0.5))

    def slowly() -> Iterator[bytes]:
        while True:
            yield b'{"status": "Downloading"}\n'
            time.sleep(0.05)

    def answer(asked: Asked) -> Reply:
        return Reply(pieces=slowly) if asked.path == "/images/create" else not_found("No such image: x")

    with FakeEngine(answer) as fake, pytest.raises(ImageError, match="it has not ended within"):
        pull(fake.engine, LOGIN)


def test_a_log_is_taken_out_of_its_frames_as_it_comes():
    raw = b"\x01\0\0\0\0\0\0\x06hello\n\x02\0\0\0\0\0\0\x06oh no\n"
    assert b"".join(docker_stream.unframed([raw])) == b"hello\noh no\n"
    assert b"".join(docker_stream.unframed(bytes([each]) for each in raw)) == b"hello\noh no\n"
    # What it claims is not waited for.
    assert list(docker_stream.unframed([b"\x01\0\0\0\xff\xff\xff\xffhello"])) == [b"hello"]
    with pytest.raises(ValueError, match="without the frames"):
        list(docker_stream.unframed([b"plain text"]))


@pytest.mark.slow
def test_a_log_that_is_quiet_for_long_is_followed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in (docker_connect, docker_containers):
        monkeypatch.setattr(module, "API_SECONDS", 0.3)

    heard = threading.Event()

    def written() -> Iterator[bytes]:
        yield b"\x01\0\0\0\0\0\0\x06hello\n"
        # It is told as it comes, not when there is more.
        if heard.wait(60):
            time.sleep(1)
        yield b"\x01\0\0\0\0\0\0\x04bye\n"

    with (
        FakeEngine(lambda asked: VERSION if asked.path == "/version" else Reply(pieces=written)) as fake,
        server_with(fake, tmp_path) as server,
    ):
        pieces = docker_containers.follow_log(server.engine, "c1", "stdout", 7)
        assert next(pieces) == b"hello\n"
        heard.set()
        assert b"".join(pieces) == b"bye\n"
        asked = fake.find("GET /containers/c1/logs")
    assert asked.query == {"follow": "1", "stdout": "1", "timestamps": "1", "since": "7"}


def _step() -> Any:
    from test_docker_start import STEP  # noqa: PLC0415

    return STEP
