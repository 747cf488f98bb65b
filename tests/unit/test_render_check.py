"""`render --check`: every way in which a Jenkinsfile can be wrong, its mending, and the forms for other programs."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from checkout import SPEC, Checkout, spec_of

from jenkinsgen._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

SHOP, SHOP_YAML = "pipelines/shop.Jenkinsfile", "pipelines/shop.yaml"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository with one fresh Jenkinsfile."""
    made = Checkout(tmp_path)
    made.write(SHOP_YAML, SPEC)
    assert made.jenkinsgen("render").returncode == 0
    return made


def found(checkout: Checkout, *words: str) -> list[dict[str, Any]]:
    ended = checkout.jenkinsgen("render", "--check", "--format", "json", *words)
    result: list[dict[str, Any]] = json.loads(ended.stdout)
    assert ended.returncode == (1 if result else 0)
    return result


def test_a_fresh_file_is_fine_and_nothing_is_on_stdout(checkout: Checkout):
    ended = checkout.jenkinsgen("render", "--check")
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr == "1 checked: each is what its spec renders\n"


def spec_changed(checkout: Checkout) -> None:
    checkout.change(SHOP_YAML, "command: make", "command: make all")


def template_changed(checkout: Checkout) -> None:
    checkout.write("pipelines/team.j2", '{% extends "Jenkinsfile.j2" %}')
    checkout.write(SHOP_YAML, f"{SPEC}template: team.j2\n")
    checkout.jenkinsgen("render")
    checkout.write("pipelines/team.j2", '{% extends "Jenkinsfile.j2" %}\n')


def base_changed(checkout: Checkout) -> None:
    checkout.write("pipelines/_base.yaml", SPEC.replace("job: {name: shop}\n", ""))
    checkout.write(SHOP_YAML, "extends: _base.yaml\njob: {name: shop}\n")
    checkout.jenkinsgen("render")
    checkout.change("pipelines/_base.yaml", "command: make", "command: make all")


def edited(checkout: Checkout) -> None:
    checkout.change(SHOP, "agent any", "agent none")


def older_version(checkout: Checkout) -> None:
    checkout.change(SHOP, f"jenkinsgen {__version__} ", "jenkinsgen 0.0.1 ")


def newer_version(checkout: Checkout) -> None:
    checkout.change(SHOP, f"jenkinsgen {__version__} ", "jenkinsgen 99.0.0 ")


def missing(checkout: Checkout) -> None:
    (checkout.folder / SHOP).unlink()


def left_over(checkout: Checkout) -> None:
    checkout.git("mv", "-f", SHOP_YAML, "pipelines/store.yaml", check=False)
    (checkout.folder / SHOP_YAML).rename(checkout.folder / "pipelines/store.yaml")
    checkout.jenkinsgen("render")


@pytest.mark.parametrize(
    ("spoil", "verdict", "path", "command"),
    [
        (spec_changed, "stale", SHOP, ["jenkinsgen", "render", SHOP_YAML]),
        (template_changed, "stale", SHOP, ["jenkinsgen", "render", SHOP_YAML]),
        (base_changed, "stale", SHOP, ["jenkinsgen", "render", SHOP_YAML]),
        (edited, "edited", SHOP, ["jenkinsgen", "render", SHOP_YAML]),
        (older_version, "other-version", SHOP, ["jenkinsgen", "render", SHOP_YAML]),
        (newer_version, "other-version", SHOP, ["pip", "install", "jenkinsgen==99.0.0"]),
        (missing, "missing", SHOP_YAML, ["jenkinsgen", "render", SHOP_YAML]),
        (left_over, "left-over", SHOP, ["rm", SHOP]),
    ],
)
def test_what_is_wrong_is_named_with_the_command_that_mends_it(
    checkout: Checkout, spoil: Any, verdict: str, path: str, command: list[str]
):
    spoil(checkout)

    (finding,) = found(checkout)
    assert (finding["verdict"], finding["path"], finding["command"]) == (verdict, path, command)
    ended = checkout.jenkinsgen("render", "--check")
    assert ended.stdout.startswith(f"{verdict} ")
    assert f"{path}:{finding['line']}:1: {finding['reason']}\n" in ended.stdout
    assert ended.stderr == f"error: 1 Jenkinsfile is not what its spec renders\nhint: run: {shlex.join(command)}\n"


@pytest.mark.parametrize(
    "spoil", [spec_changed, template_changed, base_changed, edited, older_version, missing, left_over]
)
def test_the_command_mends_it(checkout: Checkout, spoil: Any):
    spoil(checkout)
    (finding,) = found(checkout)
    program, *words = finding["command"]

    if program == "rm":
        (checkout.folder / words[0]).unlink()
    else:
        checkout.jenkinsgen(*words)

    assert found(checkout) == []


def test_many_are_mended_by_one_command(checkout: Checkout):
    for number, name in enumerate(("other", "newer", "gone"), start=1):
        checkout.write(f"pipelines/{name}.yaml", spec_of(name, number))
    checkout.jenkinsgen("render")
    checkout.change("pipelines/newer.Jenkinsfile", f"jenkinsgen {__version__} ", "jenkinsgen 99.0.0 ")
    (checkout.folder / "pipelines/gone.yaml").unlink()
    (checkout.folder / "pipelines/other.Jenkinsfile").unlink()
    spec_changed(checkout)

    ended = checkout.jenkinsgen("render", "--check")

    first, second = ended.stderr.splitlines()
    assert first == "error: 4 Jenkinsfiles are not what their specs render"
    assert second == (
        "hint: run: pip install jenkinsgen==99.0.0 && jenkinsgen render pipelines/other.yaml pipelines/shop.yaml"
        " && rm pipelines/gone.Jenkinsfile"
    )


def test_a_file_of_somebody_else_is_not_left_over(checkout: Checkout):
    checkout.write("pipelines/by-hand.Jenkinsfile", "pipeline { agent any }\n")
    assert found(checkout) == []


def test_only_a_folder_is_searched_for_what_is_left_over(checkout: Checkout):
    left_over(checkout)
    assert found(checkout, "pipelines/store.yaml") == []


def test_a_spec_that_cannot_be_rendered_does_not_hide_the_others(checkout: Checkout):
    checkout.write("pipelines/bad.yaml", SPEC.replace("command: make", "command: [make]"))
    spec_changed(checkout)

    ended = checkout.jenkinsgen("render", "--check")

    assert ended.returncode == 3
    assert re.findall(r"^(\S+) +(\S+) ", ended.stdout, re.MULTILINE) == [
        ("broken", "pipelines/bad.yaml:3:18:"),
        ("stale", f"{SHOP}:23:1:"),
    ]
    assert "pipelines/bad.yaml: cannot be rendered" in ended.stderr


def test_the_difference_is_one_that_patch_applies(checkout: Checkout):
    spec_changed(checkout)
    fresh = checkout.jenkinsgen("render", "--check", "--diff").stdout.partition("\n")[2]
    checkout.write("change.diff", fresh)
    before = checkout.read(SHOP)
    checkout.git("apply", "change.diff")
    assert checkout.read(SHOP) != before
    assert found(checkout) == []


def test_a_difference_at_the_end_of_a_file_without_newline(checkout: Checkout):
    checkout.write(SHOP, checkout.read(SHOP).removesuffix("\n"))
    diff = checkout.jenkinsgen("render", "--check", "--diff").stdout.partition("\n")[2]
    assert diff.endswith("-}\n\\ No newline at end of file\n+}\n")


@pytest.mark.parametrize(
    "words",
    [["--diff"], ["--format", "json"], ["--check", "--diff", "--format", "github"], ["--check", "--format", "x"]],
)
def test_options_that_make_no_sense_are_refused(checkout: Checkout, words: list[str]):
    assert checkout.jenkinsgen("render", *words).returncode == 2


def test_a_check_writes_nothing(checkout: Checkout):
    spec_changed(checkout)
    before = {path: path.stat().st_mtime_ns for path in checkout.folder.rglob("*")}
    checkout.jenkinsgen("render", "--check", "--diff")
    assert {path: path.stat().st_mtime_ns for path in checkout.folder.rglob("*")} == before


def test_github_gets_a_command_with_nothing_unescaped(checkout: Checkout):
    checkout.write("pipelines/50%, a.yaml", "job:\n  name: 'a%0Ab'\n  'x\r\n::warning::y': 1\n")

    lines = checkout.jenkinsgen("render", "--check", "--format", "github").stdout.splitlines()

    assert lines
    for line in lines:
        match = re.fullmatch(r"::error file=([^:,]+),line=([0-9]+),col=([0-9]+),title=([^:,]+)::(.*)", line)
        assert match, line
        assert match[1] == "pipelines/50%25%2C a.yaml"
        assert match[4] == "jenkinsgen-render/broken"


def test_gitlab_gets_a_code_quality_report(checkout: Checkout):
    edited(checkout)
    (entry,) = json.loads(checkout.jenkinsgen("render", "--check", "--format", "gitlab").stdout)
    again = json.loads(checkout.jenkinsgen("render", "--check", "--format", "gitlab").stdout)[0]

    assert entry["location"] == {"path": SHOP, "lines": {"begin": 5}}
    assert entry["check_name"] == "jenkinsgen-render/edited"
    assert entry["severity"] == "major"
    reason = "it was changed by hand after it was rendered, and rendering takes that back"
    assert entry["description"] == f"{reason}; run: jenkinsgen render {SHOP_YAML}"
    assert re.fullmatch(r"[0-9a-f]{64}", entry["fingerprint"])
    assert entry == again


@pytest.mark.parametrize("form", ["json", "gitlab"])
def test_a_report_without_findings_is_an_empty_list(checkout: Checkout, form: str):
    assert checkout.jenkinsgen("render", "--check", "--format", form).stdout == "[]\n"


@pytest.mark.parametrize("words", [["render"], ["render", "--check"]])
def test_two_specs_of_one_jenkinsfile_are_refused(checkout: Checkout, words: list[str]):
    checkout.write("pipelines/shop.yml", SPEC)
    ended = checkout.jenkinsgen(*words)
    assert ended.returncode == 3
    assert f"pipelines/shop.yml: {SHOP_YAML} makes {SHOP}, too" in ended.stderr


ROLLBACK = "pipelines/shop.rollback.Jenkinsfile"
WITH_ROLLBACK = SPEC.replace("job: {name: shop}", "job: {name: shop, rollback: shop-rollback}")


@pytest.fixture
def with_rollback(checkout: Checkout) -> Checkout:
    """The same with a fresh Jenkinsfile of the rollback."""
    checkout.write(SHOP_YAML, WITH_ROLLBACK)
    ended = checkout.jenkinsgen("render")
    assert (ended.returncode, ended.stdout) == (0, f"changed   {SHOP}\ncreated   {ROLLBACK}\n")
    assert found(checkout) == []
    return checkout


def rollback_edited(checkout: Checkout) -> None:
    checkout.change(ROLLBACK, "agent any", "agent none")


def rollback_missing(checkout: Checkout) -> None:
    (checkout.folder / ROLLBACK).unlink()


def rollback_not_asked_for(checkout: Checkout) -> None:
    checkout.write(SHOP_YAML, SPEC)
    checkout.jenkinsgen("render")


@pytest.mark.parametrize(
    ("spoil", "verdict", "path", "reason"),
    [
        (
            rollback_edited,
            "edited",
            ROLLBACK,
            "it was changed by hand after it was rendered, and rendering takes that back",
        ),
        (rollback_missing, "missing", SHOP_YAML, f"{ROLLBACK} was not rendered yet"),
        (
            rollback_not_asked_for,
            "left-over",
            ROLLBACK,
            f"{SHOP_YAML}, which it was rendered from, does not ask for it any more",
        ),
    ],
)
def test_the_file_of_a_rollback_is_checked_like_any_other(
    with_rollback: Checkout, spoil: Any, verdict: str, path: str, reason: str
):
    spoil(with_rollback)

    (finding,) = found(with_rollback)

    assert (finding["verdict"], finding["path"], finding["reason"]) == (verdict, path, reason)
    mend = ["rm", ROLLBACK] if verdict == "left-over" else ["jenkinsgen", "render", SHOP_YAML]
    assert finding["command"] == mend


def test_a_change_that_no_rollback_depends_on_leaves_its_file_fresh(with_rollback: Checkout):
    spec_changed(with_rollback)
    assert [finding["path"] for finding in found(with_rollback)] == [SHOP]


def test_nothing_of_a_broken_spec_is_left_over(with_rollback: Checkout):
    with_rollback.write(SHOP_YAML, "job: {}\n")
    lines = with_rollback.jenkinsgen("render", "--check").stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"broken"}


@pytest.mark.parametrize("words", [["render"], ["render", "--check"]])
def test_another_spec_cannot_make_the_file_of_a_rollback(with_rollback: Checkout, words: list[str]):
    with_rollback.write("pipelines/shop.rollback.yaml", spec_of("other"))
    ended = with_rollback.jenkinsgen(*words)
    assert ended.returncode == 3
    said = "job.rollback: pipelines/shop.rollback.yaml makes pipelines/shop.rollback.Jenkinsfile, too"
    assert said in ended.stdout + ended.stderr
    assert f"{SHOP_YAML}:1:29: " in ended.stdout + ended.stderr


def test_without_the_key_a_spec_may_be_called_like_that(checkout: Checkout):
    checkout.write("pipelines/shop.rollback.yaml", spec_of("other"))
    checkout.jenkinsgen("render")
    assert found(checkout) == []
    assert "jenkinsgen deploy-colour pipelines/shop.rollback.yaml" in checkout.read(ROLLBACK)
