"""The fake Jenkins answers as the recorded one did: every request again, in the same order."""

# ruff: noqa: S314 - only our own texts are parsed here

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests
from fake_jenkins import PASSWORD, TOKEN, USER, FakeJenkins

RECORDINGS = Path(__file__).parents[2] / "data" / "jenkins" / "recordings.json"
RECORDED_HOST = "http://jenkins.test:8080"

# What jenkinsgen never asks a server: the fake does not answer it either.
OUT_OF_SCOPE = {
    "linter toJson good",
    "get_credential_config (folder)",
    "get_node_info built-in",
    "copy_job",
    "rename_job",
    "delete_job",
    "delete_job (missing)",
    "get_build_console_output case nostep",
    "[nothing listening] get_version",
}
OUTCOMES = {
    "case-fails": "FAILURE",
    "case-timesout": "ABORTED",
    "case-nostep": "FAILURE",
    "case-badsyntax": "FAILURE",
    "case-two-stages-one-line": "FAILURE",
    "case-nocred": "FAILURE",
    "case-sandbox": "FAILURE",
    "case-unstable": "UNSTABLE",
    "case-noagent": None,
}


class Client:
    """One of the identities of the recordings, with its session and its crumb."""

    def __init__(self, base: str, auth: tuple[str, str] | None) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.auth = auth
        self.session.trust_env = False
        self.crumb = ""
        self.queued = ""

    def send(self, recorded: dict[str, Any]) -> requests.Response:
        headers = dict(recorded["headers"])
        for name in ("Authorization", "Cookie"):
            headers.pop(name, None)
        if "Jenkins-Crumb" in headers:
            headers["Jenkins-Crumb"] = self.crumb
        body = (recorded["body"] or "").encode()
        # The recordings are not in the order in which they were made: numbers of queue items differ.
        url = self.base + re.sub(r"/queue/item/\d+/", self.queued, recorded["url"])
        answer = self.session.request(
            recorded["method"], url, headers=headers, data=body, allow_redirects=False, timeout=10
        )
        if recorded["url"].startswith("/crumbIssuer") and answer.ok:
            self.crumb = answer.json()["crumb"]
        if "/queue/item/" in answer.headers.get("Location", ""):
            self.queued = urlsplit(answer.headers["Location"]).path
        return answer


@pytest.mark.slow
def test_the_fake_answers_as_recorded():
    calls = json.loads(RECORDINGS.read_text())["calls"]
    with FakeJenkins(build_duration=0.05, quiet_period=0.15, outcomes=OUTCOMES) as jenkins:
        clients: dict[str, Client] = {}
        compared = 0
        for call in calls:
            if call["call"] in OUT_OF_SCOPE:
                continue
            prepare(jenkins, call["call"])
            for exchange in call["exchanges"]:
                client = client_for(clients, jenkins, call["call"], exchange["request"])
                compare(call["call"], exchange["response"], client.send(exchange["request"]), jenkins.url)
                compared += 1
    assert compared > 220


def client_for(clients: dict[str, Client], jenkins: FakeJenkins, call: str, request: dict[str, Any]) -> Client:
    if "Authorization" not in request["headers"]:
        return Client(jenkins.url, None)
    kind = "wrong" if "wrong password" in call else "password" if "password" in call else "token"
    secret = {"wrong": "x", "password": PASSWORD, "token": TOKEN}[kind]
    return clients.setdefault(kind, Client(jenkins.url, (USER, secret)))


def prepare(jenkins: FakeJenkins, call: str) -> None:
    """What happened on the recorded server between two recorded calls."""
    if "re-saved" in call:
        name = "demo-scm" if "scm" in call else "minimal" if "minimal" in call else "enc ü"
        jenkins.item(name).save(frozenset())
    if call == "build_job git (parameters from config.xml, so before any build)":
        # The repository held the Jenkinsfile that the job `demo` has inline.
        script = ET.fromstring(jenkins.item("demo").config).findtext("definition/script")
        jenkins.repository = {"Jenkinsfile": script or ""}
    if (
        any(
            word in call for word in ("(done)", "get_build_info", "get_build_console", "after first build", "git after")
        )
        and "not started" not in call
    ):
        finish_builds(jenkins)


def finish_builds(jenkins: FakeJenkins) -> None:
    """Let the quiet period and the builds go by."""
    waiting = [entry for entry in jenkins.queue if entry.build is None]
    if waiting:
        time.sleep(max(0.0, waiting[-1].leaves - time.time()))
        with jenkins.lock:
            jenkins.advance()
        time.sleep(2 * jenkins.build_duration)


def compare(call: str, recorded: dict[str, Any], answer: requests.Response, base: str) -> None:
    headers = {name.lower(): value for name, value in recorded["headers"].items()}
    where = f"{call}: {answer.request.method} {answer.url}"

    assert answer.status_code == recorded["status"], where
    assert answer.headers.get("Content-Type") == headers.get("content-type"), where
    assert answer.headers.get("X-Error") == headers.get("x-error"), where
    # By this header the client tells a missing job from another server.
    assert answer.status_code != 404 or ("X-Jenkins" in answer.headers) == ("x-jenkins" in headers), where
    assert ("X-Text-Size" in answer.headers) == ("x-text-size" in headers), where
    assert _location(answer.headers.get("Location"), base) == _location(headers.get("location"), RECORDED_HOST), where
    kind = headers.get("content-type", "")
    if answer.url.endswith("config.xml") and answer.ok:
        assert answer.content.decode() == recorded["body"], where
    elif kind.startswith("application/json") and "(cut)" not in recorded["body"]:
        assert_same_shape(json.loads(recorded["body"]), answer.json(), where)
    elif "pipeline-model-converter" in answer.url and kind.startswith("text/plain"):
        assert answer.text == recorded["body"], where


def _location(value: str | None, base: str) -> str | None:
    # Numbers of queue items depend on what else was built.
    if value is None:
        return None
    path = urlsplit(unquote(value.replace(base, ""))).path
    return "/queue/item/" if path.startswith("/queue/item/") else path


def assert_same_shape(recorded: Any, answered: Any, where: str) -> None:
    """The fake invents no key, names the same classes and results, and has the same type everywhere."""
    if isinstance(answered, dict):
        assert isinstance(recorded, dict), where
        assert answered.keys() <= recorded.keys(), f"{where}: {sorted(answered.keys() - recorded.keys())}"
        for key, value in answered.items():
            if key in {"_class", "result", "name", "fullName", "typeName", "color", "fullDisplayName"}:
                assert value == recorded[key], f"{where}: {key}"
            elif key not in {"actions", "jobs", "changeSets", "culprits", "previousBuild", "nextBuild", "executor"}:
                assert_same_shape(recorded[key], value, f"{where}.{key}")
    elif answered is not None and recorded is not None:
        assert type(answered) is type(recorded), f"{where}: {answered!r} for {recorded!r}"


@pytest.mark.parametrize("name", sorted(OUT_OF_SCOPE))
def test_what_is_out_of_scope_was_recorded(name: str):
    assert name in {call["call"] for call in json.loads(RECORDINGS.read_text())["calls"]}
