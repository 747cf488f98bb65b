"""Rules: root-timeout-kills-post, sh-without-node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.rules.rule import SHELLS, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.model import Stage, Step
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

# Steps that need a workspace.
_NEED_NODE = SHELLS | {
    "archiveArtifacts",
    "checkout",
    "cleanWs",
    "deleteDir",
    "dir",
    "fileExists",
    "git",
    "junit",
    "publishHTML",
    "readFile",
    "stash",
    "unstash",
    "writeFile",
}
_GIVES_NODE = frozenset({"node", "podTemplate", "withDockerNode", "dockerNode"})


def _check_timeout(subject: Subject) -> Iterator[Hit]:
    root = subject.pipeline.root
    option = root.option("timeout")
    if option is not None and root.post is not None:
        hint = "set the timeout on the stages, so that post is outside of it"
        yield Hit(option.where, "when this timeout expires, post has 60 s before it is killed", hint)


ROOT_TIMEOUT_KILLS_POST = Rule(
    "root-timeout-kills-post",
    "Declarative runs the root post inside the root options. Once the timeout has fired, Jenkins gives its body"
    " 60 s (TimeoutStepExecution) and then kills it: the clean-up may be cut in the middle.",
    _check_timeout,
)


def _check_node(subject: Subject) -> Iterator[Hit]:
    root = subject.pipeline.root
    has_node = root.agent is not None and root.agent.kind != "none"
    for branch in root.post.conditions if root.post and not has_node else ():
        for step in branch.steps:
            yield from _outside(step, "post of a pipeline with agent none")
    for stage in root.stages or ():
        yield from _stage(stage, has_node=has_node)


def _stage(stage: Stage, *, has_node: bool) -> Iterator[Hit]:
    if stage.agent is not None:
        has_node = stage.agent.kind != "none"
    if not has_node:
        place = f'stage "{stage.name}", which has no agent'
        for branch in stage.branches + (stage.post.conditions if stage.post else ()):
            for step in branch.steps:
                yield from _outside(step, place)
    for child in stage.children():
        yield from _stage(child, has_node=has_node)


def _outside(step: Step, place: str) -> Iterator[Hit]:
    if step.name in _NEED_NODE:
        hint = "give the stage an agent, or put the step into node('label') { … }"
        yield Hit(step.where, f"{step.name} needs a node; this is the {place}", hint)
    elif step.name not in _GIVES_NODE:
        for child in step.children or ():
            yield from _outside(child, place)


SH_WITHOUT_NODE = Rule(
    "sh-without-node",
    "Under agent none a step that needs a workspace fails with `Attempted to execute a step that requires a node"
    " context`: in post that is the moment when the clean-up was needed.",
    _check_node,
)
