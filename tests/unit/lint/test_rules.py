# ruff: noqa: E501 - a case reads best on one line
"""Each rule: a pipeline that breaks it, and one beside it that does not."""

from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.linter import lint
from jenkinsgen.jenkinsfile.lint.rules import RULES


def rules_of(text: str) -> set[str]:
    found = lint(text, catalogue())
    assert [each.message for each in found if each.severity.value == "error"] == []
    return {each.rule for each in found}


def in_stage(content: str, *, root: str = "", agent: str = "any", name: str = "Build", post: str = "") -> str:
    stages = f"stages {{\nstage('{name}') {{\n{content}\n}}\n}}"
    return f"pipeline {{\nagent {agent}\n{root}\n{stages}\n{post}\n}}\n"


def steps(content: str, **parts: str) -> str:
    return in_stage(f"steps {{\n{content}\n}}", **parts)


SECRET = (
    "withCredentials([usernamePassword(credentialsId: 'r', usernameVariable: 'U', passwordVariable: 'P')]) {{\n{}\n}}"
)
SAFE_DEPLOY = "options { disableConcurrentBuilds() ; disableRestartFromStage() }"
PARAMETER = "parameters { string(name: 'TAG') }"
WAIT = "input { message 'go?' }\nsteps { echo 'x' }"

CASES = [
    ("unknown-step", steps("slakSend 'x'"), steps("slackSend 'x'")),
    ("unknown-step", steps("myStep()"), "library 'x'\n" + steps("myStep()")),
    ("unknown-step", steps("script { helper() }"), "def helper() { }\n" + steps("script { helper() }")),
    ("unknown-variable", steps("echo foo"), steps("echo 'foo'")),
    ("unknown-variable", steps('echo "${foo}"'), "def foo = 1\n" + steps('echo "${foo}"')),
    ("unknown-variable", steps("script { list.each { x -> echo y } }"), steps("script { def list = []; list.each { x -> echo x } }")),
    ("unknown-variable", steps("sleep(time: 5, unit: SECONDS)"), steps("sleep(time: 5, unit: 'SECONDS')")),
    ("section-in-steps", steps("sh 'x'\npost { always { echo 'x' } }"), in_stage("steps { sh 'x' }\npost { always { echo 'x' } }")),
    ("step-block", steps("dir('x')"), steps("dir('x') { echo 'y' }")),
    ("stage-name-unquoted", "pipeline { agent any; stages { stage(Build) { steps { echo 'x' } } } }", steps("echo 'x'")),
    ("second-pipeline", steps("echo 'x'") * 2, steps("echo 'x'")),
    ("parameter-shape", steps("echo 'x'", root="parameters { string(defaultValue: 'x') }"), steps("echo 'x'", root=PARAMETER)),
    ("environment-value", steps("echo 'x'", root="environment { V = readFile('v') }"), steps("echo 'x'", root="environment { V = 'v' }")),
    ("label-not-text", steps("echo 'x'", agent="{ label 5 }"), steps("echo 'x'", agent="{ label '5' }")),
    ("cron-spec", steps("echo 'x'", root="triggers { cron('at night') }"), steps("echo 'x'", root="triggers { cron('H H(0-5) * * 1-5') }")),
    ("timeout-zero", steps("timeout(0) { echo 'x' }"), steps("timeout(1) { echo 'x' }")),
    ("unstash-missing", steps("unstash 'a'"), steps("stash 'a'\nunstash 'a'")),
    ("sandbox", steps("script { new File('x').text }"), steps("script { readFile('x') }")),
    ("string-too-long", steps(f"echo '{'x' * 65536}'"), steps(f"echo '{'x' * 65535}'")),
    ("nul-in-string", steps(r"sh 'a\0'"), steps(r"sh 'a\\0'")),
    ("unicode-escape", "// \\u0041\n" + steps("echo 'x'"), steps("echo '\\u0041'")),
    ("lock-while-waiting", in_stage(f"options {{ lock('x') }}\n{WAIT}"), in_stage(WAIT)),
    ("lock-while-waiting", steps("lock('x') { input 'go?' }"), steps("input 'go?'\nlock('x') { echo 'x' }")),
    ("when-after-input", in_stage(f"when {{ branch 'x' }}\n{WAIT}"), in_stage(f"when {{ branch 'x'; beforeInput true }}\n{WAIT}")),
    ("root-timeout-kills-post", steps("echo 'x'", root="options { timeout(5) }", post="post { always { echo 'x' } }"), steps("echo 'x'", root="options { timeout(5) }")),
    ("sh-without-node", steps("echo 'x'", agent="none", post="post { always { sh 'x' } }"), steps("echo 'x'", agent="none", post="post { always { node('a') { sh 'x' } } }")),
    ("sh-without-node", steps("sh 'x'", agent="none"), in_stage("agent any\nsteps { sh 'x' }", agent="none")),
    ("parameter-in-shell", steps('sh "deploy ${params.TAG}"', root=PARAMETER), steps("sh 'deploy \"$TAG\"'", root=PARAMETER)),
    ("parameter-in-shell", steps("sh 'deploy ' + params.TAG", root=PARAMETER), steps("echo params.TAG", root=PARAMETER)),
    ("interpolated-shell", steps('sh "x ${env.Y}"'), steps("sh 'x ${Y}'")),
    ("secret-in-groovy-string", steps(SECRET.format('sh "curl -u $U:$P x"')), steps(SECRET.format("sh 'curl --netrc x'"))),
    ("secret-in-groovy-string", steps('echo "${T}"', root="environment { T = credentials('t') }"), steps("echo 'T'", root="environment { T = credentials('t') }")),
    ("secret-in-argv", steps(SECRET.format("sh 'docker login -u \"$U\" -p \"$P\" r.test'")), steps(SECRET.format("sh 'printf %s \"$P\" | docker login -u \"$U\" --password-stdin r.test'"))),
    ("secret-in-argv", steps(SECRET.format("sh 'curl -H \"Authorization: Bearer $P\" x'")), steps(SECRET.format("sh 'echo \"$U\"'"))),
    ("concurrent-deploy", steps("echo 'x'", name="Deploy"), steps("echo 'x'", name="Deploy", root=SAFE_DEPLOY)),
    ("restartable-deploy", steps("echo 'x'", name="Roll out"), steps("echo 'x'", name="Build")),
    (
        "method-too-large",
        "pipeline { agent any\nstages {\n" + "".join(f"stage('{n}') {{ steps {{ echo 'x' }} }}\n" for n in range(61)) + "}\n}",
        "pipeline { agent any\nstages {\n" + "".join(f"stage('{n}') {{ steps {{ echo 'x' }} }}\n" for n in range(60)) + "}\n}",
    ),
    (
        "method-too-large",
        in_stage("matrix { axes { axis { name 'A'; values '1', '2', '3', '4' }\naxis { name 'B'; values '1', '2', '3', '4' } }\nstages { stage('x') { steps { echo 'x' } } } }"),
        in_stage("matrix { axes { axis { name 'A'; values '1', '2', '3', '4' } }\nstages { stage('x') { steps { echo 'x' } } } }"),
    ),
    ("ssh-trusts-any-host", steps("sh 'ssh -o StrictHostKeyChecking=no a@b x'"), steps("sh 'ssh -o StrictHostKeyChecking=yes a@b x'")),
    ("ssh-trusts-any-host", steps("sh 'ssh -o \"stricthostkeychecking off\" a@b x'"), steps("sh 'ssh -o StrictHostKeyChecking=accept-new a@b x'")),
    ("ssh-trusts-any-host", steps('sh "scp -oUserKnownHostsFile=/dev/null ${x} a@b:"'), steps('sh "scp -oUserKnownHostsFile=$FILE ${x} a@b:"')),
    ("ssh-trusts-any-host", steps("sh 'ssh-keyscan -H b >> ~/.ssh/known_hosts'"), steps("sh 'ssh-keyscan -H b; grep b ~/.ssh/known_hosts'")),
    ("ssh-trusts-any-host", steps("sh 'ssh-keyscan b | tee -a ~/.ssh/known_hosts'"), steps("echo 'StrictHostKeyChecking=no is wrong'")),
    ("ssh-trusts-any-host", in_stage("environment { GIT_SSH_COMMAND = 'ssh -o StrictHostKeyChecking=no' }\nsteps { sh 'x' }"), in_stage("environment { A = 'x' }\nsteps { sh 'x' }")),
    ("ssh-trusts-any-host", steps("withEnv(['GIT_SSH_COMMAND=ssh -o StrictHostKeyChecking=no']) { sh 'x' }"), steps("withEnv(['A=b']) { sh 'x' }")),
    ("secret-in-docker-arguments", steps("sh 'docker run -d -e DB_PASSWORD=$DB app'"), steps("sh 'docker run -d -e DB_PASSWORD app'")),
    ("secret-in-docker-arguments", steps("sh '''docker run -d \\\\\n  --env \"API_TOKEN=${T}\" app'''"), steps("sh 'docker run --env-file $FILE -e TZ=$ZONE app'")),
    ("secret-in-docker-arguments", steps(SECRET.format("sh 'podman run -e DB=$P app'")), steps(SECRET.format("sh 'podman run -e DB=$U app'"))),
    ("secret-in-docker-arguments", steps("sh 'docker exec -eTOKEN=$T app'"), steps("sh 'docker run app; tool -e TOKEN=$T'")),
    ("secret-in-docker-arguments", steps("sh 'docker login -u me -p $X registry.example.com'"), steps("sh 'docker login -u me --password-stdin registry.example.com'")),
    ("secret-in-docker-arguments", steps("sh 'docker login --password=$X registry.example.com'"), steps("sh 'docker push -p x'")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "broken", "kept"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_rule(rule: str, broken: str, kept: str):
    assert rule in rules_of(broken)
    assert rule not in rules_of(kept)


def test_every_rule_has_a_case_and_a_reason():
    assert {rule.id for rule in RULES} == {rule for rule, _, _ in CASES}
    assert all(len(rule.why) > 40 for rule in RULES)


def test_a_method_of_a_shared_library_is_no_unknown_step():
    assert "unknown-step" not in rules_of("@Library('x') _\n" + steps("whatever()"))


def test_known_variables_of_every_build():
    text = steps('echo "${BUILD_NUMBER} ${env.X} ${params.Y} ${currentBuild.result} ${WORKSPACE}"')
    assert "unknown-variable" not in rules_of(text)


def _hint_of(rule: str, text: str) -> str:
    (found,) = [each for each in lint(text, catalogue()) if each.rule == rule]
    return found.hint or ""


def test_a_variable_of_groovy_is_not_said_to_be_the_shells():
    """With single quotes alone `rm -r "$DIR/"` would be `rm -r "/"`."""
    text = steps('script { def dir = pwd()\nsh "rm -r ${dir}/" }')
    assert _hint_of("interpolated-shell", text).startswith("hand it over in the environment")
    assert _hint_of("interpolated-shell", steps('sh "ls ${env.HOME}"')).startswith("write it in single quotes")


def test_nobody_is_told_to_open_the_sandbox():
    assert "approval would be for every Jenkinsfile" in _hint_of("sandbox", steps("script { new File('x') }"))


def test_a_secret_is_not_said_to_be_in_the_environment_under_a_name_that_it_has_not():
    hint = _hint_of("secret-in-docker-arguments", steps("sh 'docker run -e DB_PASSWORD=$P app'"))
    assert hint.startswith("set DB_PASSWORD in the environment of the docker command")
