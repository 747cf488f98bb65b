"""Changes of a Jenkinsfile's behaviour that a reviewer should not overlook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.review.model import Alert, Change, Consequence, Verb, say
from jenkinsgen.jenkinsfile.review.trace_changes import place_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour

# Words of a command that switch a protection off: pattern -> effect. The text between has a bounded length: the author
# of the pull request chooses the command, and each word of it begins a search.
_UNSAFE = (
    (re.compile(r"StrictHostKeyChecking[= ]?no|UserKnownHostsFile[= ]?/dev/null"), "trusts any SSH server"),
    (
        re.compile(r"\bcurl\b[^\n|;&]{0,500}\s(?:-[a-zA-Z]{0,20}k[a-zA-Z]{0,20}|--insecure)\b"),
        "trusts any TLS certificate",
    ),
    (re.compile(r"--no-check-certificate|GIT_SSL_NO_VERIFY|--tls-verify=false"), "trusts any TLS certificate"),
    (
        re.compile(r"\b(?:curl|wget)\b[^\n;&]{0,500}\|\s{0,99}(?:sudo\s{1,99})?(?:ba|z|da)?sh\b"),
        "runs what the network answers",
    ),
    (re.compile(r"\bset\s{1,99}-[a-z]{0,20}x|\bprintenv\b"), "may print credentials"),
    (re.compile(r"--privileged\b"), "gives a container all rights on its host"),
)
_REMOVALS = {
    "stage": ("stage-removed", "a stage removed: {}"),
    "approval": ("approval-removed", "an approval removed: {}"),
    "condition": ("condition-removed", "a condition removed: {}"),
    "command": ("command-removed", "a command removed: {}"),
}
_CHANGES = {
    "command": "command-changed",
    "agent": "agent-changed",
    "approval": "approval-changed",
    "condition": "condition-changed",
    "library": "library-changed",
}
_ADDITIONS = {"command": "command-added", "agent": "agent-changed", "library": "library-changed"}


def trace_alerts(changes: Iterable[Change], consequences: Iterable[Consequence]) -> list[Alert]:
    """Alerts of single changes."""
    every = [*changes, *(change for each in consequences for change in each.changes)]
    # A stage that is gone says so itself; all that it did need not be named again.
    gone = {change.place for change in every if change.subject == "stage" and change.verb is Verb.REMOVED}
    shown = (change for change in every if change.subject == "stage" or change.place not in gone)
    return [alert for change in shown for alert in _of_change(change)]


def credential_alerts(before: Behaviour | None, after: Behaviour, told: frozenset[str]) -> Iterator[Alert]:
    """Credentials that are new, or that a stage did not use before; of those in `told` the spec's alerts say it."""
    old = {} if before is None else before.credentials
    known = frozenset[str]().union(*old.values())
    for place, identifiers in after.credentials.items():
        where = place_name(place)
        for identifier in sorted(identifiers - old.get(place, frozenset()) - told):
            if identifier not in known:
                text = say(f"a credential not used before: {{}} in {where.template}", identifier, *where.quoted)
                yield Alert("new-credential", identifier, text)
            elif before is not None and place in before.code:
                text = say(f"credential {{}} is now used in {where.template} as well", identifier, *where.quoted)
                yield Alert("credential-spread", f"{identifier} {where}", text)


def _of_change(change: Change) -> Iterator[Alert]:
    old, new = change.before, change.after
    place = change.place
    if change.verb is Verb.REMOVED and change.subject in _REMOVALS:
        code, text = _REMOVALS[change.subject]
        in_place = "" if change.subject == "stage" else f" in {place.template}"
        yield Alert(code, f"{place} {old}", say(text + in_place, old, *(place.quoted if in_place else ())))
    elif change.verb is Verb.CHANGED and change.subject == "code":
        read_it = f"code in {place.template} changed that cannot be followed: read it"
        yield Alert("code-changed", str(place), say(read_it, *place.quoted))
    elif change.verb is Verb.CHANGED and change.subject in _CHANGES:
        what = f"{change.subject} in {place.template} changed: {{}} → {{}}"
        yield Alert(_CHANGES[change.subject], _about(change), say(what, *place.quoted, old, new))
    elif change.verb is Verb.ADDED and change.subject in _ADDITIONS:
        what = f"{change.subject} added in {place.template}: {{}}"
        yield Alert(_ADDITIONS[change.subject], _about(change), say(what, *place.quoted, new))
    if change.verb is Verb.MOVED and change.subject == "command":
        yield from _now_sees(change)
    elif change.subject == "command" and new is not None:
        yield from _unsafe(new, old or "")


def _now_sees(change: Change) -> Iterator[Alert]:
    if "credentials " in (change.after or "") and change.before != change.after:
        text = say("a command sees other credentials: {} is {} now", change.what, change.after)
        yield Alert("credential-spread", f"{change.place} {change.what}", text)


def _unsafe(command: str, before: str) -> Iterator[Alert]:
    for pattern, effect in _UNSAFE:
        if pattern.search(command) and not pattern.search(before):
            yield Alert("unsafe-command", f"{effect} {command}", say(f"a command that {effect}: {{}}", command))


def _about(change: Change) -> str:
    """A key that is equal for one command seen in the spec and in the Jenkinsfile."""
    return change.after or "" if change.subject == "command" else f"{change.place} {change.after}"
