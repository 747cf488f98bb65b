"""What Prometheus answers; the answers are those of a real one (2.42), recorded."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from examples import pipeline

from jenkinsgen.deploy.guard.metric import query_for, read_values, too_much
from jenkinsgen.edge.prometheus import ask_prometheus
from jenkinsgen.errors import HostError, StateError
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.guard import Prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTOR = (
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"shop_errors","colour":"blue",'
    '"instance":"127.0.0.1:19999","job":"shop"},"value":[1795447973.805,"0.5"]},{"metric":{"__name__":"shop_errors",'
    '"colour":"green","instance":"127.0.0.1:19999","job":"shop"},"value":[1795447973.805,"0.01"]}]}}'
)
NOTHING = '{"status":"success","data":{"resultType":"vector","result":[]}}'
NOT_A_NUMBER = '{"status":"success","data":{"resultType":"scalar","result":[1795447957.775,"NaN"]}}'
SCALAR = '{"status":"success","data":{"resultType":"scalar","result":[1795447973.815,"0.5"]}}'
RANGE = (
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"shop_errors","colour":"blue"},'
    '"values":[[1795447973.349,"0.5"],[1795447973.550,"0.5"]]}]}}'
)
TEXT = '{"status":"success","data":{"resultType":"string","result":[1795447957.834,"text"]}}'
REFUSED = (
    '{"status":"error","errorType":"bad_data","error":"invalid parameter \\"query\\": 1:6: parse error: unclosed left '
    'parenthesis"}'
)


def asking(url: str = "http://prometheus.example.com:9090", at_most: float = 0.1) -> Prometheus:
    return Prometheus.model_validate({"url": url, "query": 'max(errors{colour="$colour"})', "at_most": at_most})


@pytest.mark.parametrize(
    ("body", "values"), [(VECTOR, (0.5, 0.01)), (NOTHING, ()), (NOT_A_NUMBER, ()), (SCALAR, (0.5,))]
)
def test_the_numbers_of_an_answer(body: str, values: tuple[float, ...]):
    assert read_values(body) == values


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (REFUSED, 'Prometheus refused the query: invalid parameter "query": 1:6: parse error: unclosed left'),
        (RANGE, "guard.prometheus.query gives a matrix"),
        (TEXT, "guard.prometheus.query gives a string"),
        ("<html>", "what answered is no Prometheus"),
        ("[]", "what answered is no Prometheus"),
        ("[" * 100_000, "what answered is no Prometheus"),
        (SCALAR.replace('"0.5"', "1" * 400), "what answered is no Prometheus"),
        ('{"status": "success"}', "what answered is no Prometheus"),
        ('{"status": "success", "data": {"resultType": "vector", "result": [{}]}}', "what answered is no Prometheus"),
    ],
)
def test_an_answer_without_numbers_is_an_error_that_says_what_to_mend(body: str, said: str):
    with pytest.raises(StateError) as caught:
        read_values(body)
    assert caught.value.message.startswith(said)
    assert caught.value.hint


def test_every_number_has_to_be_low_enough_and_none_says_nothing():
    assert too_much((), asking()) is None
    assert too_much((0.1, 0.05), asking()) is None
    assert too_much((0.05, 0.2), asking()) == "guard.prometheus.query gives 0.2; 0.1 is allowed (at_most)"
    assert too_much((float("inf"),), asking()) is not None


@pytest.mark.parametrize(
    "url",
    [
        "prometheus:9090",
        "ftp://p",
        "http://user:secret@p",
        "http://p/?a=b",
        "http://p/#x",
        "http://p q",
        "http://",
        "javascript:x",
    ],
)
def test_only_a_plain_url_is_one(url: str):
    with pytest.raises(ValueError, match="is not an http or https URL"):
        asking(url)


def test_in_mode_reload_prometheus_can_judge():
    reload = "{mode: reload, site: /etc/nginx/live, prepared: {green: /etc/nginx/g, blue: /etc/nginx/b}}"
    guard = "guard: {prometheus: {url: http://p, query: up, at_most: 1}}"
    assert pipeline(f"nginx: {reload}\nbake: 1m\n{guard}").guard is not None


@contextmanager
def answering(status: int, body: str) -> Iterator[tuple[str, list[str]]]:
    """A server at the agent's own address, and the queries that it gets."""
    queries: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            queries.append(f"{self.path} {parse_qs(asked)['query'][0]}")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", queries
    finally:
        server.shutdown()
        server.server_close()


def test_the_colour_that_is_judged_stands_in_the_query():
    assert query_for(asking(), Colour.BLUE) == 'max(errors{colour="blue"})'
    with answering(200, SCALAR) as (url, queries):
        assert ask_prometheus(asking(f"{url}/"), Colour.BLUE) == (0.5,)
    assert queries == ['/api/v1/query max(errors{colour="blue"})']


def test_a_query_with_a_mistake_is_told_with_prometheus_own_words():
    with answering(400, REFUSED) as (url, _), pytest.raises(StateError, match="unclosed left parenthesis"):
        ask_prometheus(asking(url), Colour.BLUE)


@pytest.mark.parametrize("status", [301, 401, 404, 503])
def test_another_status_is_trouble_with_the_host(status: int):
    with answering(status, "") as (url, _), pytest.raises(HostError, match=f"answered with status {status}"):
        ask_prometheus(asking(url), Colour.BLUE)


def test_an_answer_without_end_is_not_read_to_its_end():
    with answering(200, "1" * 20 * 1024**2) as (url, _), pytest.raises(StateError, match="more than 1024 KiB"):
        ask_prometheus(asking(url), Colour.BLUE)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_agent_does_not_answer_in_its_place(variable: str, monkeypatch: pytest.MonkeyPatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with answering(200, "{}") as (proxy, asked_of_proxy):
        monkeypatch.setenv(variable, proxy)
        with pytest.raises(HostError, match="cannot be asked"):
            ask_prometheus(asking("http://127.0.0.1:9"), Colour.BLUE)
    assert asked_of_proxy == []


def test_a_server_that_is_not_there_is_trouble_with_the_host():
    with answering(200, SCALAR) as (url, _):
        pass
    with pytest.raises(HostError, match="Prometheus cannot be asked"):
        ask_prometheus(asking(url), Colour.BLUE)
