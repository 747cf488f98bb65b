"""Builds, the linter and what preflight asks, on the fake server and on a real one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.edge.jenkins.world import JenkinsWorld
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.answers.build import exit_code
from jenkinsgen.jobs.answers.lint import LintError
from jenkinsgen.report import Report
from jenkinsgen.stages.jobs.run import Pauses, Watcher, await_start, follow

if TYPE_CHECKING:
    from conftest import World

JOB = """<flow-definition>
  <properties/>
  <definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition">
    <script>{script}</script><sandbox>true</sandbox>
  </definition>
  <disabled>false</disabled>
</flow-definition>"""
GOOD = """pipeline {
    agent any
    stages {
        stage('Say') {
            steps {
                echo 'hello'
            }
        }
    }
}
"""
SLEEPS = GOOD.replace("echo 'hello'", "sleep 300")
# The text of a recorded call, so that the fake knows the answer.
WRONG_SECTION = """pipeline {
    agent any
    stage('Build') {
        steps {
            sh 'echo hi'
        }
    }
}
"""


def make(world: World, script: str) -> str:
    name = world.name("builds")
    world.server.ensure_folder(world.folder)
    world.server.create(name, JOB.format(script=script))
    return name


def test_a_build_is_followed_to_its_end(world: World):
    name = make(world, GOOD)
    builds, stream, written = world.server, io.StringIO(), []
    item = builds.start(name, {})
    report = Report(stream)

    number = await_start(builds, item, report, Pauses())
    result = follow(builds, name, number, Watcher(write=written.append, report=report, pauses=Pauses()))

    assert (number, result) == (1, "SUCCESS")
    assert "".join(written).startswith("Started by user ")
    assert "".join(written).endswith("Finished: SUCCESS\n")
    assert "\r" not in "".join(written)


def test_a_build_is_stopped(world: World):
    name = make(world, SLEEPS)
    if world.fake:
        world.fake.outcomes = {name: None}
    builds, report = world.server, Report(io.StringIO())
    number = await_start(builds, builds.start(name, {}), report, Pauses())
    assert builds.is_busy(name)

    builds.stop(name, number)
    result = follow(builds, name, number, Watcher(write=str, report=report, pauses=Pauses()))

    assert result == "ABORTED"
    assert exit_code(result) == 13


def test_a_build_is_taken_out_of_the_queue(world: World):
    name = make(world, GOOD)
    if world.fake:
        world.fake.quiet_period = 60
    builds = world.server
    item = builds.start(name, {})

    builds.cancel(item)

    with pytest.raises(JenkinsError, match="cancelled while it waited"):
        builds.queued(item)
    assert not builds.is_busy(name)


def test_the_linter_of_the_server(world: World):
    server = JenkinsWorld(world.settings)

    assert server.lint(GOOD) == ()
    assert server.lint(WRONG_SECTION) == (
        LintError(message='Undefined section "stage"', line=3, column=5),
        LintError(message='Missing required section "stages"', line=1, column=1),
    )
    assert server.lint("node { sh 'echo hi' }\n") == (LintError(message="there is no `pipeline { }` in it"),)


def test_the_world_can_be_asked(world: World):
    server = JenkinsWorld(world.settings)

    plugins, nodes = server.plugins(), server.nodes()

    assert plugins is not None
    assert {"workflow-job", "workflow-cps", "pipeline-model-definition"} <= plugins.keys()
    assert nodes
    stores = server.stores(world.name("x"))
    assert [store.place for store in stores] == [world.folder, ""]
