"""What breaks on the way to a server is told as such, never as a bug."""

from __future__ import annotations

import http.client as http_client
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3.exceptions

from jenkinsgen.edge import http, workspace
from jenkinsgen.edge.docker.trouble import reason, registry_hint
from jenkinsgen.edge.prometheus import ask_prometheus
from jenkinsgen.edge.ssh.host import Login, connect
from jenkinsgen.errors import HostError, StateError, ToolMissing
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.guard import Prometheus
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(HEAD + b"Content-Length: 10\r\n\r\nab", id="cut before its length"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", id="cut in a chunk"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nab", id="a chunk of negative length"),
    ],
)
def test_a_body_that_breaks_is_no_answer(answer: bytes):
    with _serving(answer) as port:
        assert not http.get("127.0.0.1", port, "/", {"Host": "shop.test"}).healthy


def test_a_body_that_stalls_is_no_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "REQUEST_SECONDS", 0.2)
    with _serving(HEAD + b"Content-Length: 10\r\n\r\nab", seconds=2) as port:
        answer = http.get("127.0.0.1", port, "/", {"Host": "shop.test"})

    assert "timed out" in answer.error


def test_a_body_that_trickles_is_no_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "LOOK_SECONDS", 0.5)
    with _serving(HEAD + b"Content-Length: 100\r\n\r\n", seconds=60, trickle=b"a") as port:
        answer = http.get("127.0.0.1", port, "/", {"Host": "shop.test"})

    assert "timed out" in answer.error


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nab", id="a chunk of negative length"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: http://[::\r\n\r\n", id="a redirect to what is no URL"),
    ],
)
def test_a_prometheus_whose_answer_is_no_http_is_trouble_with_its_host(answer: bytes):
    with _serving(answer) as port, pytest.raises(HostError, match="Prometheus cannot be asked"):
        ask_prometheus(Prometheus(url=f"http://127.0.0.1:{port}", query="x", at_most=1.0), Colour.BLUE)


class _serving:  # noqa: N801 - read as a word: with _serving(...)
    """One connection is answered with these bytes, and closed after some seconds."""

    def __init__(self, answer: bytes, seconds: float = 0.0, trickle: bytes = b"") -> None:
        self._answer, self._seconds, self._trickle = answer, seconds, trickle
        self._socket = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(self._answer)
            end = time.monotonic() + self._seconds
            with suppress(OSError):
                while time.monotonic() < end:
                    time.sleep(0.1)
                    connection.sendall(self._trickle)


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"#" * (16 * 1024 * 1024 + 1)])
def test_known_hosts_that_cannot_be_read_are_named(tmp_path: Path, text: bytes):
    path = tmp_path / "known_hosts"
    path.write_bytes(text)

    with pytest.raises(HostError, match="the known hosts cannot be read"):
        connect(HostAddress("127.0.0.1", "deploy", 1), Login(known_hosts=str(path)))


@pytest.mark.parametrize(
    ("said", "mends"),
    [
        ("x509: certificate has expired or is not yet valid: current time 2026-01-01", "the clock of that server"),
        ("x509: certificate signed by unknown authority", "put its CA into"),
        ("x509: certificate is valid for registry.example.com, not 192.0.2.9", "as its certificate does"),
        ("http: server gave HTTP response to HTTPS client", "plain HTTP"),
        ("unauthorized: authentication required", "image.credential"),
        ("write /var/lib/docker/tmp/x: no space left on device", "the disk is full"),
        ("manifest unknown", "build again"),
        ("dial tcp 192.0.2.9:5000: connection refused", "can the registry be reached"),
    ],
)
def test_the_hint_fits_what_the_registry_or_the_engine_said(said: str, mends: str):
    assert mends in registry_hint(said)


def test_the_reason_is_the_error_itself_and_not_what_two_libraries_wrap_around_it():
    cut = http_client.RemoteDisconnected("Remote end closed connection without response")
    wrapped = requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", cut))

    assert reason(wrapped) == "Remote end closed connection without response"
    assert reason(OSError(111, "refused")) == "[Errno 111] refused"


def test_an_agent_without_git_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolMissing, match="git is not installed"):
        workspace.git_head()


def test_a_report_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".jenkinsgen").write_text("in the way")

    with pytest.raises(StateError, match=r"\.jenkinsgen/cleanup\.json cannot be written"):
        workspace.write_report("cleanup", "{}")
