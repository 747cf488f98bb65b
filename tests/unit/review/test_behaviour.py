"""No change in behaviour is only said when there is none; and each kind of change is told once, in its place."""

from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.verdict import verdict
from jenkinsgen.jenkinsfile.review.behaviour import Behaviour, behaviour
from jenkinsgen.jenkinsfile.review.compare import compare
from jenkinsgen.jenkinsfile.review.model import Mark, PipelineReview, State
from jenkinsgen.jenkinsfile.review.sides import Side

BASE = """\
def helper() { return 1 }
pipeline {
    agent any
    parameters { booleanParam(name: 'FAST', defaultValue: false, description: '') }
    triggers { cron('H 2 * * *') }
    stages {
        stage('Build') {
            when { expression { params.FAST } }
            steps {
                sh 'make'
                script {
                    if (params.FAST) { sh 'fast' } else { sh 'slow' }
                }
            }
        }
        stage('Test') {
            parallel {
                stage('Unit') { steps { sh 'unit' } }
                stage('Web') { steps { withCredentials([string(credentialsId: 'web', variable: 'W')]) { sh 'web' } } }
            }
            post { unstable { echo 'unstable' } }
        }
        stage('Ship') {
            options { timeout(time: 5, unit: 'MINUTES') }
            steps {
                checkout scmGit(branches: [[name: 'x']], userRemoteConfigs: [[url: 'u', credentialsId: 'git']])
                catchError { sh 'ship' }
            }
        }
    }
    post { fixed { echo 'fixed' }
        aborted { echo 'aborted' } }
}
"""


def read(text: str) -> Behaviour:
    judged = verdict(text, catalogue())
    assert judged.script is not None
    assert judged.pipeline is not None
    assert judged.accepted
    return behaviour(judged.script, judged.pipeline, catalogue())


def review(old: str, new: str) -> PipelineReview:
    assert old in BASE
    return compare("Jenkinsfile", Side(behaviour=read(BASE)), Side(behaviour=read(BASE.replace(old, new))))


def told(found: PipelineReview) -> list[str]:
    consequences = [change for each in found.consequences for change in each.changes]
    return [f"{each.place}: {each.subject} {each.verb.value}" for each in (*found.jenkinsfile, *consequences)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    agent any\n", "    // a comment\n    agent any\n\n\n"),
        ("sh 'make'", 'sh  "make"'),
        ("stage('Ship') {", "stage('Ship')  {   /* here */"),
    ],
)
def test_layout_is_no_behaviour(old: str, new: str):
    assert review(old, new).state is State.SAME


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 1", "return 2"),
        ("'H 2 * * *'", "'H 3 * * *'"),
        ("defaultValue: false", "defaultValue: true"),
        ("expression { params.FAST }", "expression { !params.FAST }"),
        ("sh 'fast'", "sh 'rm -rf /'"),
        ("sh 'slow'", "sh 'slower'"),
        ("sh 'unit'", "sh 'units'"),
        ("echo 'unstable'", "echo 'shaky'"),
        ("echo 'fixed'", "echo 'mended'"),
        ("echo 'aborted'", "echo 'stopped'"),
        ("time: 5", "time: 6"),
        ("name: 'x'", "name: 'y'"),
        ("catchError {", "catchError(buildResult: 'SUCCESS') {"),
        ("credentialsId: 'git'", "credentialsId: 'other'"),
        ("agent any", "agent { label 'x' }"),
        ("parallel {", "failFast true\n            parallel {"),
    ],
)
def test_every_change_of_code_is_told(old: str, new: str):
    found = review(old, new)
    assert found.state is State.CHANGED
    assert told(found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("sh 'unit'", "sh 'units'", ["stage Test / Unit: command changed"]),
        ("echo 'aborted'", "echo 'stopped'", ["the pipeline: code changed", "post aborted: step changed"]),
        ("sh 'fast'", "sh 'x'", ["stage Build: code changed"]),
        ("catchError { sh 'ship' }", "sh 'ship'", ["stage Ship: step removed", "stage Ship: command moved"]),
        ("withCredentials([string(credentialsId: 'web', variable: 'W')]) { sh 'web' }", "sh 'web'",
         ["stage Test / Web: command moved", "stage Test / Web: credential removed"]),
    ],
)  # fmt: skip
def test_where_a_change_is_told(old: str, new: str, expected: list[str]):
    assert sorted(set(expected) - set(told(review(old, new)))) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("credentialsId: 'git'", "credentialsId: 'other'", "new-credential"),
        (
            "sh 'unit'",
            "withCredentials([string(credentialsId: 'git', variable: 'G')]) { sh 'unit' }",
            "credential-spread",
        ),
        ("sh 'unit'", "sshagent(['key']) { sh 'unit' }", "new-credential"),
        ("sh 'unit'", "sh 'ssh -o StrictHostKeyChecking=no a'", "unsafe-command"),
        ("            when { expression { params.FAST } }\n", "", "condition-removed"),
        ("agent any", "agent { label 'x' }", "agent-changed"),
        ("sh 'fast'", "sh 'x'", "code-changed"),
    ],
)
def test_alerts(old: str, new: str, code: str):
    assert code in {alert.code for alert in review(old, new).alerts}


def test_a_catch_changes_what_follows_a_failure():
    found = review("catchError { sh 'ship' }", "sh 'ship'")
    assert ["Ship fails"] in [[str(moment) for moment in each.moments] for each in found.consequences]


def test_the_picture_shows_what_goes():
    start, end = BASE.index("        stage('Ship')"), BASE.index("    }\n    post { fixed")
    found = review(BASE[start:end], "")
    assert [(stage.name, stage.mark) for stage in found.picture] == [
        ("Build", Mark.SAME),
        ("Test", Mark.SAME),
        ("Ship", Mark.REMOVED),
    ]
    assert [child.name for child in found.picture[1].children] == ["Unit", "Web"]
    assert found.alerts[0].code == "stage-removed"


def test_a_name_with_a_slash_is_one_stage():
    found = review("stage('Ship')", "stage('Ship / it')")
    assert [stage.name for stage in found.picture] == ["Build", "Test", "Ship / it"]
    assert told(found) == ["stage Ship / it: stage changed"]
