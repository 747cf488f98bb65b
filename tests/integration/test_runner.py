"""The runner against the behaviour that was measured on Jenkins 2.504.3 (docs/design.md)."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.errors import SpecError, StateError
from jenkinsgen.sandbox.jenkinsfile import BuildRequest, BuildResult, run

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[..., BuildResult]

pytestmark = pytest.mark.groovy


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Runs the text of a Jenkinsfile in this test's workspace."""

    def build_it(text: str, **request: object) -> BuildResult:
        path = tmp_path / "Jenkinsfile"
        path.write_text(text)
        given = {"job_name": "team/shop", **request}
        return run(
            BuildRequest(jenkinsfile=path, workspace=tmp_path / "ws", **given),  # type: ignore[arg-type]
            subprocess.DEVNULL,
        )

    return build_it


def pipeline(steps: str, rest: str = "") -> str:
    return f"""
pipeline {{
    agent any
    stages {{
        stage('One') {{
            steps {{
                {steps}
            }}
        }}
    }}
    {rest}
}}
"""


def console(result: BuildResult) -> str:
    return result.log.read_text()


def said(result: BuildResult) -> list[str]:
    """The lines that `echo` steps and programs wrote, without those of the runner and of `sh -x`."""
    return [line for line in console(result).splitlines() if not re.match(r"\[Pipeline\]|\+ ", line)]


def statuses(result: BuildResult) -> dict[str, str]:
    return {stage.name: stage.status for stage in result.stages}


EVERY_CONDITION = "\n".join(
    f"{name} {{ echo 'POST {name}' }}"
    for name in (
        "cleanup",
        "notBuilt",
        "failure",
        "unstable",
        "success",
        "unsuccessful",
        "aborted",
        "regression",
        "fixed",
        "changed",
        "always",
    )
)


def test_post_conditions_run_in_the_order_of_jenkins_and_know_the_build_before(build: Build):
    text = f"""
pipeline {{
    agent any
    parameters {{ choice(name: 'CODE', choices: ['0', '3']) }}
    stages {{
        stage('Work') {{
            steps {{ sh 'exit $CODE' }}
            post {{
                {EVERY_CONDITION}
            }}
        }}
        stage('Later') {{ steps {{ echo 'later' }} }}
    }}
    post {{
        {EVERY_CONDITION}
    }}
}}
"""

    def posts(result: BuildResult) -> list[str]:
        return re.findall(r"^POST (\w+)$", console(result), re.MULTILINE)

    first, failed, fixed = (build(text, parameters={"CODE": code}) for code in ("0", "3", "0"))

    assert posts(first) == ["always", "changed", "success", "cleanup"] * 2
    assert posts(failed) == ["always", "changed", "regression", "unsuccessful", "failure", "cleanup"] * 2
    assert posts(fixed) == ["always", "changed", "fixed", "success", "cleanup"] * 2
    assert [build.number for build in (first, failed, fixed)] == [1, 2, 3]
    assert [build.result for build in (first, failed, fixed)] == ["SUCCESS", "FAILURE", "SUCCESS"]
    assert statuses(failed)["Later"] == "SKIPPED"
    assert 'Stage "Later" skipped due to earlier failure(s)' in console(failed)
    assert "ERROR: script returned exit code 3" in console(failed)
    assert console(failed).splitlines()[-1] == "Finished: FAILURE"


def test_an_error_in_always_fails_the_build_and_the_other_conditions_still_run(build: Build):
    result = build(
        pipeline(
            "echo 'fine'",
            """
    post {
        always { sh 'exit 9' }
        success { echo 'POST success' }
        failure { echo 'POST failure' }
        cleanup { echo 'POST cleanup' }
    }""",
        )
    )

    assert result.result == "FAILURE"
    assert "Error when executing always post condition:" in console(result)
    assert re.findall(r"^POST (\w+)$", console(result), re.MULTILINE) == ["failure", "cleanup"]


def test_a_stage_timeout_aborts_the_build_and_runs_post(build: Build):
    result = build("""
pipeline {
    agent any
    stages {
        stage('Slow') {
            options { timeout(time: 1, unit: 'SECONDS') }
            steps { sh 'sleep 30; echo never' }
            post {
                aborted { echo 'POST stage aborted' }
                failure { echo 'POST stage failure' }
            }
        }
        stage('Later') { steps { echo 'later' } }
    }
    post { cleanup { echo 'POST root cleanup' } }
}
""")

    assert result.result == "ABORTED"
    assert statuses(result) == {
        "Slow": "ABORTED",
        "Later": "SKIPPED",
        "Declarative: Post Actions": "SUCCESS",
    }
    order = [
        "Timeout set to expire in 1 sec",
        "Cancelling nested steps due to timeout",
        "Sending interrupt signal to process",
        "Terminated",
        "script returned exit code 143",
        "POST stage aborted",
        "Timeout has been exceeded",
        "POST root cleanup",
    ]
    lines = console(result).splitlines()
    assert [line for line in lines if line in order] == order
    assert "POST stage failure" not in lines


def test_a_shell_that_reaches_its_end_in_spite_of_the_signal_has_succeeded(build: Build):
    # Measured, and dangerous: the signal reaches the child before its shell, which may go on to its end.
    result = build(
        pipeline("""
                timeout(time: 1, unit: 'SECONDS') {
                    sh 'sleep 30 || true; echo carried on'
                }
                retry(2) {
                    timeout(time: 1, unit: 'SECONDS') { sh 'test -e tried || { touch tried; sleep 30; }' }
                }""")
    )

    assert result.result == "SUCCESS"
    assert "carried on" in said(result)
    assert "Retrying" in said(result)


def test_a_stop_ends_the_running_step_then_runs_post_of_stage_and_root(build: Build, tmp_path: Path):
    def stop() -> None:
        while not (tmp_path / "ws" / "started").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=stop).start()
    with pytest.raises(KeyboardInterrupt):
        build("""
pipeline {
    agent any
    stages {
        stage('Work') {
            steps {
                retry(3) {
                    sh '''#!/bin/bash
                        trap 'echo compensated > compensated; exit 1' TERM
                        touch started
                        while :; do sleep 0.1; done'''
                }
            }
            post { aborted { sh 'echo stage >> posts' } }
        }
        stage('Later') { steps { sh 'touch later' } }
    }
    post { aborted { sh 'echo root >> posts' } }
}
""")

    workspace = tmp_path / "ws"
    said_by_file = json.loads((tmp_path / "ws@builds" / "1" / "build.json").read_text())
    assert said_by_file["result"] == "ABORTED"
    assert (workspace / "compensated").read_text() == "compensated\n"
    assert (workspace / "posts").read_text() == "stage\nroot\n"
    assert not (workspace / "later").exists()
    assert (tmp_path / "ws@builds" / "1" / "log").read_text().endswith("Finished: ABORTED\n")


CREDENTIALS = {
    "deploy-key": {"type": "sshUserPrivateKey", "username": "deployer", "key_file": "key", "passphrase": ""},
    "registry": {"type": "usernamePassword", "username": "reguser", "password": 'reg$pass"1'},
    "token": {"type": "string", "secret": "t0ken-value"},
    "settings": {"type": "file", "file_name": "settings.xml", "content": "<secret-setting/>\n"},
}


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    (tmp_path / "key").write_text("PRIVATE KEY without a newline")
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(CREDENTIALS))
    return path


def test_credentials_are_bound_masked_and_gone_after_their_block(build: Build, credentials: Path, tmp_path: Path):
    result = build(
        """
pipeline {
    agent any
    environment { LOGIN = credentials('registry') }
    stages {
        stage('One') {
            steps {
                withCredentials([
                    sshUserPrivateKey(credentialsId: 'deploy-key', keyFileVariable: 'KEY',
                                      usernameVariable: 'KEY_USER', passphraseVariable: 'KEY_PASS'),
                    string(credentialsId: 'token', variable: 'TOKEN'),
                    file(credentialsId: 'settings', variable: 'SETTINGS')
                ]) {
                    sh '''stat -c %a "$KEY" "$SETTINGS" "$(dirname "$KEY")" > modes
                          printf '%s' "$KEY" > key-path; tail -c 1 "$KEY" | od -An -c > last-byte
                          echo "$KEY_USER $TOKEN [$KEY_PASS] $(printf '%s' "$TOKEN" | base64)"'''
                    sh "echo ${TOKEN}"
                }
                sh 'echo "after: ${TOKEN:-unset} $LOGIN_USR"; printf %s "$LOGIN_PSW" > password'
            }
        }
    }
}
""",
        credentials=credentials,
    )
    workspace = tmp_path / "ws"

    assert result.result == "SUCCESS"
    assert (workspace / "modes").read_text().split() == ["400", "400", "700"]
    assert re.fullmatch(
        rf"{re.escape(str(workspace))}@tmp/secretFiles/[0-9a-f-]+/ssh-key-KEY",
        (workspace / "key-path").read_text(),
    )
    assert (workspace / "last-byte").read_text().split() == ["\\n"]
    assert (workspace / "password").read_text() == 'reg$pass"1'
    assert list((tmp_path / "ws@tmp" / "secretFiles").iterdir()) == []
    assert "**** **** [] ****" in said(result)
    assert "after: unset ****" in said(result)
    assert "which is insecure." in console(result)
    for secret in ("t0ken-value", "deployer", 'reg$pass"1', "reguser"):
        assert secret not in console(result)


def test_a_missing_credential_or_one_of_another_type_fails_the_build(build: Build, credentials: Path):
    block = "withCredentials([string(credentialsId: '%s', variable: 'X')]) { echo 'not reached' }"
    missing = build(pipeline(block % "nobody"), credentials=credentials)
    other = build(pipeline(block % "registry"), credentials=credentials)

    assert missing.result == other.result == "FAILURE"
    assert "ERROR: Could not find credentials entry with ID 'nobody'" in console(missing)
    assert "Credentials 'registry' is of type 'usernamePassword' where 'string' was expected" in console(other)


def test_an_unreadable_credentials_file_is_refused_before_anything_runs(build: Build, tmp_path: Path):
    broken = tmp_path / "broken.json"
    broken.write_text('["not", "a", "map"]')

    with pytest.raises(SpecError, match="not a file of credentials"):
        build(pipeline("echo 'x'"), credentials=broken)


def test_a_shell_has_no_input_no_terminal_one_stream_and_xe(build: Build):
    result = build(
        pipeline(r"""
                sh 'read x || echo "read: $?"; tty || true; echo out; echo err >&2; echo out again'
                sh '''#!/bin/bash
                    false
                    echo "bash goes on: $BASH_VERSION"'''
                sh '''
                    #!/bin/bash
                    echo "a late line: ${BASH_VERSION:-sh}"'''
                script {
                    def out = sh(script: 'echo " two words "; echo to the console >&2', returnStdout: true)
                    echo "returned [${out}]"
                    echo "status ${sh(script: 'exit 7', returnStatus: true)}"
                }
                dir('sub/folder') { sh 'pwd > here' }
                sh 'false | true; false; echo never'""")
    )
    lines = said(result)

    assert lines[lines.index("read: 1") :][:5] == ["read: 1", "not a tty", "out", "err", "out again"]
    assert any(line.startswith("bash goes on: ") for line in lines)
    assert "a late line: sh" in lines
    assert "returned [ two words " in lines
    assert "to the console" in lines
    assert "status 7" in lines
    assert "never" not in lines
    assert "ERROR: script returned exit code 1" in lines
    assert (result.folder.parent.parent / "ws" / "sub" / "folder" / "here").exists()


def test_the_environment_is_that_of_a_jenkins_node(build: Build, tmp_path: Path):
    result = build(
        """
pipeline {
    agent any
    parameters {
        string(name: 'TAG', defaultValue: 'default')
        booleanParam(name: 'DRY', defaultValue: true)
    }
    environment {
        COLOUR = 'green'
        IMAGE = "shop:${COLOUR}-${params.TAG}"
    }
    stages {
        stage('Set') {
            steps {
                script {
                    env.NEXT = 'blue'
                    env.COLOUR = 'not stronger than the block'
                    currentBuild.description = "of ${TAG}"
                }
            }
        }
        stage('Show') {
            environment { STAGE_ONLY = 'yes' }
            steps {
                withEnv(['INNER=in', 'PATH+TOOLS=/tools']) { sh 'env > environment' }
                sh 'printf %s "$TAG" > tag; echo "${INNER:-gone}"'
            }
        }
    }
}
""",
        parameters={"TAG": 'a\'b $(id) "c"', "UNKNOWN": "x"},
    )
    shown = dict(
        line.split("=", 1) for line in (tmp_path / "ws" / "environment").read_text().splitlines() if "=" in line
    )

    assert result.result == "SUCCESS"
    expected = {
        "BUILD_NUMBER": "1",
        "BUILD_ID": "1",
        "BUILD_TAG": "jenkins-team-shop-1",
        "BUILD_URL": "http://jenkins.localhost:8080/job/team/job/shop/1/",
        "JOB_NAME": "team/shop",
        "JOB_BASE_NAME": "shop",
        "JENKINS_URL": "http://jenkins.localhost:8080/",
        "CI": "true",
        "NODE_NAME": "built-in",
        "WORKSPACE": str(tmp_path / "ws"),
        "WORKSPACE_TMP": str(tmp_path / "ws@tmp"),
        "STAGE_NAME": "Show",
        "STAGE_ONLY": "yes",
        "DRY": "true",
        "COLOUR": "green",
        "IMAGE": 'shop:green-a\'b $(id) "c"',
        "NEXT": "blue",
        "INNER": "in",
    }
    assert {name: shown.get(name) for name in expected} == expected
    assert shown["PATH"].startswith("/tools:")
    assert (tmp_path / "ws" / "tag").read_text() == 'a\'b $(id) "c"'
    assert "gone" in said(result)
    assert "Ignored the value of UNKNOWN: the Jenkinsfile has no such parameter" in said(result)
    assert json.loads((result.folder / "build.json").read_text())["description"] == 'of a\'b $(id) "c"'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (pipeline("deplooy 'x'"), r"No such DSL method 'deplooy' found among steps .*archiveArtifacts.* @ line 7\."),
        (pipeline("sh scrpt: 'x'"), r"Unknown parameter\(s\) found for step sh: scrpt @ line 7\."),
        (pipeline("echo 'x'", "stagez { }"), r'WorkflowScript: 11: Undefined section "stagez" @ line 11\.'),
        (pipeline("echo 'x'", "options { timeot(time: 1) }"), r'Invalid option type "timeot" @ line 11\.'),
        ("pipeline {\n  agent any\n", r"WorkflowScript: \d+: .*expecting '\}'"),
        ("node {\n  echo 'x'\n}\n", r"no `pipeline` block"),
    ],
)
def test_what_jenkins_does_not_know_is_an_error_with_its_line(build: Build, text: str, reason: str):
    result = build(text)

    assert result.result == "FAILURE"
    assert re.search(reason, console(result))


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "protocol.file.allow=always"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_checkout_fetches_a_detached_head_and_sets_no_variables(build: Build, tmp_path: Path):
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "--initial-branch", "main")
    (origin / "version").write_text("1\n")
    git(origin, "add", ".")
    git(origin, "commit", "--message", "one")
    git(origin, "tag", "v1")
    (origin / "version").write_text("2\n")
    git(origin, "commit", "--all", "--message", "two")
    text = pipeline(
        f"""
                script {{
                    def scm = checkout scmGit(branches: [[name: BRANCH]], extensions: [], userRemoteConfigs: [[url: 'file://{origin}']])
                    echo "branch ${{scm.GIT_BRANCH}} commit ${{scm.GIT_COMMIT}}"
                }}
                sh 'git rev-parse --abbrev-ref HEAD; cat version; echo "variable: ${{GIT_COMMIT:-unset}}"'""",
        "parameters { string(name: 'BRANCH', defaultValue: '*/main') }",
    )

    main = build(text)
    tag = build(text, parameters={"BRANCH": "refs/tags/v1"})
    nowhere = build(text, parameters={"BRANCH": "refs/heads/nowhere"})

    assert main.result == tag.result == "SUCCESS"
    assert said(main)[-4:-1] == ["HEAD", "2", "variable: unset"]
    assert f"branch origin/main commit {git(origin, 'rev-parse', 'main')}" in said(main)
    assert said(tag)[-4:-1] == ["HEAD", "1", "variable: unset"]
    assert nowhere.result == "FAILURE"
    assert "Couldn't find any revision to build" in console(nowhere)


def test_artifacts_and_stashes_keep_names_modes_and_links(build: Build):
    result = build("""
pipeline {
    agent any
    stages {
        stage('Make') {
            steps {
                sh '''mkdir -p out/.hidden; echo y > out/.hidden/f
                      echo x > out/tool; chmod 755 out/tool; ln -s tool out/link'''
                stash name: 'made', includes: 'out/**'
                deleteDir()
                unstash 'made'
                sh 'stat -c "%a %N" out/tool out/link out/.hidden/f'
            }
        }
        stage('Nothing') { steps { archiveArtifacts 'nothing/*.json' } }
    }
    post { always { archiveArtifacts artifacts: 'release.json, out/.hidden/*, out/tool', allowEmptyArchive: true } }
}
""")

    assert {"755 'out/tool'", "777 'out/link' -> 'tool'", "644 'out/.hidden/f'"} <= set(said(result))
    assert 'No artifacts found that match the file pattern "nothing/*.json". Configuration error?' in console(result)
    assert sorted(str(path.relative_to(result.archive)) for path in result.archive.rglob("*") if path.is_file()) == [
        "out/.hidden/f",
        "out/tool",
    ]
    assert stat.S_IMODE((result.archive / "out" / "tool").stat().st_mode) == 0o755


def test_a_failing_branch_stops_its_neighbours_when_told_to(build: Build):
    result = build("""
pipeline {
    agent any
    stages {
        stage('Both') {
            failFast true
            parallel {
                stage('fails') { steps { sh 'sleep 0.3; exit 4' } }
                stage('runs') {
                    steps { sh 'sleep 30' }
                    post { aborted { echo 'POST runs aborted' } }
                }
            }
            post { failure { echo 'POST both failure' } }
        }
    }
}
""")

    assert result.result == "FAILURE"
    assert statuses(result) == {"Both": "FAILURE", "fails": "FAILURE", "runs": "ABORTED"}
    assert [line for line in said(result) if line.startswith("POST")] == ["POST runs aborted", "POST both failure"]


INPUT = """
pipeline {
    agent none
    parameters { booleanParam(name: 'ASK', defaultValue: true) }
    stages {
        stage('Approve') {
            when {
                beforeInput true
                expression { params.ASK }
            }
            input {
                message "Release of ${JOB_NAME}?"
                submitterParameter 'APPROVER'
            }
            steps { echo "approved by ${APPROVER}" }
            post { always { echo 'POST approve' } }
        }
        stage('Work') {
            agent { label 'any name' }
            steps { sh 'echo "approver: ${APPROVER:-unset}"' }
        }
        stage('No node') { steps { sh 'true' } }
    }
    post { aborted { echo 'POST aborted' } }
}
"""


def test_input_is_asked_after_when_and_a_stage_without_node_has_no_shell(build: Build):
    approved = build(INPUT)
    rejected = build(INPUT, approve=False)
    skipped = build(INPUT, parameters={"ASK": "false"})

    assert {"Release of team/shop?", "approved by admin", "approver: unset"} <= set(said(approved))
    assert "requires a node context while" in console(approved)
    assert statuses(approved) == {"Approve": "SUCCESS", "Work": "SUCCESS", "No node": "FAILURE"} | {
        "Declarative: Post Actions": "SUCCESS"
    }
    assert rejected.result == "ABORTED"
    assert "POST approve" not in said(rejected)
    assert "POST aborted" in said(rejected)
    assert statuses(skipped)["Approve"] == "SKIPPED"
    assert "Release of team/shop?" not in console(skipped)


def test_catch_error_gives_stage_and_build_different_results(build: Build):
    result = build("""
pipeline {
    agent any
    stages {
        stage('Caught') {
            steps {
                catchError(buildResult: 'UNSTABLE', stageResult: 'FAILURE') { error 'on purpose' }
                echo 'goes on'
            }
            post { failure { echo 'POST stage failure' } }
        }
        stage('Later') { steps { echo 'later' } }
    }
    post { unstable { echo 'POST root unstable' } }
}
""")

    assert result.result == "UNSTABLE"
    assert {"goes on", "POST stage failure", "later", "POST root unstable"} <= set(said(result))
    assert statuses(result)["Caught"] == "FAILURE"


def is_running(pid: int) -> bool:
    """Neither gone nor a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stage_that_succeeds_when_tried_again_is_a_success(build: Build):
    result = build("""
pipeline {
    agent any
    stages {
        stage('Flaky') {
            options { retry(3) }
            steps { sh 'test -e tried || { touch tried; exit 1; }' }
            post {
                failure { echo "POST failure ${currentBuild.currentResult}" }
                success { echo "POST success ${currentBuild.currentResult}" }
            }
        }
    }
}
""")

    assert result.result == "SUCCESS"
    assert statuses(result) == {"Flaky": "SUCCESS"}
    # Measured: the whole `post` runs after every attempt.
    assert [line for line in said(result) if line.startswith("POST")] == [
        "POST failure FAILURE",
        "POST success SUCCESS",
    ]


def test_background_processes_end_with_the_build_unless_they_gave_up_the_cookie(build: Build, tmp_path: Path):
    result = build(
        pipeline("""
                sh '''sleep 300 & echo $! > ended
                      JENKINS_NODE_COOKIE=dontKillMe sleep 300 & echo $! > survives'''
                sh 'kill -0 $(cat ended)'""")
    )
    ended, survives = (int((tmp_path / "ws" / name).read_text()) for name in ("ended", "survives"))

    assert result.result == "SUCCESS"
    assert is_running(survives)
    os.kill(survives, signal.SIGTERM)
    assert not is_running(ended)


def command(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "Jenkinsfile"
    path.write_text(text)
    return [sys.executable, "-m", "jenkinsgen", "sandbox", "run", str(path), "--workspace", str(tmp_path / "ws")]


def test_the_command_prints_the_console_and_ends_with_the_result(tmp_path: Path):
    text = pipeline("sh 'exit $CODE'", "parameters { string(name: 'CODE', defaultValue: '0') }")
    words = command(tmp_path, text)

    good = subprocess.run(words, capture_output=True, text=True, check=False)
    bad = subprocess.run([*words, "--param", "CODE=3"], capture_output=True, text=True, check=False)
    wrong = subprocess.run([*words, "--param", "CODE"], capture_output=True, text=True, check=False)

    assert (good.returncode, bad.returncode, wrong.returncode) == (0, 1, 2)
    assert good.stdout.splitlines()[-1] == "Finished: SUCCESS"
    assert bad.stdout.splitlines()[-2:] == ["[Pipeline] End of Pipeline", "Finished: FAILURE"]
    assert "'CODE' is not NAME=VALUE" in wrong.stderr


def test_sigterm_stops_the_command_after_post(tmp_path: Path):
    words = command(tmp_path, pipeline("sh 'touch started; exec sleep 30'", "post { aborted { echo 'POST root' } }"))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        while not (tmp_path / "ws" / "started").exists():
            time.sleep(0.05)
        running.terminate()
        output, _ = running.communicate(timeout=30)

    assert running.returncode == 143
    assert "POST root" in output
    assert output.endswith("Finished: ABORTED\n")


def test_catch_error_swallows_even_a_timeout(build: Build):
    # Measured: the steps after it and all later stages run, and the result is ABORTED all the same.
    result = build("""
pipeline {
    agent any
    stages {
        stage('Caught') {
            steps {
                catchError { timeout(time: 1, unit: 'SECONDS') { sh 'exec sleep 30' } }
                echo 'goes on'
            }
        }
        stage('Later') { steps { echo 'later' } }
    }
}
""")

    assert result.result == "ABORTED"
    assert {"goes on", "later", "Setting overall build result to ABORTED"} <= set(said(result))


def test_a_build_number_is_used_once(build: Build):
    build(pipeline("echo 'x'"), number=7)

    with pytest.raises(StateError, match="there is a build 7 already"):
        build(pipeline("echo 'x'"), number=7)
    assert build(pipeline("echo 'x'")).number == 8
