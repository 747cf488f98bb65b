# ruff: noqa: E501 - a case reads best on one line
"""Valid files in the many styles that people write: none may be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.verdict import Verdict, verdict

if TYPE_CHECKING:
    from pathlib import Path


def test_every_style_is_accepted(root: Path):
    paths = sorted((root / "tests/data/lint/valid").iterdir())
    assert len(paths) >= 11
    refused = {path.name: found.problems for path in paths if (found := judge(path.read_bytes().decode())).problems}
    assert refused == {}


def judge(text: str) -> Verdict:
    return verdict(text, catalogue())


def pipeline(stage: str = "steps { echo 'x' }", root: str = "") -> str:
    return f"pipeline {{\nagent any\n{root}\nstages {{\nstage('A') {{\n{stage}\n}}\n}}\n}}\n"


@pytest.mark.parametrize(
    "root",
    [
        "options { lock('x') }",
        "options { lock(resource: 'x', skipIfLocked: true) }",
        "options { throttleJobProperty(categories: ['x'], throttleEnabled: true) }",
        "options { buildDiscarder logRotator(numToKeepStr: '5') ; timestamps() }",
        "options { skipDefaultCheckout() }",
        "options { timeout(time: 1, unit: 'DAYS', activity: true) }",
        "options { withAWS(region: 'eu', credentials: 'c') }",
        "options { office365ConnectorWebhooks([[url: 'x']]) }",
        "triggers { pollSCM('') ; cron('''TZ=Europe/Berlin\nH 4 * * 1-5''') }",
        "triggers { GenericTrigger(genericVariables: [[key: 'a', value: '$.a']], token: 'x') }",
        "triggers { upstream(upstreamProjects: 'a,b', threshold: hudson.model.Result.SUCCESS) }",
        "parameters { gitParameter(name: 'B', type: 'PT_BRANCH', defaultValue: 'main') }",
        "parameters { credentials(name: 'C', credentialType: 'x', defaultValue: '', description: '', required: true) }",
        "parameters { string(name: 'A', defaultValue: \"${env.X}\") }",
        "environment { A = \"${sh(script: 'x', returnStdout: true).trim()}\" }",
        "environment { def A = 'x' }",
        "environment { A = 1\nB = true\nC = f()\nD = x.y()\nE = 'a' + \"b${c}\" }",
        "libraries { lib('a') ; lib 'b@1.0' }",
        "tools { 'hudson.plugins.sonar.SonarRunnerInstallation' 'scanner' }",
        'tools { nodejs "${NODE}" }',
        "post { always { echo 'x' } ; cleanup { deleteDir() } }",
    ],
)
def test_root_sections(root: str):
    assert judge(pipeline(root=root)).problems == ()


@pytest.mark.parametrize(
    "stage",
    [
        "input { message 'x' }\nsteps { echo 'x' }",
        "input { message \"x ${y}\" ; id 'i' ; ok 'o' ; submitter 'a' ; submitterParameter 'S' }\nsteps { echo 'x' }",
        "options { skipDefaultCheckout() ; timeout(5) ; ansiColor('xterm') }\nsteps { echo 'x' }",
        "agent { docker 'alpine' }\nsteps { echo 'x' }",
        "failFast true\nparallel { stage('B') { steps { echo 'x' } } }",
        "stages { stage('B') { stages { stage('C') { steps { echo 'x' } } } } }",
        "when { expression { return true } }\nsteps { echo 'x' }",
        "steps { node { sh 'x' } }",
        "steps { timestamps { sh 'x' } }",
        "steps { milestone() }",
        "steps { customStep { -> x() } }",
        "steps { this.echo 'x' }",
        "environment { A = credentials('x') }\nsteps { echo 'x' }",
    ],
)
def test_stage_sections(stage: str):
    assert judge(pipeline(stage)).problems == ()


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ("steps { if (x) { y() } }", "Expected a step"),
        ("steps { x.y() }", "Method calls on objects"),
        ("steps { script { def a = 1; def a = 2 } }", "already contains a variable"),
        ("steps { script { new JsonSlurper() } }", "unable to resolve class JsonSlurper"),
        ("steps { script { def f() { 1 } } }", "Method definition not expected here"),
        ("steps { parallel branches }", 'Expected one of "steps"'),
        ("steps { sh 'a'\nparallel(a: { b() }) }", 'Invalid step "parallel"'),
        ("steps { sh ${X} }", "cannot be used as a value directly"),
        ("when { branch 'a'; echo 'b' }\nsteps { echo 'x' }", "Unknown conditional echo"),
        ("when { not { branch 'a'; branch 'b' } }\nsteps { echo 'x' }", "requires exactly 1"),
        ("agent { label }\nsteps { echo 'x' }", "Expected an agent"),
        ("agent { docker { args 'x' } }\nsteps { echo 'x' }", "Missing required parameter for agent type"),
        ("steps { timeout(time: '5', unit: 'MINUTES') { echo 'x' } }", 'Expecting "int"'),
        (
            "parallel { stage('B') { matrix { axes { axis { name 'X'; values 'a' } } ; stages { stage('C') { steps { echo 'x' } } } } } }",
            "cannot be nested",
        ),
        (
            "matrix { axes { axis { name 'X'; values 'a', 'a' } } ; stages { stage('C') { steps { echo 'x' } } } }",
            "Duplicate axis value",
        ),
        ("post { sometimes { echo 'x' } }\nsteps { echo 'x' }", 'Invalid condition "sometimes"'),
        ("options { disableConcurrentBuilds() }\nsteps { echo 'x' }", "Invalid option type"),
        ("environment { A = x.y }\nsteps { echo 'x' }", "must either be single quoted"),
        ("environment { A-B = 'x' }\nsteps { echo 'x' }", "is a binary expression"),
        ("steps { echo 'it's' }", "expecting"),
        ('steps { sh "$5" }', "illegal string body character"),
    ],
)
def test_refusals(stage: str, message: str):
    assert any(message in problem.message for problem in judge(pipeline(stage)).problems)
