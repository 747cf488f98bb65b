"""The fake Jenkins, and job_key, take for one job what the measured Jenkins does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from fake_jenkins import TOKEN, USER, FakeJenkins

from jenkinsgen.edge.jenkins.server import job_path
from jenkinsgen.spec.job_names import job_key

CASES = json.loads((Path(__file__).parents[2] / "data" / "jenkins" / "names.json").read_text())["cases"]
JOB = b"<flow-definition/>"


def create(fake: FakeJenkins, name: str, config: bytes = JOB) -> int:
    folder, _, short = name.rpartition("/")
    url = f"{fake.url}/{job_path(folder)}createItem"
    headers = {"Content-Type": "text/xml"}
    return requests.post(
        url, params={"name": short}, data=config, headers=headers, auth=(USER, TOKEN), timeout=5
    ).status_code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["names"][1])
def test_the_fake_takes_for_one_job_what_was_measured(case: dict[str, object]):
    first, second = case["names"]
    with FakeJenkins() as fake:
        create(fake, "case", b"<com.cloudbees.hudson.plugins.folder.Folder/>")
        assert create(fake, first) == 200
        found = requests.get(f"{fake.url}/{job_path(second)}config.xml", auth=(USER, TOKEN), timeout=5).status_code

        assert found == (200 if case["one_job"] else 404)
        assert create(fake, second) == (400 if case["one_job"] else 200)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["names"][1])
def test_job_key_is_the_same_for_what_was_measured_as_one_job(case: dict[str, object]):
    first, second = case["names"]

    assert (job_key(first) == job_key(second)) is case["one_job"]


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("Team/shop", "team/shop", True),
        ("Team", "TEAM", True),
        ("Team/Shop", "team/shop", False),
        ("Straße", "STRASSE", False),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("I\u0131\u0130i", "iiii", True),
    ],
)
def test_names_without_case_are_compared_character_by_character(first: str, second: str, one: bool):
    assert (job_key(first) == job_key(second)) is one
