"""What plugins bring is known by where it may stand; a name that nobody knows may be of a plugin that nobody knows."""

from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue, Controller, catalogue
from jenkinsgen.jenkinsfile.lint.findings import Finding, Severity
from jenkinsgen.jenkinsfile.lint.linter import lint


def in_stage(content: str, root: str = "") -> str:
    return f"pipeline {{\nagent any\n{root}\nstages {{\nstage('A') {{\n{content}\n}}\n}}\n}}\n"


def steps(content: str) -> str:
    return in_stage(f"steps {{\n{content}\n}}")


def said(text: str, known: Catalogue | None = None) -> list[Finding]:
    found = lint(text, known or catalogue())
    return [each for each in found if each.rule == "unknown-step" or each.severity is Severity.ERROR]


EXTENSIONS = """
authorInChangelog() buildSingleRevisionOnly() changelogToBranch(x) checkoutOption(30) cleanAfterCheckout()
cleanBeforeCheckout(deleteUntrackedNestedRepositories:true) cloneOption(shallow:true) firstBuildChangelog() lfs()
localBranch() localBranch('**') perBuildTag() pruneStaleBranch() pruneTags(true) sparseCheckout([]) submodule()
userIdentity(name:'a')
"""


@pytest.mark.parametrize("extension", EXTENSIONS.split())
def test_what_the_snippet_generator_writes_for_git_is_known(extension: str):
    scm = f"scmGit(branches: [[name: 'main']], extensions: [{extension}])"
    assert said(steps(f"checkout {scm}")) == []
    assert said(steps(f"checkout(scm: {scm}, poll: false)")) == []
    assert said(steps(f"script {{ def each = [{extension}]\ncheckout scm }}")) == []


@pytest.mark.parametrize(
    "code",
    [
        "configFileProvider([configFile(fileId: 'maven', variable: 'SETTINGS')]) { sh 'x' }",
        "recordIssues(tools: [java(), javaDoc(), checkStyle(pattern: 'x'), spotBugs(), pmdParser(), cpd(), esLint()])",
        "recordIssues tool: analysisParser(analysisModelId: 'x'), filters: [excludeFile('y')]",
        "scanForIssues tool: mavenConsole()",
        "xvnc(takeScreenshot: true) { sh 'x' }",
        "wrap([$class: 'Xvnc']) { sh 'x' }",
        "gitStatusWrapper(credentialsId: 'a', description: 'b') { sh 'x' }",
        "emailext body: 'x', subject: 'y', recipientProviders: [culprits(), requestor(), developers()]",
        "copyArtifacts projectName: 'x', selector: lastSuccessful()",
        "retry(count: 2, conditions: [kubernetesAgent(), nonresumable()]) { sh 'x' }",
        "step(aBuilderThatNobodyKnows(deep: [more()]))",
    ],
)
def test_what_everyday_plugins_bring_is_no_unknown_step(code: str):
    assert said(steps(code)) == []


def test_a_value_that_stands_where_a_step_does_is_told():
    (found,) = said(steps("cloneOption(shallow: true)"))
    assert found.message == "cloneOption is no step"
    assert "scmGit(extensions: [cloneOption(…)])" in (found.hint or "")


def test_a_misspelled_value_is_told_with_what_it_may_mean():
    (found,) = said(steps("checkout scmGit(extensions: [cloneOptions(shallow: true)])"))
    assert found.message == "no known plugin provides cloneOptions"
    assert "did you mean cloneOption?" in (found.hint or "")
    assert "unless a plugin of your server has it" in (found.hint or "")


def test_a_method_that_nobody_defined_is_told_in_the_arguments_of_a_step_that_takes_text():
    assert [each.message for each in said(steps("sh(script: buildCommand('x'))"))] == [
        "no known plugin provides buildCommand"
    ]


OPEN = {
    "triggers": ("trigger", in_stage("steps { sh 'x' }", "triggers { weNeverHeardOfIt(a: 1) }")),
    "parameters": ("parameter", in_stage("steps { sh 'x' }", "parameters { weNeverHeardOfIt(name: 'a') }")),
    "options": ("option", in_stage("steps { sh 'x' }", "options { weNeverHeardOfIt() }")),
    "stageOptions": ("option", in_stage("options { weNeverHeardOfIt() }\nsteps { sh 'x' }")),
    "tools": ("tool", in_stage("tools { weNeverHeardOfIt 'x' }\nsteps { sh 'x' }")),
    "agents": ("agent", in_stage("agent { weNeverHeardOfIt { a 'x' } }\nsteps { sh 'x' }")),
    "conditions": ("condition", in_stage("when { weNeverHeardOfIt 'x' }\nsteps { sh 'x' }")),
}


@pytest.mark.parametrize("section", OPEN)
def test_an_unknown_name_of_an_open_set_is_a_warning(section: str):
    one, text = OPEN[section]
    (found,) = said(text)
    assert (found.rule, found.severity) == ("unknown-step", Severity.WARNING)
    assert found.message == f"no known plugin provides the {one} weNeverHeardOfIt"
    assert "--controller" in (found.hint or "")


@pytest.mark.parametrize("section", OPEN)
def test_a_controller_that_lacks_it_makes_it_an_error(section: str):
    _, text = OPEN[section]
    others = {"agents": {"any", "none"}}.get(section, {"other"})
    (found,) = said(text, catalogue(Controller({section: frozenset(others)})))
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize("section", OPEN)
def test_a_controller_that_lists_it_takes_the_warning_away_too(section: str):
    _, text = OPEN[section]
    assert said(text, catalogue(Controller({section: frozenset({"weNeverHeardOfIt", "any", "none"})}))) == []


@pytest.mark.parametrize("trigger", ["githubBranches(a: 1)", "BitbucketWebhookTriggerImpl(a: 1)"])
def test_triggers_of_everyday_plugins_are_known(trigger: str):
    assert said(in_stage("steps { sh 'x' }", f"triggers {{ {trigger} }}")) == []


def test_the_tool_custom_is_known():
    assert said(in_stage("tools { custom 'x' }\nsteps { sh 'x' }")) == []


@pytest.mark.parametrize(
    "root", ["options { echo 'x' }", "triggers { timestamps() }", "parameters { cron('@daily') }", "tools { sh 'x' }"]
)
def test_what_is_known_as_something_else_is_an_error(root: str):
    (found,) = said(in_stage("steps { sh 'x' }", root))
    assert found.severity is Severity.ERROR
    assert found.message.startswith("Invalid ")


def test_an_option_of_the_pipeline_is_an_error_in_a_stage():
    (found,) = said(in_stage("options { disableConcurrentBuilds() }\nsteps { sh 'x' }"))
    assert found.severity is Severity.ERROR


def test_a_controller_that_lists_its_symbols_proves_that_there_is_no_other():
    known = catalogue(Controller({"steps": frozenset({"step", "sh"}), "symbols": frozenset({"logRotator"})}))
    assert [each.message for each in said(steps("step(aBuilderThatNobodyKnows())"), known)] == [
        "no known plugin provides aBuilderThatNobodyKnows"
    ]
