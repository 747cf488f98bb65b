"""Why a Jenkinsfile is not what its spec renders: decided from two texts."""

from __future__ import annotations

import pytest

from jenkinsgen._version import __version__
from jenkinsgen.jenkinsfile.render.freshness import Header, Staleness, Verdict, body_of, compare, parse_header
from jenkinsgen.jenkinsfile.render.jenkinsfile import digest, header

BODY = "pipeline {\n    agent any\n}\n"
FRESH = header("pipelines/shop.yaml", "0123456789abcdef", BODY) + BODY


def rendered(
    *, version: str = __version__, spec: str = "shop", inputs: str = "0123456789abcdef", body: str = BODY
) -> str:
    return header(f"pipelines/{spec}.yaml", inputs, body).replace(__version__, version, 1) + body


def test_the_header_that_is_written_is_the_one_that_is_read():
    assert parse_header(FRESH) == Header(__version__, "pipelines/shop.yaml", "0123456789abcdef", digest(BODY))
    assert body_of(FRESH) == BODY


@pytest.mark.parametrize("text", ["", BODY, f"\n{FRESH}", FRESH.replace("// inputs", "// input")])
def test_any_other_text_has_no_header(text: str):
    assert parse_header(text) is None
    assert body_of(text) == text


def test_the_same_text_is_fresh():
    assert compare(FRESH, FRESH) is None


@pytest.mark.parametrize(
    ("actual", "verdict", "line", "reason"),
    [
        (rendered(inputs="f" * 16), Verdict.STALE, 3, "the spec or a template changed"),
        (
            rendered(inputs="f" * 16, body=BODY.replace("any", "none")),
            Verdict.STALE,
            5,
            "the spec or a template changed",
        ),
        (rendered(spec="old"), Verdict.STALE, 1, "rendered from pipelines/old.yaml"),
        (FRESH.replace("any", "none"), Verdict.EDITED, 5, "changed by hand"),
        (FRESH.replace("any", "none").replace("0123", "ffff"), Verdict.EDITED, 5, "changed by hand"),
        (FRESH + "// more\n", Verdict.EDITED, 7, "changed by hand"),
        (FRESH.removesuffix("}\n"), Verdict.EDITED, 5, "changed by hand"),
        (FRESH.replace("edit that one", "never mind"), Verdict.EDITED, 1, "first lines"),
        (FRESH.replace("\n", "\r\n"), Verdict.EDITED, 1, "CRLF"),
        (BODY, Verdict.EDITED, 1, "does not begin with the lines"),
        ("", Verdict.EDITED, 1, "does not begin with the lines"),
        (FRESH.replace("// inputs", "<<<<<<< ours\n// inputs", 1), Verdict.EDITED, 1, "a merge that was not finished"),
        (rendered(version="0.0.1"), Verdict.OTHER_VERSION, 1, "0.0.1 wrote it"),
        (rendered(version="0.0.1", inputs="f" * 16), Verdict.OTHER_VERSION, 1, "0.0.1 wrote it"),
        (rendered(body=BODY.replace("any", "none")), Verdict.OTHER_VERSION, 5, "another build"),
    ],
)
def test_each_cause_is_told_apart(actual: str, verdict: Verdict, line: int, reason: str):
    found = compare(actual, FRESH)

    assert found is not None
    assert (found.verdict, found.newer) == (verdict, None)
    assert reason in found.reason
    assert found.line == line


def test_a_newer_version_is_to_be_installed_and_not_undone():
    assert compare(rendered(version="99.10.0"), FRESH) == Staleness(
        Verdict.OTHER_VERSION, f"jenkinsgen 99.10.0 wrote it, and this is {__version__}", 1, "99.10.0"
    )
