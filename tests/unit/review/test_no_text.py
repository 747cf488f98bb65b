"""A review tells what it can, whatever one of the files is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.jenkinsfile.groovy import bounds
from jenkinsgen.jenkinsfile.review.trace_alerts import _unsafe

if TYPE_CHECKING:
    from conftest import Checkout

JENKINSFILE = "pipelines/shop.Jenkinsfile"
OTHER = "Jenkinsfile"
GOOD = "pipeline {\n    agent any\n    stages { stage('A') { steps { sh 'x' } } }\n}\n"
RETRIES = GOOD.replace("sh 'x'", "retry(1000000) { " * 12 + "error 'x'" + " }" * 12)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("'A'", "'배포'").encode("euc-kr"), "Jenkinsfile:3:21: not UTF-8"),
        (GOOD.encode() + b" " * 600_000, "Jenkinsfile:1:1: longer than"),
        (RETRIES.encode(), "Jenkinsfile:1:1: more than 50,000 steps"),
    ],
    # The name of a test stands in its environment, and programs take no such long one.
    ids=["not UTF-8", "too long", "too many steps"],
)
def test_a_jenkinsfile_that_cannot_be_told_stops_no_review(
    checkout: Checkout, content: bytes, says: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bounds, "STEPS", 50_000)
    checkout.edit("pipelines/shop.yaml", "{path: /health}", "{path: /health, successes: 1}")
    checkout.render()
    (checkout.folder / OTHER).write_bytes(content)
    checkout.commit()
    found = {each["name"]: each for each in json.loads(checkout.review("main", "--format", "json").stdout)["pipelines"]}
    (blocker,) = found[OTHER]["blockers"]
    assert says in blocker["problems"]
    assert found["pipelines/shop"]["state"] == "changed"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "command", ["curl -" + "k" * 60_000 + "_", "curl " * 12_000, "wget |" * 12_000, "set -" + "a" * 60_000]
)
def test_no_command_keeps_the_search_for_unsafe_words_busy(command: str):
    assert list(_unsafe(command, "")) == []


@pytest.mark.slow
def test_two_jenkinsfiles_with_very_many_differences_stop_no_review(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
):
    def many(name: str) -> bytes:
        return GOOD.replace("sh 'x'", "".join(f"error{name}{each} 'x'\n" for each in range(300))).encode()

    (checkout.folder / OTHER).write_bytes(many("a"))
    checkout.commit()
    checkout.git("branch", "-f", "main")
    (checkout.folder / OTHER).write_bytes(many("b"))
    checkout.edit("pipelines/shop.yaml", "{path: /health}", "{path: /health, successes: 1}")
    checkout.render()
    checkout.commit()
    monkeypatch.setattr(bounds, "STEPS", 60_000)
    found = {each["name"]: each for each in json.loads(checkout.review("main", "--format", "json").stdout)["pipelines"]}
    assert {each["sentence"] for each in found[OTHER]["blockers"]} == {
        "the two Jenkinsfiles of Jenkinsfile cannot be compared"
    }
    assert found["pipelines/shop"]["state"] == "changed"
