"""Rule: ssh-trusts-any-host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Constant, GString
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import own_name
from jenkinsgen.jenkinsfile.lint.rules.rule import SHELLS, Hit, Rule, text_of, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Expression
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

# Pattern -> what is wrong with it. ssh takes its options with `=` or blanks, and in any case of letters.
_UNCHECKED = (
    (re.compile(r"(?i)StrictHostKeyChecking['\"]?\s{0,9}=?\s{0,9}['\"]?(?:no|off)\b"), "does not check the host's key"),
    (re.compile(r"(?i)UserKnownHostsFile['\"]?\s{0,9}=?\s{0,9}['\"]?/dev/null"), "forgets the host's key"),
    (
        re.compile(r"\bssh-keyscan\b[^\n;&]{0,300}(?:>|\btee\b)[^\n;&]{0,200}known_hosts"),
        "asks the host itself for its key",
    ),
)
_HINT = "keep the keys that the hosts had when you saw them, as a secret file, and name it: -o UserKnownHostsFile=$FILE"


def _check(subject: Subject) -> Iterator[Hit]:
    for value in _commands(subject):
        for node in walk(value):
            text = text_of(node) if isinstance(node, Constant | GString) else None
            wrong = next((what for pattern, what in _UNCHECKED if pattern.search(text or "")), None)
            if wrong is not None:
                yield Hit(node.where, f"this {wrong}: whoever answers at its address gets what is sent", _HINT)


def _commands(subject: Subject) -> Iterator[Expression]:
    """Scripts, and variables of the environment: GIT_SSH_COMMAND."""
    for call in subject.calls():
        if own_name(call) in {*SHELLS, "withEnv"}:
            yield from (each for each in values(call) if own_name(call) in SHELLS or not hasattr(each, "body"))
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        yield from (variable.value for variable in stage.environment)


SSH_TRUSTS_ANY_HOST = Rule(
    "ssh-trusts-any-host",
    "Without a key that was known before, SSH cannot tell the host from anybody who answers in its place, and hands"
    " over commands, files and passwords. `ssh-keyscan` in the build asks whoever answers now.",
    _check,
)
