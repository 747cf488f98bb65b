"""The fake reads, saves and builds the 84 recorded configurations exactly as Jenkins did."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fake_jenkins.building import after_build
from fake_jenkins.identity import NotXml, decoded, transformed
from fake_jenkins.xstream import has_old_triggers, parsed, understood

CASES: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "data" / "jenkins" / "configurations.json").read_text()
)["cases"]
REFUSED = "description-control-reference-xml10"
ANSWERED = sorted(set(CASES) - {REFUSED})
# The Jenkinsfiles of these jobs are in git, and were not recorded.
BUILT = [case for case in ANSWERED if "built" in CASES[case] and "<script>" in CASES[case]["resaved"]]


def read(case: str) -> str:
    text = transformed(decoded(CASES[case]["posted"].encode()))
    return understood(text) if has_old_triggers(text) else text


@pytest.mark.parametrize("case", ANSWERED)
def test_read(case: str):
    assert read(case) == CASES[case]["read"]


@pytest.mark.parametrize("case", ANSWERED)
def test_saved(case: str):
    saved, recorded = understood(read(case)), CASES[case]["resaved"]
    if case == "multibranch-minimal-no-id":
        # A random id at each save.
        saved, recorded = (re.sub("<id>.*</id>", "<id/>", text) for text in (saved, recorded))

    assert saved == recorded


@pytest.mark.parametrize("case", BUILT)
def test_built(case: str):
    script = parsed(read(case)).findtext("definition/script") or ""

    assert after_build(read(case), script) == CASES[case]["built"]


def test_most_builds_were_compared():
    assert len(BUILT) == 27


def test_refused():
    with pytest.raises(NotXml):
        transformed(decoded(CASES[REFUSED]["posted"].encode()))
