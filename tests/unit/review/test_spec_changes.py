"""Specs compared field by field, and what of it is worth a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from conftest import SPEC
from pydantic import BaseModel

from jenkinsgen.jenkinsfile.review.spec_alerts import spec_alerts
from jenkinsgen.jenkinsfile.review.spec_changes import spec_changes
from jenkinsgen.jenkinsfile.review.spec_words import WORDS
from jenkinsgen.spec.pipeline import Pipeline
from jenkinsgen.spec.reading.reader import parse_document

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = {"job.parameters", "servers", "service.volumes", "nginx.others", "nginx.trusted_proxies", "canary.steps"}


def leaves(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}".removeprefix(".")
        inner = list(models_in(field.annotation))
        if here in LISTS or getattr(field.annotation, "__origin__", None) is dict:
            yield f"{here}[]"
        elif inner:
            for each in inner:
                yield from leaves(each, here)
        else:
            yield here


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def pipeline(text: str = SPEC) -> Pipeline:
    return Pipeline.model_validate(parse_document(text, "spec.yaml").data)


def test_every_key_of_a_spec_has_words():
    assert set(leaves(Pipeline)) == set(WORDS)


def test_a_spec_does_not_differ_from_itself():
    assert spec_changes(pipeline(), pipeline()) == []
    assert spec_alerts(pipeline(), pipeline()) == []


def test_the_order_of_servers_means_nothing():
    swapped = SPEC.replace(
        "  - deploy@192.0.2.11\n  - deploy@192.0.2.12\n", "  - deploy@192.0.2.12\n  - deploy@192.0.2.11\n"
    )
    assert spec_changes(pipeline(), pipeline(swapped)) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("{path: /health}", "{path: /health, successes: 2}", "health-weakened", "3 → 2 successes in a row"),
        ("{path: /health}", "{path: /health, interval: 100ms}", "health-weakened", "looks 1s → 100ms apart"),
        ("{path: /health}", "{path: /}", "health-changed", "/health → /"),
        ("{path: /health}", "{path: /health, from: nginx}", "health-changed", "agent → nginx"),
        ("{path: /health}", "{path: /health, timeout: 20s}", "shortened", "100s → 20s"),
        ("  - deploy@192.0.2.12\n", "", "server-removed", "192.0.2.12"),
        (
            "  - deploy@192.0.2.12\n",
            "  - root@192.0.2.12\n",
            "server-changed",
            "deploy@192.0.2.12 (192.0.2.12) → root@",
        ),
        ("servers:\n", "servers:\n  - deploy@192.0.2.13\n", "server-added", "192.0.2.13"),
        ("/etc/ssl/shop.pem", "/etc/ssl/other.pem", "tls-changed", "/etc/ssl/shop.pem → /etc/ssl/other.pem"),
        ("servers:\n", "engine: swarm\nservers:\n", "engine-changed", "docker → swarm; what the former one runs"),
        ("green: 8080", "green: 8090", "port-changed", "8080 → 8090"),
        ("registry.example.com/shop", "example.com/shop", "image-changed", "example.com/shop"),
        ("known_hosts: known_hosts", "known_hosts: hosts", "known-hosts-changed", "known_hosts → hosts"),
        ("credential: deploy_key", "credential: fresh", "new-credential", "fresh as credential of SSH"),
        (
            "credential: deploy_key",
            "credential: git_token",
            "credential-changed",
            "git_token; before it was deploy_key",
        ),
        (", credential: git_token", "", "credential-removed", "it was git_token"),
        (
            "nginx:\n",
            "cleanup: {drain: 5s, grace: 1s}\nnginx:\n",
            "shortened",
            "drain the old colour shortened: 1m → 5s",
        ),
        ("nginx:\n", "timeouts: {deploy: 5m}\nnginx:\n", "shortened", "30m → 5m"),
        ("nginx:\n", "tool: {from: container, image: x/y:1}\nnginx:\n", "agent-changed", "set: x/y:1"),
        ("  name: shop\n", "  name: shop\n  volumes: ['/:/host']\n", "volume-added", "/:/host"),
        ("  name: shop\n", "  name: shop\n  memory: 64m\n", "shortened", "none → 64m"),
        ("make dist", "make all", "command-changed", "make dist → make all"),
        ("shop.git", "other.git", "source-changed", "other.git"),
    ],
)
def test_alerts(old: str, new: str, code: str, words: str):
    assert old in SPEC
    after = pipeline(SPEC.replace(old, new))
    assert [alert.code for alert in spec_alerts(pipeline(), after) if words in str(alert.sentence)] == [code]


@pytest.mark.parametrize(
    ("after", "code", "words"),
    [
        ("bake: 1m\nguard: {}\n", "shortened", "10m → 1m"),
        ("bake: 10m\n", "guard-weakened", "the guard is gone"),
        ("bake: 10m\nguard: {errors: 2.5}\n", "guard-weakened", "2 → 2.5"),
        ("bake: 10m\nguard: {window: 10s}\n", "guard-weakened", "5s → 10s"),
    ],
)
def test_a_weaker_guard_is_an_alert(after: str, code: str, words: str):
    before = pipeline(SPEC + "bake: 10m\nguard: {}\n")
    (alert,) = spec_alerts(before, pipeline(SPEC + after))
    assert alert.code == code
    assert words in str(alert.sentence)
    assert spec_alerts(pipeline(), before) == []


CANARY = """strategy: canary
guard: {}
canary:
  approval: true
  steps:
    - {percent: 5, hold: 2m, approval: true}
    - {percent: 25, hold: 5m}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (CANARY, "guard: {}\nbake: 5s\n", "all traffic moves at one moment"),
        ("  approval: true\n", "", "before all traffic moves"),
        ("hold: 2m, approval: true", "hold: 2m", "before the step 5 %"),
        ("    - {percent: 25, hold: 5m}\n", "", "removed: 25 %"),
        ("hold: 5m", "hold: 1m", "5m → 1m"),
        ("  approval: true\n", "  approval: true\n  unjudged: continue\n", "nobody could judge is no longer refused"),
    ],
)
def test_a_weaker_canary_is_an_alert(old: str, new: str, words: str):
    before, after = pipeline(SPEC + CANARY), pipeline(SPEC + CANARY.replace(old, new))
    found = [alert for alert in spec_alerts(before, after) if alert.code == "canary-weakened"]
    assert [words in str(alert.sentence) for alert in found] == [True]
    assert [alert.code for alert in spec_alerts(after, before) if alert.code == "canary-weakened"] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{path: /health, successes: 2}", "{path: /health, successes: 5}"),
        ("{path: /health, successes: 3}", "{path: /health, interval: 2s}"),
    ],
)
def test_a_stronger_gate_is_no_alert(old: str, new: str):
    before, after = (pipeline(SPEC.replace("{path: /health}", health)) for health in (old, new))
    assert spec_changes(before, after)
    assert spec_alerts(before, after) == []
