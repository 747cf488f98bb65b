"""A Jenkins, or what sits in its place, that answers too much, too slowly, or something else: one error, in time."""

from __future__ import annotations

import gzip
import itertools
import zlib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from fake_jenkins import TOKEN, USER, FakeJenkins
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from strange_server import HEAD, Pieces, StrangeServer
from urllib3 import HTTPConnectionPool, PoolManager

from jenkinsgen.edge.jenkins import client as jenkins_client
from jenkinsgen.edge.jenkins import http as jenkins_http
from jenkinsgen.edge.jenkins.builds import JenkinsBuilds
from jenkinsgen.edge.jenkins.life import build_ended
from jenkinsgen.edge.jenkins.reason import hint
from jenkinsgen.edge.jenkins.server import JenkinsServer
from jenkinsgen.edge.jenkins.settings import JenkinsSettings, read_settings
from jenkinsgen.edge.jenkins.world import JenkinsWorld
from jenkinsgen.errors import JenkinsError, JenkinsgenError
from jenkinsgen.jobs.prune import Scope, Unasked
from jenkinsgen.stages.jobs.prune import plan as plan_prune

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIMEOUT = 0.3
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MEBIBYTE = b"x" * 1024 * 1024


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jenkins_client, "_FIRST_PAUSE", 0.001)


def settings_for(url: str) -> JenkinsSettings:
    return JenkinsSettings(url=url, user=USER, token=TOKEN, timeout=TIMEOUT)


def endless(first: bytes, piece: bytes) -> Pieces:
    return lambda: itertools.chain([first], itertools.repeat(piece))


def once(*pieces: bytes) -> Pieces:
    return lambda: iter(pieces)


@pytest.mark.parametrize(
    "pieces",
    [
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        endless(HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        endless(HEAD + b"\r\n", b"x"),
        endless(CHUNKED, b"1\r\nx\r\n"),
        endless(CHUNKED + b"ffff\r\n", b"x"),
        endless(b"HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        endless(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 99999\r\n\r\n", b"x"),
    ],
    ids=["interim", "header", "body", "until closed", "chunks", "one chunk", "redirect", "error page"],
)
def test_an_answer_that_trickles_for_ever_ends_in_time(pieces: Pieces):
    with (
        StrangeServer(pieces, pause=TIMEOUT / 10) as server,
        pytest.raises(JenkinsError, match=r"a: cannot be read: no answer in time from http://127"),
    ):
        JenkinsServer(settings_for(server.url)).config("a")


def test_a_tls_handshake_that_trickles_for_ever_ends_in_time():
    """The connection is watched before TLS takes it over."""
    record = b"\x16\x03\x03\x3f\xff"
    with (
        StrangeServer(endless(record, b"\x02"), pause=TIMEOUT / 10) as server,
        pytest.raises(JenkinsError, match="no answer in time"),
    ):
        JenkinsServer(settings_for(server.url.replace("http:", "https:"))).config("a")


@pytest.mark.parametrize("status", [b"200 OK", b"302 Found\r\nLocation: /", b"500 Oops"])
def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch, status: bytes):
    monkeypatch.setattr(jenkins_http, "MOST_BYTES", 2 * len(MEBIBYTE))
    head = b"HTTP/1.1 " + status + b"\r\nX-Jenkins: 2\r\n\r\n"
    with StrangeServer(endless(head, MEBIBYTE)) as server:
        with pytest.raises(JenkinsError, match="the answer has more than 2 MiB"):
            JenkinsServer(replace(settings_for(server.url), timeout=10)).config("a")
        assert server.sent < 20 * len(MEBIBYTE)


def packed(coding: bytes, body: bytes) -> Pieces:
    length = str(len(body)).encode()
    return once(HEAD + b"Content-Encoding: " + coding + b"\r\nContent-Length: " + length + b"\r\n\r\n" + body)


BOMB = gzip.compress(MEBIBYTE * 100)


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (packed(b"gzip", BOMB), "the answer has more than 64 MiB"),
        (packed(b"deflate", zlib.compress(MEBIBYTE * 100)), "the answer has more than 64 MiB"),
        (packed(b"gzip, gzip", gzip.compress(BOMB)), "the answer is packed as 'gzip, gzip'"),
        (packed(b"br", BOMB), "the answer is packed as 'br'"),
        (packed(b"gzip", b"not gzip"), "the answer of .* cannot be read"),
    ],
    ids=["gzip", "deflate", "twice", "not asked for", "no gzip"],
)
def test_what_unpacks_to_more_than_any_answer_is_cut(pieces: Pieces, words: str):
    with StrangeServer(pieces) as server, pytest.raises(JenkinsError, match=words):
        JenkinsServer(replace(settings_for(server.url), timeout=10)).config("a")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 999999 \r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
        HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        HEAD + b"Content-Length: 50\r\n\r\n{}",
        CHUNKED + b"zz\r\n",
        b"HTTP/1.1 200 OK\r\nX-Jenkins: 2\r\nContent-Type: text/xml; charset=a\0b\r\n\r\n<a/>",
        b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n",
        b"HTTP/1.1 503 No\r\nRetry-After: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Jenkins: 2\r\nSet-Cookie: \xff=; Max-Age=x; Expires=\xff\r\n\r\n",
    ],
)
def test_what_is_hardly_http_is_one_error(monkeypatch: pytest.MonkeyPatch, answer: bytes):
    monkeypatch.setattr(jenkins_client, "_LONGEST_PAUSE", 0.001)
    with (
        StrangeServer(once(answer)) as server,
        pytest.raises(JenkinsgenError, match=r"^the top level: cannot be listed"),
    ):
        JenkinsServer(settings_for(server.url)).children("")


class _NoHistory:
    def unasked(self, spec: str, name: str) -> Unasked:
        raise AssertionError((spec, name))


SCOPE = Scope(owner="git.test/shop", folders=("",), wanted=frozenset())
CALLS: dict[str, Callable[[JenkinsSettings], object]] = {
    "config": lambda settings: JenkinsServer(settings).config("a"),
    "config in force": lambda settings: JenkinsServer(settings).config_in_force("a", "x"),
    "folder": lambda settings: JenkinsServer(settings).ensure_folder("a"),
    "children": lambda settings: JenkinsServer(settings).children(""),
    "names": lambda settings: JenkinsServer(settings).names("a"),
    "busy": lambda settings: JenkinsServer(settings).is_busy("a"),
    "start": lambda settings: JenkinsBuilds(settings).start("a", {}),
    "queued": lambda settings: JenkinsBuilds(settings).queued(1),
    "log": lambda settings: JenkinsBuilds(settings).log("a", 1, 0),
    "result": lambda settings: JenkinsBuilds(settings).result("a", 1),
    "stages": lambda settings: JenkinsBuilds(settings).stages("a", 1),
    "lint": lambda settings: JenkinsWorld(settings).lint("pipeline { }"),
    "plugins": lambda settings: JenkinsWorld(settings).plugins(),
    "nodes": lambda settings: JenkinsWorld(settings).nodes(),
    "stores": lambda settings: JenkinsWorld(settings).stores("a/b"),
    "prune": lambda settings: plan_prune(
        settings, SCOPE, _NoHistory(), today=date(2026, 11, 23), keep_days=1, max_percent=100
    ),
}
BODIES = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
    | st.sampled_from(["null", "[]", "{}", "0", '""', "true", '{"jobs": {}}', '{"jobs": [null]}', '{"_class": 1}'])
    | st.sampled_from(["<html/>", "[" * 100_000, '{"data": []}', '{"building": 1}', '{"executable": 3}', "9" * 5000])
)


@pytest.fixture(scope="module")
def garbage() -> Iterator[FakeJenkins]:
    with FakeJenkins() as fake:
        yield fake


@pytest.mark.parametrize("call", CALLS)
@given(body=BODIES)
@limits(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_server_that_says_anything_is_read_or_refused(garbage: FakeJenkins, call: str, body: str):
    garbage.garbage = body
    try:
        CALLS[call](JenkinsSettings(url=f"{garbage.url}/", user=USER, token=TOKEN))
    except JenkinsError as error:
        assert "a" in error.message  # noqa: PT017 - both ways are right


@pytest.mark.parametrize(
    "body", ["null", "{}", '{"crumb": 1}', '{"crumb": "x\\ny", "crumbRequestField": "Host"}', "<html>"]
)
def test_a_crumb_that_is_none_is_one_error(garbage: FakeJenkins, body: str):
    garbage.garbage = body
    server = JenkinsServer(JenkinsSettings(url=f"{garbage.url}/", user=USER, token=TOKEN))
    server.client.crumb = None

    with pytest.raises(JenkinsError, match=r"^a: cannot be deleted: the answer"):
        server.delete("a")


@pytest.mark.parametrize(
    "body", ["[]", "null", "{}", '{"building": 0}', '{"building": false}', "[" * 100_000, "<html>"]
)
def test_a_build_is_over_only_if_jenkins_says_so(garbage: FakeJenkins, body: str):
    garbage.garbage = body
    environment = {"JENKINS_URL": garbage.url, "JENKINS_USER": USER, "JENKINS_TOKEN": TOKEN}
    build = f"{garbage.url}/job/shop/1/"

    assert build_ended(build, environment) is None
    garbage.garbage = '{"building": false, "result": "ABORTED"}'
    assert build_ended(build, environment) == "Jenkins says that this build has ended (ABORTED)"
    assert build_ended(build, {**environment, "JENKINS_CA_FILE": "/nowhere"}) is not None


def test_a_build_that_jenkins_never_finishes_telling_of_is_not_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jenkinsgen.edge.jenkins.life.SECONDS", TIMEOUT)
    with StrangeServer(endless(HEAD + b"\r\n", b" "), pause=TIMEOUT / 10) as server:
        environment = {"JENKINS_URL": server.url, "JENKINS_USER": USER, "JENKINS_TOKEN": TOKEN}
        assert build_ended(f"{server.url}job/shop/1/", environment) is None


def test_a_redirect_takes_the_token_nowhere():
    """Neither to another port, nor to another scheme or host, for reading and for writing."""
    with FakeJenkins() as other, FakeJenkins(elsewhere=f"{other.url}/job/a/config.xml") as fake:
        server = JenkinsServer(JenkinsSettings(url=f"{fake.url}/", user=USER, token=TOKEN))
        for call in (
            lambda: server.config("a"),
            lambda: server.update("a", "<flow-definition/>"),
            lambda: server.create("a", "<flow-definition/>"),
            lambda: server.children(""),
        ):
            for status in (301, 302, 303, 307, 308):
                fake.failures = [status]
                with pytest.raises(JenkinsError, match=f"redirected to {other.url}"):
                    call()
                fake.failures = []
        environment = {"JENKINS_URL": fake.url, "JENKINS_USER": USER, "JENKINS_TOKEN": TOKEN}
        fake.failures = [302]
        assert build_ended(f"{fake.url}/job/a/1/", environment) is None

    assert other.asked == []


@pytest.mark.parametrize(
    ("status", "where"),
    [
        (302, "{url}/login?from=%2F"),
        (302, "{url}/securityRealm/commenceLogin"),
        (302, "https://{host}/job/a/doDelete"),
        (301, "{url}/job/"),
        (302, "https://sso.example.com/"),
        (302, "//other.example.com/job/"),
        (302, ""),
    ],
)
def test_a_post_that_is_sent_elsewhere_is_not_done(status: int, where: str):
    with FakeJenkins() as fake:
        server = JenkinsServer(JenkinsSettings(url=f"{fake.url}/", user=USER, token=TOKEN))
        server.create("a", "<flow-definition/>")
        fake.elsewhere = where.format(url=fake.url, host=fake.url.partition("//")[2])
        fake.failures = [status]

        with pytest.raises(JenkinsError, match="a: cannot be deleted: redirected to"):
            server.delete("a")


@pytest.mark.parametrize("variable", ["--ca-file", "JENKINS_CA_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        ("not a certificate", "holds no certificate that can be read"),
        ("", "holds no certificate that can be read"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds no certificate that can be read"),
    ],
)
def test_a_broken_file_of_certificates_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: str | None, words: str
):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    for bundle in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(bundle, raising=False)
    if variable.endswith("BUNDLE"):
        monkeypatch.setenv(variable, str(file))
    settings = read_settings(
        url="https://127.0.0.1:9/",
        user=USER,
        ca_file=str(file) if variable == "--ca-file" else None,
        file=None,
        environment={"JENKINS_TOKEN": TOKEN, "JENKINS_CA_FILE": str(file) if variable == "JENKINS_CA_FILE" else ""},
    )

    with pytest.raises(JenkinsError, match=words) as caught:
        JenkinsServer(settings)

    assert caught.value.message.startswith(f"{file}: ")
    assert variable in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("status", "why", "words"),
    [
        (403, "admin is missing the Job/Create permission", "give user bot the permission Job/Create"),
        (403, "No valid crumb was included in the request", "use an API token"),
        (403, "not logged in", "a proxy before it may drop the header Authorization"),
        (403, "no reason given", "lacks a permission there, or a proxy before Jenkins refuses"),
        (401, "Unauthorized", "a token can have been revoked"),
        (404, "no Jenkins answers at this address", "under /jenkins; a proxy may hide it, too"),
    ],
)
def test_a_hint_names_an_established_cause_or_all_that_it_can_be(status: int, why: str, words: str):
    assert words in (hint(status, "bot", why) or "")


def test_the_pools_of_every_proxy_are_watched_and_stay_what_they_are():
    """A SOCKS proxy has pools of its own, which connect through it: others would go round it."""

    class SocksPool(HTTPConnectionPool):
        pass

    manager = PoolManager()
    manager.pool_classes_by_scheme = {"http": SocksPool}

    jenkins_http._watch_pools(manager)

    pool = manager.connection_from_url("http://192.0.2.1/")
    assert isinstance(pool, SocksPool)
    assert issubclass(pool.ConnectionCls, jenkins_http._Watched)
