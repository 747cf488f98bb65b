"""The offline linter against the recorded answers of Jenkins 2.504.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from counted import few_calls

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.findings import Severity
from jenkinsgen.jenkinsfile.lint.linter import lint
from jenkinsgen.jenkinsfile.lint.verdict import verdict

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue

# For the fifty longest ordinary files.
MOST_CALLS = 10_000_000

# Warnings about style and risk, that say nothing on whether a run would fail.
_RISKS = {
    "concurrent-deploy",
    "restartable-deploy",
    "root-timeout-kills-post",
    "interpolated-shell",
    "parameter-in-shell",
    "secret-in-argv",
    "lock-while-waiting",
    "when-after-input",
}
# What they name could be of a plugin that the catalogue does not have.
_PERHAPS_OF_ANOTHER_PLUGIN = {
    "when-unknown-condition",
    "parameter-unknown-type",
    "input-bad-parameter",
    "trigger-unknown",
    "option-typo",
}
# A run of these shows what no reading of the text can: credentials, agents, jobs and libraries that the
# controller lacks, and a shell's own syntax.
_OUT_OF_REACH = {
    "wrong-missing-credential",
    "wrong-missing-credential-environment",
    "wrong-label-without-node",
    "wrong-script-syntax-of-shell",
    "wrong-build-missing-job",
    "libraries-unknown",
}


@pytest.mark.slow
def test_the_verdict_is_that_of_the_server(corpus: list[dict[str, Any]], measured: Catalogue, figures: list[str]):
    judged = [(each, verdict(each["jenkinsfile"], measured)) for each in corpus]
    different = [each["name"] for each, mine in judged if mine.accepted != each["ok"]]
    figures.append(f"verdict: {len(corpus)} files, {len(corpus) - len(different)} the same")
    assert different == []


def test_the_line_is_that_of_the_server(corpus: list[dict[str, Any]], measured: Catalogue, figures: list[str]):
    refused = [each for each in corpus if each.get("errors")]
    errors = same = first = 0
    for each in refused:
        mine = verdict(each["jenkinsfile"], measured).problems
        lines = {problem.line for problem in mine}
        first += mine[0].line == each["errors"][0][0]
        errors += len(each["errors"])
        same += sum(line in lines for line, _ in each["errors"])
    figures.append(
        f"line: {len(refused)} refused files with a line, {first} with the same first one;"
        f" {errors} errors, {same} on the same line"
    )
    assert first >= 0.9 * len(refused)
    assert same >= 0.9 * errors


def test_the_message_is_worded_after_the_server(corpus: list[dict[str, Any]], measured: Catalogue):
    """Not its lists of names, nor its quotes: what a person would search the web for."""
    alike = total = 0
    for each in corpus:
        if not each.get("errors"):
            continue
        mine = {_key(problem.message) for problem in verdict(each["jenkinsfile"], measured).problems}
        alike += sum(_key(message) in mine for _, message in each["errors"])
        total += len(each["errors"])
    assert alike >= 0.9 * total


def _key(message: str) -> str:
    plain = message.replace("\u2018", "'").replace("\u2019", "'").lstrip("(")
    return plain.splitlines()[0][:40]


def test_rules_catch_what_fails_at_run_time(corpus: list[dict[str, Any]], measured: Catalogue, figures: list[str]):
    wrong = [each for each in corpus if "why" in each]
    missed = {
        each["name"] for each in wrong if not {found.rule for found in lint(each["jenkinsfile"], measured)} - _RISKS
    }
    figures.append(f"accepted by the server, failed when run: {len(wrong)} files, {len(wrong) - len(missed)} caught")
    assert missed == _OUT_OF_REACH


@pytest.mark.slow
def test_rules_say_nothing_wrong_of_good_files(corpus: list[dict[str, Any]], measured: Catalogue):
    said = {
        each["name"]: sorted({found.rule for found in lint(each["jenkinsfile"], measured)} - _RISKS)
        for each in corpus
        if each["ok"] and "why" not in each
    }
    assert {name: rules for name, rules in said.items() if rules} == {
        # Both are true: the first shows the error at run time of two-pipeline-blocks in a harmless form.
        "two-pipeline-blocks-one-empty": ["second-pipeline"],
        "stage-name-curly-quotes": ["stage-name-unquoted"],
        **{name: rules for name, rules in said.items() if rules == ["sh-without-node"]},
    }


@pytest.mark.slow
def test_without_a_controller_every_known_plugin_counts_as_installed(corpus: list[dict[str, Any]]):
    different = {each["name"] for each in corpus if verdict(each["jenkinsfile"], catalogue()).accepted != each["ok"]}
    assert different == {
        "agent-unknown-type",  # kubernetes
        "option-unknown",  # ansiColor
        "tools-maven-jdk",  # which tools are installed nobody knows
        "tools-unknown-installation",
        "tools-unknown-type",  # nodejs
        *_PERHAPS_OF_ANOTHER_PLUGIN,
    }


def test_a_name_that_no_known_plugin_has_is_a_warning_until_a_controller_proves_it(
    corpus: list[dict[str, Any]], measured: Catalogue
):
    """Here it is proven: these are errors with the controller's list, as they are on the server."""
    for each in corpus:
        if each["name"] in _PERHAPS_OF_ANOTHER_PLUGIN:
            said = {(found.rule, found.severity) for found in lint(each["jenkinsfile"], catalogue())}
            assert ("unknown-step", Severity.WARNING) in said, each["name"]
            assert not verdict(each["jenkinsfile"], measured).accepted


@pytest.mark.slow
def test_fifty_files_are_little_work(corpus: list[dict[str, Any]], figures: list[str]):
    texts = [each["jenkinsfile"] for each in sorted(corpus, key=lambda each: -len(each["jenkinsfile"]))[6:56]]
    with few_calls(MOST_CALLS) as made:
        for text in texts:
            lint(text, catalogue())
    figures.append(f"the 50 longest ordinary files: {made[0]} calls of functions")
