from __future__ import annotations

import json

from jenkinsgen.jenkinsfile.lint.findings import Finding, Severity
from jenkinsgen.jenkinsfile.lint.formats import Located, as_github, as_gitlab, as_json, as_text

ERROR = Located("a,b/Jenkinsfile", Finding(3, 5, "some-rule", Severity.ERROR, "100 % wrong:\nreally", "mend it"))
WARNING = Located("p", Finding(1, 1, "other", Severity.WARNING, "hm"), "pipelines/shop.yaml:12")


def test_text():
    assert as_text([ERROR, WARNING]) == (
        "a,b/Jenkinsfile:3:5: error some-rule: 100 % wrong:\n    really\n    hint: mend it\n"
        "p:1:1: warning other: hm\n    from pipelines/shop.yaml:12\n"
    )


def test_github_escapes_what_its_syntax_needs():
    assert as_github([ERROR]) == (
        "::error file=a%2Cb/Jenkinsfile,line=3,col=5,title=some-rule::100 %25 wrong:%0Areally%0Ahint: mend it\n"
    )


def test_json_says_everything():
    (data,) = json.loads(as_json([WARNING]))
    assert data["source"] == "pipelines/shop.yaml:12"
    assert (data["line"], data["rule"], data["severity"]) == (1, "other", "warning")


def test_gitlab_gives_twins_different_fingerprints_that_survive_a_moved_line():
    moved = Located("p", Finding(9, 1, "other", Severity.WARNING, "hm"))
    first, second = json.loads(as_gitlab([WARNING, WARNING]))
    (alone,) = json.loads(as_gitlab([moved]))
    assert first["fingerprint"] != second["fingerprint"]
    assert alone["fingerprint"] == first["fingerprint"]
    assert first["location"] == {"path": "p", "lines": {"begin": 1}}


def test_no_findings_are_valid_documents():
    assert json.loads(as_json([])) == json.loads(as_gitlab([])) == []
    assert as_text([]) == as_github([]) == ""
