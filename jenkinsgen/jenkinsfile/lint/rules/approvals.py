"""Rules: lock-while-waiting, when-after-input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Call
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import own_name
from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

_HINT = "ask in a stage of its own without agent and lock, and take the lock in the stage after it"


def _check_lock(subject: Subject) -> Iterator[Hit]:
    root_lock = subject.pipeline.root.option("lock")
    for stage in subject.pipeline.stages():
        if stage.input is None:
            continue
        lock = stage.option("lock") or root_lock
        if lock is not None:
            yield Hit(lock.where, f'the lock is held while a person decides about stage "{stage.name}"', _HINT)
    for call in subject.calls_to("lock"):
        for node in walk(call):
            if isinstance(node, Call) and own_name(node) == "input":
                yield Hit(node.where, "the lock around this input is held while a person decides", _HINT)


LOCK_WHILE_WAITING = Rule(
    "lock-while-waiting",
    "A stage takes its options, lock among them, before it asks its input: every other build that needs the"
    " lock waits for a person.",
    _check_lock,
)


def _check_when(subject: Subject) -> Iterator[Hit]:
    for stage in subject.pipeline.stages():
        if stage.input is None or stage.when is None or stage.when.flag("beforeInput"):
            continue
        if stage.when.flag("beforeOptions"):
            continue
        message = f'people are asked to approve stage "{stage.name}" before its when is looked at'
        yield Hit(stage.when.where, message, "add beforeInput true to when { … }, unless it looks at an answer")


WHEN_AFTER_INPUT = Rule(
    "when-after-input",
    "A plain when is evaluated after input and agent: people approve a stage that is then skipped.",
    _check_when,
)
