"""The order and the results that a real Jenkins showed, one small pipeline each."""

from __future__ import annotations

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.verdict import verdict
from jenkinsgen.jenkinsfile.trace.scenario import Scenario
from jenkinsgen.jenkinsfile.trace.tracer import trace


def told(content: str, *, root: str = "", **scenario: object) -> list[str]:
    text = f"pipeline {{\nagent any\n{root}\nstages {{\n{content}\n}}\n}}\n"
    judged = verdict(text, catalogue())
    assert judged.problems == ()
    assert judged.script is not None
    assert judged.pipeline is not None
    events = trace(judged.script, judged.pipeline, catalogue(), Scenario(**scenario))  # type: ignore[arg-type]
    return [f"{event.kind} {event.text}".strip() for event in events]


def stage(content: str, name: str = "A") -> str:
    return f"stage('{name}') {{\n{content}\n}}\n"


ALL_POST = "post { " + " ; ".join(
    f"{each} {{ echo '{each}' }}"
    for each in (
        "cleanup", "success", "failure", "unstable", "notBuilt", "unsuccessful",
        "aborted", "regression", "fixed", "changed", "always",
    )
) + " }"  # fmt: skip


def posts(lines: list[str]) -> list[str]:
    return [line.removeprefix("post ") for line in lines if line.startswith("post ")]


def test_post_runs_in_jenkins_order_not_in_the_files():
    good = told(stage("steps { sh 'x' }"), root=ALL_POST)
    assert posts(good) == ["always", "changed", "success", "cleanup"]
    bad = told(stage("steps { sh 'x' }"), root=ALL_POST, fail=frozenset({"A"}))
    assert posts(bad) == ["always", "changed", "unsuccessful", "failure", "cleanup"]
    stopped = told(stage("steps { sh 'x' }"), root=ALL_POST, abort=frozenset({"A"}))
    assert posts(stopped) == ["always", "changed", "aborted", "unsuccessful", "cleanup"]


def test_a_failure_skips_the_steps_and_stages_after_it():
    lines = told(stage("steps { sh '1'\nsh '2' }") + stage("steps { sh '3' }", "B"), fail=frozenset({"A"}))
    assert [line for line in lines if line.startswith(("command", "skipped"))] == [
        "command sh: 1",
        'skipped stage "B": the build has failed before',
    ]
    assert lines[-1] == "result FAILURE"


def test_a_caught_error_shows_in_the_stage_and_not_in_the_build():
    content = "steps { catchError(buildResult: 'UNSTABLE', stageResult: 'FAILURE') { sh '1' } }\n"
    content += "post { failure { echo 'stage' } }"
    root = "post { unstable { echo 'root' } }"
    lines = told(stage(content) + stage("steps { sh '2' }", "B"), root=root, fail=frozenset({"A"}))
    assert posts(lines) == ["failure", "unstable"]
    assert "command sh: 2" in lines
    assert lines[-1] == "result UNSTABLE"


def test_catch_error_swallows_a_stop_unless_told_not_to():
    swallowed = told(stage("steps { catchError { sh '1' } }") + stage("steps { sh '2' }", "B"), abort=frozenset({"A"}))
    assert "command sh: 2" in swallowed
    assert swallowed[-1] == "result ABORTED"
    content = "steps { catchError(catchInterruptions: false) { sh '1' } }"
    kept = told(stage(content) + stage("steps { sh '2' }", "B"), abort=frozenset({"A"}))
    assert "command sh: 2" not in kept


def test_a_stage_rejected_at_its_input_runs_no_post():
    content = "input { message 'go?' }\nsteps { sh '1' }\npost { always { echo 'x' } }"
    lines = told(stage(content), root="post { always { echo 'root' } }", abort=frozenset({"A"}))
    assert posts(lines) == ["always"]
    assert "command sh: 1" not in lines


def test_a_skipped_stage_runs_no_post():
    content = "when { expression { false } }\nsteps { sh '1' }\npost { always { echo 'x' } }"
    assert posts(told(stage(content))) == []


def test_a_plain_when_is_asked_after_the_input():
    content = "when {{ expression {{ false }} {} }}\ninput {{ message 'go?' }}\nsteps {{ echo 'x' }}"
    assert "approval go?" in told(stage(content.format("")))
    assert "approval go?" not in told(stage(content.format("; beforeInput true")))


def test_retry_tells_every_attempt():
    lines = told(stage("steps { retry(3) { sh 'x' } }"), fail=frozenset({"A"}))
    assert lines.count("command sh: x") == 3


def test_the_branches_of_parallel_do_not_skip_each_other():
    content = "parallel {\n" + stage("steps { sh '1' }", "P") + stage("steps { sh '2' }", "Q") + "}"
    lines = told(stage(content) + stage("steps { sh '3' }", "B"), fail=frozenset({"P"}))
    assert "command sh: 2" in lines
    assert "command sh: 3" not in lines


def test_environment_of_a_stage_does_not_leak():
    content = stage("environment { X = 'a' }\nsteps { sh \"${X}\" }") + stage('steps { sh "${env.X}" }', "B")
    lines = [line for line in told(content) if line.startswith("command")]
    assert lines == ["command sh: a", "command sh: <env.X>"]


def test_env_set_in_a_script_is_seen_by_later_stages():
    content = stage("steps { script { env.X = 'a' } }") + stage('steps { sh "${env.X}" }', "B")
    assert "command sh: a" in told(content)


def test_what_cannot_be_told_is_said():
    lines = told(stage("steps { script { if (sh(script: 'x', returnStatus: true) == 0) { sh 'y' } } }"))
    assert "command sh: x" in lines
    assert any(line.startswith("cannot-tell if sh(") for line in lines)
    assert "command sh: y" not in lines


def test_a_secret_is_never_a_value():
    content = "steps { withCredentials([string(credentialsId: 'id', variable: 'S')]) { sh \"use ${S}\" } }"
    lines = told(stage(content))
    assert "credentials id as string: S" in lines
    assert "command sh: use <secret S>" in lines


def script(content: str) -> list[str]:
    return [line for line in told(stage(f"steps {{ script {{\n{content}\n}} }}")) if not line.startswith("stage")]


def test_a_variable_that_untold_code_may_have_changed_is_unknown():
    lines = script("def t = 'a'\nif (whatever()) { t = 'b' }\nsh \"use ${t}\"")
    assert "command sh: use <t>" in lines


def test_assignments_inside_told_blocks_count():
    lines = script("def t = ''\n['a', 'b'].each { t = t + it }\nwithEnv(['X=1']) { t = t + 'c' }\nsh \"use ${t}\"")
    assert "command sh: use abc" in lines


def test_compound_assignments_are_not_guessed():
    assert "command sh: use <t>" in script("def t = 'a'\nt += 'b'\nsh \"use ${t}\"")


def test_a_block_of_environment_wins_over_a_script():
    lines = told(stage("steps { script { env.C = 'green' }\nsh \"${env.C}\" }"), root="environment { C = 'blue' }")
    assert "command sh: blue" in lines


def test_a_local_variable_ends_with_its_script():
    lines = told(stage("steps { script { def t = 'a' }\nsh \"${t}\" }"))
    assert "command sh: <t>" in lines
