"""Does the world fit the pipeline? What a spec needs of a Jenkins server, and what the server said.

"Cannot tell" is an answer of its own: a user who may not see credentials has not shown that they are missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from jenkinsgen.spec.credentials import (
    git_binding,
    pull_binding,
    registry_binding,
    secret_bindings,
    ssh_binding,
)
from jenkinsgen.spec.pipeline import FromImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jenkinsgen.spec.pipeline import Pipeline


class Answer(str, Enum):
    FITS = "ok"
    UNFIT = "unfit"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; `detail` says what was found, and what to do."""

    what: str
    answer: Answer
    detail: str = ""


# Names of kinds as Jenkins shows them in English.
USER_AND_PASSWORD = "Username with password"  # noqa: S105 - the name of a kind of credential
SSH_KEY = "SSH Username with private key"
SECRET_TEXT = "Secret text"  # noqa: S105 - same
_KNOWN_KINDS = {USER_AND_PASSWORD, SSH_KEY, SECRET_TEXT, "Secret file", "Certificate"}
_KIND_OF_STEP = {
    "sshUserPrivateKey": {SSH_KEY},
    "usernamePassword": {USER_AND_PASSWORD},
    "gitUsernamePassword": {USER_AND_PASSWORD},
    "string": {SECRET_TEXT},
}

# Plugin -> lowest version that has what our Jenkinsfiles use; "" where any does.
_PLUGINS = {
    "workflow-job": "",
    "workflow-cps": "",
    "workflow-basic-steps": "",
    "workflow-durable-task-step": "",
    "pipeline-model-definition": "",
    "credentials-binding": "",
    "timestamper": "",
    "git": "4.8",
}
_CONTAINER_PLUGIN = "docker-workflow"
_MULTIBRANCH_PLUGINS = ("workflow-multibranch", "branch-api")


def needed_credentials(pipeline: Pipeline) -> dict[str, set[str]]:
    """Id -> kinds of credential that would do."""
    source = pipeline.source
    needed: dict[str, set[str]] = {}
    bindings = [
        *ssh_binding(pipeline),
        *registry_binding(pipeline),
        *pull_binding(pipeline),
        *secret_bindings(pipeline),
    ]
    if source.submodules is not None:
        bindings += git_binding(source.submodules.credential)
    for binding in bindings:
        needed.setdefault(binding.arguments["credentialsId"], set()).update(_KIND_OF_STEP[binding.step])
    if source.credential is not None:
        by_ssh = re.match(r"(ssh://|[^/:]+@[^/:]+:)", source.repository) is not None
        needed.setdefault(source.credential, set()).add(SSH_KEY if by_ssh else USER_AND_PASSWORD)
    return needed


def needed_plugins(pipeline: Pipeline) -> dict[str, str]:
    """Plugin -> lowest version, `""` for any."""
    container = (_CONTAINER_PLUGIN,) if isinstance(pipeline.tool, FromImage) else ()
    multibranch = _MULTIBRANCH_PLUGINS if pipeline.job.kind == "multibranch" else ()
    return {**_PLUGINS, **dict.fromkeys((*container, *multibranch), "")}


@dataclass(frozen=True, kw_only=True)
class Store:
    """The credentials of a folder, or of the whole server (`place` is `""`): id -> kind. None: we may not look,
    or could not, and `why` says so.

    `complete` is False if there are domains in it that could not be read.
    """

    place: str
    credentials: Mapping[str, str] | None
    complete: bool = True
    why: str = ""


def check_credentials(needed: Mapping[str, set[str]], stores: Sequence[Store]) -> list[Finding]:
    """Look each id up from the job's own folder outwards, as Jenkins does."""
    return [_credential(identifier, kinds, stores) for identifier, kinds in needed.items()]


def _credential(identifier: str, kinds: set[str], stores: Sequence[Store]) -> Finding:
    what = f"credential {identifier}"
    wanted = " and ".join(sorted(kinds))
    for store in stores:
        if store.credentials is not None and identifier in store.credentials:
            kind = store.credentials[identifier]
            if kinds == {kind}:
                return Finding(what=what, answer=Answer.FITS, detail=f"{kind}, in {store.place or 'the system store'}")
            answer = Answer.UNFIT if kind in _KNOWN_KINDS else Answer.CANNOT_TELL
            return Finding(what=what, answer=answer, detail=f"is a {kind!r}, needed is {wanted!r}")
        if store.credentials is None or not store.complete:
            place = f"folder {store.place}" if store.place else "the system store"
            detail = store.why or f"may not see all credentials of {place}"
            return Finding(what=what, answer=Answer.CANNOT_TELL, detail=detail)
    return Finding(what=what, answer=Answer.UNFIT, detail=f"create it as {wanted!r}")


def check_plugins(needed: Mapping[str, str], installed: Mapping[str, str] | None) -> list[Finding]:
    """`installed` maps active plugins to versions; None if we may not see them."""
    if installed is None:
        detail = "needs the permission Overall/SystemRead"
        return [Finding(what="plugins", answer=Answer.CANNOT_TELL, detail=detail)]
    return [_plugin(name, lowest, installed.get(name)) for name, lowest in needed.items()]


def _plugin(name: str, lowest: str, version: str | None) -> Finding:
    what = f"plugin {name}"
    if version is None:
        return Finding(what=what, answer=Answer.UNFIT, detail="install it, or enable it")
    if _numbers(version) < _numbers(lowest):
        return Finding(what=what, answer=Answer.UNFIT, detail=f"is {version}, needed is {lowest} or later")
    return Finding(what=what, answer=Answer.FITS, detail=version)


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers: `4169.vb_7e492a_1c7b_e` -> (4169,)."""
    leading = re.match(r"[0-9]{1,18}(?:\.[0-9]{1,18})*", version)
    return tuple(map(int, leading[0].split("."))) if leading else ()


@dataclass(frozen=True, kw_only=True)
class Node:
    labels: frozenset[str]
    online: bool


_LABEL = re.compile(r"[\w.-]+")


def check_label(expression: str | None, nodes: Iterable[Node] | None) -> Finding:
    """Whether a node has the label. Only labels joined by `&&`, or by `||`, are understood."""
    what = f"agent {expression or 'any'}"
    if nodes is None:
        return Finding(what=what, answer=Answer.CANNOT_TELL, detail="may not see the nodes")
    fitting = [node for node in nodes if expression is None or _fits(expression, node.labels)]
    if expression is not None and _alternatives(expression) is None:
        return Finding(what=what, answer=Answer.CANNOT_TELL, detail="the label expression is not a simple one")
    if any(node.online for node in fitting):
        return Finding(what=what, answer=Answer.FITS, detail=f"{len(fitting)} of the nodes")
    if fitting:
        return Finding(what=what, answer=Answer.UNFIT, detail="all nodes with the label are offline")
    return Finding(what=what, answer=Answer.UNFIT, detail="no node has the label (a cloud may still make one)")


def _fits(expression: str, labels: frozenset[str]) -> bool:
    return any(alternative <= labels for alternative in _alternatives(expression) or [])


def _alternatives(expression: str) -> list[frozenset[str]] | None:
    """Sets of labels of which one must be had whole; None for an expression with more than && and ||."""
    alternatives = [frozenset(label.strip() for label in part.split("&&")) for part in expression.split("||")]
    simple = all(_LABEL.fullmatch(label) for alternative in alternatives for label in alternative)
    return alternatives if simple else None


def as_text(name: str, findings: Sequence[Finding]) -> str:
    """The findings about one job, one line each."""
    lines = [f"    {each.answer.value:12}{each.what}{': ' if each.detail else ''}{each.detail}" for each in findings]
    return "\n".join([f"{name}", *lines])
